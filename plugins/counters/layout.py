"""The layout of pictures without script: how wide their words are, and where they stand."""

import dataclasses
import unicodedata
from collections.abc import Sequence

FONT_SIZE = 14
LINE_HEIGHT = 26
MARGIN = 12
GAP = 24
"""Between a figure's name and the figure."""
NARROWEST = 160
BADGE_HEIGHT = 24
DOT = 16
"""What the badge's dot and the space behind it take."""
# Of the font's size, somewhat more than usual fonts take: nobody knows which one it will be.
_WIDTH = 0.62
_WIDTH_OF_WIDE = 1.05


@dataclasses.dataclass(frozen=True)
class Line:
    """One figure of a table: what it is called, and how it is written; its middle, in pixels."""

    label: str
    value: str
    y: int


@dataclasses.dataclass(frozen=True)
class Table:
    """Figures below one another; all measures are pixels."""

    lines: Sequence[Line]
    width: int
    height: int
    start: int
    """Where names begin: on the left, or on the right where one writes from there."""
    end: int


def table(rows: Sequence[tuple[str, str]], *, from_right: bool) -> Table:
    """Lay out `rows` of a name and a figure."""
    top = MARGIN // 2
    lines = [
        Line(label, value, top + LINE_HEIGHT * number + LINE_HEIGHT // 2)
        for number, (label, value) in enumerate(rows)
    ]
    needed = [text_width(label) + GAP + text_width(value) for label, value in rows]
    width = max(NARROWEST, 2 * MARGIN + max(needed, default=0))
    left, right = MARGIN, width - MARGIN
    return Table(
        lines=lines,
        width=width,
        height=LINE_HEIGHT * len(rows) + 2 * top,
        start=right if from_right else left,
        end=left if from_right else right,
    )


def badge_width(text: str) -> int:
    return 2 * MARGIN + DOT + text_width(text)


def text_width(text: str) -> int:
    """Return about how many pixels `text` takes in a line."""
    widths = [_WIDTH_OF_WIDE if _is_wide(letter) else _WIDTH for letter in text if _takes(letter)]
    return round(FONT_SIZE * sum(widths))


def _is_wide(letter: str) -> bool:
    return unicodedata.east_asian_width(letter) in ("W", "F")


def _takes(letter: str) -> bool:
    """Tell whether `letter` stands beside the one before it, not on it."""
    return not unicodedata.category(letter).startswith("M")
