"""Finds listed words in a text, in time that grows with the text and not with the lists."""

import bisect
import dataclasses
import functools
import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import ahocorasick  # type: ignore[import-not-found]

from .lists import Action, Entry
from .spelling import Word, clean, exact_words_and_ends, words_of, words_with_signs

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


class Text:
    """A text read once, for any number of lists."""

    def __init__(self, text: str) -> None:
        cleaned = clean(text)
        self.words = words_with_signs(cleaned)
        self.exact = _Stream(exact_words_and_ends(cleaned))
        by_reading = zip(*(word.folded for word in self.words), strict=True)
        self.folded = [_Stream(keys) for keys in dict.fromkeys(by_reading)]
        lettered = [word for word in self.words if word.bare.isalpha()]
        marked = sum(word.is_marked for word in lettered)
        self.is_marked = _MARKED_SHARE * marked >= len(lettered) > 0


class _Stream:
    """Words in a row, each between spaces: so that none is found inside another."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._keys = keys
        self.text = f" {' '.join(keys)} "

    @functools.cached_property
    def _ends(self) -> list[int]:
        # Most texts have nothing to be found in them.
        return list(itertools.accumulate(len(key) + 1 for key in self._keys))

    def find(self, patterns: "ahocorasick.Automaton") -> Iterator[tuple[_Pattern, int]]:
        """Yield each pattern found, and the number of the word after it."""
        for at, pattern in patterns.iter(self.text):
            yield pattern, bisect.bisect_left(self._ends, at) + 1


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
            for pattern, end in text.exact.find(self._exact):
                yield Hit(pattern.entry, end - pattern.length, end, is_exact=True)

    def folded_hits(self, text: Text) -> Iterator[Hit]:
        if self._folded:
            for stream in text.folded:
                for pattern, end in stream.find(self._folded):
                    first = end - pattern.length
                    if _is_meant(pattern, text.words[first:end], is_marked=text.is_marked):
                        yield Hit(pattern.entry, first, end, is_exact=False)


def _key(keys: Iterable[str]) -> str:
    return f" {' '.join(keys)} "


def _automaton(patterns: Mapping[str, _Pattern]) -> Any:  # noqa: ANN401 (None if there are none)
    if not patterns:
        return None
    automaton = ahocorasick.Automaton()
    for key, pattern in patterns.items():
        automaton.add_word(key, pattern)
    automaton.make_automaton()
    return automaton


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
