"""The rules of language: whether a text could be in one that the site takes."""

import dataclasses
import enum
import functools
import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Final, NamedTuple

from comments_service.api import by_word

from . import scripts, words

FOREIGN_LETTERS: Final = 60
FOREIGN_WORDS: Final = 12
"""Shorter texts in Latin letters are not told apart: names and greetings are of every language."""
KNOWN_SHARE: Final = 0.42
"""As many words of Vietnamese or English in a hundred; texts that mix both have more."""

# A language that isn't one of these, in Latin letters too, could not be told from others.
_TOLD_APART: Mapping[str, frozenset[str]] = {"vi": words.VIETNAMESE, "en": words.ENGLISH}
_ADDRESSES = re.compile(r"(?:https?://|www\.)\S+")


class Sign(enum.Enum):
    """Why a text is held."""

    SCRIPT = enum.auto()
    WORDS = enum.auto()


@dataclasses.dataclass(frozen=True)
class Finding:
    sign: Sign
    script: str = ""
    """Code of the script that most letters are of."""


class Seen(NamedTuple):
    """What tells the language of a part of a text."""

    letters: Sequence[tuple[str, int]]
    """Scripts, and how many letters are of each."""
    words: Sequence[str]


@by_word
def _seen(text: str) -> Seen:
    text = _ADDRESSES.sub(" ", text)
    return Seen(tuple(scripts.letters(text).items()), tuple(words.split(text)))


def inspect(text: str, accepted: Collection[str], least: int) -> Finding | None:
    """Return why `text` is in none of the `accepted` languages; None if it may be in one.

    A text of fewer than `least` letters may be in any.
    """
    seen = _seen(text)
    letters: Counter[str] = Counter()
    for each in seen:
        for script, number in each.letters:
            letters[script] += number
    if letters.total() < least:
        return None
    fitting = set().union(*map(scripts.of_language, accepted))
    [(script, _number)] = letters.most_common(1)
    if script not in fitting:
        return Finding(Sign.SCRIPT, script)
    if script == scripts.LATIN and letters[script] >= FOREIGN_LETTERS:
        return _by_words([word for each in seen for word in each.words], accepted)
    return None


def _by_words(found: Sequence[str], accepted: Collection[str]) -> Finding | None:
    latin = frozenset(each for each in accepted if scripts.LATIN in scripts.of_language(each))
    if not latin <= _TOLD_APART.keys():
        return None
    known = sum(map(_words_of(latin).__contains__, found))
    is_foreign = len(found) >= FOREIGN_WORDS and known < KNOWN_SHARE * len(found)
    return Finding(Sign.WORDS) if is_foreign else None


@functools.cache
def _words_of(languages: frozenset[str]) -> frozenset[str]:
    return frozenset().union(*(_TOLD_APART[each] for each in languages))
