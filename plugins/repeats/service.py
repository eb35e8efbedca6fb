"""The rules of repeated texts: what is the same again, what belongs to a wave, what is a flood."""

import dataclasses
import datetime
import enum
from collections.abc import Sequence
from typing import Final, NamedTuple

from sqlalchemy.orm import Session

from comments_service.api import Draft, Envelope, Outcome

from . import likeness, queries
from .models import Fingerprint

CLUSTER_LENGTH: Final = 16


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
    sketched = likeness.sketch(likeness.plain(draft.text))
    if sketched:
        since = rules.wave_since(draft.now)
        wave = _wave_of(session, draft.site.id, sketched, since)
        if wave:
            number = min(wave.seen, rules.many)
            if number < rules.many:
                number = queries.in_wave(session, draft.site.id, wave.cluster, since, rules.many)
            if number >= rules.few:
                outcome = Outcome.SPAM if number >= rules.many else Outcome.HOLD
                findings.append(Finding(Sign.WAVE, outcome, number))
                cluster = wave.cluster
    findings += _of_sender(session, draft, rules)
    if cluster is None and any(each.sign is Sign.NETWORK_FLOODS for each in findings):
        cluster = f"n-{_network(draft)}"[:CLUSTER_LENGTH]
    return Opinion(findings, cluster)


def _of_sender(session: Session, draft: Draft, rules: Rules) -> list[Finding]:
    since = rules.flood_since(draft.now)
    limit = max(rules.posts, rules.network_posts)
    rows = queries.sent(session, draft.site.id, draft.visitor, _network(draft), since, limit)
    exact = likeness.exact(draft.text)
    counts = dict.fromkeys(("visitor", "network"), 0)
    is_again = False
    for by, text, page_id in rows:
        counts[by] += 1
        is_again = is_again or (text == exact and page_id == draft.page_id)
    found = []
    if is_again:
        found.append(Finding(Sign.AGAIN, Outcome.HOLD))
    if counts["visitor"] >= rules.posts:
        found.append(Finding(Sign.VISITOR_FLOODS, Outcome.HOLD, counts["visitor"]))
    if _network(draft) and counts["network"] >= rules.network_posts:
        found.append(Finding(Sign.NETWORK_FLOODS, Outcome.HOLD, counts["network"]))
    return found


def _wave_of(
    session: Session, site_id: int, sketched: list[int], since: datetime.datetime
) -> Wave | None:
    """Return the wave of the text that is most like this one, if one is alike."""
    mine = likeness.compact(sketched)
    known = queries.like(session, site_id, likeness.bands(sketched), since)
    if not known:
        return None
    sketches, clusters = zip(*known, strict=True)
    degree, cluster = max(zip(likeness.shared(mine, sketches), clusters, strict=True))
    return Wave(cluster, clusters.count(cluster)) if degree >= likeness.ALIKE else None


def _network(draft: Draft) -> str:
    return draft.networks[0] if draft.networks else ""


def keep(session: Session, draft: Draft, envelope: Envelope, rules: Rules) -> None:
    """Keep the fingerprint of a stored submission."""
    exact = likeness.exact(draft.text)
    fingerprint = Fingerprint(
        submission_id=envelope.id,
        site_id=draft.site.id,
        exact=exact,
        visitor=draft.visitor,
        network=_network(draft),
        created_at=draft.now,
    )
    sketched = likeness.sketch(likeness.plain(draft.text))
    if sketched:
        # Looked for again: another of the wave may have been stored since it was judged.
        wave = _wave_of(session, draft.site.id, sketched, rules.wave_since(draft.now))
        fingerprint.likeness = likeness.compact(sketched)
        fingerprint.cluster = wave.cluster if wave else f"r-{exact.hex()}"[:CLUSTER_LENGTH]
        for i, value in enumerate(likeness.bands(sketched)):
            setattr(fingerprint, f"band{i}", value)
    queries.add(session, fingerprint)


def forget(session: Session, now: datetime.datetime, days: int) -> None:
    """Delete some of the fingerprints that are older than `days`."""
    queries.delete_old(session, now - datetime.timedelta(days=days))
