"""Finds addresses of web pages in a text, those too that are written so as not to be found."""

import dataclasses
import functools
import re
import unicodedata
from typing import Final
from urllib.parse import unquote

from linkify_it.tlds import TLDS

HOST_LENGTH: Final = 253

_TOP_LEVEL = frozenset(name.lower() for name in TLDS)
# Top-level domains that are Vietnamese words as people type them without marks, or ends of file
# names: after a full stop without a space they are no address unless something else says so.
_WORDS = """
ac ai am ao au ba be bi bo bom boo ca cam cat ci co cu day do eu ga gap gi gu hot hu id im
in it ke ki kia kim la lat li loan lu ly ma man map me men mit mo moe moi mom mu my na ne
ngo ni no nu om ong pa pe pet pin re rip ro sa se si so song su to tui ua uy va ve vi vu
xin ye
"""
_FILES = "md mov pl ps py rs sh zip"
_NEEDS_MORE = frozenset(f"{_WORDS} {_FILES}".split())
_WORTH_HIDING = "com|net|org|vn|info|xyz|top|site|online|club|shop|vip|biz|me|io|cc|win|bet"
_JOINERS = "\u200c", "\u200d"
# Each stands for a whole phrase of up to 18 letters, which is no part of an address.
_PHRASES = "\ufdfa", "\ufdfb"

# abc[.]com, abc (dot) com, abc{chấm}com
_BRACKETED_DOT = re.compile(r" ?[\[({] ?(?:\.|dot|chấm|cham) ?[\])}] ?", re.IGNORECASE)
# abc . com, abc .com, abc dot com, abc chấm com
_SPACED_DOT = re.compile(
    rf"(?<=\w) (?:\. ?|dot |chấm )(?=(?:{_WORTH_HIDING})(?!\w))", re.IGNORECASE
)
_SCHEME = r"(?:h(?:tt|xx)ps?|ftp)"
# Each address ends where the next begins, so that none hides in the tail of another.
_WITH_SCHEME = re.compile(
    rf"{_SCHEME} ?: ?[/\\]{{1,4}}(?P<authority>[^\s/\\?#,;<>\"“”«»]{{1,300}})"
    rf"(?:(?!{_SCHEME}:)[^\s<>\"“”«»])*",
    re.IGNORECASE,
)
_HOST = re.compile(r"\[[0-9a-f:.]+\]|[\w.-]+")
_BARE = re.compile(r"(?<![\w@.-])[\w-]++(?:\.[\w-]++)+")


@dataclasses.dataclass(frozen=True)
class Address:
    """One address in a text: to which host it leads, and whether a user name stands before it."""

    host: str
    has_user: bool = False


def find(text: str) -> list[Address]:
    """Return every address in `text`, in the time of a few walks through it."""
    text = _plain(text)
    if "." not in text and ":" not in text:
        return []
    found: list[Address] = []
    if ":" in text:
        matches = _WITH_SCHEME.finditer(text)
        found += filter(None, (_with_authority(match["authority"]) for match in matches))
        text = _WITH_SCHEME.sub(" ", text)
    for match in _BARE.finditer(text):
        follows = text[match.end() : match.end() + 1]
        # What an e-mail address has before its @ is no host.
        host = "" if follows == "@" else _bare_host(match[0], has_path=follows == "/")
        if host:
            found.append(Address(host))
    return found


def _plain(text: str) -> str:
    """Undo the ways in which the dots of an address are hidden."""
    for phrase in _PHRASES:
        text = text.replace(phrase, " ")
    text = unicodedata.normalize("NFKC", text).replace("。", ".")
    for joiner in _JOINERS:
        text = text.replace(joiner, "")
    if any(bracket in text for bracket in "[({"):
        text = _BRACKETED_DOT.sub(".", text)
    return _SPACED_DOT.sub(".", text)


def _with_authority(authority: str) -> Address | None:
    _user, at, place = authority.rpartition("@")
    # Browsers undo %-signs in a host too.
    match = _HOST.match(unquote(place).lower())
    host = match[0].strip(".-") if match else ""
    return Address(host[:HOST_LENGTH], bool(at)) if host else None


def _bare_host(run: str, *, has_path: bool) -> str:
    """Return the host with which `run` begins; empty if it begins with none."""
    labels = run[:HOST_LENGTH].split(".")
    whole = len(labels)
    while labels and not _is_top_level(labels[-1]):
        # A sentence may follow without a space: abc.com.Xem
        labels.pop()
    if len(labels) < 2:  # noqa: PLR2004 (a name and its top level)
        return ""
    name, top = labels[-2:]
    begins_a_sentence = top.istitle() and not name.istitle()
    says_more = (
        len(labels) > 2  # noqa: PLR2004
        or (has_path and len(labels) == whole)
        or not name.isalpha()
    )
    if (top.lower() in _NEEDS_MORE or begins_a_sentence) and not says_more:
        return ""
    return ".".join(labels).lower()


@functools.lru_cache(maxsize=1024)
def _is_top_level(label: str) -> bool:
    if label.isascii():
        return label.lower() in _TOP_LEVEL
    try:
        return label.lower().encode("idna").decode() in _TOP_LEVEL
    except UnicodeError:
        return False
