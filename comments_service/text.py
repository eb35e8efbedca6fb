"""What readers type, made safe to store and to show as text."""

import re
import unicodedata

_LINE_ENDS = re.compile(r"\r\n?")
_BLANK_LINES = re.compile(r"\n{3,}")
_SPACES = re.compile(r"\s+")
# Joiners are letters' business in some scripts; everything else invisible can only deceive.
_JOINERS = "\u200c\u200d"


def _visible(character: str) -> bool:
    if character == "\n" or character in _JOINERS:
        return True
    # Control, format (bidi overrides among them), lone surrogate, private, unassigned.
    return not unicodedata.category(character).startswith("C")


def clean_text(text: str) -> str:
    """Return `text` in NFC, trimmed, without invisible characters and runs of blank lines."""
    text = _LINE_ENDS.sub("\n", text).replace("\t", " ")
    text = "".join(filter(_visible, text))
    return _BLANK_LINES.sub("\n\n", unicodedata.normalize("NFC", text)).strip()


def clean_line(text: str) -> str:
    """Return `text` cleaned, on one line, with single spaces."""
    return _SPACES.sub(" ", clean_text(text)).strip()


def is_storable(text: str) -> bool:
    """Tell whether every database takes `text`: no NUL and no lone surrogate."""
    return not any(c == "\x00" or "\ud800" <= c <= "\udfff" for c in text)
