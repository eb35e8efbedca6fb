"""The three doors by which readers see widgets: script, frame and include."""

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl

from flask import Blueprint, render_template, request
from flask_babel import lazy_gettext
from markupsafe import Markup
from werkzeug.wrappers import Response

from comments_service import answers, outcomes
from comments_service.context import Door, PageContext
from comments_service.core import current_core
from comments_service.limits import limited
from comments_service.page_views import count_view
from comments_service.pieces import Piece
from comments_service.problems import Problem
from comments_service.requests import (
    VIEW_ID_LENGTH,
    is_ahead,
    is_document,
    json_object,
    page_context,
    text,
)
from comments_service.widgets import Drawing, known

blueprint = Blueprint("doors", __name__)

INCLUDE_SECONDS = 30
QUERY_CHOICES = 10


@blueprint.post("/api/v1/view")
@limited("read")
def view() -> Response:
    """Count a page view and draw every widget of the page, in one answer.

    Takes {site, page, widgets, title, referrer, lang, visitor, count, id, query} as JSON in
    text/plain: a simple request, so that no preflight is needed. `count: false` only draws; `id`
    names this opening of the page, so that it is counted once if it is sent again; `referrer` is
    the host from which the reader came; `query` holds the reader's choices within a widget. The
    answer's `counted` says whether the view is surely counted.
    """
    asked = json_object()
    query = asked.get("query")
    widgets = asked.get("widgets")
    with page_context(
        text(asked, "site"), Door.SCRIPT, asked, query=_texts(query) if query else {}
    ) as context:
        if not isinstance(widgets, list) or not all(isinstance(name, str) for name in widgets):
            message = lazy_gettext("Name the widgets to show in a list.")
            raise Problem(422, "validation", message, fields={"widgets": [message]})
        counted = False
        if asked.get("count") is not False and not is_ahead():
            # Only a page of the site's own names it: a stranger could call it anything.
            title = text(asked, "title") if "Origin" in request.headers else ""
            view_id = text(asked, "id")[:VIEW_ID_LENGTH]
            counted = count_view(context, title, view_id, text(asked, "referrer"))
        names = known(widgets)
        unknown = sorted(set(widgets) - set(names))
        return answers.view(context, names, unknown, counted=counted)


def _texts(query: object) -> dict[str, str]:
    if not isinstance(query, dict):
        return {}
    pairs = list(query.items())[:QUERY_CHOICES]
    return {name: value for name, value in pairs if isinstance(value, str)}


@blueprint.get("/embed/<site_key>/<widget>")
@limited("read")
def frame(site_key: str, widget: str) -> Response:
    """Show one widget as a document of its own, which works without scripts."""
    with page_context(site_key, Door.FRAME, request.args, query=request.args) as context:
        outcome = outcomes.read(context, widget, request.args.get("outcome", ""))
        return draw_frame(context, widget, outcome=outcome)


def draw_frame(
    context: PageContext, widget: str, *, drawing: Drawing | None = None, outcome: str = ""
) -> Response:
    """Return the widget's document, which only this site's pages may frame."""
    if not known([widget]):
        raise Problem(404, "unknown_widget", lazy_gettext("There is no widget of this name."))
    counts = current_core().plugins.shower(widget).frame_counts
    is_view = counts and request.args.get("count") != "off"
    is_opened = request.method == "GET" and is_document(request.environ) and not is_ahead()
    if is_view and is_opened:
        count_view(context)
    is_common = drawing is None and not (outcome or context.visitor)
    drawing = drawing or Drawing(context, outcome=outcome)
    html = drawing.draw([widget])[widget]
    document = render_template(
        "core/frame.html",
        context=context,
        widget=widget,
        html=Markup(html),  # noqa: S704 (from our own templates)
    )
    piece = Piece(document.encode())
    response = answers.respond([piece], "text/html")
    if not (is_common and drawing.may_be_kept):
        return response
    if not answers.keep_document(context, widget, piece, is_view=is_view):
        return response
    # The browser may keep it too, and asks each time whether it is still the same.
    response.headers["Cache-Control"] = "private, no-cache"
    response.set_etag(answers.etag(piece), weak=True)
    return response.make_conditional(request)


@blueprint.get("/include/<site_key>/<widget>")
@limited("read")
def include(site_key: str, widget: str) -> Response:
    """Return the widget's bare fragment, for the portal's server to put into its page."""
    if not known([widget]):
        raise Problem(404, "unknown_widget", lazy_gettext("There is no widget of this name."))
    asked = _asked_by_a_server()
    with page_context(site_key, Door.INCLUDE, asked, query=asked) as context:
        drawing = Drawing(context)
        piece = Piece(drawing.draw([widget])[widget].encode())
        if drawing.may_be_kept:
            answers.keep_document(context, widget, piece)
    response = answers.respond([piece], "text/html")
    # Without an address of its own, the service links to whatever host the request names.
    if current_core().settings.public_url:
        response.headers["Cache-Control"] = f"public, max-age={INCLUDE_SECONDS}"
    response.set_etag(answers.etag(piece), weak=True)
    return response.make_conditional(request)


def _asked_by_a_server() -> Mapping[str, str]:
    """Return the query; in it, `address=` takes all that follows it, as it stands.

    Few servers can escape their page's address for a query. So it comes last, and nothing that a
    reader writes into it is a choice of the portal's.
    """
    before, *address = re.split(b"(?:^|&)address=", request.query_string, maxsplit=1)
    if not address:
        return request.args
    page = address[0].decode(errors="surrogateescape")
    return {**dict(parse_qsl(before.decode(errors="replace"))), "page": page}
