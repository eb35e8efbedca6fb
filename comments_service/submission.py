"""The road that everything a reader sends takes: challenge, verdict, one transaction.

Shape and limits are seen to before it, in the view; notifications come after it.
"""

import dataclasses
import datetime
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from sqlalchemy.orm import Session

from comments_service import pages
from comments_service.challenges import (
    Challenge,
    Challenges,
    Purpose,
    WrongAnswer,
)
from comments_service.db import Database
from comments_service.forms import SubmissionForm
from comments_service.models import Envelope, Page, Site, Status


@dataclasses.dataclass(frozen=True)
class Submission:
    """What a reader sends, its fields already clean."""

    kind: "SubmissionKind"
    site: Site
    page_key: str
    visitor: str
    fields: Mapping[str, Any]
    hold: bool
    """The site wants it judged by a person before it is public."""
    now: datetime.datetime

    @property
    def purpose(self) -> Purpose:
        return Purpose(self.site.id, self.page_key, self.kind.name)


@dataclasses.dataclass(frozen=True)
class Stored:
    """What came of a submission."""

    status: Status
    outcome: str
    """The word by which the widget's template thanks for it."""
    id: int | None
    """Its id, if moderators judge it."""


@dataclasses.dataclass(frozen=True)
class Summary:
    """What a moderator needs to see of a submission in the queue."""

    author: str
    text: str


class Refused(Exception):
    """The kind's own rules refuse it; the message stands beside `field`."""

    def __init__(self, field: str, message: Any) -> None:  # noqa: ANN401 (lazily translated)
        super().__init__(field)
        self.field = field
        self.message = message


class SubmissionKind(ABC):
    """One kind of thing that readers send: its form, and how it is kept."""

    name: ClassVar[str]
    form: ClassVar[type[SubmissionForm]]
    challenged: ClassVar[bool] = False
    """It takes a solved challenge."""
    moderated: ClassVar[bool] = False
    """Moderators judge it: it gets an envelope, and `set_status` and `summaries` are called."""

    def is_held(self, site_settings: Any) -> bool:  # noqa: ANN401 (the plugin's own dataclass)
        """Tell whether a site with these settings wants it held for a person."""
        del site_settings
        return False

    @abstractmethod
    def store(
        self, session: Session, submission: Submission, page: Page, envelope: Envelope | None
    ) -> str:
        """Write the content, and every total that follows from it, in the session's transaction.

        `envelope` is there if the kind is moderated; its id is the content's id. Returns the word
        by which the widget's template thanks for it. Raises Refused.
        """

    def set_status(
        self, session: Session, envelope: Envelope, before: Status, after: Status
    ) -> None:
        """Show or hide the content of `envelope`, in the transaction of the decision."""
        raise NotImplementedError

    def summaries(self, session: Session, ids: Sequence[int]) -> Mapping[int, Summary]:
        """Return what the queue shows of the submissions `ids`."""
        raise NotImplementedError


class Road:
    """Takes submissions from a checked form to the database."""

    def __init__(self, db: Database, challenges: Challenges) -> None:
        self._db = db
        self._challenges = challenges

    def take(self, submission: Submission, answer: Mapping[str, str]) -> Stored:
        """Store `submission` or raise ChallengeError or Refused; `answer` is the submitted form."""
        challenge = None
        hold = submission.hold
        if submission.kind.challenged and self._challenges.providers:
            challenge = self._solved(submission, answer)
        elif submission.kind.challenged:
            # Nobody can be asked, so a person must look.
            hold = True
        status = Status.HELD if hold else Status.PUBLISHED
        try:
            return self._store(submission, challenge, status)
        except Refused:
            self._spend(challenge, submission)
            raise

    def _store(self, submission: Submission, challenge: Challenge | None, status: Status) -> Stored:
        with self._db.write() as session:
            if challenge is not None:
                self._challenges.spend(session, challenge, submission.now)
            page = pages.ensure(
                session,
                submission.site,
                submission.page_key,
                title="",
                now=submission.now,
            )
            envelope = _envelope(session, submission, page, status)
            outcome = submission.kind.store(session, submission, page, envelope)
            pages.touch(session, page.id)
        return Stored(status, outcome, envelope.id if envelope else None)

    def _solved(self, submission: Submission, answer: Mapping[str, str]) -> Challenge:
        challenge = self._challenges.open(answer.get("challenge", ""), submission.purpose)
        if not self._challenges.is_solved(challenge, answer):
            self._spend(challenge, submission)
            raise WrongAnswer
        return challenge

    def _spend(self, challenge: Challenge | None, submission: Submission) -> None:
        if challenge is not None:
            with self._db.write() as session:
                self._challenges.spend(session, challenge, submission.now)


def _envelope(
    session: Session, submission: Submission, page: Page, status: Status
) -> Envelope | None:
    if not submission.kind.moderated:
        return None
    envelope = Envelope(
        site_id=submission.site.id,
        page_id=page.id,
        kind=submission.kind.name,
        visitor=submission.visitor,
        status=status,
        created_at=submission.now,
    )
    session.add(envelope)
    session.flush()
    return envelope
