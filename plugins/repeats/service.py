"""The rules of repeated texts: what is the same again, what belongs to a wave, what is a flood."""

import dataclasses
import datetime
import enum
import functools
from collections.abc import Sequence
from typing import Final, NamedTuple

from sqlalchemy.orm import Session

from comments_service.api import Draft, Envelope, Outcome

from . import likeness, queries
from .queries import Before, Like

CLUSTER_LENGTH: Final = 16
DELETED_AT_ONCE: Final = 1000
"""No reader waits for more of them to be deleted."""
TEXTS_READ: Final = 64
"""So many texts stay read, and compared, between judging and keeping them."""


class Sign(enum.Enum):
    """Why a submission is held, or kept out."""

    AGAIN = enum.auto()
    WAVE = enum.auto()
    VISITOR_FLOODS = enum.auto()
    NETWORK_FLOODS = enum.auto()


@dataclasses.dataclass(frozen=True)
class Finding:
    sign: Sign
    outcome: Outcome
    number: int = 0
    """How many were seen; of more than the rules ask for, not all are counted."""


@dataclasses.dataclass(frozen=True)
class Rules:
    """What a site wants; see the settings."""

    hours: int
    few: int
    many: int
    minutes: int
    posts: int
    network_posts: int

    def wave_since(self, now: datetime.datetime) -> datetime.datetime:
        return now - datetime.timedelta(hours=self.hours)

    def flood_since(self, now: datetime.datetime) -> datetime.datetime:
        return now - datetime.timedelta(minutes=self.minutes)


class Prints(NamedTuple):
    """What is compared of a text."""

    exact: bytes
    compact: bytes | None
    bands: tuple[int, ...] | None
    """None, and so is the compact sketch, for a text too short to have its like."""


# Asked when a submission is judged, and again when it is kept.
@functools.lru_cache(TEXTS_READ)
def _read(text: str) -> Prints:
    sketched = likeness.sketch(likeness.plain(text))
    if sketched is None:
        return Prints(likeness.exact(text), None, None)
    return Prints(likeness.exact(text), likeness.compact(sketched), likeness.bands(sketched))


class Wave(NamedTuple):
    """Texts that are nearly the same."""

    cluster: str
    seen: int
    """How many of it were met while looking for it; there may be more."""


@dataclasses.dataclass(frozen=True)
class Opinion:
    findings: Sequence[Finding]
    cluster: str | None = None

    @property
    def outcome(self) -> Outcome:
        return max(finding.outcome for finding in self.findings)


def inspect(session: Session, draft: Draft, rules: Rules) -> Opinion:
    """Say what of `draft` was there before."""
    findings = []
    cluster = None
    prints = _read(draft.text)
    since = rules.wave_since(draft.now)
    before = queries.before(
        session,
        draft.site.id,
        prints.bands,
        since,
        visitor=draft.visitor,
        network=_network(draft),
        sent_since=rules.flood_since(draft.now),
        limit=max(rules.posts, rules.network_posts),
    )
    wave = _wave_of(prints, before.like)
    if wave:
        number = min(wave.seen, rules.many)
        if number < rules.many:
            number = queries.in_wave(session, draft.site.id, wave.cluster, since, rules.many)
        if number >= rules.few:
            outcome = Outcome.SPAM if number >= rules.many else Outcome.HOLD
            findings.append(Finding(Sign.WAVE, outcome, number))
            cluster = wave.cluster
    findings += _of_sender(draft, before, rules)
    if cluster is None and any(each.sign is Sign.NETWORK_FLOODS for each in findings):
        cluster = f"n-{_network(draft)}"[:CLUSTER_LENGTH]
    return Opinion(findings, cluster)


def _of_sender(draft: Draft, before: Before, rules: Rules) -> list[Finding]:
    found = []
    by_visitor, by_network = len(before.by_visitor), len(before.by_network)
    sent = {*before.by_visitor, *before.by_network}
    if sent and (_read(draft.text).exact, draft.page_id) in sent:
        found.append(Finding(Sign.AGAIN, Outcome.HOLD))
    if by_visitor >= rules.posts:
        found.append(Finding(Sign.VISITOR_FLOODS, Outcome.HOLD, by_visitor))
    if _network(draft) and by_network >= rules.network_posts:
        found.append(Finding(Sign.NETWORK_FLOODS, Outcome.HOLD, by_network))
    return found


# Asked twice as well, and seldom has another of the like come in between.
@functools.lru_cache(TEXTS_READ)
def _wave_of(prints: Prints, known: Like) -> Wave | None:
    """Return the wave of the text that is most like this one, if one of the `known` is alike."""
    if prints.compact is None or not known:
        return None
    sketches, clusters = zip(*known, strict=True)
    degree, cluster = max(zip(likeness.shared(prints.compact, sketches), clusters, strict=True))
    return Wave(cluster, clusters.count(cluster)) if degree >= likeness.ALIKE else None


def _network(draft: Draft) -> str:
    return draft.networks[0] if draft.networks else ""


def keep(session: Session, draft: Draft, envelope: Envelope, rules: Rules) -> None:
    """Keep the fingerprint of a stored submission."""
    prints = _read(draft.text)
    cluster = None
    if prints.bands is not None:
        # Looked for again: another of the wave may have been stored since it was judged.
        since = rules.wave_since(draft.now)
        wave = _wave_of(prints, queries.like(session, draft.site.id, prints.bands, since))
        cluster = wave.cluster if wave else f"r-{prints.exact.hex()}"[:CLUSTER_LENGTH]
    queries.add(
        session,
        prints.bands,
        submission_id=envelope.id,
        site_id=draft.site.id,
        exact=prints.exact,
        likeness=prints.compact,
        cluster=cluster,
        visitor=draft.visitor,
        network=_network(draft),
        created_at=draft.now,
    )


def forget(session: Session, now: datetime.datetime, days: int) -> None:
    """Delete fingerprints that are older than `days`; of very many not all at once."""
    queries.delete_old(session, now - datetime.timedelta(days=days), DELETED_AT_ONCE)
