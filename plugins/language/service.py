"""The rules of language: whether a text could be in one that the site takes."""

import dataclasses
import enum
import itertools
import re
from collections.abc import Callable, Collection, Mapping
from typing import Final

from . import scripts, words

FOREIGN_LETTERS: Final = 60
FOREIGN_WORDS: Final = 12
"""Shorter texts in Latin letters are not told apart: names and greetings are of every language."""
KNOWN_SHARE: Final = 0.42
"""As many words of Vietnamese or English in a hundred; texts that mix both have more."""

# A language that isn't one of these, in Latin letters too, could not be told from others.
_TOLD_APART: Mapping[str, Callable[[str], bool]] = {
    "vi": words.is_vietnamese,
    "en": words.is_english,
}
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


def inspect(text: str, accepted: Collection[str], least: int) -> Finding | None:
    """Return why `text` is in none of the `accepted` languages; None if it may be in one.

    A text of fewer than `least` letters may be in any.
    """
    text = _ADDRESSES.sub(" ", text)
    letters = scripts.letters(text)
    if letters.total() < least:
        return None
    fitting = set().union(*map(scripts.of_language, accepted))
    [(script, _number)] = letters.most_common(1)
    if script not in fitting:
        return Finding(Sign.SCRIPT, script)
    if script == scripts.LATIN and letters[script] >= FOREIGN_LETTERS:
        return _by_words(text, accepted)
    return None


def _by_words(text: str, accepted: Collection[str]) -> Finding | None:
    latin = [each for each in accepted if scripts.LATIN in scripts.of_language(each)]
    if not set(latin) <= _TOLD_APART.keys():
        return None
    found = unknown = words.split(text)
    for each in latin:
        unknown = list(itertools.filterfalse(_TOLD_APART[each], unknown))
    known = len(found) - len(unknown)
    is_foreign = len(found) >= FOREIGN_WORDS and known < KNOWN_SHARE * len(found)
    return Finding(Sign.WORDS) if is_foreign else None
