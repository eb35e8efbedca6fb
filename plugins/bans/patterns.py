"""Words looked for in a text, with `*` for anything up to 50 characters between two of them.

No regular expression: one with gaps can take for ever on a text that is made for it. This walks
once over the text for each part of the pattern.
"""

import functools
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Final

GAP: Final = 50
ANYTHING: Final = "*"


def plain(text: str) -> str:
    """Return `text` as it is compared: in NFC, without capitals, every blank a single space."""
    folded = unicodedata.normalize("NFC", text).casefold()
    # Folding takes some characters apart.
    return " ".join(unicodedata.normalize("NFC", folded).split())


# As many as a handful of sites may have: a pattern is taken apart once, not with every comment.
@functools.lru_cache(maxsize=4096)
def parts(pattern: str) -> Sequence[str]:
    """Return what stands between the gaps of `pattern`, to be found in this order."""
    return tuple(part for part in plain(pattern).split(ANYTHING) if part.strip())


def is_in(pattern: str, text: str) -> bool:
    """Tell whether the plain `text` has what `pattern` looks for."""
    wanted = parts(pattern)
    # Most texts have none of it; this is the quickest way to know.
    if not wanted or wanted[0] not in text:
        return False
    first, *others = wanted
    if not all(part in text for part in others):
        return False
    ends = [start + len(first) for start in _starts(first, text)]
    for part in others:
        ends = [start + len(part) for start in _starts(part, text) if _is_near(ends, start)]
    return bool(ends)


def _starts(part: str, text: str) -> Iterator[int]:
    start = text.find(part)
    while start >= 0:
        yield start
        start = text.find(part, start + 1)


def _is_near(ends: Sequence[int], start: int) -> bool:
    """Tell whether the nearest of the sorted `ends` before `start` is no more than a gap away."""
    before = bisect_right(ends, start)
    return before > 0 and start - ends[before - 1] <= GAP
