"""What readers type, made safe to store and to show as text."""

import functools
import re
import unicodedata
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

CHARACTERS = 1024
"""Of so many it is remembered what they are: a text has few that were in none before it."""
WORDS_KEPT = 8192
WORD_LENGTH = 32
"""Characters; longer words seldom come again, and would fill the memory."""

_LINE_ENDS = re.compile(r"\r\n?")
_BLANK_LINES = re.compile(r"\n{3,}")
_SPACES = re.compile(r"\s+")
# Joiners are letters' business in some scripts; everything else invisible can only deceive.
_JOINERS = "\u200c\u200d"
# Letters by their category, and yet nothing is seen of them.
_BLANKS = "\u115f\u1160\u2800\u3164\uffa0"
# No database takes NUL; a lone surrogate is half a character.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
# As many as any language needs on one letter; more only climb over the lines around them.
_MARKS_IN_A_ROW = 3


@functools.lru_cache(CHARACTERS)
def _is_visible(character: str) -> bool:
    if character == "\n" or character in _JOINERS:
        return True
    # Control, format (bidi overrides among them), lone surrogate, private, unassigned.
    return character not in _BLANKS and not unicodedata.category(character).startswith("C")


@functools.lru_cache(CHARACTERS)
def _is_mark(character: str) -> bool:
    return unicodedata.category(character).startswith("M")


# A text has ten times fewer characters that differ than it has characters.
def _without_hidden(text: str) -> str:
    hidden = {character for character in set(text) if not _is_visible(character)}
    return "".join(each for each in text if each not in hidden) if hidden else text


def _without_towers(text: str) -> str:
    if not any(map(_is_mark, set(text))):
        return text
    kept = []
    marks = 0
    for character in text:
        marks = marks + 1 if _is_mark(character) else 0
        if marks <= _MARKS_IN_A_ROW:
            kept.append(character)
    return "".join(kept)


def _is_readable(text: str) -> bool:
    return any(unicodedata.category(character)[0] in "LNPS" for character in text)


def clean_text(text: str) -> str:
    """Return `text` in NFC, trimmed, without invisible characters and runs of blank lines.

    Of a text in which nothing can be read, nothing is left.
    """
    text = _LINE_ENDS.sub("\n", text).replace("\t", " ")
    text = unicodedata.normalize("NFC", _without_hidden(text))
    text = unicodedata.normalize("NFC", _without_towers(text))
    text = _BLANK_LINES.sub("\n\n", text).strip()
    return text if _is_readable(text) else ""


def clean_line(text: str) -> str:
    """Return `text` cleaned, on one line, with single spaces."""
    return _SPACES.sub(" ", clean_text(text)).strip()


def by_word(read: Callable[[str], T]) -> Callable[[str], list[T]]:
    """Return what reads a text by what stands between its spaces, and remembers the usual words.

    For a `read` to which neighbours make no difference: each text is made of words that others had.
    """
    again = functools.lru_cache(WORDS_KEPT)(read)

    def of_text(text: str) -> list[T]:
        words = text.split(" ")
        return [again(word) if len(word) <= WORD_LENGTH else read(word) for word in words]

    return of_text


def is_storable(text: str) -> bool:
    """Tell whether every database takes `text`: no NUL and no lone surrogate."""
    return _UNSTORABLE.search(text) is None
