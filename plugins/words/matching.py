"""Finds listed words in a text, in time that grows with the text and not with the lists."""

import bisect
import dataclasses
import functools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import ahocorasick  # type: ignore[import-not-found]

from comments_service.api import by_word

from .lists import Action, Entry
from .spelling import READINGS, Word, clean, exact_words_and_ends, words_of, words_with_signs

# Fewer letters than these, spelled out or joined, are other things: initials, or "demo".
_SPELLED_LENGTH = range(3, 25)
_JOINED_LENGTH = 6
_SHORTEST_FOLDED = 2
_ONE_SYLLABLE = re.compile("[^aeiouy]*[aeiouy]+[^aeiouy]*")
# A Vietnamese text has marks on three words of four; one in four is enough to call it marked.
_MARKED_SHARE = 4


@dataclasses.dataclass(frozen=True, slots=True)
class Hit:
    """A listed word in a text, and the text's words that it covers."""

    entry: Entry
    first: int
    end: int
    is_exact: bool


@dataclasses.dataclass(frozen=True, slots=True)
class _Pattern:
    entry: Entry
    length: int
    """In words of the text."""
    is_disguise: bool
    """Joined or spelled out: nobody writes so by chance."""


class _Piece(NamedTuple):
    """A part of a text in every form that lists are compared by, each word with a space behind."""

    words: Sequence[Word]
    exact: str
    folded: Sequence[str]


@by_word
def _pieces(text: str) -> _Piece:
    cleaned = clean(text)
    words = words_with_signs(cleaned)
    readings = zip(*[word.folded for word in words], strict=True) if words else [()] * READINGS
    exact = exact_words_and_ends(cleaned)
    return _Piece(words, _spaced(exact), [_spaced(keys) for keys in readings])


class Text:
    """A text read once, for any number of lists."""

    def __init__(self, text: str) -> None:
        self._pieces = _pieces(text)
        self.exact = " " + "".join([piece.exact for piece in self._pieces])
        by_reading = zip(*[piece.folded for piece in self._pieces], strict=True)
        self.folded = [f" {folded}" for folded in dict.fromkeys(map("".join, by_reading))]

    # What follows is asked only where a listed word was found.
    @functools.cached_property
    def words(self) -> Sequence[Word]:
        return [word for piece in self._pieces for word in piece.words]

    @functools.cached_property
    def is_marked(self) -> bool:
        marked = [word.is_marked for word in self.words if word.is_lettered]
        return _MARKED_SHARE * sum(marked) >= len(marked) > 0


class Matcher:
    """The words of one list, compiled."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        exact: dict[str, _Pattern] = {}
        folded: dict[str, _Pattern] = {}
        # Where a list says two things of one word, it allows it; else the stricter holds.
        for entry in sorted(
            entries, key=lambda entry: (entry.action is not Action.ALLOW, -entry.action)
        ):
            keys = [word.exact for word in entry.words]
            exact.setdefault(_key(keys), _Pattern(entry, len(keys), is_disguise=False))
            for key, pattern in _folded_patterns(entry):
                known = folded.get(key)
                # Of two words that fold alike, the one that is found more easily.
                if known is None or (known.entry.is_exact and not entry.is_exact):
                    folded[key] = pattern
        self._exact = _automaton(exact)
        self._folded = _automaton(folded)

    def exact_hits(self, text: Text) -> Iterator[Hit]:
        if self._exact:
            for pattern, end in _occurrences(self._exact, text.exact):
                yield Hit(pattern.entry, end - pattern.length, end, is_exact=True)

    def folded_hits(self, text: Text) -> Iterator[Hit]:
        if self._folded:
            for folded in text.folded:
                for pattern, end in _occurrences(self._folded, folded):
                    first = end - pattern.length
                    if _is_meant(pattern, text.words[first:end], is_marked=text.is_marked):
                        yield Hit(pattern.entry, first, end, is_exact=False)


def _key(keys: Iterable[str]) -> str:
    """Return words in a row, each between spaces: so that none is found inside another."""
    return f" {_spaced(keys)}"


def _spaced(keys: Iterable[str]) -> str:
    return "".join([f"{key} " for key in keys])


def _automaton(patterns: Mapping[str, _Pattern]) -> Any:  # noqa: ANN401 (None if there are none)
    if not patterns:
        return None
    automaton = ahocorasick.Automaton()
    for key, pattern in patterns.items():
        automaton.add_word(key, pattern)
    automaton.make_automaton()
    return automaton


def _occurrences(automaton: Any, text: str) -> Iterator[tuple[_Pattern, int]]:  # noqa: ANN401
    """Yield each pattern found, and the number of the word after it."""
    end = counted = 0
    for at, pattern in automaton.iter(text):
        end += text.count(" ", counted, at)
        counted = at
        yield pattern, end


def _folded_patterns(entry: Entry) -> Iterator[tuple[str, _Pattern]]:
    """Yield what the entry can be written as: plainly, in one word, letter by letter."""
    bare = "".join(word.bare for word in entry.words)
    if len(bare) < _SHORTEST_FOLDED:
        return
    length = len(entry.words)
    yield _key(word.listed for word in entry.words), _Pattern(entry, length, is_disguise=False)
    if entry.action is Action.ALLOW:
        return
    if length == len(bare) or (
        length > 1 and len(bare) >= _JOINED_LENGTH and not _ONE_SYLLABLE.fullmatch(bare)
    ):
        yield _key(word.listed for word in words_of(bare)), _Pattern(entry, 1, is_disguise=True)
    if len(bare) in _SPELLED_LENGTH and bare.isalpha():
        letters = [letter.listed for letter in words_of(" ".join(bare))]
        yield _key(letters), _Pattern(entry, len(letters), is_disguise=True)


def _is_meant(pattern: _Pattern, words: Sequence[Word], *, is_marked: bool) -> bool:
    """Tell whether words that fold to a listed one are it in disguise, and not words of their own.

    In a text with marks, what is written as Vietnamese is written means what it says: "các" is
    not "cặc". A text without marks says nothing of the kind; there, an exact entry takes more than
    missing marks.
    """
    if pattern.entry.action is Action.ALLOW:
        return True
    if is_marked and all(word.is_vietnamese for word in words):
        return False
    if pattern.is_disguise or not pattern.entry.is_exact:
        return True
    return any(
        word.bare != listed.bare for word, listed in zip(words, pattern.entry.words, strict=True)
    )


def find(text: Text, matchers: Sequence[Matcher]) -> list[tuple[int, Hit]]:
    """Return the hits of all lists, each with its list's number, without those that are allowed.

    A listed word within an allowed phrase is no hit; and a disguised one is none where the text
    has the same entry undisguised.
    """
    exact = _find(enumerate(matcher.exact_hits(text) for matcher in matchers))
    said = {hit.entry.text for _, hit in exact}
    folded = _find(enumerate(matcher.folded_hits(text) for matcher in matchers))
    return [*exact, *(each for each in folded if each[1].entry.text not in said)]


def _find(by_list: Iterable[tuple[int, Iterator[Hit]]]) -> list[tuple[int, Hit]]:
    found = [(number, hit) for number, hits in by_list for hit in hits]
    if not found:
        return found
    allowed = _Spans((hit.first, hit.end) for _, hit in found if hit.entry.action is Action.ALLOW)
    return [
        (number, hit)
        for number, hit in found
        if hit.entry.action is not Action.ALLOW and not allowed.cover(hit.first, hit.end)
    ]


class _Spans:
    """Stretches of a text, those that lie within others left out."""

    def __init__(self, spans: Iterable[tuple[int, int]]) -> None:
        self._firsts: list[int] = []
        self._ends: list[int] = []
        for first, end in sorted(set(spans), key=lambda span: (span[0], -span[1])):
            if not self._ends or end > self._ends[-1]:
                self._firsts.append(first)
                self._ends.append(end)

    def cover(self, first: int, end: int) -> bool:
        at = bisect.bisect_right(self._firsts, first) - 1
        return at >= 0 and self._ends[at] >= end
