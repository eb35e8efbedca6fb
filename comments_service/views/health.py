"""Whether the service runs, and whether it can do its work."""

import sqlalchemy as sa
from flask import Blueprint
from flask_babel import lazy_gettext
from werkzeug.wrappers import Response

from comments_service import histories
from comments_service.core import current_core
from comments_service.problems import Problem

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> Response:
    return Response("ok\n", mimetype="text/plain")


@blueprint.get("/readyz")
def readyz() -> Response:
    try:
        core = current_core()
        behind = histories.pending(core.db, histories.every(core.plugins))
    except sa.exc.SQLAlchemyError:
        behind = ["core"]
    if behind:
        message = lazy_gettext("The database does not answer, or has no tables yet.")
        raise Problem(503, "not_ready", message, detail="comments-service db upgrade")
    return Response("ok\n", mimetype="text/plain")
