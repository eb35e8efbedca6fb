"""Indexes for what is asked of submissions: one status in its order, one site's latest."""

from alembic import op

revision = "0004"
down_revision = "0003"

TABLE = "core_submission"
BEFORE = "ix_core_submission_site_id_status_created_at"
AFTER = {
    "ix_core_submission_status_id": ["status", "id"],
    "ix_core_submission_site_id_created_at": ["site_id", "created_at"],
}


def upgrade() -> None:
    for name, columns in AFTER.items():
        op.create_index(op.f(name), TABLE, columns)
    op.drop_index(op.f(BEFORE), TABLE)


def downgrade() -> None:
    op.create_index(op.f(BEFORE), TABLE, ["site_id", "status", "created_at"])
    for name in AFTER:
        op.drop_index(op.f(name), TABLE)
