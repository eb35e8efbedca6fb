"""JSON interface of the rating."""

from typing import Any

from flask import Blueprint, jsonify, request
from werkzeug.wrappers import Response

from comments_service.api import (
    Door,
    PageContext,
    current_core,
    form_values,
    json_object,
    limited,
    make_form,
    page_context,
    receive,
    site_settings,
)

from . import best, service
from .models import CRITERIA_MAX, STARS
from .service import Tally
from .settings import RatingSiteSettings

BEST_MAX = 100

blueprint = Blueprint("rating", __name__, url_prefix="/api/v1/sites/<site_key>/rating")


def summary_of(context: PageContext, settings: RatingSiteSettings) -> service.Summary:
    """Return the page's rating as its reader may see it."""
    return service.summary(
        context.session,
        context.page_id,
        context.visitor,
        threshold=settings.threshold,
        criteria=len(settings.criteria_names),
    )


def _body(context: PageContext) -> dict[str, Any]:
    settings: RatingSiteSettings = site_settings(context.site, "rating")
    criteria = settings.criteria_names
    summary = summary_of(context, settings)
    is_told = summary.is_told or not summary.count
    body = {"page": context.page_key, **_figures(summary, is_told=is_told), "mine": summary.mine}
    if criteria:
        body["criteria"] = [
            {
                "name": name,
                **_figures(summary.criteria[n], is_told=is_told),
                "mine": summary.my_answers.get(n),
            }
            for n, name in enumerate(criteria, start=1)
        ]
    return body


def _figures(tally: Tally, *, is_told: bool = True) -> dict[str, Any]:
    return {
        "count": tally.count,
        "average": tally.figure if is_told else None,
        "distribution": (
            dict(zip(map(str, STARS), tally.counts, strict=True)) if is_told else None
        ),
    }


@blueprint.get("")
@limited("read")
def read(site_key: str) -> Response:
    """Return count, average and distribution of ?page=; zeros for one that nobody rated."""
    with page_context(site_key, Door.API, request.args) as context:
        return jsonify(_body(context))


@blueprint.get("/best")
@limited("read")
def best_pages(site_key: str) -> Response:
    """Return the best rated pages of the site, at most ?limit=."""
    limit = _limit(request.args.get("limit", str(best.LENGTH)))
    # Of no page in particular: any key will do, and nothing is made of it.
    asked = {"lang": request.args.get("lang", ""), "page": "/"}
    with page_context(site_key, Door.API, asked) as context:
        settings: RatingSiteSettings = site_settings(context.site, "rating")
        found = service.best(
            context.session, context.site.id, limit=limit, threshold=settings.threshold
        )
        return jsonify(
            pages=[
                {"page": page.key, "title": page.title, **_figures(Tally(counts))}
                for page, counts in found
            ]
        )


def _limit(text: str) -> int:
    """Return how many pages are wanted, BEST_MAX at most; best.LENGTH if that is no number."""
    is_number = text.isascii() and text.isdecimal()
    return min(int(text[: len(str(BEST_MAX)) + 1]), BEST_MAX) if is_number else best.LENGTH


@blueprint.put("")
@limited("write")
def rate(site_key: str) -> Response:
    """Give or change a vote: {stars, visitor?}. The answer carries the visitor token to keep."""
    sent = json_object()
    sent.pop("withdraw", None)
    # As the widget's form calls them.
    criteria = sent.pop("criteria", None)
    if isinstance(criteria, list):
        sent |= {f"criterion{n}": each for n, each in enumerate(criteria[:CRITERIA_MAX], start=1)}
    return _send(site_key, sent)


@blueprint.delete("")
@limited("write")
def withdraw(site_key: str) -> Response:
    """Take a vote back: {visitor}."""
    return _send(site_key, {**json_object(), "stars": "", "withdraw": "1"})


def _send(site_key: str, sent: dict[str, Any]) -> Response:
    kind = current_core().plugins.kinds["rating"]
    answer = form_values(sent)
    with page_context(
        site_key, Door.API, {**sent, "page": request.args.get("page", "")}
    ) as context:
        form = make_form(kind, sent, token=False)
        receipt = receive(context, kind, form, answer)
        token = current_core().visitors.token(context.site.id, receipt.visitor)
        return jsonify({**_body(receipt.context), "visitor": token})
