# ruff: noqa: PLR2004, RUF001, S311 (a script; chance is its business)
"""Composes labelled comments, Vietnamese and English, for measuring filters.

Nothing in it was taken from anybody: phrases.json is of our own writing, and the wanted comments
of the demonstration are too. A comment is a template with its slots filled, often with an opening
and a closing that wanted and unwanted ones share, and then written as people write: without
accents, in lower case, in capitals; spam is also disguised.

    python benchmarks/filters/corpus.py --count 20 --seed 1      prints some, as JSON lines

What is learned and what is tested never share a template (`Split.by_template`), or not even a
family (`Split.by_family`).
"""

import argparse
import dataclasses
import json
import re
import sys
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

HERE = Path(__file__).parent
PHRASES: Mapping[str, Any] = json.loads((HERE / "phrases.json").read_text())
DEMO_THREADS = HERE.parent.parent / "plugins" / "comments" / "demo_threads.json"
VIETNAMESE_SHARE = 0.75
DEMO_SHARE = 0.4
"""Of wanted Vietnamese comments: how many are the demonstration's, each written by itself."""
DISGUISED_SHARE = 0.4
ONE_IN_THREE = 3


@dataclasses.dataclass(frozen=True)
class Comment:
    author: str
    text: str
    is_spam: bool
    family: str
    template: str
    """What it was made from; comments of one template resemble each other."""


@dataclasses.dataclass(frozen=True)
class Template:
    family: str
    text: str
    language: str
    is_spam: bool
    author: str = ""
    """Empty: drawn anew for every comment."""

    @property
    def is_whole(self) -> bool:
        """Tell whether it is a comment already, by its author's hand."""
        return bool(self.author)


def templates() -> list[Template]:
    """Return every template, the demonstration's comments among them."""
    found = [
        Template(family, text, language, label == "spam")
        for label in ("wanted", "spam")
        for family, by_language in PHRASES[label].items()
        for language, texts in by_language.items()
        for text in texts
    ]
    for thread in json.loads(DEMO_THREADS.read_text())["threads"]:
        for said in (thread, *thread["replies"]):
            family = f"demo-{thread['topic']}"
            found.append(Template(family, said["text"], "vi", is_spam=False, author=said["name"]))
    return found


@dataclasses.dataclass(frozen=True)
class Split:
    """Templates to learn from, and others to be tested with."""

    learned: Sequence[Template]
    tested: Sequence[Template]

    @classmethod
    def by_template(cls, random: Random) -> "Split":
        """Keep a third of every family's templates for the test."""
        return cls._parted(random, lambda each: (each.family, each.language, each.is_whole))

    @classmethod
    def by_family(cls, random: Random) -> "Split":
        """Keep a third of the families for the test, so that not even their subject was seen."""
        every = templates()
        kept: set[str] = set()
        for is_spam in (False, True):
            names = sorted({each.family for each in every if each.is_spam is is_spam})
            random.shuffle(names)
            kept.update(names[: len(names) // ONE_IN_THREE])
        return cls(
            [each for each in every if each.family not in kept],
            [each for each in every if each.family in kept],
        )

    @classmethod
    def _parted(cls, random: Random, group: Callable[[Template], tuple[object, ...]]) -> "Split":
        groups: dict[tuple[object, ...], list[Template]] = {}
        for each in templates():
            groups.setdefault(group(each), []).append(each)
        learned: list[Template] = []
        tested: list[Template] = []
        for members in groups.values():
            random.shuffle(members)
            count = max(1, len(members) // ONE_IN_THREE)
            tested += members[:count]
            learned += members[count:]
        return cls(learned, tested)


def compose(
    random: Random, chosen: Sequence[Template], count: int, *, spam_share: float = 0.5
) -> Iterator[Comment]:
    """Yield `count` comments made from the `chosen` templates."""
    pools: dict[tuple[object, ...], list[Template]] = {}
    for each in chosen:
        pools.setdefault((each.is_spam, each.language, each.is_whole), []).append(each)
    for _ in range(count):
        is_spam = random.random() < spam_share
        language = "vi" if random.random() < VIETNAMESE_SHARE else "en"
        is_whole = not is_spam and language == "vi" and random.random() < DEMO_SHARE
        pool = pools.get((is_spam, language, is_whole)) or pools[is_spam, language, False]
        yield _write(random, random.choice(pool))


def _write(random: Random, template: Template) -> Comment:
    text = template.text
    author = template.author
    if not template.is_whole:
        opening = random.choice(PHRASES["openings"][template.language])
        closing = random.choice(PHRASES["closings"][template.language])
        text = _filled(random, opening + text + closing)
        names = PHRASES["names"]["spam" if template.is_spam else "wanted"]
        author = _filled(random, random.choice(names))
    if template.is_spam and random.random() < DISGUISED_SHARE:
        text = random.choice(DISGUISES)(random, text)
    text = random.choice(HABITS)(random, text)
    return Comment(author, text, template.is_spam, template.family, template.text)


def _filled(random: Random, text: str) -> str:
    """Fill the slots of `text`, and those of what fills them."""
    while "{" in text:
        text = re.sub(r"\{(\w+)\}", lambda m: random.choice(PHRASES["slots"][m[1]]), text)
    return text


# --- Habits of all, and disguises of spam -------------------------------------------------------


def _unchanged(random: Random, text: str) -> str:
    del random
    return text


def _without_accents(random: Random, text: str) -> str:
    del random
    bare = unicodedata.normalize("NFD", text).replace("đ", "d").replace("Đ", "D")
    return "".join(c for c in bare if not unicodedata.combining(c))


def _lower(random: Random, text: str) -> str:
    del random
    return text.lower()


def _in_haste(random: Random, text: str) -> str:
    short = {"không": "ko", "được": "dc", "gì": "j", "rồi": "r", "với": "vs", "you": "u"}
    words = [short.get(word, word) if random.random() < 0.8 else word for word in text.split(" ")]
    return " ".join(words).rstrip(".")


def _capitals(random: Random, text: str) -> str:
    del random
    return text.upper()


def _in_words(change: Callable[[Random, str], str], share: float) -> Callable[[Random, str], str]:
    def changed(random: Random, text: str) -> str:
        return " ".join(
            change(random, word) if len(word) > 2 and random.random() < share else word
            for word in text.split(" ")
        )

    return changed


def _dotted(random: Random, word: str) -> str:
    return random.choice(".-_* ").join(word)


def _with_digits(random: Random, word: str) -> str:
    del random
    return word.translate(str.maketrans("oieas", "01345"))


def _with_lookalikes(random: Random, word: str) -> str:
    del random
    # Cyrillic letters that look like the Latin ones.
    return word.translate(str.maketrans("aeopcxy", "аеорсху"))


def _styled(random: Random, text: str) -> str:
    del random
    # Mathematical bold letters, which phones offer as a font.
    return "".join(
        chr(0x1D41A + ord(c) - ord("a")) if "a" <= c <= "z" else c
        for c in unicodedata.normalize("NFD", text)
    )


def _decorated(random: Random, text: str) -> str:
    marks = PHRASES["slots"]["emoji"]
    return "".join(
        word + (random.choice(marks) if random.random() < 0.2 else " ") for word in text.split(" ")
    )


HABITS = (_unchanged, _unchanged, _unchanged, _unchanged, _lower, _without_accents, _in_haste)
DISGUISES = (
    _in_words(_dotted, 0.3),
    _in_words(_with_digits, 0.6),
    _in_words(_with_lookalikes, 0.6),
    _styled,
    _decorated,
    _capitals,
    _without_accents,
)


def main() -> None:
    parser = argparse.ArgumentParser(description="Print labelled comments as JSON lines.")
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--spam", type=float, default=0.5, help="share of spam, 0 to 1")
    asked = parser.parse_args()
    random = Random(asked.seed)
    for comment in compose(random, templates(), asked.count, spam_share=asked.spam):
        line = json.dumps(dataclasses.asdict(comment), ensure_ascii=False)
        sys.stdout.write(line + "\n")


if __name__ == "__main__":
    main()
