"""The rules of addresses in what readers send: how many, and which can't be what they seem."""

import dataclasses
import datetime
import enum
import functools
import hashlib
import re
from collections.abc import Iterator, Sequence
from typing import Final
from urllib.parse import urlsplit

from comments_service.api import Draft

from . import addresses, hosts
from .addresses import Address

LOOKED_AT: Final = 20
"""Hosts of one text that are looked at closely; with so many it is held anyway."""
HOSTS_KEPT: Final = 1024
SHOWN: Final = 80
"""Characters of a host that moderators are shown."""

# Addresses that run a program instead of leading somewhere.
_PROGRAM = re.compile(r"(?<!\w)(?:(?:java|vb)script:(?=[^\s:])|data:text/html)", re.IGNORECASE)
# Comments are plain text: only programs that send to every form write links like this.
_MARKUP = re.compile(r"<a\s{1,9}href|\[(?:url|link)[=\]]", re.IGNORECASE)


class Sign(enum.Enum):
    """Why a text is held."""

    TOO_MANY = enum.auto()
    TOO_MANY_FOR_NEW = enum.auto()
    NAME = enum.auto()
    MARKUP = enum.auto()
    PROGRAM = enum.auto()
    USER = enum.auto()
    NUMBER = enum.auto()
    INTERNATIONAL = enum.auto()
    MIXED = enum.auto()
    IMITATES = enum.auto()

    @property
    def deceives(self) -> bool:
        return self in (Sign.PROGRAM, Sign.USER, Sign.MIXED, Sign.IMITATES)


@dataclasses.dataclass(frozen=True)
class Finding:
    sign: Sign
    host: str = ""
    real: str = ""
    """The host that `host` imitates."""
    number: int = 0
    allowed: int = 0


@dataclasses.dataclass(frozen=True)
class Rules:
    """What a site wants; `own` are the hosts of its pages."""

    max: int
    max_new: int
    days: int
    allow: tuple[str, ...]
    protected: tuple[str, ...]
    own: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Opinion:
    findings: Sequence[Finding]
    cluster: str | None
    """The same for all that advertise the same domain."""

    @property
    def deceives(self) -> bool:
        return any(finding.sign.deceives for finding in self.findings)


def own_hosts(origins: Sequence[str]) -> tuple[str, ...]:
    return tuple(urlsplit(origin).hostname or "" for origin in origins)


def inspect(draft: Draft, rules: Rules) -> Opinion:
    """Return what is wrong with the addresses in `draft`, and whom they serve."""
    counted = _foreign(addresses.find(draft.text), rules)
    in_name = _foreign(addresses.find(draft.author), rules)
    findings = [*_count(len(counted), draft, rules)]
    if in_name:
        findings.append(Finding(Sign.NAME, host=_shown(in_name[0].host)))
    if ("<" in draft.text or "[" in draft.text) and _MARKUP.search(draft.text):
        findings.append(Finding(Sign.MARKUP))
    if any(":" in text and _PROGRAM.search(text) for text in (draft.text, draft.author)):
        findings.append(Finding(Sign.PROGRAM))
    everywhere = [*counted, *in_name, *_foreign(_of_email(draft.email), rules)]
    for address in list(dict.fromkeys(everywhere))[:LOOKED_AT]:
        findings += _look_at(address, rules)
    served = counted or in_name
    return Opinion(
        list(dict.fromkeys(findings)),
        _cluster(served[0].host) if served and findings else None,
    )


def is_new(draft: Draft, rules: Rules) -> bool:
    """Tell whether the site has no reason yet to trust the visitor."""
    standing = draft.standing
    if standing.approved == 0 or standing.since is None:
        return True
    return draft.now - standing.since < datetime.timedelta(days=rules.days)


def _count(number: int, draft: Draft, rules: Rules) -> Iterator[Finding]:
    if number > rules.max:
        yield Finding(Sign.TOO_MANY, number=number, allowed=rules.max)
    elif number > rules.max_new and is_new(draft, rules):
        yield Finding(Sign.TOO_MANY_FOR_NEW, number=number, allowed=rules.max_new)


def _foreign(found: Sequence[Address], rules: Rules) -> list[Address]:
    """Return those that lead elsewhere than to the site and to hosts that it allows."""
    known = [*rules.own, *rules.allow]
    return [
        each
        for each in found
        if each.has_user or not any(hosts.is_within(each.host, host) for host in known)
    ]


def _of_email(email: str) -> list[Address]:
    host = email.rpartition("@")[2].lower()
    return [Address(host)] if host else []


def _look_at(address: Address, rules: Rules) -> Iterator[Finding]:
    host = _shown(address.host)
    if address.has_user:
        yield Finding(Sign.USER, host=host)
    if hosts.is_number(address.host):
        yield Finding(Sign.NUMBER, host=host)
        return
    if hosts.mixes_scripts(address.host):
        yield Finding(Sign.MIXED, host=host)
    elif hosts.is_international(address.host):
        yield Finding(Sign.INTERNATIONAL, host=host)
    real = _imitated(address.host, rules.own, rules.protected)
    if real:
        yield Finding(Sign.IMITATES, host=host, real=real)


# The same hosts come again: those of people's mail, and the one that a wave advertises.
@functools.lru_cache(HOSTS_KEPT)
def _imitated(host: str, own: tuple[str, ...], protected: tuple[str, ...]) -> str:
    if any(hosts.is_within(host, real) for real in (*own, *protected)):
        return ""
    # The site's own name may be a common word; those that it protects are chosen as names.
    for real in own:
        if hosts.imitates(host, real, by_name=False):
            return real
    for real in protected:
        if hosts.imitates(host, real, by_name=True):
            return real
    return ""


def _shown(host: str) -> str:
    return hosts.readable(host)[:SHOWN]


def _cluster(host: str) -> str:
    domain = hosts.domain_of(host)
    return "l-" + hashlib.blake2b(domain.encode(), digest_size=7).hexdigest()
