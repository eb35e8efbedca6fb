"""Days, weeks, months and years, where the site is."""

import dataclasses
import datetime
import functools
from collections.abc import Mapping

from comments_service.api import clock

ONE_DAY = datetime.timedelta(days=1)
ONE_WEEK = datetime.timedelta(days=7)
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
QUARTER = datetime.timedelta(minutes=15)
QUARTERS = 256
"""So many are remembered."""


@dataclasses.dataclass(frozen=True)
class Span:
    """Days from `first` to `last`, both among them."""

    first: datetime.date
    last: datetime.date

    def __contains__(self, day: datetime.date) -> bool:
        return self.first <= day <= self.last


def local_hour(moment: datetime.datetime, time_zone: str) -> tuple[datetime.date, int]:
    """Return the day and the hour (0 to 23) that the clocks in `time_zone` show at `moment`.

    Where clocks are put back, one hour is shown twice, and both belong to it.
    """
    local = moment.astimezone(clock.zone(time_zone))
    return local.date(), local.hour


@functools.lru_cache(QUARTERS)
def local_hour_of(quarter: int, time_zone: str) -> tuple[datetime.date, int]:
    """Return `local_hour` of the quarter of an hour of that number since 1970.

    For thousands of moments one after the other: clocks differ by whole quarters everywhere.
    """
    return local_hour(EPOCH + quarter * QUARTER, time_zone)


def day(today: datetime.date) -> Span:
    return Span(today, today)


def yesterday(today: datetime.date) -> Span:
    return day(today - ONE_DAY)


def week(today: datetime.date) -> Span:
    """Return Monday to Sunday around `today`."""
    monday = today - today.weekday() * ONE_DAY
    return Span(monday, monday + ONE_WEEK - ONE_DAY)


def last_week(today: datetime.date) -> Span:
    return week(today - ONE_WEEK)


def month(today: datetime.date) -> Span:
    first = today.replace(day=1)
    # No month has more than 31 days, none fewer than 28: this is within the next one.
    next_month = (first + 31 * ONE_DAY).replace(day=1)
    return Span(first, next_month - ONE_DAY)


def last_month(today: datetime.date) -> Span:
    return month(today.replace(day=1) - ONE_DAY)


def year(today: datetime.date) -> Span:
    return Span(today.replace(month=1, day=1), today.replace(month=12, day=31))


SPANS = {
    "today": day,
    "yesterday": yesterday,
    "week": week,
    "last_week": last_week,
    "month": month,
    "last_month": last_month,
    "year": year,
}
"""The spans that figures are given for, as functions of the day that it is where the site is."""


@functools.lru_cache
def spans(today: datetime.date) -> Mapping[str, Span]:
    """Return all of SPANS around `today`."""
    return {name: span(today) for name, span in SPANS.items()}
