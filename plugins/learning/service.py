"""The rules: what a decision teaches, how processes keep up with it, what is said of a comment."""

import dataclasses
import threading
from collections import OrderedDict
from typing import Final

from sqlalchemy.orm import Session

from comments_service.api import Judged, Status

from . import queries
from .counts import Change, Counts, pack_buckets, unpack_buckets
from .features import Reading, read
from .queries import Stamp, Stored, Sums

CHANGES_MAX: Final = 256
"""So many changes are kept before they are folded into the snapshot."""
MIDDLE: Final = 0.5


# --- Learning -----------------------------------------------------------------------------------


def is_unwanted(status: Status) -> bool | None:
    """Tell what a submission that stands at `status` teaches; None: nothing.

    A comment is rejected for being rude, beside the point or told twice, and deleted because its
    author asked for it: its words are those of wanted ones, and taught as spam they would bring
    down the next honest reader.
    """
    return {Status.PUBLISHED: False, Status.SPAM: True}.get(status)


def learn(session: Session, judged: Judged) -> None:
    """Take back what the submission taught before, then learn what it teaches now."""
    site_id = judged.site.id
    before = queries.example(session, site_id, judged.submission_id)
    after = is_unwanted(judged.after)
    if after is (before[0] if before else None):
        return
    if before is not None:
        queries.forget(session, site_id, judged.submission_id)
        _add(session, site_id, before[1], 1 if before[0] else 0, -1)
    if after is not None:
        buckets = pack_buckets(read(judged.author, judged.text).buckets())
        queries.remember(session, site_id, judged.submission_id, buckets, is_unwanted=after)
        _add(session, site_id, buckets, 1 if after else 0, 1)
    _fold(session, site_id)


def _add(session: Session, site_id: int, buckets: bytes, label: int, sign: int) -> None:
    queries.add_change(session, site_id, sign * (1 - label), sign * label, buckets)


def _fold(session: Session, site_id: int) -> None:
    """Move the changes into the snapshot, once there are many."""
    if queries.stamp(session, site_id).changes < CHANGES_MAX:
        return
    if not queries.may_fold(session, site_id):
        return
    known = _from_snapshot(session, site_id)
    changes = queries.changes(session, site_id)
    counts = known.counts.plus(map(_change, changes))
    sums = Sums(known.generation + 1, counts.wanted, counts.unwanted, counts.pack())
    queries.fold(session, site_id, sums, [change.id for change in changes])


def _change(stored: Stored) -> Change:
    return Change(unpack_buckets(stored.buckets), stored.wanted, stored.unwanted)


# --- Judging ------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Known:
    """What a process knows of a site."""

    counts: Counts
    generation: int
    changes: frozenset[int]
    """Ids of the changes since the snapshot that are in the counts."""

    @property
    def stamp(self) -> Stamp:
        return Stamp(self.generation, len(self.changes))


class Memory:
    """The counts of the sites judged last, a megabyte each, kept up with the database."""

    def __init__(self, sites: int) -> None:
        self._sites = sites
        self._known: OrderedDict[int, Known] = OrderedDict()
        self._lock = threading.Lock()

    def counts(self, session: Session, site_id: int) -> Counts:
        """Return what the site has learned, by every process, up to now."""
        with self._lock:
            known = self._known.get(site_id)
        # No lock is held while the database is asked: whoever waits for one may have the last
        # connection. Two threads may do the same work; both get it right.
        fresh = _up_to_date(session, site_id, known)
        with self._lock:
            self._known[site_id] = fresh
            self._known.move_to_end(site_id)
            while len(self._known) > self._sites:
                self._known.popitem(last=False)
        return fresh.counts


def _up_to_date(session: Session, site_id: int, known: Known | None) -> Known:
    stamp = queries.stamp(session, site_id)
    while known is None or known.stamp != stamp:
        if known is None or known.generation != stamp.generation:
            known = _from_snapshot(session, site_id)
        changes = queries.changes(session, site_id, known.changes)
        # On PostgreSQL each statement sees its own moment. Had somebody folded the changes since
        # the snapshot was read, some would be missing here.
        stamp = queries.stamp(session, site_id)
        if stamp.generation == known.generation:
            ids = known.changes | {change.id for change in changes}
            return Known(known.counts.plus(map(_change, changes)), known.generation, ids)
    return known


def _from_snapshot(session: Session, site_id: int) -> Known:
    stored = queries.snapshot(session, site_id)
    if stored is None:
        return Known(Counts.none(), 0, frozenset())
    counts = Counts.unpack(stored.wanted, stored.unwanted, stored.seen)
    return Known(counts, stored.generation, frozenset())


@dataclasses.dataclass(frozen=True)
class Opinion:
    """What the filter thinks of a comment, and by what it has learned."""

    counts: Counts
    reading: Reading
    score: float
    """How sure it is that the comment is unwanted, from 0 to 1."""

    def pieces(self) -> list[str]:
        """Return what of the comment spoke most for the score."""
        return self.counts.pieces(self.reading, unwanted=self.score >= MIDDLE)


def judge(counts: Counts, author: str, text: str, *, at_least: int) -> Opinion | None:
    """Return what to think of a comment; None before `at_least` of both labels are learned."""
    if min(counts.wanted, counts.unwanted) < at_least:
        return None
    reading = read(author, text)
    return Opinion(counts, reading, counts.score(reading))
