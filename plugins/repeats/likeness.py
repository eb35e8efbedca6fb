"""How alike two texts are: a sketch of their pieces, of which like texts share most.

The sketch is a minhash by one permutation. A simhash was tried and left: of comments of 12 to 60
words of which three were changed each time, it knew 0 to 59 in 100 again; this knows 54 to 97.
"""

import hashlib
import re
import unicodedata
import zlib
from collections.abc import Sequence
from typing import Final

from comments_service.api import by_word

BINS: Final = 64
BANDS: Final = 4
PIECE: Final = 4
"""Letters of one piece: with fewer, all texts of a language are alike; with more, a typo counts."""
ALIKE: Final = 0.5
"""Texts that share as much are nearly the same; those that have no more in common than their
language and their subject share less than two fifths."""
ENOUGH: Final = 25
"""Letters that a text needs; thanks and praise are short, and alike without any intent."""

# Odd numbers whose bits are well mixed: any would do.
_STEP: Final = 0x9E3779B97F4A7C15
_SPREAD: Final = 0xD6E8FEB86659FD93
_HALF: Final = 32
_VALUE_SHIFT: Final = 24
_BAND_MASK: Final = 0x7FFFFFFF
_BINS_OF_HALF_A_BAND: Final = BINS // BANDS // 2
# The bins share the numbers evenly among them: each begins at a multiple of this power of two.
_BIN_SHIFT: Final = 58

_WORDS = re.compile(r"[^\W\d_]+")
# Leaves out the marks of decomposed letters; decomposition leaves one letter whole.
_UNMARKED = {**dict.fromkeys(range(0x300, 0x370)), ord("đ"): "d"}


def plain(text: str) -> str:
    """Return the words of `text` alone: what waves vary at no cost is not in it.

    That is capitals, marks, digits, signs and addresses.
    """
    return " ".join(filter(None, _plain_words(text)))


@by_word
def _plain_words(text: str) -> str:
    words = [word for word in text.split() if "://" not in word and "www." not in word]
    folded = unicodedata.normalize("NFKD", " ".join(words).casefold()).translate(_UNMARKED)
    return " ".join(_WORDS.findall(folded))


def exact(text: str) -> bytes:
    """Return a hash of `text`, the same for the same text alone."""
    return hashlib.blake2b(" ".join(text.split()).encode(), digest_size=16).digest()


def sketch(text: str) -> list[int] | None:
    """Return the least hash in each bin of a plain text's pieces; None if it is too short."""
    if len(text) - text.count(" ") < ENOUGH:
        return None
    import numpy as np  # noqa: PLC0415 (takes a tenth of a second, and readers do without)

    letters = np.frombuffer(text.encode("utf-32-le"), dtype="<u4").astype(np.uint64)
    pieces = letters
    for place in range(1, PIECE):
        pieces = pieces[:-1] * _STEP + letters[place:]
    hashes = np.sort((pieces ^ (pieces >> _HALF)) * _SPREAD)
    # A bin without a piece takes what stands after it, as the same text's would.
    beginnings = np.arange(BINS, dtype=np.uint64) << _BIN_SHIFT
    least = hashes[np.searchsorted(hashes, beginnings) % len(hashes)]
    filled: list[int] = (least >> _VALUE_SHIFT).tolist()
    return filled


def compact(sketched: list[int]) -> bytes:
    """Return a byte for each bin: enough to tell how much two sketches share."""
    return bytes([value & 0xFF for value in sketched])


def bands(sketched: list[int]) -> tuple[int, ...]:
    """Return numbers of which like texts have at least one in common, and others seldom any."""
    half = _BINS_OF_HALF_A_BAND
    least = [min(sketched[start : start + half]) for start in range(0, BINS, half)]
    return tuple(
        zlib.crc32(f"{one} {other}".encode()) & _BAND_MASK
        for one, other in zip(least[::2], least[1::2], strict=True)
    )


def shared(one: bytes, others: Sequence[bytes]) -> list[float]:
    """Return how much a text shares with each of others by compact sketches, from 0 to 1."""
    import numpy as np  # noqa: PLC0415 (as above)

    table = np.frombuffer(b"".join(others), dtype=np.uint8).reshape(-1, BINS)
    equal = table == np.frombuffer(one, dtype=np.uint8)
    shares: list[float] = (np.count_nonzero(equal, axis=1) / BINS).tolist()
    return shares
