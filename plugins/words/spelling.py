"""Words as lists and comments spell them, made comparable: with their marks, and without."""

import dataclasses
import functools
import re
import unicodedata
from collections.abc import Sequence
from typing import Final

from .vietnamese import is_syllable, part

# What is drawn as nothing, or across letters: with it a word looks the same and is another.
_UNSEEN = [
    *(0xAD, 0x34F, 0x61C, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFEFF, 0xFFA0),
    *(0x305, 0x332, 0x333, 0x33F, *range(0x334, 0x339)),
    *(*range(0x180B, 0x180F), *range(0x200B, 0x2010), *range(0x202A, 0x202F)),
    *(*range(0x2060, 0x2070), *range(0xFE00, 0xFE10), *range(0xE0000, 0xE0200)),
]
# Letters of other scripts that are drawn like Latin ones; capitals go before they are made small.
_LOOK_ALIKES = str.maketrans(
    "АВЕЅІЈКМНОРСТУХԜаеѕіјкорсухһԁԛԝ"
    "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧαινορυ"  # noqa: RUF001 (they are meant)
    "ıɑɡ"  # noqa: RUF001
    "ҺԀԚᲂᲃⱭꞬ",
    "ABESIJKMHOPCTYXWaesijkopcyxhdqwABEZHIKMNOPTYXaivopuiaghdqocag",
)
_UNDISGUISE = {**dict.fromkeys(_UNSEEN), **_LOOK_ALIKES}

_MARKS = "".join(
    chr(code) for code in range(0x300, 0x2000) if unicodedata.category(chr(code)) in ("Mn", "Mc")
)
_WORD = rf"[^\W_]|[{_MARKS}]"
END = "\n"
"""Stands among words where a sentence or a part of it ends: no phrase goes on across it."""
_END = re.compile(r"[.,;:!?]+(?=\s|$)|[\r\n\u2028\u2029]+")
_WORDS = re.compile(rf"(?:{_WORD})+")
_WORDS_AND_ENDS = re.compile(rf"(?:{_WORD})+|{END}")
_LETTER = r"[^\W\d_]"
_BETWEEN_LETTERS = r"[.*_-]"
# A word spelled out, "v.c.l", is one word here.
_WORDS_AND_SIGNS = re.compile(
    rf"(?<![^\W_]){_LETTER}(?:{_BETWEEN_LETTERS}{_LETTER})+(?![^\W_])|(?:{_WORD}|[@$])+"
)
_LATIN_MARKS = re.compile("[\u0300-\u036f]")

_LEET_I = str.maketrans("4031@5$", "aoeiass")
_LEET_L = str.maketrans("4031@5$", "aoelass")
_REPEATED = re.compile(r"(.)\1+")
_REPEATED_TWICE = re.compile(r"(.)\1\1+")
_TEENCODE = {
    **dict.fromkeys(("k", "ko", "kg", "kh", "hok", "khum"), "khong"),
    "dc": "duoc",
    "j": "gi",
    "vs": "voi",
}
# In this order: a later one may meet what an earlier one made.
_SOUNDS = (
    (re.compile(r"^j(?=[aeiouy])"), "gi"),
    (re.compile(r"j"), "i"),
    (re.compile(r"z"), "d"),
    (re.compile(r"ph"), "f"),
    (re.compile(r"qu"), "w"),
    # "kh" is a sound of its own; "ck" is English.
    (re.compile(r"^k(?!h)|(?<=[aeiouy])k$"), "c"),
    (re.compile(r"(?<=[bcdfghlmnprstvwx])y"), "i"),
)
# Longer ones are no words, and would fill the memory.
_REMEMBERED_LENGTH = 24
_REMEMBERED = 32_768


@dataclasses.dataclass(frozen=True, slots=True)
class Word:
    """One word in every form that lists are compared by."""

    exact: str
    """With its marks, the tone moved to the end: "hòa" and "hoà" are one."""
    bare: str
    """Without marks."""
    folded: tuple[str, ...]
    """Without disguises: as many readings as a disguise allows, always in the same order."""
    is_lettered: bool
    """Nothing but letters."""
    is_marked: bool
    is_vietnamese: bool

    @property
    def listed(self) -> str:
        """How a list means it: its double letters are no disguise."""
        return self.folded[-1]


def clean(text: str) -> str:
    """Return `text` in small letters of one script, with no character that can't be seen."""
    shown = unicodedata.normalize("NFKC", text).translate(_UNDISGUISE)
    folded = unicodedata.normalize("NFKC", shown.casefold())
    # A Greek iota may stand below another letter, and comes out of it only now.
    return folded.translate(_UNDISGUISE) if "ι" in folded else folded  # noqa: RUF001


def words_of(cleaned: str) -> list[Word]:
    return _read(_WORDS.findall(cleaned))


def exact_words_and_ends(cleaned: str) -> list[str]:
    """Return the words in their exact form, and END where a part of a sentence ends."""
    read = _read(_WORDS_AND_ENDS.findall(_END.sub(END, cleaned)))
    return [word.exact for word in read]


def words_with_signs(cleaned: str) -> list[Word]:
    """Return the words, of which "@" and "$" are letters too, and "v.c.l" is one."""
    return _read(_WORDS_AND_SIGNS.findall(cleaned))


def _read(written: Sequence[str]) -> list[Word]:
    is_short = len(max(written, key=len, default="")) <= _REMEMBERED_LENGTH
    return list(map(_read_again if is_short else _read_once, written))


def _read_once(written: str) -> Word:
    letters, tone = part(written)
    bare = bare_of(letters)
    return Word(
        exact=letters + tone,
        bare=bare,
        folded=readings(re.sub(_BETWEEN_LETTERS, "", bare)),
        is_lettered=bare.isalpha(),
        is_marked=bool(tone) or letters != bare,
        is_vietnamese=is_syllable(letters, tone),
    )


_read_again = functools.lru_cache(_REMEMBERED)(_read_once)


def bare_of(letters: str) -> str:
    decomposed = unicodedata.normalize("NFD", letters.replace("đ", "d"))
    return unicodedata.normalize("NFC", _LATIN_MARKS.sub("", decomposed))


READINGS: Final = 4


def readings(bare: str) -> tuple[str, ...]:
    """Return what a bare word can be read as.

    A 1 stands for i or l; a repeated letter for one, or for the two that a word really has.
    """
    return tuple(
        fold(bare, leet, repeated)
        for repeated in ((_REPEATED, r"\1"), (_REPEATED_TWICE, r"\1\1"))
        for leet in (_LEET_I, _LEET_L)
    )


def fold(bare: str, leet: dict[int, int], repeated: tuple[re.Pattern[str], str]) -> str:
    pattern, kept = repeated
    digits = sum(sign.isdigit() for sign in bare)
    # "5$" and "3m" are a price and a length, "a10000" is a number.
    if any(sign.isalpha() for sign in bare) and len(bare) - digits >= max(digits, 2):
        bare = bare.translate(leet)
    if not bare.isalpha():
        return bare
    folded = pattern.sub(kept, bare)
    folded = _TEENCODE.get(folded, folded)
    for sound, written in _SOUNDS:
        folded = sound.sub(written, folded)
    return pattern.sub(kept, folded)
