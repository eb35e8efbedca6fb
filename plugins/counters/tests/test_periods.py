"""Days, weeks, months and years where the site is, against a count by the hands of its clocks."""

import bisect
import datetime
import random
import zoneinfo

import pytest
from comments_service.plugins.counters.periods import (
    EPOCH,
    QUARTER,
    SPANS,
    local_hour,
    local_hour_of,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from comments_service import clock

UTC = datetime.UTC
SECOND = datetime.timedelta(seconds=1)
# With summer time and without; begun at midnight, an hour off, a day left out.
ZONES = [
    "Asia/Ho_Chi_Minh",
    "Asia/Kathmandu",
    "Europe/Berlin",
    "America/New_York",
    "America/Sao_Paulo",
    "America/Havana",
    "Asia/Beirut",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Pacific/Kiritimati",
    "Etc/GMT+12",
]
YEARS = 10


def midnight(day: datetime.date, zone: zoneinfo.ZoneInfo) -> datetime.datetime:
    """Return the moment at which `day` begins."""
    return datetime.datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def spans(today: datetime.date) -> dict[str, tuple[datetime.date, datetime.date]]:
    """Return the first day of each span, and the first after it, by the calendar alone."""
    one = datetime.timedelta(days=1)
    year, week_number, weekday = today.isocalendar()
    monday = datetime.date.fromisocalendar(year, week_number, 1)
    month = datetime.date(today.year, today.month, 1)
    next_month = datetime.date(today.year + today.month // 12, today.month % 12 + 1, 1)
    before = datetime.date(today.year - (today.month == 1), (today.month - 2) % 12 + 1, 1)
    assert 1 <= weekday <= 7
    return {
        "today": (today, today + one),
        "yesterday": (today - one, today),
        "week": (monday, monday + 7 * one),
        "last_week": (monday - 7 * one, monday),
        "month": (month, next_month),
        "last_month": (before, month),
        "year": (datetime.date(today.year, 1, 1), datetime.date(today.year + 1, 1, 1)),
    }


@settings(max_examples=12, deadline=None)
@given(st.sampled_from(ZONES), st.integers(1996, 2030), st.integers(0, 2**32))
def test_ten_years_of_visits_are_counted_as_by_hand_at_every_boundary(
    name: str, first_year: int, seed: int
) -> None:
    chance = random.Random(seed)
    zone = zoneinfo.ZoneInfo(name)
    first = datetime.date(first_year, 1, 1)
    days = [
        first + datetime.timedelta(days=number)
        for number in range((datetime.date(first_year + YEARS, 1, 1) - first).days)
    ]
    visits = sorted(
        midnight(day, zone) + datetime.timedelta(seconds=offset)
        for day in days
        for offset in (-1, 0, chance.randrange(86_400))
    )
    sums: dict[datetime.date, int] = {}
    for visit in visits:
        day = clock.local_day(visit, name)
        sums[day] = sums.get(day, 0) + 1
    ordered = sorted(sums)
    running = [0]
    for day in ordered:
        running.append(running[-1] + sums[day])

    def counted(start: datetime.date, end: datetime.date) -> int:
        return (
            running[bisect.bisect_right(ordered, end)] - running[bisect.bisect_left(ordered, start)]
        )

    for day in days:
        moment = midnight(day, zone)
        for now in (moment - SECOND, moment):
            today = now.astimezone(zone).date()
            for span, (start, after) in spans(today).items():
                by_hand = bisect.bisect_left(visits, midnight(after, zone)) - bisect.bisect_left(
                    visits, midnight(start, zone)
                )
                asked = SPANS[span](clock.local_day(now, name))
                assert counted(asked.first, asked.last) == by_hand, (span, now)


@pytest.mark.parametrize(
    ("moment", "zone", "expected"),
    [
        ("2026-03-14T16:59:59+00:00", "Asia/Ho_Chi_Minh", ("2026-03-14", 23)),
        ("2026-03-14T17:00:00+00:00", "Asia/Ho_Chi_Minh", ("2026-03-15", 0)),
        # The hour that is shown twice belongs to both.
        ("2026-10-25T00:30:00+00:00", "Europe/Berlin", ("2026-10-25", 2)),
        ("2026-10-25T01:30:00+00:00", "Europe/Berlin", ("2026-10-25", 2)),
        ("2026-03-29T01:00:00+00:00", "Europe/Berlin", ("2026-03-29", 3)),
    ],
)
def test_hours_are_those_that_clocks_show(
    moment: str, zone: str, expected: tuple[str, int]
) -> None:
    day, hour = local_hour(datetime.datetime.fromisoformat(moment), zone)
    assert (day.isoformat(), hour) == expected


@given(
    moment=st.datetimes(
        min_value=datetime.datetime(1990, 1, 1),  # noqa: DTZ001 (Hypothesis adds the zone)
        max_value=datetime.datetime(2090, 1, 1),  # noqa: DTZ001
        timezones=st.just(datetime.UTC),
    ),
    zone=st.timezone_keys(),
)
def test_a_quarter_of_an_hour_is_of_one_hour_everywhere(
    moment: datetime.datetime, zone: str
) -> None:
    quarter = (moment - EPOCH) // QUARTER
    assert local_hour_of(quarter, zone) == local_hour(moment, zone)
