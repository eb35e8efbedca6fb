"""Believes X-Forwarded-For and -Proto of the operator's own proxies, and of nobody else."""

import functools
import ipaddress
import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from comments_service.config import ConfigError

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_WITH_PORT = re.compile(r"(\d+\.\d+\.\d+\.\d+):\d+|\[([0-9A-Fa-f:.]+)\](?::\d+)?")

ADDRESSES = 4096
"""About so many a process remembers whether they are its proxies'."""
ADDRESS_LENGTH = 64
"""Characters, more than any address has: who writes the header also chooses what is remembered."""

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def parse_networks(texts: Sequence[str]) -> list[Network]:
    """Return the networks; raise ConfigError for a text that is none."""
    try:
        return [ipaddress.ip_network(text) for text in texts]
    except ValueError as error:
        raise ConfigError(
            f"COMMENTS_TRUSTED_PROXIES: {error}. Write addresses or networks, for example "
            "127.0.0.1,10.0.0.0/8."
        ) from None


def _bare(hop: str) -> str:
    """Drop the port that some proxies write behind the address."""
    found = _WITH_PORT.fullmatch(hop)
    return (found[1] or found[2]) if found else hop


class TrustedProxies:
    """WSGI middleware: puts the reader's own address and scheme in the place of the proxy's."""

    def __init__(self, app: "WSGIApplication", networks: Sequence[Network]) -> None:
        self._app = app
        self._networks = networks
        self._is_trusted = functools.lru_cache(ADDRESSES)(self._is_in_networks)

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        if self._is_trusted(environ.get("REMOTE_ADDR", "")):
            forwarded = environ.get("HTTP_X_FORWARDED_FOR", "").split(",")
            hops = [hop.strip() for hop in forwarded if hop.strip()]
            while hops:
                address = environ["REMOTE_ADDR"] = _bare(hops.pop())[:ADDRESS_LENGTH]
                # The last hop that isn't ours was written by one of ours: it is the reader.
                if hops and not self._is_trusted(address):
                    break
            if environ.get("HTTP_X_FORWARDED_PROTO") in ("http", "https"):
                environ["wsgi.url_scheme"] = environ["HTTP_X_FORWARDED_PROTO"]
        return self._app(environ, start_response)

    def _is_in_networks(self, address: str) -> bool:
        try:
            ip = ipaddress.ip_address(address)
        except ValueError:
            return False
        if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped:
            ip = ip.ipv4_mapped
        return any(ip in network for network in self._networks)
