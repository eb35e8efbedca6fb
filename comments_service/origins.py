"""Origins: scheme, host and port of an address, in the one form in which browsers write them."""

import re
from typing import NewType
from urllib.parse import urlsplit

DEFAULT_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"[a-z0-9._-]+|[0-9a-f:.]+")

Origin = NewType("Origin", str)
UNSET = Origin("")


class BadOrigin(ValueError):
    """A text is no origin; the message says which, and what one is like."""


def parse_origin(text: str) -> Origin:
    """Return `text` as a browser writes an origin; raise BadOrigin if it is none."""
    try:
        parts = urlsplit(text.strip().rstrip("/"))
        host = (parts.hostname or "").encode("idna").decode()
        port = parts.port
    except ValueError:
        raise _no_origin(text) from None
    is_bare = not (parts.path or parts.query or parts.fragment or "@" in parts.netloc)
    if parts.scheme not in DEFAULT_PORTS or not is_bare or not _HOST.fullmatch(host):
        raise _no_origin(text)
    host = f"[{host}]" if ":" in host else host
    is_default = port in (None, DEFAULT_PORTS[parts.scheme])
    return Origin(f"{parts.scheme}://{host}" + ("" if is_default else f":{port}"))


def _no_origin(text: str) -> BadOrigin:
    return BadOrigin(f"{text} is no origin: write for example https://www.example.vn.")
