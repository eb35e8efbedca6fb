"""JSON interface of the rating."""

from typing import Any

from flask import Blueprint, jsonify, request
from werkzeug.wrappers import Response

from comments_service.api import (
    Door,
    PageContext,
    current_core,
    json_object,
    limited,
    make_form,
    page_context,
    receive,
)

from . import service
from .models import STARS

blueprint = Blueprint("rating", __name__, url_prefix="/api/v1/sites/<site_key>/rating")


def _body(context: PageContext) -> dict[str, Any]:
    summary = service.summary(context.session, context.page_id, context.visitor)
    return {
        "page": context.page_key,
        "count": summary.count,
        "average": None if summary.average is None else round(float(summary.average), 2),
        "distribution": dict(zip(map(str, STARS), summary.counts, strict=True)),
        "mine": summary.mine,
    }


@blueprint.get("")
@limited("read")
def read(site_key: str) -> Response:
    """Return count, average and distribution of ?page=; zeros for one that nobody rated."""
    with page_context(site_key, Door.API, request.args) as context:
        return jsonify(_body(context))


@blueprint.put("")
@limited("write")
def rate(site_key: str) -> Response:
    """Give or change a vote: {stars, visitor?}. The answer carries the visitor token to keep."""
    sent = json_object()
    sent.pop("withdraw", None)
    return _send(site_key, sent)


@blueprint.delete("")
@limited("write")
def withdraw(site_key: str) -> Response:
    """Take a vote back: {visitor}."""
    return _send(site_key, {**json_object(), "stars": "", "withdraw": "1"})


def _send(site_key: str, sent: dict[str, Any]) -> Response:
    kind = current_core().plugins.kinds["rating"]
    with page_context(
        site_key, Door.API, {**sent, "page": request.args.get("page", "")}
    ) as context:
        form = make_form(kind, sent, token=False)
        receipt = receive(context, kind, form, {})
        token = current_core().visitors.token(context.site.id, receipt.visitor)
        return jsonify({**_body(receipt.context), "visitor": token})
