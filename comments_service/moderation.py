"""Moderation: the queue of submissions, decisions on them, and the trail of who decided what."""

import dataclasses
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from comments_service import clock, judging, pages
from comments_service.db import Database, count_to
from comments_service.judging import Judges
from comments_service.models import Decision, Envelope, FilterVerdict, Moderator, Page, Site, Status
from comments_service.submission import SubmissionKind, Summary
from comments_service.verdicts import Judged

QUEUE_LENGTH = 50
COUNTED = 1000
"""Beyond that nobody needs to know how many there are, and to count them takes its time."""
WAVE_LENGTH = 1000
"""So many of one wave are decided at once."""
WAVE_REASONS = 12
"""So many are shown of a wave: those with numbers in them may be as many as its members."""


_IS_DECIDED = sa.exists().where(Decision.submission_id == Envelope.id)


def _of_waves(ids: Sequence[int]) -> sa.ColumnElement[bool]:
    """Return whether a submission belongs to the wave of one of those waiting `ids`."""
    first = aliased(Envelope)
    waves = sa.select(first.site_id, first.cluster).where(
        first.id.in_(ids), first.status == Status.HELD, first.cluster.is_not(None)
    )
    return sa.tuple_(Envelope.site_id, Envelope.cluster).in_(waves)


def _counts(kinds: Collection[str]) -> sa.Select[*tuple[int, ...]]:
    """Count the submissions of `kinds` at each status, in the order of Status: to COUNTED + 1."""

    def count(status: Status) -> sa.ScalarSelect[int]:
        found = sa.select(Envelope.id).where(Envelope.status == status, Envelope.kind.in_(kinds))
        return count_to(COUNTED + 1, found)

    return sa.select(*map(count, Status))


@dataclasses.dataclass(frozen=True)
class Reason:
    """What a filter said of a submission, or of some in a wave."""

    filter: str
    text: str


@dataclasses.dataclass(frozen=True)
class Entry:
    """One submission as the queue shows it."""

    envelope: Envelope
    site: Site
    page: Page
    summary: Summary
    reasons: Sequence[Reason]
    """What the filters said of it, or of all of its wave: the gravest first."""
    count: int
    """Of how many of one wave it is the first, itself among them."""
    is_decided: bool
    """A moderator has decided on it before."""


@dataclasses.dataclass(frozen=True)
class Count:
    """How many submissions stand at one status."""

    number: int
    is_more: bool
    """There are more than `number`, which is COUNTED then."""

    @classmethod
    def of(cls, found: int) -> "Count":
        return cls(min(found, COUNTED), found > COUNTED)


@dataclasses.dataclass(frozen=True)
class Queue:
    """The oldest submissions of one status, and how many there are of each."""

    status: Status
    entries: Sequence[Entry]
    counts: Mapping[Status, Count]
    next: int | None
    """Where the next part starts; None if this is the last."""
    newest: int
    """The newest submission when this was looked up: what comes later was seen by nobody."""


class Moderation:
    """Shows moderators what waits, and carries out what they decide."""

    def __init__(self, db: Database, kinds: Mapping[str, SubmissionKind], judges: Judges) -> None:
        self._db = db
        self._kinds = kinds
        self._judges = judges

    def queue(self, status: Status, *, start: int = 0, wave_of: int = 0) -> Queue:
        """Return what stands at `status`: the oldest first where work waits, else the newest.

        `start` is the `next` of the part before. What waits is shown by waves, each as its first;
        `wave_of` is such a first, and asks for every submission of its wave.
        """
        is_waiting = status is Status.HELD
        with self._db.read() as session:
            counted = self._waves(session, start) if is_waiting and not wave_of else {}
            statement = (
                sa.select(Envelope, Site, Page, _IS_DECIDED)
                .join(Site, Site.id == Envelope.site_id)
                .join(Page, Page.id == Envelope.page_id)
                .where(Envelope.status == status, Envelope.kind.in_(list(self._kinds)))
                .order_by(Envelope.id if is_waiting else Envelope.id.desc())
                .limit(QUEUE_LENGTH)
            )
            if wave_of:
                statement = statement.where(_of_waves([wave_of]), Envelope.id > start)
            elif is_waiting:
                statement = statement.where(Envelope.id.in_(list(counted)))
            elif start:
                statement = statement.where(Envelope.id < start)
            rows = session.execute(statement).all()
            summaries = self._summaries(session, [row[0] for row in rows])
            reasons = self._reasons(session, list(summaries), counted)
            counts = session.execute(_counts(self._kinds)).one()
            newest = session.scalar(sa.select(sa.func.max(Envelope.id))) or 0
        entries = [
            Entry(
                envelope,
                site,
                page,
                summaries[envelope.id],
                reasons.get(envelope.id, []),
                counted.get(envelope.id, 1),
                is_decided,
            )
            for envelope, site, page, is_decided in rows
            if envelope.id in summaries
        ]
        return Queue(
            status,
            entries,
            {each: Count.of(found) for each, found in zip(Status, counts, strict=True)},
            next=rows[-1][0].id if len(rows) == QUEUE_LENGTH else None,
            newest=newest,
        )

    def _waves(self, session: Session, start: int) -> dict[int, int]:
        """Return the first waiting submissions of each wave by id, and how many each stands for."""
        wave = sa.func.coalesce(Envelope.cluster, sa.cast(Envelope.id, sa.String))
        first = sa.func.min(Envelope.id)
        rows = session.execute(
            sa.select(first, sa.func.count())
            .where(Envelope.status == Status.HELD, Envelope.kind.in_(list(self._kinds)))
            .group_by(Envelope.site_id, wave)
            .having(first > start)
            .order_by(first)
            .limit(QUEUE_LENGTH)
        )
        return dict(rows.all())

    def _reasons(
        self, session: Session, ids: Sequence[int], counted: Mapping[int, int]
    ) -> Mapping[int, Sequence[Reason]]:
        """Return what was said of the submissions `ids`; of each in `counted`, of all its wave."""
        said: dict[int, Sequence[Reason]] = {
            id_: [Reason(each.filter, each.reason) for each in verdicts]
            for id_, verdicts in judging.verdicts_on(session, ids).items()
        }
        waves = [id_ for id_ in ids if counted.get(id_, 1) > 1]
        if waves:
            said.update(self._reasons_of_waves(session, waves))
        return said

    def _reasons_of_waves(
        self, session: Session, firsts: Sequence[int]
    ) -> Mapping[int, Sequence[Reason]]:
        first, member = aliased(Envelope), aliased(Envelope)
        rows = session.execute(
            sa.select(first.id, FilterVerdict.filter, FilterVerdict.reason)
            .join(
                member,
                sa.and_(
                    member.site_id == first.site_id,
                    member.cluster == first.cluster,
                    member.status == Status.HELD,
                ),
            )
            .join(FilterVerdict, FilterVerdict.submission_id == member.id)
            .where(first.id.in_(firsts))
            .group_by(first.id, FilterVerdict.filter, FilterVerdict.reason)
            .order_by(sa.func.max(FilterVerdict.outcome).desc(), sa.func.count().desc())
        )
        said: defaultdict[int, list[Reason]] = defaultdict(list)
        for id_, name, text in rows:
            if len(said[id_]) < WAVE_REASONS:
                said[id_].append(Reason(name, text))
        return said

    def with_waves(self, ids: Sequence[int], newest: int) -> Sequence[int]:
        """Return `ids`, and what waits of their waves up to the id `newest`."""
        with self._db.read() as session:
            alike = session.scalars(
                sa.select(Envelope.id)
                .where(Envelope.status == Status.HELD, _of_waves(ids), Envelope.id <= newest)
                .order_by(Envelope.id)
                .limit(WAVE_LENGTH)
            ).all()
        return sorted({*ids, *alike})

    def _summaries(self, session: Session, envelopes: Sequence[Envelope]) -> Mapping[int, Summary]:
        ids: defaultdict[str, list[int]] = defaultdict(list)
        for envelope in envelopes:
            ids[envelope.kind].append(envelope.id)
        found: dict[int, Summary] = {}
        for kind, of_kind in ids.items():
            found.update(self._kinds[kind].summaries(session, of_kind))
        return found

    def decide(self, moderator: Moderator, ids: Sequence[int], after: Status) -> int:
        """Set the submissions `ids` to `after`, all or none; return how many that changed."""
        now = clock.now()
        with self._db.write() as session:
            envelopes = session.scalars(
                sa.select(Envelope)
                .where(
                    Envelope.id.in_(ids),
                    # What a filter or the site decided, a moderator may confirm.
                    sa.or_(Envelope.status != after, sa.not_(_IS_DECIDED)),
                    Envelope.kind.in_(list(self._kinds)),
                )
                # One order for everybody, so that two moderators never wait for each other.
                .order_by(Envelope.page_id, Envelope.id)
                .with_for_update()
            ).all()
            summaries = self._summaries(session, envelopes)
            for envelope in envelopes:
                before = envelope.status
                envelope.status = after
                self._kinds[envelope.kind].set_status(session, envelope, before, after)
                self._learn(session, envelope, summaries.get(envelope.id), before)
                session.add(
                    Decision(
                        at=now,
                        moderator_id=moderator.id,
                        moderator_name=moderator.name,
                        site_id=envelope.site_id,
                        submission_id=envelope.id,
                        before=before,
                        after=after,
                    )
                )
            pages.touch(session, {envelope.page_id for envelope in envelopes})
        return len(envelopes)

    def _learn(
        self, session: Session, envelope: Envelope, summary: Summary | None, before: Status
    ) -> None:
        site = session.get(Site, envelope.site_id)
        if summary is not None and site is not None:
            judged = Judged(
                site=site,
                submission_id=envelope.id,
                kind=envelope.kind,
                author=summary.author,
                text=summary.text,
                visitor=envelope.visitor,
                before=before,
                after=envelope.status,
            )
            self._judges.learn(session, judged)

    def history(self, limit: int = QUEUE_LENGTH) -> Sequence[Decision]:
        """Return the newest decisions."""
        with self._db.read() as session:
            return session.scalars(
                sa.select(Decision).order_by(Decision.id.desc()).limit(limit)
            ).all()
