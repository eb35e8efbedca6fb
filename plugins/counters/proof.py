"""Proves that the sums agree with each other: what `comments-service stats verify` says."""

import collections
import datetime
from collections.abc import Iterator, Mapping

from sqlalchemy.orm import Session

from comments_service.api import Site

from . import queries


def differences(session: Session, site: Site) -> Iterator[str]:
    """Yield a sentence for each sum of the site that is not what its parts add up to."""
    days = queries.days_of_site(session, site.id)
    hours = queries.hours_by_day(session, site.id)
    for day in sorted(days.keys() | hours.keys()):
        of_day = days.get(day, (0, 0, 0, 0))[:3]
        of_hours = hours.get(day, (0, 0, 0))
        if of_day != of_hours:
            yield f"{day}: the day has {_said(of_day)}, its hours {_said(of_hours)}"
    total = queries.totals(session, site.id)
    counted = (total.views, total.visits, total.bots) if total else (0, 0, 0)
    of_days = tuple(sum(day[column] for day in days.values()) for column in range(3))
    if counted != of_days:
        yield f"the total has {_said(counted)}, the days {_said(of_days)}"
    for day, visitors in sorted(queries.visitors_by_day(session, site.id).items()):
        uniques = days.get(day, (0, 0, 0, 0))[3]
        if visitors != uniques:
            yield f"{day}: the day has {uniques} unique visitors, {visitors} are known"
    for key, of_page, of_its_days, of_months in queries.wrong_pages(session, site.id):
        yield f"{key}: the page has {of_page} views, its days {of_its_days}, months {of_months}"
    yield from _overdrawn_months(session, site, {day: sums[0] for day, sums in days.items()})
    of_pages = queries.views_of_pages(session, site.id)
    # Fewer is no fault: pages that are gone, and those beyond a day's bound of new ones.
    if of_pages > counted[0]:
        yield f"the site has {counted[0]} views, its pages {of_pages}"


def _overdrawn_months(
    session: Session, site: Site, views: Mapping[datetime.date, int]
) -> Iterator[str]:
    months: collections.Counter[datetime.date] = collections.Counter()
    for day, of_day in views.items():
        months[day.replace(day=1)] += of_day
    for (month, dimension), known in sorted(queries.broken_down(session, site.id).items()):
        # Fewer is no fault: nothing is known of some.
        if known > months[month]:
            yield f"{month:%Y-%m}: the month has {months[month]} views, by {dimension} {known}"


def _said(sums: tuple[int, ...]) -> str:
    return ", ".join(
        f"{value} {name}" for value, name in zip(sums, ("views", "visits", "bots"), strict=True)
    )
