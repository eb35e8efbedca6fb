"""Whether an address is in the DNS and answers, over IPv4 and over IPv6, seen from this machine."""

import asyncio
import contextlib
import dataclasses
import datetime
import email.utils
import errno
import ipaddress
import os
from collections.abc import Iterator, Sequence
from typing import Literal, TypeAlias
from urllib.parse import urlsplit

import dns.asyncresolver
import dns.exception
import dns.resolver
import httpx

from comments_service import clock
from comments_service.origins import DEFAULT_PORTS
from comments_service.remote import authorities
from comments_service.serving import printable

RECORDS: "tuple[Record, ...]" = ("A", "AAAA")
SECONDS = 5.0
"""Within which a server takes the connection and answers, unless the operator says otherwise."""
ADDRESSES = 4
"""Of each record are tried."""
# What an address of a family says on a machine that has no way to any of them.
_NO_WAY = (errno.ENETUNREACH, errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)

Record: TypeAlias = Literal["A", "AAAA"]


class LookupFailed(Exception):
    """The DNS did not answer; that a name has no such record is an answer."""


@dataclasses.dataclass(frozen=True)
class Attempt:
    """One address that was tried."""

    address: str
    status: int | None = None
    """The HTTP status; None if there was no answer."""
    problem: str = ""
    """Why there was none."""
    has_way: bool = True
    """False if this machine can't reach any address of this family."""
    ahead: datetime.timedelta | None = None
    """How far the server's clock is ahead of ours, give or take a second; None: it did not say."""


@dataclasses.dataclass(frozen=True)
class Probe:
    """What was found for one record of one origin."""

    origin: str
    record: Record
    attempts: Sequence[Attempt]
    """Empty if the name has no such record."""
    problem: str = ""
    """Why the DNS did not say."""
    is_literal: bool = False
    """The origin is an address, and has no other."""


def probe(origins: Sequence[str], path: str, seconds: float) -> list[Probe]:
    """Try every address of every origin at once; return two probes of each, IPv4 and IPv6.

    Asks for `path`; each server has `seconds` to answer, and as much again the DNS.
    """
    return asyncio.run(_probe(origins, path, seconds))


async def _probe(origins: Sequence[str], path: str, seconds: float) -> list[Probe]:
    probes = [_one(origin, record, path, seconds) for origin in origins for record in RECORDS]
    return list(await asyncio.gather(*probes))


async def _one(origin: str, record: Record, path: str, seconds: float) -> Probe:
    host = urlsplit(origin).hostname or ""
    known = _known(host)
    try:
        found = known[record] if known else await _look_up(host, record, seconds)
    except LookupFailed as error:
        return Probe(origin, record, [], problem=str(error))
    tried = [_try(origin, address, path, seconds) for address in found[:ADDRESSES]]
    is_literal = known is not None and not (known["A"] and known["AAAA"])
    return Probe(origin, record, await asyncio.gather(*tried), is_literal=is_literal)


async def _look_up(host: str, record: Record, seconds: float) -> Sequence[str]:
    """Return the addresses in the DNS; raise LookupFailed if it does not answer."""
    try:
        answer = await dns.asyncresolver.resolve(host, record, lifetime=seconds)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return []
    except dns.exception.DNSException as error:
        raise LookupFailed(str(error)) from None
    return sorted(str(each) for each in answer)


def _known(host: str) -> dict[Record, list[str]] | None:
    """Return the addresses of a host that no DNS is asked for."""
    if host == "localhost":
        return {"A": ["127.0.0.1"], "AAAA": ["::1"]}
    try:
        version = ipaddress.ip_address(host).version
    except ValueError:
        return None
    return {"A": [host] if version == 4 else [], "AAAA": [host] if version == 6 else []}  # noqa: PLR2004


async def _try(origin: str, address: str, path: str, seconds: float) -> Attempt:
    parts = urlsplit(origin)
    port = parts.port or DEFAULT_PORTS[parts.scheme]
    try:
        async with asyncio.timeout(seconds):
            # By itself first: httpx does not tell why there is no connection.
            _reader, writer = await asyncio.open_connection(address, port)
            writer.close()
            with _as_reasons():
                response = await _head(
                    f"{parts.scheme}://{printable(address)}:{port}{path}", parts.netloc
                )
    except TimeoutError:
        return Attempt(address, problem=f"no answer within {seconds:g} s")
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        return Attempt(address, problem=reason, has_way=error.errno not in _NO_WAY)
    return Attempt(address, status=response.status_code, ahead=_ahead(response))


@contextlib.contextmanager
def _as_reasons() -> Iterator[None]:
    try:
        yield
    except httpx.HTTPError as error:
        raise OSError(str(error) or type(error).__name__) from None


async def _head(url: str, netloc: str) -> httpx.Response:
    """Ask the server at the address in `url` for what `netloc` has there; follow no redirect."""
    headers = {"Host": netloc, "User-Agent": "comments-service doctor"}
    host = urlsplit(f"//{netloc}").hostname or ""
    # Neither an environment's proxy nor a shared connection: this address is to answer.
    async with httpx.AsyncClient(verify=authorities(), trust_env=False, timeout=None) as client:  # noqa: S113 (bounded around it)
        return await client.head(url, headers=headers, extensions={"sni_hostname": host})


def _ahead(response: httpx.Response) -> datetime.timedelta | None:
    try:
        told = email.utils.parsedate_to_datetime(response.headers["Date"])
        return told - clock.now()
    except (KeyError, TypeError, ValueError):
        return None
