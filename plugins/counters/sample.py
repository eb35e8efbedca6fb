"""Figures as a portal might have them, drawn by chance: for a demonstration, and for trying out."""

import dataclasses
import datetime
import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from comments_service.api import Site, ensure_page

from . import queries
from .models import (
    OTHER,
    Breakdown,
    BreakdownMonth,
    Day,
    Dimension,
    Hour,
    PageDay,
    PageMonth,
    PageTotal,
    SiteTotal,
)
from .periods import ONE_DAY, Span
from .readers import DESKTOP, PHONE, TABLET
from .service import COUNTED

HOURS_A_DAY = 24
# What an hour has of a day: an office's morning, an evening on the phone.
HOURS = (2, 1, 1, 1, 1, 2, 5, 9, 12, 13, 12, 9, 7, 8, 10, 11, 10, 8, 7, 8, 10, 9, 6, 4)
# Monday to Sunday.
WEEK = (1.15, 1.1, 1.1, 1.05, 1.05, 0.8, 0.75)
DAILY_GROWTH = 1.2 ** (1 / 365)
UNEVENNESS = 0.12
VISITS_PER_VIEW = 0.42
VISITORS_PER_VISIT = 0.8
BOTS_PER_VIEW = 0.35
# A page is read most when it is new; half as much with each half-life; and a little for ever.
HALF_LIFE_DAYS = 4.0
EVERGREEN = 0.02

# Shares of the views; of the rest, nothing is known.
BREAKDOWNS = {
    Dimension.DEVICE: {PHONE: 0.66, DESKTOP: 0.28, TABLET: 0.04, OTHER: 0.01},
    Dimension.LANGUAGE: {"vi": 0.92, "en": 0.05, "zh": 0.01, "ko": 0.006, "ja": 0.004},
    Dimension.REFERRER: {
        "www.google.com": 0.17,
        "zalo.me": 0.06,
        "www.facebook.com": 0.04,
        "coccoc.com": 0.03,
        "www.bing.com": 0.02,
        "tinh.example": 0.02,
        **{f"xa{number}.example": 0.01 / number for number in range(1, 31)},
    },
}


@dataclasses.dataclass(frozen=True)
class SamplePage:
    id: int
    published: datetime.date
    popularity: float


@dataclasses.dataclass
class _Rows:
    """What is added to each table; a month at a time, so that no list grows long."""

    hours: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    days: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    pages: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    page_months: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    breakdowns: list[dict[str, Any]] = dataclasses.field(default_factory=list)

    def store(self, session: Session) -> None:
        queries.add(session, Hour, self.hours, COUNTED)
        queries.add(session, Day, self.days, (*COUNTED, "uniques"))
        queries.add(session, PageDay, self.pages, ("views",))
        queries.add(session, PageMonth, self.page_months, ("views",))
        queries.add(session, Breakdown, self.breakdowns, ("views",))
        months = [
            {"month": row["day"].replace(day=1), **{n: row[n] for n in row if n != "day"}}
            for row in self.breakdowns
        ]
        queries.add(session, BreakdownMonth, months, ("views",))


def popularity(number: int, count: int) -> float:
    """Return how much the page is read: a few of `count` far more than all others."""
    # Far apart in turn: what is read most is not what came first.
    return 1 / (1 + number * 7919 % count)


def make_pages(
    session: Session, site: Site, count: int, span: Span, now: datetime.datetime
) -> Iterator[SamplePage]:
    """Make so many pages, published one after the other over the span."""
    for number in range(count):
        key = f"/thu-nghiem/{number + 1}"
        page = ensure_page(session, site, key, title=f"Bài thử nghiệm số {number + 1}", now=now)
        published = span.first + number * (span.last - span.first).days // count * ONE_DAY
        yield SamplePage(page.id, published, popularity(number, count))


def fill(
    session: Session,
    site: Site,
    pages: Sequence[SamplePage],
    span: Span,
    views: int,
    *,
    seed: int,
    last_hours: int = HOURS_A_DAY,
    after_day: Callable[[], object] = lambda: None,
) -> int:
    """Add so many views of the pages to the site's sums; return the last day's unique visitors.

    Of the last day, `last_hours` hours have passed. The same seed draws the same figures.
    """
    chance = np.random.default_rng(seed)
    days = [span.first + number * ONE_DAY for number in range((span.last - span.first).days + 1)]
    drawn_days = chance.multinomial(views, _rhythm(chance, days, last_hours))
    views_of_days = {day: int(of_day) for day, of_day in zip(days, drawn_days, strict=True)}
    total = dict.fromkeys(COUNTED, 0)
    uniques = 0
    views_of_pages = np.zeros(len(pages), int)
    for month, days_of_month in itertools.groupby(days, lambda day: day.replace(day=1)):
        rows = _Rows()
        views_before = views_of_pages.copy()
        for day in days_of_month:
            hours = last_hours if day == span.last else HOURS_A_DAY
            counted = _hours(chance, site, day, views_of_days[day], hours)
            rows.hours += counted
            sums = {name: sum(hour[name] for hour in counted) for name in COUNTED}
            uniques = round(sums["visits"] * VISITORS_PER_VISIT)
            rows.days.append({"site_id": site.id, "day": day, **sums, "uniques": uniques})
            total = {name: total[name] + sums[name] for name in COUNTED}
            drawn = chance.multinomial(views_of_days[day], _attraction(pages, day))
            views_of_pages += drawn
            rows.pages += _page_rows(pages, drawn, day=day)
            rows.breakdowns += _breakdowns(chance, site, day, views_of_days[day])
            after_day()
        rows.page_months = _page_rows(pages, views_of_pages - views_before, month=month)
        rows.store(session)
    queries.add(session, PageTotal, _page_rows(pages, views_of_pages), ("views",))
    queries.add(session, SiteTotal, [{"site_id": site.id, **total}], COUNTED)
    return uniques


def _rhythm(chance: np.random.Generator, days: Sequence[datetime.date], last_hours: int) -> Any:  # noqa: ANN401 (an array)
    """Return what each day has of all views."""
    weights = np.array([WEEK[day.weekday()] for day in days])
    weights *= DAILY_GROWTH ** np.arange(len(days)) * chance.lognormal(0, UNEVENNESS, len(days))
    weights[-1] *= sum(HOURS[:last_hours]) / sum(HOURS)
    return weights / weights.sum()


def _attraction(pages: Sequence[SamplePage], day: datetime.date) -> Any:  # noqa: ANN401 (an array)
    """Return what each page has of the day's views."""
    ages = np.array([(day - page.published).days for page in pages])
    weights = np.where(ages >= 0, EVERGREEN + 0.5 ** (np.maximum(ages, 0) / HALF_LIFE_DAYS), 0)
    weights *= np.array([page.popularity for page in pages])
    # Before the first page is out, it is read all the same.
    weights[0] += weights.sum() == 0
    return weights / weights.sum()


def _hours(
    chance: np.random.Generator, site: Site, day: datetime.date, views: int, hours: int
) -> list[dict[str, Any]]:
    shares = np.array(HOURS[:hours]) / max(1, sum(HOURS[:hours]))
    of_hours: list[int] = list(chance.multinomial(views, shares)) if hours else []
    return [
        {
            "site_id": site.id,
            "day": day,
            "hour": hour,
            "views": int(of_hour),
            "visits": int(chance.binomial(of_hour, VISITS_PER_VIEW)),
            "bots": int(chance.poisson(of_hour * BOTS_PER_VIEW)),
        }
        for hour, of_hour in enumerate(of_hours)
    ]


def _page_rows(
    pages: Sequence[SamplePage], views: Iterable[int], **keys: datetime.date
) -> list[dict[str, Any]]:
    return [
        {"page_id": page.id, **keys, "views": int(count)}
        for page, count in zip(pages, views, strict=True)
        if count
    ]


def _breakdowns(
    chance: np.random.Generator, site: Site, day: datetime.date, views: int
) -> list[dict[str, Any]]:
    rows = []
    for dimension, shares in BREAKDOWNS.items():
        *known, _rest = chance.multinomial(views, [*shares.values(), 1 - sum(shares.values())])
        keys = {"site_id": site.id, "day": day, "dimension": dimension}
        for value, count in zip(shares, known, strict=True):
            if count:
                rows.append({**keys, "value": value, "views": int(count)})
    return rows
