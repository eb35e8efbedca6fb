"""What was counted in a period: step by step, against the one before, by page and by reader."""

import collections
import dataclasses
import datetime
import enum
from collections.abc import Iterable, Sequence

from sqlalchemy.orm import Session

from comments_service.api import Site

from . import queries_statistics as queries
from .models import Dimension
from .periods import ONE_DAY, Span, month, year
from .queries_statistics import DaySums, Detail, HourSums, PageViews
from .settings import CountersSiteSettings

PERIOD_DAYS = 5 * 366
"""No longer period is shown."""
EARLIEST = datetime.date(1990, 1, 1)
"""No portal has figures of an earlier day."""
HOURLY_DAYS = 3
"""A period of so many days is shown by its hours."""
DAILY_DAYS = 92
"""A period of so many days, by its days; a longer one by its months."""

PERIODS = {
    "today": lambda today: Span(today, today),
    "7days": lambda today: Span(today - 6 * ONE_DAY, today),
    "30days": lambda today: Span(today - 29 * ONE_DAY, today),
    "month": lambda today: Span(month(today).first, today),
    "year": lambda today: Span(year(today).first, today),
}
"""The periods that are offered, as functions of the day that it is where the site is."""
USUAL_PERIOD = "30days"


class Step(enum.StrEnum):
    """How a period is parted."""

    HOUR = "hour"
    DAY = "day"
    MONTH = "month"


@dataclasses.dataclass
class Part:
    """One hour, day or month of a period; of a month only the days within the period."""

    day: datetime.date
    """The day, or the month's first."""
    hour: int | None = None
    views: int = 0
    visits: int = 0
    bots: int = 0
    uniques: int = 0
    """Of all its days; tells something of a single day only."""
    days: int = 1

    @property
    def uniques_a_day(self) -> int:
        """Unique visitors of a day, on the mean of its days: they don't add up to a month's."""
        return round(self.uniques / self.days)

    def add(self, sums: DaySums | HourSums) -> None:
        self.views += sums.views
        self.visits += sums.visits
        self.bots += sums.bots
        self.uniques += getattr(sums, "uniques", 0)


@dataclasses.dataclass(frozen=True)
class Share:
    """One value of a dimension."""

    value: str
    """OTHER for those that have no row of their own, empty for what is not known."""
    views: int


@dataclasses.dataclass(frozen=True)
class Statistics:
    """All that the page shows of one site and one period."""

    span: Span
    before: Span
    """The days before that it is compared with: as many."""
    step: Step
    parts: Sequence[Part]
    parts_before: Sequence[Part]
    """Of as many steps before; empty by months, which differ in length."""
    total: Part
    total_before: Part
    days: Sequence[DaySums]
    """Those that have some views."""
    uniques: Sequence[Part]
    """By days, or by months where these are the steps."""
    legacy: int
    """Views that another system counted in these days; in no other figure."""
    detail: Span
    """The days of pages and breakdowns: whole months where only months are kept."""
    detail_views: int
    pages: Sequence[PageViews]
    breakdowns: dict[Dimension, list[Share]]


def length(span: Span) -> int:
    """Return how many days the span has."""
    return (span.last - span.first).days + 1


def before(span: Span) -> Span:
    """Return as many days, up to the day before."""
    return Span(span.first - length(span) * ONE_DAY, span.first - ONE_DAY)


def step_of(span: Span, hours_from: datetime.date) -> Step:
    """Return how the span is parted, if hours are kept from that day on."""
    if length(span) <= HOURLY_DAYS and span.first >= hours_from:
        return Step.HOUR
    return Step.DAY if length(span) <= DAILY_DAYS else Step.MONTH


def load(
    session: Session,
    site: Site,
    settings: CountersSiteSettings,
    span: Span,
    today: datetime.date,
    *,
    pages: int | None,
) -> Statistics:
    """Return the site's statistics of the days in `span`, with so many `pages` (None: all)."""
    earlier = before(span)
    found = queries.days(session, site.id, Span(earlier.first, span.last))
    days = [each for each in found if each.day in span]
    days_before = [each for each in found if each.day in earlier]
    step = step_of(span, today - settings.keep_hours * ONE_DAY)
    detail = _kept(span, (today - settings.keep_page_days * ONE_DAY).replace(day=1))
    detail_views = (
        sum(each.views for each in days)
        if detail == span
        else sum(each.views for each in queries.days(session, site.id, detail))
    )
    uniques = parts(span, Step.MONTH if step is Step.MONTH else Step.DAY, days)
    by_step = uniques
    by_step_before = [] if step is Step.MONTH else parts(earlier, step, days_before)
    if step is Step.HOUR:
        hours = queries.hours(session, site.id, Span(earlier.first, span.last))
        by_step, by_step_before = parts(span, step, hours), parts(earlier, step, hours)
    wanted = _months_and_edges(detail, today)
    return Statistics(
        span=span,
        before=earlier,
        step=step,
        parts=by_step,
        parts_before=by_step_before,
        total=_total(span, days),
        total_before=_total(earlier, days_before),
        days=days,
        uniques=uniques,
        legacy=queries.legacy_views(session, site.id, span),
        detail=detail,
        detail_views=detail_views,
        pages=queries.top_pages(session, site.id, wanted, pages),
        breakdowns=_breakdowns(queries.breakdowns(session, site.id, wanted), detail_views),
    )


def parts(span: Span, step: Step, found: Iterable[DaySums | HourSums]) -> list[Part]:
    """Return every part of the span, those without any view too, filled with what was `found`.

    Views of an hour that is not known are in no hour.
    """
    if step is Step.MONTH:
        empty = _months(span)
    else:
        hours = range(24) if step is Step.HOUR else [None]
        days = [span.first + number * ONE_DAY for number in range(length(span))]
        empty = [Part(day, hour) for day in days for hour in hours]
    made = {(part.day, part.hour): part for part in empty}
    for each in found:
        day = each.day.replace(day=1) if step is Step.MONTH else each.day
        part = made.get((day, getattr(each, "hour", None)))
        if part is not None:
            part.add(each)
    return list(made.values())


def _months(span: Span) -> list[Part]:
    made = []
    first = span.first
    while first <= span.last:
        last = min(month(first).last, span.last)
        made.append(Part(first.replace(day=1), days=length(Span(first, last))))
        first = last + ONE_DAY
    return made


def _total(span: Span, days: Iterable[DaySums]) -> Part:
    total = Part(span.first, days=length(span))
    for each in days:
        total.add(each)
    return total


def _kept(span: Span, days_from: datetime.date) -> Span:
    """Return the span with whole months where no days are kept: before `days_from`."""
    first = span.first.replace(day=1) if span.first < days_from else span.first
    last = month(span.last).last if span.last < days_from else span.last
    return Span(first, last)


def _months_and_edges(span: Span, today: datetime.date) -> Detail:
    """Part the span into its whole months, by their first days, and the days around them.

    A month is whole too if all of it that has been is within the span.
    """
    first = span.first if span.first.day == 1 else month(span.first).last + ONE_DAY
    is_whole = span.last >= min(today, month(span.last).last)
    last = span.last if is_whole else span.last.replace(day=1) - ONE_DAY
    if first > last:
        return Detail(None, [span])
    edges = (Span(span.first, first - ONE_DAY), Span(last + ONE_DAY, span.last))
    return Detail(Span(first, last), [edge for edge in edges if edge.first <= edge.last])


def _breakdowns(
    found: Iterable[tuple[Dimension, str, int]], views: int
) -> dict[Dimension, list[Share]]:
    shares: dict[Dimension, list[Share]] = {dimension: [] for dimension in Dimension}
    known: collections.Counter[Dimension] = collections.Counter()
    for dimension, value, count in found:
        shares[dimension].append(Share(value, count))
        known[dimension] += count
    for dimension, each in shares.items():
        if views > known[dimension]:
            each.append(Share("", views - known[dimension]))
    return shares
