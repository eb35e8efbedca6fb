"""embed.js and the widgets' style sheet."""

from flask import Blueprint, abort, current_app, make_response, request
from werkzeug.wrappers import Response

from comments_service.assets import Asset, Assets
from comments_service.limits import limited

blueprint = Blueprint("assets", __name__)

FLOATING = "public, max-age=3600, stale-while-revalidate=86400"
IMMUTABLE = "public, max-age=31536000, immutable"


def _assets() -> Assets:
    assets: Assets = current_app.extensions["comments_service_assets"]
    return assets


def _answer(asset: Asset, mimetype: str, cache_control: str) -> Response:
    response = make_response(asset.text)
    response.mimetype = mimetype
    response.headers["Cache-Control"] = cache_control
    # Integrity hashes are checked only on what may be read from everywhere.
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.set_etag(asset.hash)
    return response.make_conditional(request)


@blueprint.get("/embed.js")
@limited("read")
def script() -> Response:
    """Serve the script that webmasters name in their pages."""
    return _answer(_assets().script, "text/javascript", FLOATING)


@blueprint.get("/embed.<digest>.js")
@limited("read")
def script_of(digest: str) -> Response:
    """Serve the same script under an address that changes with it, for ever."""
    if digest != _assets().script.hash:
        abort(404)
    return _answer(_assets().script, "text/javascript", IMMUTABLE)


@blueprint.get("/widgets.<digest>.css")
@limited("read")
def style(digest: str) -> Response:
    """Serve the style sheet of the frame documents."""
    if digest != _assets().style.hash:
        abort(404)
    return _answer(_assets().style, "text/css", IMMUTABLE)
