"""Whether the service runs, and whether it can do its work; and where its demonstration is."""

import sqlalchemy as sa
from flask import Blueprint, redirect
from flask_babel import lazy_gettext
from werkzeug.wrappers import Response

from comments_service.core import current_core
from comments_service.problems import Problem

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> Response:
    return Response("ok\n", mimetype="text/plain")


@blueprint.get("/readyz")
def readyz() -> Response:
    try:
        with current_core().db.read() as session:
            session.execute(sa.text("SELECT 1 FROM core_site LIMIT 1"))
    except sa.exc.SQLAlchemyError:
        message = lazy_gettext("The database does not answer, or has no tables yet.")
        raise Problem(503, "not_ready", message) from None
    return Response("ok\n", mimetype="text/plain")


@blueprint.get("/demo/")
def demo() -> Response:
    url = current_core().settings.demo_url
    if not url:
        message = lazy_gettext("There is no demonstration here. Start one with: make demo")
        raise Problem(404, "no_demo", message)
    return redirect(url, 302)
