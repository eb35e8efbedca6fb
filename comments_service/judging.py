"""Has every filter judge a submission, and keeps what they said."""

import dataclasses
import datetime
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pluggy
import sqlalchemy as sa
from flask_babel import gettext
from sqlalchemy.orm import Session

from comments_service import hooks, i18n
from comments_service.clock import Occasion
from comments_service.db import release, table
from comments_service.models import (
    CLUSTER_LENGTH,
    REASON_LENGTH,
    Decision,
    Envelope,
    FilterVerdict,
    Site,
    Status,
    Trace,
)
from comments_service.verdicts import Draft, Judged, Outcome, Standing, Verdict

TRACE_KEPT = datetime.timedelta(days=30)
FORGOTTEN_EVERY = datetime.timedelta(minutes=1)
"""So often at most, older traces are deleted where one is kept."""
_REFUSED = (Status.REJECTED, Status.SPAM)

# What was published or kept out by itself says nothing of its author: programs could come to be
# trusted, and a phrase that others have worn out could cost a reader the trust they earned.
_STANDS_AS_DECIDED = sa.exists().where(
    Decision.submission_id == Envelope.id, Decision.after == Envelope.status
)

# Made once: to build it anew would take longer than to run it. It counts in one row, because SQLite
# would walk through all of the site's submissions to group those of one visitor.
_STANDING = sa.select(
    sa.func.count(sa.case((sa.and_(Envelope.status == Status.PUBLISHED, _STANDS_AS_DECIDED), 1))),
    sa.func.count(sa.case((sa.and_(Envelope.status.in_(_REFUSED), _STANDS_AS_DECIDED), 1))),
    sa.func.min(Envelope.created_at),
).where(
    Envelope.site_id == sa.bindparam("site_id"),
    Envelope.visitor == sa.bindparam("visitor"),
)


_VERDICT = sa.insert(table(FilterVerdict))
_TRACE = sa.insert(table(Trace))
_OLD_TRACES = sa.delete(table(Trace)).where(
    table(Trace).c.created_at < sa.bindparam("before", type_=table(Trace).c.created_at.type)
)


@dataclasses.dataclass(frozen=True)
class Given:
    """The verdict of one filter."""

    filter: str
    verdict: Verdict


def standing(session: Session, site: Site, visitor: str | None) -> Standing:
    """Return what became of the visitor's earlier submissions; Standing() for nobody known."""
    if visitor is None:
        return Standing()
    asked = {"site_id": site.id, "visitor": visitor}
    approved, refused, since = session.execute(_STANDING, asked).one()
    return Standing(approved=approved, refused=refused, since=since)


class Judges:
    """The filters of the service."""

    def __init__(self, manager: pluggy.PluginManager) -> None:
        self._manager = manager
        self._forgetting = Occasion(FORGOTTEN_EVERY)

    def judge(self, session: Session, draft: Draft) -> list[Given]:
        """Return what the filters say of `draft`; other servers are asked only if it may pass.

        `session` is released before they are.
        """
        with i18n.speaking(draft.site.locale):
            calls = hooks.implementations(self._manager, "judge", session=session, draft=draft)
            given = [
                each
                for name, call in calls
                if (each := _call(name, "judge", call, on_error=session.rollback))
            ]
            release(session)
            if all(each.verdict.outcome <= Outcome.HOLD for each in given):
                calls = hooks.implementations(self._manager, "consult", draft=draft)
                given += [each for name, call in calls if (each := _call(name, "consult", call))]
        return given

    def keep(
        self, session: Session, draft: Draft, envelope: Envelope, given: Sequence[Given]
    ) -> None:
        """Keep what was said of the submission, and let the filters keep what they need."""
        connection = session.connection()
        verdicts = [
            {
                "submission_id": envelope.id,
                "filter": each.filter,
                "outcome": each.verdict.outcome,
                "reason": each.verdict.reason[:REASON_LENGTH],
                "score": each.verdict.score,
            }
            for each in given
        ]
        if verdicts:
            connection.execute(_VERDICT, verdicts)
        if self._forgetting.is_due(draft.now):
            connection.execute(_OLD_TRACES, {"before": draft.now - TRACE_KEPT})
        trace = {
            "submission_id": envelope.id,
            "networks": list(draft.networks),
            "created_at": draft.now,
        }
        connection.execute(_TRACE, trace)
        self._tell(session, "submission_stored", draft=draft, envelope=envelope)

    def learn(self, session: Session, judged: Judged) -> None:
        """Let the filters learn from a moderator's decision."""
        self._tell(session, "submission_decided", judged=judged)

    def _tell(self, session: Session, hook: str, **arguments: object) -> None:
        for name, call in hooks.implementations(self._manager, hook, session=session, **arguments):
            try:
                with session.begin_nested():
                    call()
            except Exception as error:  # noqa: BLE001 (any plugin's failure is its own)
                hooks.log_failure(name, hook, error)


def verdicts_on(session: Session, ids: Sequence[int]) -> Mapping[int, Sequence[FilterVerdict]]:
    """Return what was said of the submissions `ids`, the gravest first."""
    said: defaultdict[int, list[FilterVerdict]] = defaultdict(list)
    for verdict in session.scalars(
        sa.select(FilterVerdict)
        .where(FilterVerdict.submission_id.in_(ids))
        .order_by(FilterVerdict.outcome.desc(), FilterVerdict.id)
    ):
        said[verdict.submission_id].append(verdict)
    return said


def cluster(given: Sequence[Given]) -> str | None:
    """Return the wave that a submission belongs to, if a filter knows one."""
    found = (each.verdict.cluster for each in given if each.verdict.cluster)
    return next((text[:CLUSTER_LENGTH] for text in found), None)


def _call(
    name: str,
    hook: str,
    call: Callable[[], Any],
    on_error: Callable[[], None] = lambda: None,
) -> Given | None:
    try:
        verdict = call()
    except Exception as error:  # noqa: BLE001 (any plugin's failure is its own)
        hooks.log_failure(name, hook, error)
        on_error()
        # What could not be judged is not let through unseen.
        verdict = Verdict(Outcome.HOLD, gettext("The filter failed; see the service's log."))
    return Given(name, verdict) if verdict is not None else None
