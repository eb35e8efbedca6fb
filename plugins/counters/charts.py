"""Shapes of the statistics page's charts, in a chart's own units; a part is one unit wide."""

import dataclasses
from collections.abc import Sequence

from .statistics import Part

HEIGHT = 100
GAP = 0.12
LABELS = 5
"""At most so many stand below a chart, on a phone too."""
# A scale's top is one of these times a power of ten, so that half of it is round as well.
TOPS = (1, 1.2, 1.6, 2, 3, 4, 5, 6, 8, 10)


@dataclasses.dataclass(frozen=True)
class Bar:
    """One part: the height of the whole, and that of what is a share of it."""

    x: float
    outer: float
    inner: float


@dataclasses.dataclass(frozen=True)
class Chart:
    bars: Sequence[Bar]
    line: str
    """The points of what it is compared with; empty if with nothing."""
    top: int
    """What the upper edge stands for."""
    labelled: Sequence[int]
    """The parts that are named below."""

    @property
    def width(self) -> int:
        return len(self.bars)


def chart(
    outer: Sequence[int], inner: Sequence[int] | None = None, before: Sequence[int] = ()
) -> Chart:
    """Return a chart of one bar for each of `outer`, and a line through `before`."""
    top = top_of(max((*outer, *before), default=0))
    inner = inner or [0] * len(outer)
    return Chart(
        bars=[
            Bar(x=number + GAP, outer=_height(whole, top), inner=_height(share, top))
            for number, (whole, share) in enumerate(zip(outer, inner, strict=True))
        ],
        line=" ".join(
            f"{number + 0.5},{round(HEIGHT - _height(value, top), 2)}"
            for number, value in enumerate(before)
        ),
        top=top,
        labelled=labelled(len(outer)),
    )


def by_views(parts: Sequence[Part], before: Sequence[Part]) -> Chart:
    return chart(
        [part.views for part in parts],
        [part.visits for part in parts],
        [part.views for part in before],
    )


def by_uniques(parts: Sequence[Part]) -> Chart:
    return chart([part.uniques_a_day for part in parts])


def _height(value: int, top: int) -> float:
    return round(HEIGHT * value / top, 2)


def top_of(most: int) -> int:
    """Return a round number, even and not much greater than `most`."""
    if most <= 2:  # noqa: PLR2004 (the smallest scale with a whole number in its middle)
        return 2
    power: int = 10 ** (len(str(most)) - 1)
    tops = [round(each * power) for each in TOPS]
    return min(top for top in tops if top >= most and top % 2 == 0)


def labelled(parts: int) -> list[int]:
    """Return the numbers of some parts, evenly apart, the first and the last among them."""
    if parts <= LABELS:
        return list(range(parts))
    return [round(number * (parts - 1) / (LABELS - 1)) for number in range(LABELS)]
