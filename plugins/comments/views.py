"""JSON interface of the comments."""

from typing import Any

from flask import Blueprint, jsonify, request, url_for
from werkzeug.wrappers import Response

from comments_service.api import (
    Door,
    Problem,
    Status,
    current_core,
    form_values,
    json_object,
    lazy_gettext,
    limited,
    make_form,
    page_context,
    receive,
)

from . import queries, service
from .queries import Public

blueprint = Blueprint("comments", __name__, url_prefix="/api/v1/sites/<site_key>/comments")


def _body(comment: Public) -> dict[str, Any]:
    return {
        "id": comment.id,
        "parent": comment.parent_id,
        "thread": comment.thread_id,
        "name": comment.name,
        "text": comment.text,
        "created_at": comment.created_at.isoformat(),
    }


@blueprint.get("")
@limited("read")
def read(site_key: str) -> Response:
    """Return the public comments of ?page=, in order ?sort=newest|oldest, up to ?limit=.

    `previous` and `next` are cursors of the neighbouring slices, for ?cursor=.
    """
    asked = request.args
    with page_context(site_key, Door.API, asked, query=asked) as context:
        found = service.read(
            context.session,
            context.page_id,
            order=service.parse_order(asked.get("sort", "")),
            cursor=service.Cursor.parse(asked.get("cursor", "")),
            limit=_limit(asked.get("limit", "")),
        )
        return jsonify(
            page=context.page_key,
            total=found.total,
            sort=found.order,
            comments=[_body(each) for each in found.comments],
            previous=found.previous,
            next=found.next,
        )


def _limit(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 3):  # noqa: PLR2004 (the most it may be is 100)
        return service.PAGE_LENGTH
    return min(max(int(text), 1), service.PAGE_LENGTH_MAX)


@blueprint.get("/<int(max=2147483647):comment_id>")
@limited("read")
def read_one(site_key: str, comment_id: int) -> Response:
    """Return one public comment of ?page=."""
    with page_context(site_key, Door.API, request.args) as context:
        found = None
        if context.page_id is not None:
            found = queries.public(context.session, context.page_id, comment_id)
        if found is None:
            message = lazy_gettext("There is no public comment with this number on this page.")
            raise Problem(404, "not_found", message)
        return jsonify(_body(found))


@blueprint.post("")
@limited("write")
def send(site_key: str) -> Response:
    """Send a comment: {page, name, email?, text, parent?, challenge, answer, works?, visitor?}.

    Answers 201 if it is public, 202 if it waits for a moderator, 428 with the next challenge if
    one more is to be solved.
    """
    sent = json_object()
    kind = current_core().plugins.kinds["comment"]
    answer = form_values(sent)
    with page_context(site_key, Door.API, sent, query=answer) as context:
        receipt = receive(context, kind, make_form(kind, sent, token=False), answer)
        stored = receipt.stored
        response = jsonify(
            id=stored.id,
            status=stored.status,
            visitor=current_core().visitors.token(context.site.id, receipt.visitor),
        )
        response.status_code = 201 if stored.status is Status.PUBLISHED else 202
        response.headers["Location"] = url_for(
            ".read_one", site_key=site_key, comment_id=stored.id, page=context.page_key
        )
        return response
