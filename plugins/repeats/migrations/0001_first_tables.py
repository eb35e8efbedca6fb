"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

TABLE = "repeats_fingerprint"
WALKED = ("band0", "band1", "band2", "band3", "cluster", "visitor", "network")


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("exact", sa.LargeBinary(length=16), nullable=False),
        sa.Column("likeness", sa.LargeBinary(length=64), nullable=True),
        sa.Column("band0", sa.Integer(), nullable=True),
        sa.Column("band1", sa.Integer(), nullable=True),
        sa.Column("band2", sa.Integer(), nullable=True),
        sa.Column("band3", sa.Integer(), nullable=True),
        sa.Column("cluster", sa.String(length=16), nullable=True),
        sa.Column("visitor", sa.String(length=32), nullable=False),
        sa.Column("network", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["core_submission.id"],
            name=op.f("fk_repeats_fingerprint_submission_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["site_id"],
            ["core_site.id"],
            name=op.f("fk_repeats_fingerprint_site_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("submission_id", name=op.f("pk_repeats_fingerprint")),
    )
    for name in WALKED:
        op.create_index(f"ix_{TABLE}_{name}", TABLE, ["site_id", name, "created_at"])
    op.create_index(f"ix_{TABLE}_created_at", TABLE, ["created_at"])


def downgrade() -> None:
    op.drop_table(TABLE)
