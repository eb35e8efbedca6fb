"""Where a reader came from: the host of another site, and nothing more of its address."""

import ipaddress
import re
from urllib.parse import urlsplit

from comments_service.models import Site

HOST_LENGTH = 253
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?")


def host_of(said: str, site: Site) -> str:
    """Return the host in `said`, an address or a host; empty if it is the site's own, or no name.

    Numbers are not kept: what looks like a host could be somebody's own address.
    """
    host = _host(said) if said else None
    if host is None or host in map(_host, site.origins):
        return ""
    return "" if _is_address(host) else host


def _host(said: str) -> str | None:
    try:
        parts = urlsplit(said if "//" in said else f"//{said}")
        # What follows a host's colon is a number, or this is no host.
        _ = parts.port
    except ValueError:
        return None
    found = (parts.hostname or "").rstrip(".")
    return found if len(found) <= HOST_LENGTH and _HOST.fullmatch(found) else None


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
