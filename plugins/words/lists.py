"""Word lists: what stands in a file or in a site's settings, and what each line means."""

import dataclasses
import enum
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from .spelling import Word, clean, words_of

FOLDER = Path(__file__).parent / "starters"
STARTERS = tuple(sorted(file.stem for file in FOLDER.glob("*.txt")))
EXACT = "="
_SECTION = re.compile(r"\[(.*)\]")


class Action(enum.IntEnum):
    """What a list wants of a comment with one of its words."""

    ALLOW = 0
    """Nothing, and not of the listed words within this one either."""
    HOLD = 1
    REJECT = 2


@dataclasses.dataclass(frozen=True, slots=True)
class Entry:
    """One listed word or phrase."""

    text: str
    action: Action
    is_exact: bool
    """Without its marks it is another, common word: only a disguise betrays it."""
    words: tuple[Word, ...]


def entry(line: str, action: Action) -> Entry | None:
    """Return what a list's line says; None for one without a word."""
    text = line.removeprefix(EXACT).strip()
    words = tuple(words_of(clean(text)))
    return Entry(text, action, line.startswith(EXACT), words) if words else None


def entries(lines: Iterable[str], action: Action) -> list[Entry]:
    return [found for line in lines if (found := entry(line.strip(), action))]


def parse(text: str) -> Iterator[Entry]:
    """Yield the entries of a list's file: `[reject]`, `[hold]` and `[allow]`, one a line.

    Raises ValueError for a section of another name. What stands before any is held.
    """
    action = Action.HOLD
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.partition("#")[0].strip()
        if section := _SECTION.fullmatch(stripped):
            name = section[1].strip().upper()
            if name not in Action.__members__:
                raise ValueError(f"line {number}: {stripped} is not [reject], [hold] or [allow]")
            action = Action[name]
        elif found := entry(stripped, action):
            yield found


def read(file: Path) -> list[Entry]:
    """Return the entries of `file`; ValueError names what is wrong with it."""
    # Editors of Windows begin a file with a mark.
    return list(parse(file.read_text(encoding="utf-8-sig")))
