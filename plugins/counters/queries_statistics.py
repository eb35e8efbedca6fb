"""All SQL of the statistics page: each statement bound to one site and to days."""

import dataclasses
import datetime
from collections.abc import Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from comments_service.api import Page

from .models import Breakdown, BreakdownMonth, Day, Dimension, Hour, Legacy, PageDay, PageMonth
from .periods import Span


class DaySums(NamedTuple):
    day: datetime.date
    views: int
    visits: int
    bots: int
    uniques: int


class HourSums(NamedTuple):
    day: datetime.date
    hour: int
    """0 to 23, or HOUR_UNKNOWN."""
    views: int
    visits: int
    bots: int


class PageViews(NamedTuple):
    key: str
    title: str
    views: int


def days(session: Session, site_id: int, span: Span) -> list[DaySums]:
    """Return the sums of those days that have some, in their order."""
    statement = (
        sa.select(Day.day, Day.views, Day.visits, Day.bots, Day.uniques)
        .where(Day.site_id == site_id, Day.day.between(span.first, span.last))
        .order_by(Day.day)
    )
    return [DaySums(*row) for row in session.execute(statement)]


def hours(session: Session, site_id: int, span: Span) -> list[HourSums]:
    statement = sa.select(Hour.day, Hour.hour, Hour.views, Hour.visits, Hour.bots).where(
        Hour.site_id == site_id, Hour.day.between(span.first, span.last)
    )
    return [HourSums(*row) for row in session.execute(statement)]


def legacy_views(session: Session, site_id: int, span: Span) -> int:
    """Return the views of those days that another system counted."""
    statement = sa.select(sa.func.coalesce(sa.func.sum(Legacy.views), 0)).where(
        Legacy.site_id == site_id, Legacy.day.between(span.first, span.last)
    )
    return int(session.scalars(statement).one())


@dataclasses.dataclass(frozen=True)
class Detail:
    """Days of which pages and breakdowns are asked for: whole months, and days around them."""

    months: Span | None
    """From the first month's first day on."""
    days: Sequence[Span]


def top_pages(session: Session, site_id: int, detail: Detail, limit: int | None) -> list[PageViews]:
    """Return the pages with most views, those first."""
    parts = [_views_of_pages(PageDay, site_id, span) for span in detail.days]
    if detail.months is not None:
        parts.append(_views_of_pages(PageMonth, site_id, detail.months))
    every = sa.union_all(*parts).subquery()
    views = sa.func.sum(every.c.views).label("views")
    most = (
        sa.select(every.c.page_id, views)
        .group_by(every.c.page_id)
        .order_by(views.desc(), every.c.page_id)
        .limit(limit)
        .subquery()
    )
    statement = (
        sa.select(Page.key, Page.title, most.c.views)
        .join(most, most.c.page_id == Page.id)
        .where(Page.site_id == site_id)
        .order_by(most.c.views.desc(), Page.id)
    )
    return [PageViews(key, title, int(sum_)) for key, title, sum_ in session.execute(statement)]


def _views_of_pages(table: type[PageDay | PageMonth], site_id: int, span: Span) -> sa.Select[Any]:
    day = PageMonth.month if table is PageMonth else PageDay.day
    columns: tuple[Any, Any] = (table.page_id, sa.func.sum(table.views).label("views"))
    # Not joined: page by page, as the key has them, nothing needs sorting.
    of_site = table.page_id.in_(sa.select(Page.id).where(Page.site_id == site_id))
    return (
        sa.select(*columns)
        .where(of_site, day.between(span.first, span.last))
        .group_by(table.page_id)
    )


def breakdowns(session: Session, site_id: int, detail: Detail) -> list[tuple[Dimension, str, int]]:
    """Return dimension, value and views, those with most views first."""
    parts = [_broken_down(Breakdown, site_id, span) for span in detail.days]
    if detail.months is not None:
        parts.append(_broken_down(BreakdownMonth, site_id, detail.months))
    every = sa.union_all(*parts).subquery()
    views = sa.func.sum(every.c.views).label("views")
    statement = (
        sa.select(every.c.dimension, every.c.value, views)
        .group_by(every.c.dimension, every.c.value)
        .order_by(views.desc(), every.c.value)
    )
    found = session.execute(statement)
    return [(Dimension(dimension), value, int(sum_)) for dimension, value, sum_ in found]


def _broken_down(
    table: type[Breakdown | BreakdownMonth], site_id: int, span: Span
) -> sa.Select[Any]:
    day = BreakdownMonth.month if table is BreakdownMonth else Breakdown.day
    columns: tuple[Any, ...] = (table.dimension, table.value, table.views)
    return sa.select(*columns).where(table.site_id == site_id, day.between(span.first, span.last))
