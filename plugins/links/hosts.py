"""What a host's name tells: numbers, letters of other scripts, likeness to a name people trust."""

# ruff: noqa: RUF001 (letters that look like others are what it is about)

import functools
import re
import unicodedata
from typing import Final

# Under these only public bodies and schools get a name, so nobody there feigns to be one.
_VOUCHED_FOR = ("gov.vn", "edu.vn")
# Before a country's two letters these belong to the suffix, not to the name.
_SECOND_LEVEL = frozenset(
    ("com", "net", "org", "edu", "gov", "co", "ac", "biz", "info", "name", "pro", "health", "int")
)
_NUMBER = re.compile(r"(?:0x[0-9a-f]*|[0-9]+)(?:\.(?:0x[0-9a-f]*|[0-9]+)){0,3}")
# Scripts that are written together in one word.
_EAST_ASIAN = frozenset({"CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "HANGUL", "LATIN"})

SHORT_NAME: Final = 5
"""A shorter name is a part of too many others."""
LONG_NAME: Final = 8
"""In a name as long as this, one letter's difference is no chance."""

# Letters that look like others: those of Cyrillic, Greek, Armenian and rarer Latin ones, each
# under the one that it passes for; then digits that are read as letters.
_LOOKS_LIKE = {
    "a": "аαɑ",
    "b": "вƅьъ",
    "c": "сϲ",
    "d": "ԁđð",
    "e": "еєεҽ",
    "f": "ƒ",
    "g": "ɡгց",
    "h": "һнհ",
    "i": "іιı",
    "j": "јϳ",
    "k": "кκ",
    "l": "ӏłɩ|",
    "m": "м",
    "n": "пηոŋ",
    "o": "оοօø",
    "p": "рρ",
    "q": "ԛգ",
    "r": "ʀ",
    "s": "ѕ",
    "t": "тτŧ",
    "u": "υսʋ",
    "v": "ѵν",
    "w": "ԝωшɯ",
    "x": "хχ",
    "y": "уγүʏ",
    "z": "ʐ",
}
_LEET = {"0": "o", "1": "l", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b", "9": "g", "i": "l"}
_FOLDED = str.maketrans({other: plain for plain, others in _LOOKS_LIKE.items() for other in others})
_READ_AS = str.maketrans(_LEET)


def readable(host: str) -> str:
    """Return `host` with its xn-- labels as the letters they stand for."""
    return ".".join(_readable_label(label) for label in host.split("."))


def _readable_label(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        return label.removeprefix("xn--").encode("ascii").decode("punycode")
    except UnicodeError:
        return label


def is_number(host: str) -> bool:
    """Tell whether `host` is an IP address, in any of the ways that browsers read one."""
    return host.startswith("[") or _NUMBER.fullmatch(host) is not None


def is_international(host: str) -> bool:
    return not host.isascii() or any(label.startswith("xn--") for label in host.split("."))


def mixes_scripts(host: str) -> bool:
    """Tell whether a label of `host` has letters of scripts that aren't written together."""
    return any(
        len(scripts) > 1 and not scripts <= _EAST_ASIAN
        for scripts in map(_scripts, readable(host).split("."))
    )


def _scripts(label: str) -> set[str]:
    return {unicodedata.name(c, "?").partition(" ")[0] for c in label if c.isalpha()}


def is_within(host: str, domain: str) -> bool:
    return host == domain or host.endswith(f".{domain}")


@functools.lru_cache(maxsize=1024)
def domain_of(host: str) -> str:
    """Return what somebody registered: `a.b.com.vn` belongs to `b.com.vn`."""
    labels = host.split(".")
    is_country = len(labels[-1]) == 2  # noqa: PLR2004 (a country's two letters)
    has_second = len(labels) > 2 and is_country and labels[-2] in _SECOND_LEVEL  # noqa: PLR2004
    return ".".join(labels[-3 if has_second else -2 :])


@functools.lru_cache(maxsize=1024)
def skeleton(host: str) -> str:
    """Return what a hasty reader takes `host` for; hosts that look alike have the same."""
    text = unicodedata.normalize("NFKD", readable(host).casefold()).translate(_FOLDED)
    text = "".join(c for c in text if not unicodedata.combining(c)).translate(_READ_AS)
    return text.replace("rn", "m").replace("vv", "w")


# The same hosts come again: those of people's mail, and the one that a wave advertises.
@functools.lru_cache(maxsize=16_384)
def imitates(host: str, real: str, *, by_name: bool) -> bool:
    """Tell whether `host` could pass for `real`.

    It does if it has the whole of `real` in it, or differs from it by one letter. `by_name`: also
    if it bears the name alone, whatever stands around it.
    """
    if domain_of(host) == domain_of(real) or is_within(host, real):
        return False
    if not is_international(host) and any(is_within(host, domain) for domain in _VOUCHED_FOR):
        return False
    seen, wanted = skeleton(host).replace("-", "."), skeleton(real).replace("-", ".")
    if f".{wanted}." in f".{seen}.":
        return True
    if _is_near(skeleton(domain_of(host)), skeleton(domain_of(real))):
        return True
    return by_name and _bears(seen, skeleton(domain_of(real).partition(".")[0]))


def _bears(seen: str, name: str) -> bool:
    if len(name) < SHORT_NAME:
        return False
    parts = seen.split(".")[:-1]
    if len(name) < LONG_NAME:
        return name in parts
    return any(name in part or _is_near(part, name) for part in parts)


def _is_near(one: str, other: str) -> bool:
    """Tell whether one letter was changed, added or left out, or two neighbours swapped."""
    if min(len(one), len(other)) < LONG_NAME or abs(len(one) - len(other)) > 1:
        return False
    shared = next(
        (i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b),
        min(len(one), len(other)),
    )
    here, there = one[shared:], other[shared:]
    return (
        here[1:] == there[1:]
        or here[1:] == there
        or here == there[1:]
        or (here[:2] == there[:2][::-1] and here[2:] == there[2:])
    )
