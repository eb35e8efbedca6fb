"""What a browser says of its reader: the kind of device, and the language; nothing finer."""

import functools
import re

from babel import Locale
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from .models import OTHER

REMEMBERED = 4096
"""Headers whose answer is kept, as for bots."""

PHONE, TABLET, DESKTOP = "phone", "tablet", "desktop"
# The first that fits. Televisions and consoles name a desktop's or a phone's system too; Android
# says "Mobile" on phones alone, and newer iPads say that they are Macs.
_DEVICES = (
    (OTHER, re.compile(r"TV\b|Tizen|Web0S|BRAVIA|\bAFT[A-Z]|PlayStation|Nintendo|Xbox")),
    (TABLET, re.compile(r"iPad|Tablet(?! PC)|PlayBook|Silk/(?!.*Mobile)|Kindle")),
    (PHONE, re.compile(r"Mobi|iPhone|iPod|Opera Mini|MIDP|BlackBerry|Windows Phone")),
    (TABLET, re.compile(r"Android")),
    (DESKTOP, re.compile(r"Windows|Macintosh|Mac OS X|X11|Linux|CrOS|BSD")),
)


@functools.lru_cache(REMEMBERED)
def device(user_agent: str) -> str:
    """Return what the reader holds: phone, tablet, desktop, or something other."""
    return next((kind for kind, words in _DEVICES if words.search(user_agent)), OTHER)


@functools.lru_cache(REMEMBERED)
def language(accept_language: str) -> str:
    """Return the primary tag of the language that is liked best; empty if none is named.

    Tags can be invented: one that Unicode's CLDR does not know is something other.
    """
    tag = parse_accept_header(accept_language, LanguageAccept).best
    if not tag or tag == "*":
        return ""
    primary = tag.partition("-")[0].lower()
    return primary if primary in _known_languages() else OTHER


@functools.cache
def _known_languages() -> frozenset[str]:
    return frozenset(str(tag) for tag in Locale("en").languages)
