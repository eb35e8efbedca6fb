"""The demo portal: a small commune portal that embeds the service as any webmaster would."""

import re

import httpx
from flask import Flask, abort, render_template, request
from markupsafe import Markup
from werkzeug.exceptions import NotFound

from .articles import ARTICLES, find_article

WIDGETS = ("rating", "comments", "counters")


def create_portal(service_port: int, site_key: str, loopback: str = "127.0.0.1") -> Flask:
    """Make the portal; `loopback` is the address under which this machine has the service."""
    app = Flask(__name__)
    # Webmasters will read the source of these pages: no blank lines where tags stood.
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    # No proxy from the environment: the include door is always on this machine.
    client = httpx.Client(
        base_url=f"http://{loopback}:{service_port}", timeout=0.5, trust_env=False
    )

    @app.context_processor
    def embedding() -> dict[str, object]:
        return {
            "service": service_address(request.host, service_port, loopback),
            "site_key": site_key,
            "articles": ARTICLES,
        }

    @app.get("/")
    def home() -> str:
        return render_template("home.html")

    @app.get("/tin-tuc/<slug>")
    def article(slug: str) -> str:
        found = find_article(slug)
        if found is None:
            abort(404)
        fragments = {}
        if found.embedding == "include":
            fragments = {name: fetch_fragment(client, site_key, name) for name in WIDGETS}
        return render_template("article.html", article=found, fragments=fragments)

    @app.errorhandler(NotFound)
    def not_found(_error: NotFound) -> tuple[str, int]:
        return render_template("404.html"), 404

    return app


def service_address(host: str, port: int, loopback: str) -> str:
    """Where the reader's browser finds the service, told from the Host header.

    To a browser `localhost` and `127.0.0.1` are two sites, two ports of one name are not. On the
    reader's own machine we send them to the other name, so that the demo meets what a real portal
    meets: a third-party frame, partitioned storage, no cookies.
    """
    name = re.sub(r":\d*$", "", host).lower()
    other_names = {"localhost": loopback, "127.0.0.1": "localhost", "[::1]": "localhost"}
    return f"http://{other_names.get(name, name)}:{port}"


def fetch_fragment(client: httpx.Client, site_key: str, widget: str) -> Markup | None:
    """Fetch a widget of the current page as bare HTML, to be put into the page itself.

    Search engines and readers without scripts then find the text in the served page. A portal must
    not fail with the service, nor wait long for it: without a fragment the fallback stays.
    """
    try:
        answer = client.get(f"/include/{site_key}/{widget}", params={"page": request.path})
    except httpx.HTTPError:
        return None
    if answer.status_code != httpx.codes.OK:
        return None
    return Markup(answer.text)  # noqa: S704 - the service is ours and escapes what readers wrote
