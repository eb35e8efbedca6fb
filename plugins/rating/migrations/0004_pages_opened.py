"""On how many pages that nobody had seen yet a neighbourhood rated."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "rating_opened",
        sa.Column("neighbourhood", sa.String(length=32), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("neighbourhood", name=op.f("pk_rating_opened")),
    )


def downgrade() -> None:
    op.drop_table("rating_opened")
