"""Views by referrer, device and language; pages' views by month.

The months are added up from the days; of the views before, nobody knows who read by what.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    _breakdown_table("counters_breakdown", "day")
    _breakdown_table("counters_breakdownmonth", "month")
    op.create_table(
        "counters_pagemonth",
        sa.Column("page_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("views", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["page_id"],
            ["core_page.id"],
            name=op.f("fk_counters_pagemonth_page_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("page_id", "month", name=op.f("pk_counters_pagemonth")),
        sqlite_with_rowid=False,
    )
    _add_up_months()


def _breakdown_table(name: str, day: str) -> None:
    op.create_table(
        name,
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column(day, sa.Date(), nullable=False),
        sa.Column("dimension", sa.String(length=10), nullable=False),
        sa.Column("value", sa.String(length=253), nullable=False),
        sa.Column("views", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["site_id"], ["core_site.id"], name=op.f(f"fk_{name}_site_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("site_id", day, "dimension", "value", name=op.f(f"pk_{name}")),
        sqlite_with_rowid=False,
    )


def _add_up_months() -> None:
    days = sa.table(
        "counters_pageday",
        sa.column("page_id", sa.Integer),
        sa.column("day", sa.Date),
        sa.column("views", sa.BigInteger),
    )
    months = sa.table("counters_pagemonth", *map(sa.column, ("page_id", "month", "views")))
    month = _first_of_month(days.c.day)
    sums = sa.select(days.c.page_id, month, sa.func.sum(days.c.views)).group_by(
        days.c.page_id, month
    )
    op.execute(months.insert().from_select(["page_id", "month", "views"], sums))


def _first_of_month(day: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    if op.get_bind().dialect.name == "sqlite":
        return sa.func.date(day, sa.literal_column("'start of month'"))
    return sa.cast(sa.func.date_trunc(sa.literal_column("'month'"), day), sa.Date)


def downgrade() -> None:
    op.drop_table("counters_pagemonth")
    op.drop_table("counters_breakdownmonth")
    op.drop_table("counters_breakdown")
