"""embed.js, the script of frames, and the widgets' style sheet."""

from flask import Blueprint, Response, abort, current_app, request
from werkzeug.wrappers import Response as BaseResponse

from comments_service.assets import Archive, Asset, Assets

blueprint = Blueprint("assets", __name__)

FLOATING = "public, max-age=3600, stale-while-revalidate=86400"
IMMUTABLE = "public, max-age=31536000, immutable"


def _assets() -> Assets:
    assets: Assets = current_app.extensions["comments_service_assets"]
    return assets


def _answer(asset: Asset, mimetype: str, cache_control: str) -> BaseResponse:
    encoding = request.accept_encodings.best_match(asset.encoded, default="identity")
    response = Response(asset.encoded[encoding], mimetype=mimetype)
    if encoding != "identity":
        response.content_encoding = encoding
    response.vary.add("Accept-Encoding")
    response.headers["Cache-Control"] = cache_control
    # Integrity hashes are checked only on what may be read from everywhere.
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.set_etag(f"{asset.hash}-{encoding}")
    return response.make_conditional(request)


def _immutable(asset: Asset, digest: str, mimetype: str) -> BaseResponse:
    if digest != asset.hash:
        abort(404)
    return _answer(asset, mimetype, IMMUTABLE)


@blueprint.get("/embed.js")
def script() -> BaseResponse:
    """Serve the script that webmasters name in their pages."""
    return _answer(_assets().script, "text/javascript", FLOATING)


@blueprint.get("/embed.<digest>.js")
def script_of(digest: str) -> BaseResponse:
    """Serve the same script under an address that changes with it, for ever."""
    current = _assets().script
    archive: Archive = current_app.extensions["comments_service_archive"]
    # Today's needs no disk.
    asked = current if digest == current.hash else archive.find(digest)
    if asked is None:
        abort(404)
    return _answer(asked, "text/javascript", IMMUTABLE)


@blueprint.get("/frame.<digest>.js")
def frame_script(digest: str) -> BaseResponse:
    """Serve the script of the frame documents."""
    return _immutable(_assets().frame_script, digest, "text/javascript")


@blueprint.get("/challenges.<digest>.js")
def challenges(digest: str) -> BaseResponse:
    """Serve the module that some challenges name as what they need."""
    return _immutable(_assets().challenges, digest, "text/javascript")


@blueprint.get("/widgets.<digest>.css")
def style(digest: str) -> BaseResponse:
    """Serve the style sheet of the frame documents."""
    return _immutable(_assets().style, digest, "text/css")
