"""All SQL of the counters."""

import dataclasses
import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from comments_service.api import Base, Page, Site, insert, made_once, table

from .models import (
    HOUR_UNKNOWN,
    OTHER,
    Arrival,
    Breakdown,
    BreakdownMonth,
    Day,
    Dimension,
    Hour,
    JournalOffset,
    Legacy,
    PageDay,
    PageMonth,
    PageTotal,
    SeenView,
    SiteTotal,
    Visitor,
)
from .periods import Span

AT_ONCE = 500
# Any number, as long as every process takes the same.
POSTGRES_LOCK = 0x636F756E

T = TypeVar("T")
Rows = Sequence[Mapping[str, Any]]


def _portions(values: Iterable[T]) -> Iterator[list[T]]:
    """Part the values into lists that one statement takes."""
    every = list(values)
    for start in range(0, len(every), AT_ONCE):
        yield every[start : start + AT_ONCE]


def lock(session: Session) -> None:
    """Let one process at a time change the sums; SQLite's writers wait for each other anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(POSTGRES_LOCK)))


def one_moment(session: Session) -> None:
    """Let all that is read from now on be of one moment, as on SQLite it is anyway; said first."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))


# --- Journals ---------------------------------------------------------------------------------


def counted_to(session: Session, journal_id: str) -> int:
    """Return how many bytes of the journal are in the sums."""
    found = session.scalar(
        sa.select(JournalOffset.counted_to).where(JournalOffset.id == journal_id)
    )
    return found or 0


def set_counted_to(session: Session, journal_id: str, end: int) -> None:
    statement = insert(session, JournalOffset).values(id=journal_id, counted_to=end)
    session.execute(
        statement.on_conflict_do_update(index_elements=["id"], set_={"counted_to": end})
    )


def forget_journal(session: Session, journal_id: str) -> None:
    session.execute(sa.delete(JournalOffset).where(JournalOffset.id == journal_id))


# --- Sums -------------------------------------------------------------------------------------


def sites(session: Session, ids: Iterable[int]) -> dict[int, Site]:
    found = session.scalars(sa.select(Site).where(Site.id.in_(list(ids))))
    return {site.id: site for site in found}


def add(session: Session, entity: type[Base], rows: Rows, sums: Sequence[str]) -> None:
    """Add to the columns `sums` of the rows, made where they aren't there; all others are keys."""
    if not rows:
        return
    statement = insert(session, entity)
    columns = table(entity).c
    statement = statement.on_conflict_do_update(
        index_elements=[name for name in rows[0] if name not in sums],
        set_={name: columns[name] + statement.excluded[name] for name in sums},
    )
    session.connection().execute(statement, rows)


@made_once
def _add_views(insert: Any) -> Any:  # noqa: ANN401 (two dialects' Insert)
    view = table(SeenView)
    return insert(view).on_conflict_do_nothing().returning(view.c.site_id, view.c.view_id)


def new_views(
    session: Session, views: Mapping[tuple[int, int], datetime.datetime]
) -> set[tuple[int, int]]:
    """Keep the names that views have, by site, with their times; return those not known before."""
    rows = [
        {"site_id": site_id, "view_id": view_id, "at": at}
        for (site_id, view_id), at in sorted(views.items())
    ]
    added = session.connection().execute(_add_views(session), rows)
    return {(site_id, view_id) for site_id, view_id in added}


def forget_views(session: Session, before: datetime.datetime) -> None:
    session.execute(sa.delete(SeenView).where(SeenView.at < before))


def arrivals(session: Session, site_id: int, day: datetime.date) -> dict[int, int]:
    """Return how many pages got a row that day, by neighbourhood; by 0 in all."""
    found = session.execute(
        sa.select(Arrival.around, Arrival.pages).where(
            Arrival.site_id == site_id, Arrival.day == day
        )
    )
    return {each.around: each.pages for each in found}


def referrers(session: Session, site_id: int, day: datetime.date) -> set[str]:
    """Return the hosts that have a row of their own that day."""
    found = session.scalars(
        sa.select(Breakdown.value).where(
            Breakdown.site_id == site_id,
            Breakdown.day == day,
            Breakdown.dimension == Dimension.REFERRER,
        )
    )
    return set(found) - {OTHER}


# --- Visitors ---------------------------------------------------------------------------------


@dataclasses.dataclass(slots=True)
class Seen:
    """A visitor as kept in counters_visitor, but for the site and the hash itself."""

    network: int
    day: datetime.date
    seen_at: datetime.datetime
    has_moved: bool


_VISITOR = sa.inspect(Visitor).columns
# Asked for every new reader: made once, of columns.
_VISITORS = sa.select(
    _VISITOR.visitor, _VISITOR.network, _VISITOR.day, _VISITOR.seen_at, _VISITOR.has_moved
).where(
    _VISITOR.site_id == sa.bindparam("site_id"),
    _VISITOR.visitor.in_(sa.bindparam("hashes", expanding=True)),
)


def visitors(session: Session, site_id: int, hashes: Iterable[int]) -> dict[int, Seen]:
    found: dict[int, Seen] = {}
    for some in _portions(hashes):
        asked = {"site_id": site_id, "hashes": some}
        for visitor, *seen in session.connection().execute(_VISITORS, asked):
            found[visitor] = Seen(*seen)
    return found


def keep_visitors(session: Session, site_id: int, seen: Mapping[int, Seen]) -> None:
    """Keep the visitors as they are now."""
    rows = [
        {
            "site_id": site_id,
            "visitor": visitor,
            "network": each.network,
            "day": each.day,
            "seen_at": each.seen_at,
            "has_moved": each.has_moved,
        }
        for visitor, each in sorted(seen.items())
    ]
    if rows:
        statement = insert(session, Visitor)
        now = {name: statement.excluded[name] for name in ("seen_at", "has_moved")}
        statement = statement.on_conflict_do_update(index_elements=["site_id", "visitor"], set_=now)
        session.connection().execute(statement, rows)


def crowds(
    session: Session, site_id: int, since: datetime.datetime, until: datetime.datetime
) -> dict[int, int]:
    """Return how many visitors were last seen between these, by network, where it is not one."""
    crowded = _by_network(site_id, since, until).having(sa.func.count() > 1)
    return {each.network: each.visitors for each in session.execute(crowded)}


def online(
    session: Session,
    site_id: int,
    since: datetime.datetime,
    until: datetime.datetime,
    *,
    network_most: int,
) -> int:
    """Return how many visitors were last seen between these; `network_most` of each network."""
    visitors = _by_network(site_id, since, until).subquery().c.visitors
    counted = sa.case((visitors < network_most, visitors), else_=network_most)
    return int(session.scalars(sa.select(sa.func.coalesce(sa.func.sum(counted), 0))).one())


def _by_network(
    site_id: int, since: datetime.datetime, until: datetime.datetime
) -> sa.Select[int, int]:
    return (
        sa.select(Visitor.network, sa.func.count().label("visitors"))
        .where(
            Visitor.site_id == site_id,
            Visitor.seen_at.between(since, until),
            ~Visitor.has_moved,
        )
        .group_by(Visitor.network)
    )


def raise_peak(session: Session, site_id: int, online: int, at: datetime.datetime) -> None:
    session.execute(
        sa.update(SiteTotal)
        .where(SiteTotal.site_id == site_id, SiteTotal.peak_online < online)
        .values(peak_online=online, peak_at=at)
    )


def reset_peak(session: Session, site_id: int) -> None:
    session.execute(
        sa.update(SiteTotal).where(SiteTotal.site_id == site_id).values(peak_online=0, peak_at=None)
    )


def forget_days(session: Session, before: datetime.date) -> None:
    """Forget who came on the days before, and by whom pages were first seen."""
    session.execute(sa.delete(Visitor).where(Visitor.day < before))
    session.execute(sa.delete(Arrival).where(Arrival.day < before))


# --- Figures ----------------------------------------------------------------------------------


def totals(session: Session, site_id: int) -> SiteTotal | None:
    return session.get(SiteTotal, site_id)


def days(session: Session, site_id: int, spans: Mapping[str, Span], column: str) -> dict[str, int]:
    """Return the sums of `column` (views or visits) over each span, what was imported included."""
    sums = dict.fromkeys(spans, 0)
    first = min(span.first for span in spans.values())
    last = max(span.last for span in spans.values())
    entities: tuple[type[Base], ...] = (Day, Legacy)
    for entity in entities:
        columns = table(entity).c
        value, day = columns[column], columns["day"]
        statement = sa.select(
            *(
                sa.func.coalesce(
                    sa.func.sum(sa.case((day.between(span.first, span.last), value), else_=0)), 0
                )
                for span in spans.values()
            )
        ).where(columns["site_id"] == site_id, day.between(first, last))
        for name, found in zip(spans, session.execute(statement).one(), strict=True):
            sums[name] += int(found)
    return sums


def legacy_total(session: Session, site_id: int, column: str) -> int:
    value = sa.inspect(Legacy).columns[column]
    statement = sa.select(sa.func.coalesce(sa.func.sum(value), 0))
    return int(session.scalars(statement.where(Legacy.site_id == site_id)).one())


def first_day(session: Session, site_id: int) -> datetime.date | None:
    """Return the first day of which there is any figure, imported ones included."""
    found = [
        session.scalar(sa.select(sa.func.min(entity.day)).where(entity.site_id == site_id))
        for entity in (Day, Legacy)
    ]
    return min((day for day in found if day is not None), default=None)


def page_views(session: Session, page_id: int) -> int:
    return session.scalar(sa.select(PageTotal.views).where(PageTotal.page_id == page_id)) or 0


# --- Legacy figures ---------------------------------------------------------------------------


def legacy_days(session: Session, site_id: int, span: Span) -> set[datetime.date]:
    found = session.scalars(
        sa.select(Legacy.day).where(
            Legacy.site_id == site_id, Legacy.day.between(span.first, span.last)
        )
    )
    return set(found)


def forget_legacy(session: Session, site_id: int, days: Iterable[datetime.date]) -> None:
    for some in _portions(days):
        session.execute(sa.delete(Legacy).where(Legacy.site_id == site_id, Legacy.day.in_(some)))


def add_legacy(session: Session, rows: Rows) -> None:
    session.connection().execute(insert(session, Legacy), rows)


# --- Thinning ---------------------------------------------------------------------------------


def thin_hours(session: Session, site_id: int, before: datetime.date) -> None:
    """Make one row a day of the hours before that day."""
    old = sa.and_(Hour.site_id == site_id, Hour.day < before, Hour.hour != HOUR_UNKNOWN)
    found = session.execute(
        sa.select(
            Hour.site_id,
            Hour.day,
            sa.func.sum(Hour.views),
            sa.func.sum(Hour.visits),
            sa.func.sum(Hour.bots),
        )
        .where(old)
        .group_by(Hour.site_id, Hour.day)
    ).all()
    session.execute(sa.delete(Hour).where(old))
    rows = [
        {
            "site_id": site_id,
            "day": day,
            "hour": HOUR_UNKNOWN,
            "views": int(views),
            "visits": int(visits),
            "bots": int(bots),
        }
        for site_id, day, views, visits, bots in found
    ]
    add(session, Hour, rows, ("views", "visits", "bots"))


def thin_pages(session: Session, site_id: int, before: datetime.date) -> None:
    """Make one row a month, on its first day, of the pages' days before the month of that day."""
    month = before.replace(day=1)
    pages = sa.select(Page.id).where(Page.site_id == site_id)
    old = sa.and_(
        PageDay.page_id.in_(pages),
        PageDay.day < month,
        sa.extract("day", PageDay.day) != 1,
    )
    sums: dict[tuple[int, datetime.date], int] = {}
    for page_id, day, views in session.execute(
        sa.select(PageDay.page_id, PageDay.day, PageDay.views).where(old)
    ):
        key = (page_id, day.replace(day=1))
        sums[key] = sums.get(key, 0) + views
    session.execute(sa.delete(PageDay).where(old))
    rows = [
        {"page_id": page_id, "day": day, "views": views}
        for (page_id, day), views in sorted(sums.items())
    ]
    add(session, PageDay, rows, ("views",))


def thin_breakdowns(session: Session, site_id: int, before: datetime.date) -> None:
    """Forget the days before the month of that day; their months are kept."""
    session.execute(
        sa.delete(Breakdown).where(
            Breakdown.site_id == site_id, Breakdown.day < before.replace(day=1)
        )
    )


# --- Proof ------------------------------------------------------------------------------------


def days_of_site(session: Session, site_id: int) -> dict[datetime.date, tuple[int, int, int, int]]:
    """Return views, visits, bots and uniques of each day."""
    found = session.execute(
        sa.select(Day.day, Day.views, Day.visits, Day.bots, Day.uniques).where(
            Day.site_id == site_id
        )
    )
    return {day: (views, visits, bots, uniques) for day, views, visits, bots, uniques in found}


def hours_by_day(session: Session, site_id: int) -> dict[datetime.date, tuple[int, int, int]]:
    """Return views, visits and bots of each day, as its hours have them."""
    found = session.execute(
        sa.select(
            Hour.day, sa.func.sum(Hour.views), sa.func.sum(Hour.visits), sa.func.sum(Hour.bots)
        )
        .where(Hour.site_id == site_id)
        .group_by(Hour.day)
    )
    return {day: (int(views), int(visits), int(bots)) for day, views, visits, bots in found}


def visitors_by_day(session: Session, site_id: int) -> dict[datetime.date, int]:
    found = session.execute(
        sa.select(Visitor.day, sa.func.count())
        .where(Visitor.site_id == site_id)
        .group_by(Visitor.day)
    )
    return {each.day: each[1] for each in found}


def wrong_pages(session: Session, site_id: int) -> list[tuple[str, int, int, int]]:
    """Return key, total, sum of days and of months of each page of the site where they differ."""
    days, months = (
        sa.select(entity.page_id, sa.func.sum(entity.views).label("views"))
        .group_by(entity.page_id)
        .subquery()
        for entity in (PageDay, PageMonth)
    )
    total = sa.func.coalesce(PageTotal.views, 0)
    by_days = sa.func.coalesce(days.c.views, 0)
    by_months = sa.func.coalesce(months.c.views, 0)
    found = session.execute(
        sa.select(Page.key, total, by_days, by_months)
        .outerjoin(PageTotal, PageTotal.page_id == Page.id)
        .outerjoin(days, days.c.page_id == Page.id)
        .outerjoin(months, months.c.page_id == Page.id)
        .where(Page.site_id == site_id, sa.or_(total != by_days, total != by_months))
        .order_by(Page.key)
    )
    return [(row[0], int(row[1]), int(row[2]), int(row[3])) for row in found]


def broken_down(session: Session, site_id: int) -> dict[tuple[datetime.date, str], int]:
    """Return the views that each month's breakdowns add up to, by its first day and dimension."""
    found = session.execute(
        sa.select(BreakdownMonth.month, BreakdownMonth.dimension, sa.func.sum(BreakdownMonth.views))
        .where(BreakdownMonth.site_id == site_id)
        .group_by(BreakdownMonth.month, BreakdownMonth.dimension)
    )
    return {(month, dimension): int(views) for month, dimension, views in found}


def views_of_pages(session: Session, site_id: int) -> int:
    statement = (
        sa.select(sa.func.coalesce(sa.func.sum(PageTotal.views), 0))
        .join(Page, Page.id == PageTotal.page_id)
        .where(Page.site_id == site_id)
    )
    return int(session.scalars(statement).one())
