"""Takes what a reader sends, by form or JSON, to the road; turns refusals into problems."""

import dataclasses
import functools
from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext

from comments_service import asking, judging, limits, traps
from comments_service.challenges import NoLongerValid, Rung, WrongAnswer
from comments_service.context import Door, PageContext
from comments_service.core import current_core
from comments_service.forms import SubmissionForm
from comments_service.ladder import Demand, LadderSettings
from comments_service.problems import Problem
from comments_service.submission import (
    Content,
    MoreAsked,
    Refused,
    Stored,
    Submission,
    SubmissionKind,
)
from comments_service.verdicts import Draft

CORRECT_FIELDS = lazy_gettext("Please correct the marked fields.")
WRONG_CODE = lazy_gettext("The verification code is not correct.")
SPENT_CODE = lazy_gettext("The verification code has expired. Please enter the new one.")
ENTER_CODE = lazy_gettext("Please enter the verification code.")
ONE_MORE = lazy_gettext("One more step: please answer this too. Your text is still here.")
ANSWER_FIELD = "answer"


@dataclasses.dataclass(frozen=True)
class Receipt:
    """What was stored, for whom, and on which page."""

    stored: Stored
    visitor: str
    before: PageContext
    """The page as its sender saw it."""

    @functools.cached_property
    def context(self) -> PageContext:
        """The page as it is after it, looked up for those who show it."""
        return self.before.refreshed(self.visitor)


def receive(
    context: PageContext,
    kind: SubmissionKind,
    form: SubmissionForm,
    answer: Mapping[str, str],
) -> Receipt:
    """Check `form`, take it along the road, and return the receipt; refusals raise Problem.

    `answer` is everything that was sent, the solved challenge among it.
    """
    core = current_core()
    if not form.validate():
        raise _invalid(form)
    submission = _submission(context, kind, form)
    if submission.is_challenged and not answer.get("challenge"):
        raise _challenge_required(context, kind, ENTER_CODE)
    limits.charge_visitor(submission.visitor)
    is_metered = kind.challenged
    try:
        trap = traps.field_name(core.keys, context.site)
        stored = core.road.take(context.session, submission, answer, trap)
    except MoreAsked:
        raise _challenge_required(context, kind, ONE_MORE) from None
    except WrongAnswer:
        # Whose browser was to answer has typed nothing that could be wrong.
        message = WRONG_CODE if ANSWER_FIELD in answer else ONE_MORE
        raise Problem(422, "captcha_wrong", message, fields={ANSWER_FIELD: [message]}) from None
    except NoLongerValid:
        # Tokens that were made up cost their sender nothing, so they make no page busy.
        is_metered = False
        raise Problem(
            422, "captcha_expired", SPENT_CODE, fields={ANSWER_FIELD: [SPENT_CODE]}
        ) from None
    except Refused as refusal:
        form[refusal.field].errors = [refusal.message]
        raise _invalid(form) from None
    finally:
        if is_metered:
            limits.meter().note(submission.draft.networks, asking.page_digest(context))
    return Receipt(stored, submission.visitor, context)


def _submission(context: PageContext, kind: SubmissionKind, form: SubmissionForm) -> Submission:
    core = current_core()
    settings = core.plugins.owner(kind).site_settings(context.site)
    content = kind.content(form.data) if kind.moderated else Content("", "")
    draft = Draft(
        site=context.site,
        page_key=context.page_key,
        page_id=context.page_id,
        page_url=context.page_url,
        kind=kind.name,
        author=content.author,
        email=content.email,
        text=content.text,
        visitor=context.visitor or core.visitors.new(),
        standing=judging.standing(context.session, context.site, context.visitor),
        networks=asking.networks(context),
        user_agent=context.user_agent,
        locale=context.locale,
        now=context.now,
    )
    asked = _asked(context, kind, draft)
    return Submission(
        kind=kind,
        draft=draft,
        page=context.page,
        fields=form.data,
        hold=kind.is_held(settings),
        asked=asked.rung,
        hardness=asked.hardness,
        attack_posts=LadderSettings.of(context.site).attack_posts,
    )


def _asked(context: PageContext, kind: SubmissionKind, draft: Draft) -> Demand:
    price = kind.price(context.session, draft)
    if not kind.challenged and price is Rung.NOTHING:
        return Demand(price, 0)
    asked = asking.demand(context, draft.standing)
    return Demand(max(price, asked.rung) if kind.challenged else price, asked.hardness)


def _challenge_required(
    context: PageContext,
    kind: SubmissionKind,
    message: Any,  # noqa: ANN401 (lazily translated)
) -> Problem:
    # A form is drawn again with its next challenge; a program is handed it here.
    is_program = context.door is Door.API
    return Problem(
        428,
        "challenge_required",
        message,
        fields={ANSWER_FIELD: [message]},
        challenge=asking.draw_challenge(context, kind) if is_program else None,
    )


def _invalid(form: SubmissionForm) -> Problem:
    status, code = (413, "too_long") if form.is_too_long else (422, "validation")
    return Problem(status, code, CORRECT_FIELDS, fields=form.errors)
