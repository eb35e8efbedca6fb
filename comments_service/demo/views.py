"""The way to the demonstration portal."""

from urllib.parse import urlsplit

from flask import Blueprint, redirect, request
from flask_babel import lazy_gettext
from werkzeug.wrappers import Response

from comments_service.core import current_core
from comments_service.problems import Problem

blueprint = Blueprint("demo", __name__)

LOOPBACK = ("localhost", "127.0.0.1", "::1")


@blueprint.get("/demo/")
def demo() -> Response:
    url = current_core().settings.demo_url
    if not url:
        message = lazy_gettext("There is no demonstration here. Start one with: make demo")
        raise Problem(404, "no_demo", message)
    asked = urlsplit(request.host_url)
    if asked.hostname not in LOOPBACK:
        # From another machine, the portal is where the service is, on its own port.
        host = f"[{asked.hostname}]" if ":" in str(asked.hostname) else asked.hostname
        url = f"http://{host}:{urlsplit(url).port}/"
    return redirect(url)
