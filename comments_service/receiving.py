"""Takes what a reader sends, by form or JSON, to the road; turns refusals into problems."""

import dataclasses
from collections.abc import Mapping

from flask_babel import lazy_gettext

from comments_service.challenges import NoLongerValid, WrongAnswer
from comments_service.context import PageContext
from comments_service.core import current_core
from comments_service.forms import SubmissionForm
from comments_service.problems import Problem
from comments_service.submission import Refused, Stored, Submission, SubmissionKind

CORRECT_FIELDS = lazy_gettext("Please correct the marked fields.")
WRONG_CODE = lazy_gettext("The verification code is not correct.")
SPENT_CODE = lazy_gettext("The verification code has expired. Please enter the new one.")
ENTER_CODE = lazy_gettext("Please enter the verification code.")
ANSWER_FIELD = "answer"


@dataclasses.dataclass(frozen=True)
class Receipt:
    """What was stored, for whom, and the page after it."""

    stored: Stored
    visitor: str
    context: PageContext


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
    settings = core.plugins.owner(kind).site_settings(context.site)
    if not form.validate():
        raise _invalid(form)
    if kind.challenged and core.challenges.providers and not answer.get("challenge"):
        raise Problem(428, "challenge_required", ENTER_CODE, fields={ANSWER_FIELD: [ENTER_CODE]})
    visitor = context.visitor or core.visitors.new()
    submission = Submission(
        kind=kind,
        site=context.site,
        page_key=context.page_key,
        visitor=visitor,
        fields=form.data,
        hold=kind.is_held(settings),
        now=context.now,
    )
    context.release()
    try:
        stored = core.road.take(submission, answer)
    except WrongAnswer:
        raise Problem(
            422, "captcha_wrong", WRONG_CODE, fields={ANSWER_FIELD: [WRONG_CODE]}
        ) from None
    except NoLongerValid:
        raise Problem(
            422, "captcha_expired", SPENT_CODE, fields={ANSWER_FIELD: [SPENT_CODE]}
        ) from None
    except Refused as refusal:
        form[refusal.field].errors = [refusal.message]
        raise _invalid(form) from None
    return Receipt(stored, visitor, context.refreshed(visitor))


def _invalid(form: SubmissionForm) -> Problem:
    status, code = (413, "too_long") if form.is_too_long else (422, "validation")
    return Problem(status, code, CORRECT_FIELDS, fields=form.errors)
