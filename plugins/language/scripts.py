"""Which script the letters of a text belong to, and which scripts a language is written in."""

import bisect
import functools
import unicodedata
from collections import Counter
from typing import Final

from babel.core import get_global

LATIN: Final = "Latn"

# First code point of each run of blocks and the script there, in ISO 15924's four letters; empty
# where nothing is that people write comments in. Kana stand for Japanese as a whole.
_RUNS = (
    (0x0041, LATIN),
    (0x0250, ""),
    (0x0370, "Grek"),
    (0x0400, "Cyrl"),
    (0x0530, "Armn"),
    (0x0590, "Hebr"),
    (0x0600, "Arab"),
    (0x0700, "Syrc"),
    (0x0750, "Arab"),
    (0x0780, "Thaa"),
    (0x07C0, ""),
    (0x0870, "Arab"),
    (0x0900, "Deva"),
    (0x0980, "Beng"),
    (0x0A00, "Guru"),
    (0x0A80, "Gujr"),
    (0x0B00, "Orya"),
    (0x0B80, "Taml"),
    (0x0C00, "Telu"),
    (0x0C80, "Knda"),
    (0x0D00, "Mlym"),
    (0x0D80, "Sinh"),
    (0x0E00, "Thai"),
    (0x0E80, "Laoo"),
    (0x0F00, "Tibt"),
    (0x1000, "Mymr"),
    (0x10A0, "Geor"),
    (0x1100, "Hang"),
    (0x1200, "Ethi"),
    (0x13A0, ""),
    (0x1780, "Khmr"),
    (0x1800, "Mong"),
    (0x18B0, ""),
    (0x1E00, LATIN),
    (0x1F00, "Grek"),
    (0x2000, ""),
    (0x2C60, LATIN),
    (0x2C80, ""),
    (0x2DE0, "Cyrl"),
    (0x2E00, ""),
    (0x3040, "Jpan"),
    (0x3100, ""),
    (0x3130, "Hang"),
    (0x3190, ""),
    (0x3400, "Hani"),
    (0xA000, ""),
    (0xA640, "Cyrl"),
    (0xA6A0, ""),
    (0xA720, LATIN),
    (0xA800, ""),
    (0xAC00, "Hang"),
    (0xD7B0, ""),
    (0x20000, "Hani"),
    (0x40000, ""),
)
_STARTS = [start for start, _script in _RUNS]
# A character of these says as much as three letters do.
_DENSE = frozenset({"Hani", "Jpan", "Hang"})
_DENSITY = 3
# Characters; the letters of a site's languages are a few hundred.
_REMEMBERED = 4096
_LANGUAGES_REMEMBERED = 256
# What CLDR calls the scripts of East Asia, in the scripts of their letters.
_TOGETHER = {
    "Jpan": {"Jpan", "Hani"},
    "Kore": {"Hang", "Hani"},
    "Hans": {"Hani"},
    "Hant": {"Hani"},
}


def letters(text: str) -> Counter[str]:
    """Return how many letters of each script are in `text`; those of no script don't count."""
    found: Counter[str] = Counter()
    # Letters in fancy dress (bold, circled, full width) are the letters that they dress up.
    for character, number in Counter(unicodedata.normalize("NFKC", text)).items():
        script = _script(character)
        found[script] += number * (_DENSITY if script in _DENSE else 1)
    del found[""]
    return found


@functools.lru_cache(_REMEMBERED)
def _script(character: str) -> str:
    # Vowels are marks in many scripts, and letters to those who read them.
    if not (character.isalpha() or unicodedata.category(character).startswith("M")):
        return ""
    run = bisect.bisect(_STARTS, ord(character)) - 1
    return _RUNS[run][1] if run >= 0 else ""


@functools.lru_cache(_LANGUAGES_REMEMBERED)
def of_language(language: str) -> frozenset[str]:
    """Return the scripts in which `language` is written; none for a language nobody knows."""
    likely = get_global("likely_subtags").get(language, "")
    for part in likely.split("_")[1:]:
        if len(part) == 4:  # noqa: PLR2004 (a script's code)
            return frozenset(_TOGETHER.get(part, {part}))
    return frozenset()
