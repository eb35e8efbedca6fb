"""The rules: which lists a comment is held against, and what becomes of it."""

import dataclasses
import functools
from collections.abc import Sequence
from pathlib import Path

from comments_service.api import Outcome

from .lists import FOLDER, Action, entries, read
from .matching import Hit, Matcher, Text, find

SITE = "site"
OPERATOR = "operator"
# Sites whose own words stay compiled; the starter lists and the operator's file are shared by all.
_SITES_KEPT = 128
_FILES_KEPT = 16
_OUTCOMES = {Action.HOLD: Outcome.HOLD, Action.REJECT: Outcome.REJECT}


@dataclasses.dataclass(frozen=True)
class Lists:
    """What one site's comments are held against."""

    starters: tuple[str, ...] = ()
    file: Path | None = None
    reject: tuple[str, ...] = ()
    hold: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class Finding:
    """A listed word that a comment has."""

    word: str
    source: str
    """SITE, OPERATOR, or the name of a starter list."""
    outcome: Outcome
    is_disguised: bool
    """Written otherwise than it is listed, or without its marks."""


def judge(lists: Lists, texts: Sequence[str]) -> list[Finding]:
    """Return the listed words in `texts`, the worst first, each once."""
    named = _matchers(lists)
    names, matchers = list(named), list(named.values())
    found: dict[str, Finding] = {}
    for text in texts:
        for number, hit in find(Text(text), matchers):
            finding = _finding(hit, names[number])
            known = found.get(finding.word)
            if known is None or known.outcome < finding.outcome:
                found[finding.word] = finding
    return sorted(found.values(), key=lambda finding: -finding.outcome)


def _finding(hit: Hit, source: str) -> Finding:
    # Without its marks a word may be another one: only a person can tell.
    outcome = _OUTCOMES[hit.entry.action] if hit.is_exact else Outcome.HOLD
    return Finding(hit.entry.text, source, outcome, is_disguised=not hit.is_exact)


def _matchers(lists: Lists) -> dict[str, Matcher]:
    named = {SITE: _of_words(lists.reject, lists.hold, lists.allow)}
    if lists.file:
        # Read again as soon as the operator has changed it.
        state = lists.file.stat()
        named[OPERATOR] = _of_file(lists.file, state.st_mtime_ns, state.st_size)
    for name in lists.starters:
        named[name] = _of_starter(name)
    return named


@functools.lru_cache(_SITES_KEPT)
def _of_words(reject: tuple[str, ...], hold: tuple[str, ...], allow: tuple[str, ...]) -> Matcher:
    return Matcher(
        [
            *entries(reject, Action.REJECT),
            *entries(hold, Action.HOLD),
            *entries(allow, Action.ALLOW),
        ]
    )


@functools.cache
def _of_starter(name: str) -> Matcher:
    return Matcher(read(FOLDER / f"{name}.txt"))


@functools.lru_cache(_FILES_KEPT)
def _of_file(file: Path, changed: int, size: int) -> Matcher:
    del changed, size
    return Matcher(read(file))
