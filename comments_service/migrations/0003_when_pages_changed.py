"""When pages changed, so that what is kept of them can be compared."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column(
        "core_page",
        sa.Column(
            "changed_at", sa.DateTime(), nullable=False, server_default="1970-01-01 00:00:00"
        ),
    )
    op.create_index(op.f("ix_core_page_changed_at"), "core_page", ["changed_at"])


def downgrade() -> None:
    op.drop_index(op.f("ix_core_page_changed_at"), "core_page")
    with op.batch_alter_table("core_page") as table:
        table.drop_column("changed_at")
