"""Where readers' forms arrive, from the script door and from frames; and challenges for them."""

from flask import Blueprint, jsonify, redirect, request
from flask_babel import lazy_gettext
from werkzeug.wrappers import Response

from comments_service import asking, i18n, outcomes
from comments_service.context import Door, PageContext
from comments_service.core import current_core
from comments_service.forms import SubmissionForm
from comments_service.limits import charge, limited
from comments_service.models import Status
from comments_service.problems import Problem
from comments_service.receiving import ANSWER_FIELD, Receipt, receive
from comments_service.requests import json_object, keep_visitor, page_context, text
from comments_service.submission import SubmissionKind
from comments_service.views.doors import draw_frame
from comments_service.widgets import Drawing, frame_url, make_form

blueprint = Blueprint("submit", __name__)


@blueprint.post("/submit/<site_key>/<kind_name>")
@limited("write")
def submit(site_key: str, kind_name: str) -> Response:
    """Take a widget's form; answer embed.js with the widget, a frame with its document."""
    kind = _find_kind(kind_name)
    plugin = current_core().plugins.owner(kind).name
    door = Door.SCRIPT if request.form.get("door") == Door.SCRIPT else Door.FRAME
    with page_context(site_key, door, request.form, query=request.form) as context:
        form = make_form(kind, request.form)
        if "renew" in request.form:
            # Only another challenge is wanted: everything typed stays.
            token, way = request.form.get("challenge", ""), request.form["renew"]
            asking.give_back(context, kind.name, token, way=way)
            return _draw_again(context, plugin, kind, form, None)
        try:
            receipt = receive(context, kind, form, request.form)
        except Problem as problem:
            return _draw_again(context, plugin, kind, form, problem)
        return _draw_thanks(receipt, plugin)


def _find_kind(name: str) -> SubmissionKind:
    kind = current_core().plugins.kinds.get(name)
    if kind is None:
        raise Problem(404, "unknown_kind", lazy_gettext("There is no form of this name."))
    return kind


def _draw_again(
    context: PageContext,
    plugin: str,
    kind: SubmissionKind,
    form: SubmissionForm,
    problem: Problem | None,
) -> Response:
    messages = problem.fields.get(ANSWER_FIELD, []) if problem else []
    drawing = Drawing(
        context,
        filled={kind.name: form},
        challenged=kind.name if problem is None or messages else "",
        challenge_error=str(messages[0]) if messages else "",
        challenge_way=request.form.get("renew") or request.form.get("way", ""),
        outcome="renewed" if problem is None else "refused",
    )
    response: Response
    if context.door is Door.SCRIPT:
        response = jsonify(
            lang=context.locale,
            dir=i18n.text_direction(context.locale),
            widgets=drawing.draw([plugin]),
        )
    else:
        response = draw_frame(context, plugin, drawing=drawing)
    response.status_code = problem.status if problem else 200
    return response


def _draw_thanks(receipt: Receipt, plugin: str) -> Response:
    context, outcome = receipt.context, receipt.stored.outcome
    response: Response
    if context.door is Door.SCRIPT:
        response = jsonify(
            lang=context.locale,
            dir=i18n.text_direction(context.locale),
            widgets=Drawing(context, outcome=outcome).draw([plugin]),
            visitor=current_core().visitors.token(context.site.id, receipt.visitor),
        )
        response.status_code = 202 if receipt.stored.status is Status.HELD else 200
        return response
    # 303: reloading the page that follows sends nothing again.
    signed = outcomes.sign(context, plugin, outcome)
    response = redirect(frame_url(context, plugin, outcome=signed), 303)
    keep_visitor(response, context.site, receipt.visitor)
    return response


@blueprint.post("/api/v1/sites/<site_key>/challenge")
def challenge(site_key: str) -> Response:
    """Issue a challenge for {page, kind, way?, works?}: as HTML for a form, and as plain values.

    `works`: "1" if the asker can compute in the background; `way`: the alternative it wants.
    """
    try:
        asked = json_object()
        query = {"works": text(asked, "works")}
        with page_context(site_key, Door.API, asked, query=query) as context:
            kind = _find_kind(text(asked, "kind"))
            return jsonify(asking.draw_challenge(context, kind, way=text(asked, "way")))
    except Problem:
        # Nothing was charged yet, and to look for what is not there costs as much as to read.
        charge("read")
        raise
