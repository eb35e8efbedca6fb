"""What a site has learned: in how many wanted and unwanted comments each feature stood.

Nothing but sums, so that learning can be taken back and the order of decisions does not matter.
"""

import dataclasses
import math
import zlib
from collections.abc import Iterable
from typing import Final

import numpy as np
import numpy.typing as npt

from .features import BUCKETS, LENGTHS, Buckets, Reading

FLOOR: Final = 1 / 200
"""The least share of comments that counts as knowledge: rarer is chance."""
WORD_WEIGHT: Final = 20
"""A name or a host counts as much as so many n-grams: about as much as two syllables."""
DOUBT: Final = 100
"""Weight of what speaks for neither side: a text with little to go by stays in the middle."""
STEEPNESS: Final = 6.0
"""How fast the mean becomes certainty; a little less than benchmarks/filters found best."""
PIECES: Final = 5
PIECE_LENGTH: Final = 30
_HOT: Final = 0.4
"""Share of the strongest letter's weight from which a letter belongs to a shown piece."""
_REACH: Final = 12
"""Letters that a piece may grow by on each side, to end where words end."""


@dataclasses.dataclass(frozen=True)
class Change:
    """What one decision adds to the sums; negative where it takes back."""

    buckets: Buckets
    wanted: int
    unwanted: int


@dataclasses.dataclass(frozen=True)
class Counts:
    """Sums over the learned comments. Never changed once made, so that threads may share them."""

    wanted: int
    unwanted: int
    seen: npt.NDArray[np.int32]
    """In how many wanted (row 0) and unwanted (row 1) comments each bucket stood."""

    @classmethod
    def none(cls) -> "Counts":
        return cls(0, 0, np.zeros((2, BUCKETS), dtype=np.int32))

    def plus(self, changes: Iterable[Change]) -> "Counts":
        seen = self.seen.copy()
        wanted, unwanted = self.wanted, self.unwanted
        for change in changes:
            # A feature is in a change once, or this would add it once.
            seen[0, change.buckets] += change.wanted
            seen[1, change.buckets] += change.unwanted
            wanted += change.wanted
            unwanted += change.unwanted
        return Counts(wanted, unwanted, seen)

    def score(self, reading: Reading) -> float:
        """Return how sure it is, from 0 to 1, that the comment is unwanted."""
        buckets = reading.buckets()
        weights = self._weights(buckets)
        strength = np.abs(weights)
        if reading.words:
            strength[np.searchsorted(buckets, list(reading.words.values()))] *= WORD_WEIGHT
        # The mean of the weights, each weighted by its own strength. A plain sum is far too sure:
        # n-grams overlap, so one word's evidence comes in a dozen of them.
        mean = float(np.dot(strength, weights) / (np.sum(strength) + DOUBT))
        return 1 / (1 + math.exp(-STEEPNESS * mean))

    def pieces(self, reading: Reading, *, unwanted: bool) -> list[str]:
        """Return what of the comment spoke most for that side, strongest first."""
        side = 1 if unwanted else -1
        words = np.array(list(reading.words.values()), dtype=np.int32)
        weights = self._weights(np.concatenate([words, *reading.grams]))
        # How far each moves the score to the side.
        pushes = side * weights * np.abs(weights)
        heat = np.zeros(len(reading.text))
        start = len(words)
        for length, buckets in zip(LENGTHS, reading.grams, strict=True):
            # Each n-gram warms its letters evenly; a text may be too short to have one.
            if len(buckets):
                push = pushes[start : start + len(buckets)]
                heat += np.convolve(push, np.full(length, 1 / length))
            start += len(buckets)
        found = _pieces(reading.text, heat)
        for word, push in zip(reading.words, pushes[: len(words)].tolist(), strict=True):
            found[word] = max(found.get(word, 0.0), push * WORD_WEIGHT)
        strongest = sorted(found, key=lambda piece: found[piece], reverse=True)
        return [_shortened(piece) for piece in strongest[:PIECES] if found[piece] > 0]

    def _weights(self, buckets: Buckets) -> npt.NDArray[np.float64]:
        """Return for each bucket the logarithm of its share in unwanted by that in wanted comments.

        Both shares are raised by the same: by one comment of the rarer label. With the usual
        correction, one count for each label, a feature that nobody has seen would speak for the
        label that has fewer comments, and most of a site's are wanted.
        """
        raised = max(1 / max(1, min(self.wanted, self.unwanted)), FLOOR)
        comments = np.array([[max(1, self.wanted)], [max(1, self.unwanted)]])
        wanted, unwanted = self.seen.take(buckets, axis=1) / comments + raised
        return np.asarray(np.log(unwanted / wanted))

    def pack(self) -> bytes:
        return _packed(self.seen)

    @classmethod
    def unpack(cls, wanted: int, unwanted: int, packed: bytes) -> "Counts":
        return cls(wanted, unwanted, _unpacked(packed).reshape(2, BUCKETS))


def pack_buckets(buckets: Buckets) -> bytes:
    """Return the buckets as their distances: small numbers take less room."""
    return _packed(np.diff(buckets, prepend=np.int32(0)))


def unpack_buckets(packed: bytes) -> Buckets:
    return np.cumsum(_unpacked(packed), dtype=np.int32)


def _packed(numbers: npt.NDArray[np.int32]) -> bytes:
    # First the lowest byte of every number, then the next: the high ones are nearly all zero.
    planes = numbers.astype("<i4").reshape(-1).view(np.uint8).reshape(-1, 4).T
    return zlib.compress(planes.tobytes(), 1)


def _unpacked(packed: bytes) -> npt.NDArray[np.int32]:
    planes = np.frombuffer(zlib.decompress(packed), dtype=np.uint8).reshape(4, -1)
    return np.ascontiguousarray(planes.T).view("<i4").reshape(-1).astype(np.int32)


def _pieces(text: str, heat: npt.NDArray[np.float64]) -> dict[str, float]:
    """Return the words where `text` is hottest, and how hot they are in all."""
    hot = heat >= max(_HOT * float(heat.max(initial=0.0)), np.finfo(float).tiny)
    edged = np.zeros(len(hot) + 2, dtype=bool)
    edged[1:-1] = hot
    edges = np.flatnonzero(edged[1:] != edged[:-1]).tolist()
    spans: list[tuple[int, int]] = []
    for first, last in zip(edges[::2], edges[1::2], strict=True):
        start, stop = _to_words(text, first, last)
        if spans and start <= spans[-1][1]:
            # They meet: one piece, unless that would be too long to show.
            begun, end = spans[-1]
            if max(stop, end) - begun <= PIECE_LENGTH:
                spans[-1] = (begun, max(stop, end))
                continue
            start = end
        if start < stop:
            spans.append((start, stop))
    found: dict[str, float] = {}
    letters = heat.tolist()
    for start, stop in spans:
        piece = text[start:stop].strip()
        found[piece] = max(found.get(piece, 0.0), sum(letters[start:stop]))
    found.pop("", None)
    return found


def _to_words(text: str, start: int, stop: int) -> tuple[int, int]:
    """Widen the span to where words begin and end, if that is near."""
    before = text.rfind(" ", max(0, start - _REACH), start + 1)
    after = text.find(" ", max(stop - 1, start), stop + _REACH)
    return (start if before < 0 else before), (stop if after < 0 else after)


def _shortened(piece: str) -> str:
    return piece if len(piece) <= PIECE_LENGTH else piece[: PIECE_LENGTH - 1] + "…"
