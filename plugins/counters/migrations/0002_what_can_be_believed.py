"""Hours, visits, visitors of a day, programs apart, legacy figures, and how far journals are read.

What was counted before keeps its numbers: its hour, and the day of a page's views, are not known.
"""

import datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

HOUR_UNKNOWN = -1
DAY_UNKNOWN = datetime.date(1970, 1, 1)


def _sum(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), server_default="0", nullable=False)


def _table(name: str, owner: str, *columns: sa.Column[Any], keys: tuple[str, ...] = ()) -> None:
    op.create_table(
        name,
        sa.Column(f"{owner}_id", sa.Integer(), nullable=False),
        *columns,
        sa.ForeignKeyConstraint(
            [f"{owner}_id"],
            [f"core_{owner}.id"],
            name=op.f(f"fk_{name}_{owner}_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(f"{owner}_id", *keys, name=op.f(f"pk_{name}")),
    )


def _day() -> sa.Column[datetime.date]:
    return sa.Column("day", sa.Date(), nullable=False)


def _copy(source: str, target: str, *columns: str | sa.Label[Any]) -> None:
    names = [each if isinstance(each, str) else each.name for each in columns]
    values = [sa.column(each) if isinstance(each, str) else each for each in columns]
    rows = sa.select(*values).select_from(sa.table(source))
    table = sa.table(target, *(sa.column(name) for name in names))
    op.execute(table.insert().from_select(names, rows))


def upgrade() -> None:
    for table in ("counters_day", "counters_site", "counters_page"):
        with op.batch_alter_table(table) as batch:
            batch.alter_column("views", existing_type=sa.BigInteger(), server_default="0")
            if table != "counters_page":
                batch.add_column(_sum("visits"))
                batch.add_column(_sum("bots"))
            if table == "counters_day":
                batch.add_column(_sum("uniques"))
            if table == "counters_site":
                batch.add_column(
                    sa.Column("peak_online", sa.Integer(), server_default="0", nullable=False)
                )
                batch.add_column(sa.Column("peak_at", sa.DateTime(), nullable=True))
    _table(
        "counters_hour",
        "site",
        _day(),
        sa.Column("hour", sa.SmallInteger(), nullable=False),
        _sum("views"),
        _sum("visits"),
        _sum("bots"),
        keys=("day", "hour"),
    )
    _table("counters_pageday", "page", _day(), _sum("views"), keys=("day",))
    op.create_index(op.f("ix_counters_pageday_day"), "counters_pageday", ["day"])
    _table(
        "counters_legacy",
        "site",
        _day(),
        _sum("views"),
        _sum("visits"),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("author", sa.String(length=200), nullable=False),
        sa.Column("imported_at", sa.DateTime(), nullable=False),
        keys=("day",),
    )
    _table(
        "counters_visitor",
        "site",
        sa.Column("visitor", sa.BigInteger(), nullable=False),
        sa.Column("network", sa.BigInteger(), nullable=False),
        _day(),
        sa.Column("seen_at", sa.DateTime(), nullable=False),
        sa.Column("has_moved", sa.Boolean(), server_default=sa.false(), nullable=False),
        keys=("visitor",),
    )
    op.create_index(
        op.f("ix_counters_visitor_site_id_seen_at"), "counters_visitor", ["site_id", "seen_at"]
    )
    _table(
        "counters_arrival",
        "site",
        _day(),
        sa.Column("around", sa.BigInteger(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        keys=("day", "around"),
    )
    _table(
        "counters_view",
        "site",
        sa.Column("view_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        keys=("view_id",),
    )
    op.create_index(op.f("ix_counters_view_at"), "counters_view", ["at"])
    op.create_table(
        "counters_journal",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("counted_to", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_counters_journal")),
    )
    hour = sa.literal(HOUR_UNKNOWN, sa.SmallInteger).label("hour")
    day = sa.literal(DAY_UNKNOWN, sa.Date).label("day")
    _copy("counters_day", "counters_hour", "site_id", "day", hour, "views")
    _copy("counters_page", "counters_pageday", "page_id", day, "views")
    op.drop_index(op.f("ix_counters_presence_site_id_seen_at"), table_name="counters_presence")
    op.drop_table("counters_presence")


def downgrade() -> None:
    _table(
        "counters_presence",
        "site",
        sa.Column("reader", sa.LargeBinary(length=16), nullable=False),
        sa.Column("seen_at", sa.DateTime(), nullable=False),
        keys=("reader",),
    )
    op.create_index(
        op.f("ix_counters_presence_site_id_seen_at"), "counters_presence", ["site_id", "seen_at"]
    )
    op.drop_table("counters_journal")
    op.drop_index(op.f("ix_counters_view_at"), table_name="counters_view")
    op.drop_table("counters_view")
    op.drop_table("counters_arrival")
    op.drop_index(op.f("ix_counters_visitor_site_id_seen_at"), table_name="counters_visitor")
    op.drop_table("counters_visitor")
    op.drop_table("counters_legacy")
    op.drop_index(op.f("ix_counters_pageday_day"), table_name="counters_pageday")
    op.drop_table("counters_pageday")
    op.drop_table("counters_hour")
    for table, added in (
        ("counters_day", ("visits", "bots", "uniques")),
        ("counters_site", ("visits", "bots", "peak_online", "peak_at")),
        ("counters_page", ()),
    ):
        with op.batch_alter_table(table) as batch:
            batch.alter_column("views", existing_type=sa.BigInteger(), server_default=None)
            for column in added:
                batch.drop_column(column)
