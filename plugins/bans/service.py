"""The rules of bans: what can be banned, by whom a submission is known, when a ban ends."""

import dataclasses
import datetime
import threading
import unicodedata
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Final

from sqlalchemy.orm import Session

from comments_service.api import (
    TRACE_KEPT,
    Draft,
    Envelope,
    Refused,
    lazy_gettext,
    network_of,
    widening,
)

from . import patterns, queries
from .models import NOTE_LENGTH, VALUE_LENGTH, Ban, Kind
from .queries import Known, Stamp

TEXT_BANS_MAX: Final = 500
SITES_KEPT: Final = 128
LETTERS_MIN: Final = 2
EMAIL_LENGTH: Final = 254
DAYS: Final = (1, 7, 30)
"""For so long a ban is made in the dashboard, or for ever."""
WHOLE_DOMAIN: Final = "@"

Digest = Callable[[str, str], str]
"""The service's keyed hash of a text, for one purpose."""


@dataclasses.dataclass(frozen=True)
class Target:
    """What is banned, as it is kept."""

    kind: Kind
    value: str
    scope: str = ""


@dataclasses.dataclass(frozen=True)
class Origin:
    """What is still known of where a submission came from."""

    networks: Sequence[Target]
    """From the narrowest to the widest; none after 30 days, or if there was no address."""
    email: Target | None


# --- What can be banned -----------------------------------------------------------------------


def visitor(visitor_id: str) -> Target:
    return Target(Kind.VISITOR, visitor_id)


def network(text: str, digest: Digest) -> Target:
    """Return the network typed as an address, or as an address and a prefix; raise Refused."""
    address, slash, prefix = text.strip().partition("/")
    levels = widening(network_of(address))
    if "/" not in levels[0]:
        raise Refused(
            "value",
            lazy_gettext(
                "Write an address or a network, for example 203.0.113.7, 203.0.113.0/24 or "
                "2001:db8::/48."
            ),
        )
    # An address alone stands for what one person has: the narrowest.
    scope = slash + prefix.strip() if slash else _prefix(levels[0])
    for level in levels:
        if _prefix(level) == scope:
            return Target(Kind.NETWORK, digest("network", level), scope)
    raise Refused(
        "value",
        lazy_gettext("A network can be banned as IPv4 /32 or /24, or as IPv6 /64, /56 or /48."),
    )


def _prefix(level: str) -> str:
    return "/" + level.partition("/")[2]


def email(text: str, digest: Digest) -> Target:
    """Return the address typed, or with nothing before its @ the whole domain; raise Refused."""
    address = _folded(text)
    name, _, domain = address.rpartition("@")
    is_address = "." in domain.strip(".") and not name.count("@") and len(address.split()) == 1
    if not is_address or len(address) > EMAIL_LENGTH:
        raise Refused(
            "value",
            lazy_gettext(
                "Write an address such as lan@example.com, or @example.com for a whole domain."
            ),
        )
    return Target(Kind.EMAIL, digest("email", address), "" if name else WHOLE_DOMAIN)


def _folded(address: str) -> str:
    return unicodedata.normalize("NFC", address.strip().casefold())


def text(pattern: str) -> Target:
    """Return the words typed; raise Refused."""
    if len(pattern) > VALUE_LENGTH:
        raise Refused(
            "value",
            lazy_gettext("The words looked for have %(max)s characters at most.", max=VALUE_LENGTH),
        )
    if len("".join(patterns.parts(pattern)).replace(" ", "")) < LETTERS_MIN:
        raise Refused(
            "value",
            lazy_gettext("Write at least %(min)s letters to look for.", min=LETTERS_MIN),
        )
    return Target(Kind.TEXT, pattern)


def origin(session: Session, envelope: Envelope, now: datetime.datetime) -> Origin:
    """Return what is still known of where the submission came from."""
    hashes = queries.networks_of(session, envelope.id, now - TRACE_KEPT) or []
    email_hash = queries.email_of(session, envelope.id, now - TRACE_KEPT)
    return Origin(
        networks=[
            Target(Kind.NETWORK, value, scope)
            for value, scope in zip(hashes, scopes(len(hashes)), strict=False)
        ],
        email=Target(Kind.EMAIL, email_hash) if email_hash else None,
    )


def scopes(count: int) -> list[str]:
    """Return the prefixes of a trace with `count` networks: IPv4 and IPv6 differ in how many."""
    for address in ("0.0.0.0", "::"):  # noqa: S104 (any address would do)
        levels = widening(network_of(address))
        if len(levels) == count:
            return [_prefix(level) for level in levels]
    return []


# --- Judging ----------------------------------------------------------------------------------


class Texts:
    """The bans of texts at the sites judged last, kept up with the database."""

    def __init__(self) -> None:
        self._known: OrderedDict[int, tuple[Stamp, Sequence[tuple[str, Known]]]] = OrderedDict()
        """Each with what it looks for first: most texts have none of these."""
        self._lock = threading.Lock()

    def meeting(self, session: Session, draft: Draft, stamp: Stamp) -> Known | None:
        """Return the first in force that meets `draft`; `stamp` is read in this session."""
        site_id = draft.site.id
        with self._lock:
            seen, known = self._known.get(site_id, (None, ()))
        if seen != stamp:
            # On PostgreSQL they may be newer than the stamp: then the next one differs again.
            found = queries.texts(session, site_id, draft.now)
            known = [(patterns.first(ban.value), ban) for ban in found]
        with self._lock:
            self._known[site_id] = stamp, known
            self._known.move_to_end(site_id)
            while len(self._known) > SITES_KEPT:
                self._known.popitem(last=False)
        said = patterns.joined((draft.text, draft.author))
        near = [ban for first, ban in known if first in said]
        return next((ban for ban in near if _meets(ban, said, draft.now)), None)


def _meets(ban: Known, said: str, now: datetime.datetime) -> bool:
    is_active = ban.ends_at is None or ban.ends_at > now
    return is_active and patterns.is_in(ban.value, said)


def judge(session: Session, draft: Draft, digest: Digest, texts: Texts) -> Known | None:
    """Return the ban that meets `draft`."""
    number, stamp = queries.of_sender(
        session,
        draft.site.id,
        draft.now,
        visitor=draft.visitor,
        networks=draft.networks,
        emails=_email_hashes(draft.email, digest),
    )
    if number is not None:
        return queries.known(session, number)
    if stamp.made == stamp.lifted:
        return None
    return texts.meeting(session, draft, stamp)


def _email_hashes(address: str, digest: Digest) -> list[str]:
    if not address:
        return []
    folded = _folded(address)
    domain = WHOLE_DOMAIN + folded.rpartition("@")[2]
    return [digest("email", folded), digest("email", domain)]


def remember(session: Session, draft: Draft, envelope: Envelope, digest: Digest) -> None:
    """Keep whose address a submission gave, hashed, so that it can be banned for a while."""
    if draft.email:
        hashed = digest("email", _folded(draft.email))
        queries.add_sender(session, envelope.id, hashed, draft.now)


def forget(session: Session, now: datetime.datetime) -> None:
    """Delete the addresses that were kept for as long as they may be."""
    queries.forget_senders(session, now - TRACE_KEPT)


# --- Making and lifting -----------------------------------------------------------------------


def ban(
    session: Session,
    site_id: int,
    target: Target,
    *,
    days: int | None,
    note: str,
    by: str,
    now: datetime.datetime,
) -> Ban:
    """Ban `target` from the site for so many days, None for ever; raise Refused."""
    queries.lock_site(session, site_id)
    number = queries.same(session, site_id, target.kind, target.value, now)
    if number is not None:
        raise Refused(
            "kind",
            lazy_gettext(
                "Ban no. %(number)s is in force for this already. To change it, lift it first.",
                number=number,
            ),
        )
    is_text = target.kind is Kind.TEXT
    if is_text and len(queries.texts(session, site_id, now)) >= TEXT_BANS_MAX:
        raise Refused(
            "kind",
            lazy_gettext(
                "A site can have %(max)s bans of texts. Lift one that is no longer needed.",
                max=TEXT_BANS_MAX,
            ),
        )
    made = Ban(
        site_id=site_id,
        kind=target.kind,
        value=target.value,
        scope=target.scope,
        note=note[:NOTE_LENGTH],
        created_at=now,
        created_by=by,
        ends_at=None if days is None else now + datetime.timedelta(days=days),
        lifted_at=None,
        lifted_by=None,
    )
    session.add(made)
    session.flush()
    return made


def lift(made: Ban, by: str, now: datetime.datetime) -> bool:
    """End an active ban now; tell whether it was one."""
    if not made.is_active(now):
        return False
    made.lifted_at = now
    made.lifted_by = by
    return True
