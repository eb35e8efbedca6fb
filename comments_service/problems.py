"""Refusals: one exception, told as problem+json (RFC 9457), as a page, or beside a form's field."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Flask, current_app, g, jsonify, render_template, request
from flask_babel import gettext, lazy_gettext
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

RETRY_SECONDS = 60

Message = Any
"""A text or a lazily translated one (flask-babel types neither)."""

# Werkzeug's own refusals, by status: the code that clients switch on, and what to do next.
_HTTP: Mapping[int, tuple[str, Message]] = {
    400: ("malformed", lazy_gettext("The request could not be read.")),
    403: ("forbidden", lazy_gettext("You may not do this.")),
    404: ("not_found", lazy_gettext("There is nothing at this address.")),
    405: ("method_not_allowed", lazy_gettext("This address does not take that method.")),
    413: ("too_large", lazy_gettext("That is too long. Please shorten it.")),
    415: ("unsupported_media_type", lazy_gettext("Please send JSON.")),
    429: ("rate_limited", lazy_gettext("Too many requests. Please wait a moment and try again.")),
}


class Problem(Exception):
    """A refusal with a stable code, an HTTP status and a title that says what to do next.

    `fields` maps the names of bad fields to their messages; `challenge` is one to answer next, for
    a program that asked without one that counts.
    """

    def __init__(
        self,
        status: int,
        code: str,
        title: Message,
        *,
        fields: Mapping[str, Sequence[Message]] | None = None,
        detail: str = "",
        challenge: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.title = title
        self.fields = fields or {}
        self.detail = detail
        self.challenge = challenge


def answer(problem: Problem) -> Response:
    """Say `problem` in the form that the asker reads: a page for a person, JSON for a program."""
    if g.get("door_is_page") or _wants_page():
        html = render_template("core/problem.html", problem=problem)
        response = Response(html, problem.status, mimetype="text/html")
    else:
        body: dict[str, Any] = {
            "type": "about:blank",
            "status": problem.status,
            "code": problem.code,
            "title": str(problem.title),
        }
        if problem.detail:
            body["detail"] = problem.detail
        if problem.fields:
            body["errors"] = [
                {"field": name, "messages": [str(message) for message in messages]}
                for name, messages in problem.fields.items()
            ]
        if problem.challenge:
            body["challenge"] = problem.challenge
        response = jsonify(body)
        response.status_code = problem.status
        response.mimetype = "application/problem+json"
        # A refusal holds no data of the site; readable anywhere, it can tell the webmaster why.
        response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def _wants_page() -> bool:
    if request.path.startswith("/api/"):
        return False
    return request.accept_mimetypes.best_match(["application/json", "text/html"]) == "text/html"


def _on_http_exception(error: HTTPException) -> Response:
    status = error.code or 500
    if status < 400:  # noqa: PLR2004 (a redirect is no refusal)
        return error.get_response()
    code, title = _HTTP.get(status, ("error", error.name))
    response = answer(Problem(status, code, title))
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After"):
            response.headers[name] = value
    return response


def _on_unexpected(error: Exception) -> Response:
    current_app.logger.error("unexpected error", exc_info=error)
    title = gettext("Something went wrong on our side. Please try again in a moment.")
    return answer(Problem(500, "internal", title))


def _on_database_error(error: OperationalError) -> Response:
    current_app.logger.error("the database refused", exc_info=error)
    title = gettext("Nothing can be saved at the moment. Please try again in a few minutes.")
    response = answer(Problem(503, "read_only", title))
    response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response


def init_app(app: Flask) -> None:
    app.register_error_handler(Problem, answer)
    app.register_error_handler(OperationalError, _on_database_error)
    app.register_error_handler(HTTPException, _on_http_exception)
    app.register_error_handler(Exception, _on_unexpected)
