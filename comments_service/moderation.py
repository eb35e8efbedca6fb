"""Moderation: the queue of submissions, decisions on them, and the trail of who decided what."""

import dataclasses
from collections import defaultdict
from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from comments_service import clock, pages
from comments_service.db import Database
from comments_service.models import Decision, Moderator, Page, Site, Status, Submission
from comments_service.submission import SubmissionKind, Summary

QUEUE_LENGTH = 50


@dataclasses.dataclass(frozen=True)
class Entry:
    """One submission as the queue shows it."""

    submission: Submission
    site: Site
    page: Page
    summary: Summary


@dataclasses.dataclass(frozen=True)
class Queue:
    """The oldest submissions of one status, and how many there are of each."""

    status: Status
    entries: Sequence[Entry]
    counts: Mapping[Status, int]


class Moderation:
    """Shows moderators what waits, and carries out what they decide."""

    def __init__(self, db: Database, kinds: Mapping[str, SubmissionKind]) -> None:
        self._db = db
        self._kinds = kinds

    def queue(self, status: Status) -> Queue:
        """Return what stands at `status`: the oldest first where work waits, else the newest."""
        order = Submission.id if status is Status.HELD else Submission.id.desc()
        with self._db.read() as session:
            rows = session.execute(
                sa.select(Submission, Site, Page)
                .join(Site, Site.id == Submission.site_id)
                .join(Page, Page.id == Submission.page_id)
                .where(Submission.status == status, Submission.kind.in_(list(self._kinds)))
                .order_by(order)
                .limit(QUEUE_LENGTH)
            ).all()
            summaries = self._summaries(session, [row[0] for row in rows])
            counts = dict(
                session.execute(
                    sa.select(Submission.status, sa.func.count()).group_by(Submission.status)
                ).all()
            )
        entries = [
            Entry(submission, site, page, summaries[submission.id])
            for submission, site, page in rows
            if submission.id in summaries
        ]
        return Queue(status, entries, {each: counts.get(each, 0) for each in Status})

    def _summaries(
        self, session: Session, submissions: Sequence[Submission]
    ) -> Mapping[int, Summary]:
        ids: defaultdict[str, list[int]] = defaultdict(list)
        for submission in submissions:
            ids[submission.kind].append(submission.id)
        found: dict[int, Summary] = {}
        for kind, of_kind in ids.items():
            found.update(self._kinds[kind].summaries(session, of_kind))
        return found

    def decide(self, moderator: Moderator, ids: Sequence[int], after: Status) -> int:
        """Set the submissions `ids` to `after`, all or none; return how many that changed."""
        now = clock.now()
        with self._db.write() as session:
            submissions = session.scalars(
                sa.select(Submission)
                .where(
                    Submission.id.in_(ids),
                    Submission.status != after,
                    Submission.kind.in_(list(self._kinds)),
                )
                .order_by(Submission.id)
                .with_for_update()
            ).all()
            for submission in submissions:
                before = submission.status
                submission.status = after
                self._kinds[submission.kind].set_status(session, submission, before, after)
                session.add(
                    Decision(
                        at=now,
                        moderator_id=moderator.id,
                        moderator_name=moderator.name,
                        site_id=submission.site_id,
                        submission_id=submission.id,
                        before=before,
                        after=after,
                    )
                )
            for page_id in sorted({submission.page_id for submission in submissions}):
                pages.touch(session, page_id)
        return len(submissions)

    def history(self, limit: int = QUEUE_LENGTH) -> Sequence[Decision]:
        """Return the newest decisions."""
        with self._db.read() as session:
            return session.scalars(
                sa.select(Decision).order_by(Decision.id.desc()).limit(limit)
            ).all()
