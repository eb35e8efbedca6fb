"""What is seen of a comment: its character n-grams, its author's name, the hosts it links to.

Each is hashed into one of BUCKETS numbers, by the same rule in every process and version. Whoever
changes the rule makes worthless what sites have learned, and empties the tables in a migration.
"""

import dataclasses
import hashlib
import re
import unicodedata
from typing import Final

import numpy as np
import numpy.typing as npt

BITS: Final = 17
BUCKETS: Final = 1 << BITS
LENGTHS: Final = range(2, 6)
"""Of the n-grams. Five letters reach into the next syllable of Vietnamese."""

_DIGIT = re.compile(r"\d")
_HOST = re.compile(r"(?:https?://|www\.)([\w.-]+)|\b((?:[\w-]+\.)+[a-z]{2,})(?![\w.@-])")
# Odd numbers whose bits are well mixed: any would do.
_STEP: Final = np.uint64(0x9E3779B97F4A7C15)
_SPREAD: Final = np.uint64(0xD6E8FEB86659FD93)
_HALF: Final = np.uint64(32)
_TOP: Final = np.uint64(64 - BITS)

Buckets = npt.NDArray[np.int32]


@dataclasses.dataclass(frozen=True)
class Reading:
    """A comment as the filter sees it."""

    text: str
    """In one line and lower case, with a space before it and one after."""
    grams: tuple[Buckets, ...]
    """For each of LENGTHS, the buckets of the n-grams in the order of the text."""
    words: dict[str, int]
    """The author's name and the hosts linked to, each with its bucket."""

    def buckets(self) -> Buckets:
        """Return the features: every bucket once, in order."""
        words = np.array(list(self.words.values()), dtype=np.int32)
        every = np.sort(np.concatenate([*self.grams, words]))
        # numpy's own `unique` takes five times as long for so few.
        is_new = np.empty(len(every), dtype=bool)
        is_new[:1] = True
        np.not_equal(every[1:], every[:-1], out=is_new[1:])
        return np.asarray(every[is_new])


def read(author: str, text: str) -> Reading:
    """Return what the filter sees of a comment."""
    folded = f" {_folded(text)} "
    words = {host: _hashed("host", host) for host in _hosts(folded)}
    if name := _folded(author):
        words[name] = _hashed("author", name)
    # One phone number is like another.
    return Reading(folded, _grams(_DIGIT.sub("0", folded)), words)


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text.casefold()).split())


def _hosts(text: str) -> list[str]:
    found = (match[1] or match[2] for match in _HOST.finditer(text))
    return [host.removeprefix("www.").strip(".-") for host in found]


def _hashed(kind: str, word: str) -> int:
    digest = hashlib.blake2b(f"{kind} {word}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> (64 - BITS)


def _grams(text: str) -> tuple[Buckets, ...]:
    letters = np.frombuffer(text.encode("utf-32-le"), dtype="<u4").astype(np.uint64)
    found = []
    rolled = letters
    for length in LENGTHS:
        # An n-gram's number is made of that of its first n-1 letters, and of its last one.
        rolled = rolled[:-1] * _STEP + letters[length - 1 :]
        found.append((((rolled ^ (rolled >> _HALF)) * _SPREAD) >> _TOP).astype(np.int32))
    return tuple(found)
