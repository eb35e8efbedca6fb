"""Addresses in a reader's text, as links: only where the text shows to whom they lead."""

import re
from typing import Final

from linkify_it import LinkifyIt
from markupsafe import Markup, escape

REL: Final = "nofollow ugc noopener"
# An address with a name before its host, a number for a host, or letters beyond ASCII in it may
# lead elsewhere than it seems to.
_LABEL = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
_HONEST = re.compile(
    rf"https?://(?:{_LABEL}\.)+(?=[a-z]){_LABEL}(?::\d{{1,5}})?(?:[/?#].*)?", re.IGNORECASE
)
# The library takes closing quotation marks for a part of the address, and a full stop before one.
_CLOSING = "”\u2019»….,:;!?"

_finder = LinkifyIt(
    {"ftp:": None, "//": None, "mailto:": None}, {"fuzzy_link": False, "fuzzy_email": False}
)


def with_links(text: str, target: str = "") -> Markup:
    """Return `text` as HTML in which the addresses of web pages are links.

    `target` is for a widget in a frame, where a link would load into the frame.
    """
    if "://" not in text:
        return escape(text)
    html = Markup()
    place = 0
    for match in _finder.match(text) or ():
        address = match.raw.rstrip(_CLOSING)
        if _HONEST.fullmatch(address):
            html += escape(text[place : match.index]) + _link(address, target)
            place = match.index + len(address)
    return html + escape(text[place:])


def _link(address: str, target: str) -> Markup:
    # Whatever the direction of the text, an address reads as in a browser's own line.
    link = Markup('<a href="{0}" rel="{1}" dir="ltr"{2}>{0}</a>')
    return link.format(address, REL, Markup(' target="{}"').format(target) if target else "")
