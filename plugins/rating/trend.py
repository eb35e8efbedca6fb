"""Ratings per day, as the dashboard draws them."""

import dataclasses
import datetime
from collections.abc import Iterable, Sequence
from decimal import Decimal

from .models import State
from .queries import DayCount

HEIGHT = 100
"""Of the chart, in its own units; a day is one unit wide."""
GAP = 0.15


@dataclasses.dataclass
class Day:
    """One day's votes."""

    day: datetime.date
    counted: int = 0
    stars: int = 0
    """The sum of the counted ones' stars."""
    left_out: int = 0

    @property
    def average(self) -> Decimal | None:
        return Decimal(self.stars) / self.counted if self.counted else None


@dataclasses.dataclass(frozen=True)
class Bar:
    """One day in the chart."""

    x: float
    width: float
    counted: float
    left_out: float


def days(found: Iterable[DayCount], first: datetime.date, last: datetime.date) -> list[Day]:
    """Return every day from `first` to `last`, with the votes that were `found`."""
    span = range((last - first).days + 1)
    by_day = {each: Day(each) for each in (first + datetime.timedelta(days=n) for n in span)}
    for each in found:
        day = by_day[each.day]
        if each.state is State.COUNTED:
            day.counted += each.votes
            day.stars += each.stars
        else:
            day.left_out += each.votes
    return list(by_day.values())


def bars(of: Sequence[Day]) -> list[Bar]:
    """Return the days as bars, the highest as high as the chart."""
    most = max((day.counted + day.left_out for day in of), default=0) or 1
    return [
        Bar(
            x=n + GAP,
            width=1 - 2 * GAP,
            counted=round(HEIGHT * day.counted / most, 2),
            left_out=round(HEIGHT * day.left_out / most, 2),
        )
        for n, day in enumerate(of)
    ]
