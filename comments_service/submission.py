"""The road that everything a reader sends takes: challenge, verdicts, one transaction.

Shape and limits are seen to before it, in the view; notifications come after it.
"""

import dataclasses
import datetime
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from comments_service import attacks, i18n, judging, pages, traps
from comments_service.challenges import (
    Challenge,
    Challenges,
    NoLongerValid,
    Purpose,
    Rung,
    Unavailable,
    WrongAnswer,
)
from comments_service.db import Database, release, table
from comments_service.forms import SubmissionForm
from comments_service.judging import Given, Judges
from comments_service.models import Envelope, Page, Site, Status
from comments_service.verdicts import Draft, decide

# Made once: to make it anew would take longer than to run it.
_ENVELOPE = sa.insert(table(Envelope)).returning(table(Envelope).c.id)


@dataclasses.dataclass(frozen=True)
class Content:
    """The words of a submission, for the filters."""

    author: str
    text: str
    email: str = ""


@dataclasses.dataclass(frozen=True)
class Submission:
    """What a reader sends, its fields already clean."""

    kind: "SubmissionKind"
    draft: Draft
    page: Page | None
    """None if it is the first thing that is written there."""
    fields: Mapping[str, Any]
    hold: bool
    """The site wants it judged by a person before it is public."""
    asked: Rung
    """What is asked of this reader now."""
    hardness: int
    """How much harder than usual a challenge is to be now."""
    attack_posts: int
    """So many submissions within five minutes are an attack on the site; 0: none are."""
    is_proven: bool = False
    """Its sender solved a challenge that was as much as is asked, and fell into no trap."""

    @property
    def is_challenged(self) -> bool:
        return self.kind.challenged or self.asked > Rung.NOTHING

    @property
    def site(self) -> Site:
        return self.draft.site

    @property
    def page_key(self) -> str:
        return self.draft.page_key

    @property
    def visitor(self) -> str:
        return self.draft.visitor

    @property
    def now(self) -> datetime.datetime:
        return self.draft.now

    @property
    def purpose(self) -> Purpose:
        return Purpose(self.site.id, self.page_key, self.kind.name, self.draft.networks[-1])


@dataclasses.dataclass(frozen=True)
class Stored:
    """What came of a submission, as its author is told: published, or held."""

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


class MoreAsked(Exception):
    """The solved challenge is less than is asked by now; what is asked comes next."""


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

    def price(self, session: Session, draft: Draft) -> Rung:
        """Return what is asked at least of the sender of `draft`, whatever the site asks.

        For a kind that is not `challenged`, anything above NOTHING makes it so, this once.
        """
        del session, draft
        return Rung.NOTHING

    def content(self, fields: Mapping[str, Any]) -> Content:
        """Return the words of a submission of a moderated kind, for the filters."""
        raise NotImplementedError

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

    def __init__(
        self, db: Database, challenges: Challenges, judges: Judges, shortest: datetime.timedelta
    ) -> None:
        self._db = db
        self._challenges = challenges
        self._judges = judges
        self._shortest = shortest

    def take(
        self, session: Session, submission: Submission, answer: Mapping[str, str], trap: str
    ) -> Stored:
        """Store `submission`; raise ChallengeError, MoreAsked or Refused.

        `session` reads until the submission is judged, and is then released: nothing that waits,
        for another server or for the turn to write, holds its connection. `answer` is the submitted
        form, `trap` the name of the field in it that stays empty.
        """
        challenge = self._open(session, submission, answer)
        given: list[Given] = []
        if challenge is not None:
            is_sure = self._is_sure(session, submission, challenge, answer)
            with i18n.speaking(submission.site.locale):
                given = traps.judge(
                    challenge,
                    answer,
                    asked=submission.asked,
                    is_sure=is_sure,
                    trap=trap,
                    shortest=self._shortest,
                    now=submission.now,
                )
            submission = dataclasses.replace(submission, is_proven=not given)
        if submission.kind.moderated:
            given += self._judges.judge(session, submission.draft)
        else:
            release(session)
        default = Status.HELD if submission.hold else Status.PUBLISHED
        status = decide([each.verdict for each in given], default)
        try:
            return self._store(submission, challenge, given, status)
        except Refused:
            self._spend(challenge, submission)
            raise

    def _open(
        self, session: Session, submission: Submission, answer: Mapping[str, str]
    ) -> Challenge | None:
        """Return the challenge in `answer`, not yet spent; None if nothing is asked."""
        if not submission.is_challenged:
            return None
        token = answer.get("challenge", "")
        challenge = self._challenges.open(token, submission.site, submission.purpose)
        if self._challenges.is_spent(session, challenge):
            raise NoLongerValid
        return challenge

    def _is_sure(
        self,
        session: Session,
        submission: Submission,
        challenge: Challenge,
        answer: Mapping[str, str],
    ) -> bool:
        """Tell whether the challenge is solved, and as much as one can show; raise if it isn't."""
        if not challenge.is_excused and self._is_cheap(challenge, submission):
            raise MoreAsked
        if self._challenges.is_remote(challenge):
            release(session)
        try:
            if self._challenges.is_solved(challenge, answer):
                return not challenge.is_excused
        except Unavailable:
            return False
        release(session)
        self._spend(challenge, submission)
        raise WrongAnswer

    def _is_cheap(self, challenge: Challenge, submission: Submission) -> bool:
        """Tell whether less was asked with `challenge` than is by now.

        Else many could be collected while little is asked, and be spent when much is. One step of
        hardness is forgiven: a form may stand open while others send.
        """
        provider = self._challenges.providers[challenge.provider]
        if provider.rung < min(submission.asked, Rung.PERSON):
            return True
        if challenge.hardness + 1 >= submission.hardness:
            return False
        draft = submission.draft
        return provider.variant(draft.site, draft.locale, submission.hardness) != challenge.variant

    def _store(
        self,
        submission: Submission,
        challenge: Challenge | None,
        given: Sequence[Given],
        status: Status,
    ) -> Stored:
        with self._db.write() as session:
            if challenge is not None:
                self._challenges.spend(session, challenge, submission.now)
            page = submission.page or pages.ensure(
                session,
                submission.site,
                submission.page_key,
                title="",
                now=submission.now,
            )
            cluster = judging.cluster(given)
            # Who solved as much as is asked, and fell into no trap, is no part of a flood.
            if cluster is None and not submission.is_proven:
                cluster = attacks.cluster(
                    submission.site, submission.draft.networks, submission.now
                )
            envelope = _envelope(session, submission, page, status, cluster)
            outcome = submission.kind.store(session, submission, page, envelope)
            if envelope is not None:
                self._judges.keep(session, submission.draft, envelope, given)
                attacks.notice(session, submission.site, submission.attack_posts, submission.now)
            pages.touch(session, [page.id])
        # Whoever is kept out is not told so: it would teach a program what to change.
        told = Status.PUBLISHED if status is Status.PUBLISHED else Status.HELD
        return Stored(told, outcome, envelope.id if envelope else None)

    def _spend(self, challenge: Challenge | None, submission: Submission) -> None:
        if challenge is not None:
            with self._db.write() as session:
                self._challenges.spend(session, challenge, submission.now)


def _envelope(
    session: Session, submission: Submission, page: Page, status: Status, cluster: str | None
) -> Envelope | None:
    if not submission.kind.moderated:
        return None
    row = {
        "site_id": submission.site.id,
        "page_id": page.id,
        "kind": submission.kind.name,
        "visitor": submission.visitor,
        "status": status,
        "created_at": submission.now,
        "cluster": cluster,
    }
    return Envelope(id=session.connection().scalar(_ENVELOPE, row), **row)
