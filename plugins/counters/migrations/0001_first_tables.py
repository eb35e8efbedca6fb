"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "counters_day",
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("views", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["site_id"], ["core_site.id"], name=op.f("fk_counters_day_site_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("site_id", "day", name=op.f("pk_counters_day")),
    )
    op.create_table(
        "counters_presence",
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("reader", sa.LargeBinary(length=16), nullable=False),
        sa.Column("seen_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["site_id"],
            ["core_site.id"],
            name=op.f("fk_counters_presence_site_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("site_id", "reader", name=op.f("pk_counters_presence")),
    )
    op.create_index(
        op.f("ix_counters_presence_site_id_seen_at"),
        "counters_presence",
        ["site_id", "seen_at"],
        unique=False,
    )
    op.create_table(
        "counters_site",
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("views", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["site_id"], ["core_site.id"], name=op.f("fk_counters_site_site_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("site_id", name=op.f("pk_counters_site")),
    )
    op.create_table(
        "counters_page",
        sa.Column("page_id", sa.Integer(), nullable=False),
        sa.Column("views", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["page_id"], ["core_page.id"], name=op.f("fk_counters_page_page_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("page_id", name=op.f("pk_counters_page")),
    )


def downgrade() -> None:
    op.drop_table("counters_page")
    op.drop_table("counters_site")
    op.drop_index(op.f("ix_counters_presence_site_id_seen_at"), table_name="counters_presence")
    op.drop_table("counters_presence")
    op.drop_table("counters_day")
