"""The rules of bans: what can be banned, by whom a submission is known, when a ban ends."""

import dataclasses
import datetime
import unicodedata
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
from .models import NOTE_LENGTH, VALUE_LENGTH, Ban, Kind, Sender
from .queries import Known

TEXT_BANS_MAX: Final = 500
LETTERS_MIN: Final = 2
EMAIL_LENGTH: Final = 254
DAYS: Final = (1, 7, 30)
"""For so long a ban can be made, or for ever."""
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


def judge(session: Session, draft: Draft, digest: Digest) -> Known | None:
    """Return the ban that meets `draft`."""
    found = queries.of_sender_or_texts(
        session,
        draft.site.id,
        draft.now,
        visitor=draft.visitor,
        networks=draft.networks,
        emails=_email_hashes(draft.email, digest),
    )
    of_sender = next((known for known in found if known.kind is not Kind.TEXT), None)
    return of_sender or _of_text([known for known in found if known.kind is Kind.TEXT], draft)


def _email_hashes(address: str, digest: Digest) -> list[str]:
    if not address:
        return []
    folded = _folded(address)
    domain = WHOLE_DOMAIN + folded.rpartition("@")[2]
    return [digest("email", folded), digest("email", domain)]


def _of_text(texts: Sequence[Known], draft: Draft) -> Known | None:
    if not texts:
        return None
    said = [patterns.plain(draft.text), patterns.plain(draft.author)]
    for known in texts:
        if any(patterns.is_in(known.value, each) for each in said):
            return known
    return None


def remember(session: Session, draft: Draft, envelope: Envelope, digest: Digest) -> None:
    """Keep whose address a submission gave, hashed, so that it can be banned for a while."""
    queries.forget_senders(session, draft.now - TRACE_KEPT)
    if draft.email:
        hashed = digest("email", _folded(draft.email))
        session.add(Sender(submission_id=envelope.id, email=hashed, created_at=draft.now))


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
