"""Answers views, includes and frames in front of Flask, where the answer is kept: nearly always.

Flask's way to a view and back costs several times what is left to do once nothing is to be drawn.
Whatever is in any way special goes to the view itself, views/doors.py, which gives the same answer
byte for byte: refusals, readers who wrote here before, choices within a widget, what isn't kept.
"""

import io
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from flask import Flask, g
from werkzeug.wrappers import Response

from comments_service import answers, clock, i18n, pages, referrers
from comments_service.cache import EXTENSION, Cache, Kept
from comments_service.context import PageView
from comments_service.core import Core
from comments_service.limits import Reads
from comments_service.page_views import note_view
from comments_service.pieces import (
    Packed,
    Piece,
    gzipped,
    plain,
    takes_gzip,
    takes_what_is_kept,
)
from comments_service.requests import (
    AHEAD_HEADERS,
    VIEW_ID_LENGTH,
    is_document,
    parse_object,
    reader_of,
)

Answer = tuple[str, list[tuple[str, str]], bytes]
"""Status, headers, body."""

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

VIEW_PATH: Final = "/api/v1/view"
INCLUDE_PATH: Final = "/include/"
FRAME_PATH: Final = "/embed/"
BODY_BYTES: Final = 16 * 1024
"""A view that says more is none that the script sends."""
MEGABYTE: Final = 1024 * 1024
PLAIN: Final = {
    "site": "",
    "page": "",
    "lang": "",
    "title": "",
    "id": "",
    "referrer": "",
    "count": True,
    "widgets": None,
    "visitor": None,
    "query": None,
}
"""What a view says of itself, if it says nothing."""
TEXTS: Final = tuple(name for name, said in PLAIN.items() if said == "")
SPECIAL: Final = tuple(
    f"HTTP_{name.upper().replace('-', '_')}" for name in ("Cookie", *AHEAD_HEADERS)
)
"""Headers by which a request is another than a reader's first."""
# Said anew each time.
_OWN_HEADERS: Final = (
    "Date",
    "Content-Length",
    "Content-Encoding",
    "Access-Control-Allow-Origin",
)


def init_app(app: Flask, core: Core) -> None:
    """Stand in front of the application, and keep answers with all the headers that others add."""
    cache = Cache(core.db, core.settings.cache_mb * MEGABYTE)
    if not cache.is_on:
        return
    app.extensions[EXTENSION] = cache

    @app.after_request
    def keep(response: Response) -> Response:
        draft = g.pop("to_keep", None)
        # Whoever knows it already is told no more than that, but the answer was made.
        if draft is not None and response.status_code in (HTTPStatus.OK, HTTPStatus.NOT_MODIFIED):
            headers = [pair for pair in response.headers if pair[0] not in _OWN_HEADERS]
            cache.keep(draft, headers)
        return response

    app.wsgi_app = Front(app, core, cache)  # type: ignore[method-assign]


class Front:
    """WSGI middleware that answers what it can, and leaves the rest to the application."""

    def __init__(self, app: Flask, core: Core, cache: Cache) -> None:
        self._flask = app
        self._app: WSGIApplication = app.wsgi_app
        self._core = core
        self._cache = cache
        self._reads = Reads(app, core.keys)
        self._public_url = core.settings.public_url

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        answer = self._kept(environ)
        if answer is None:
            return self._app(environ, start_response)
        status, headers, body = answer
        start_response(status, headers)
        return [body]

    def _kept(self, environ: "WSGIEnvironment") -> Answer | None:
        method, path = environ["REQUEST_METHOD"], environ.get("PATH_INFO", "")
        if not takes_what_is_kept(environ.get("HTTP_ACCEPT_ENCODING", "")):
            return None
        # The application finds another name for itself then.
        if "HTTP_HOST" not in environ:
            return None
        if method == "POST" and path == VIEW_PATH:
            return self._view(environ)
        if method == "GET" and path.startswith((INCLUDE_PATH, FRAME_PATH)):
            return self._document(environ)
        return None

    def _view(self, environ: "WSGIEnvironment") -> Answer | None:
        """Count the view and return its answer; None, with nothing done, if that is not kept."""
        asked = _asked(environ)
        found = self._find(environ, asked) if asked else None
        if asked is None or found is None:
            return None
        kept, pieces = found
        if pieces is None:
            environ[answers.KEPT] = kept
            return None
        # Only a page of the site's own names it: a stranger could call it anything.
        title = pages.clean_title(asked["title"]) if "HTTP_ORIGIN" in environ else ""
        if title and kept.is_nameless:
            return None
        if not self._reads.take(environ.get("REMOTE_ADDR", "")):
            return None
        counted = asked["count"] is not False and self._count(
            _page_view(
                environ,
                kept,
                title=title,
                referrer=referrers.host_of(asked["referrer"], kept.site),
                view_id=asked["id"][:VIEW_ID_LENGTH],
            )
        )
        return _answer(environ, kept, [answers.COUNTED[counted], *pieces])

    def _find(
        self, environ: "WSGIEnvironment", asked: Mapping[str, Any]
    ) -> tuple[Kept, Sequence[Piece | Packed] | None] | None:
        """Return the answer that is kept for whoever asks so, as the cache finds it."""
        self._cache.look()
        site = self._cache.site(asked["site"])
        origin = environ.get("HTTP_ORIGIN")
        base = self._base(environ)
        # The service's own pages need no leave, so they are given none.
        if site is None or origin == base or origin not in (None, *site.origins):
            return None
        try:
            page_key = pages.normalise(asked["page"])
        except pages.BadPageKey:
            return None
        locale = i18n.choose(asked["lang"].split(","), site.locale)
        key = answers.view_key(base, site.key, page_key, locale, asked["widgets"])
        return self._cache.find(key)

    def _document(self, environ: "WSGIEnvironment") -> Answer | None:
        """Return an include, or a frame's document; None, with nothing done, if it isn't kept."""
        is_include = environ["PATH_INFO"].startswith(INCLUDE_PATH)
        is_special = "HTTP_ORIGIN" in environ or "HTTP_IF_MATCH" in environ
        if is_special or not (is_include or _is_first(environ)):
            return None
        self._cache.look()
        base = self._base(environ)
        found = self._cache.find(
            answers.document_key(base, environ["PATH_INFO"], environ.get("QUERY_STRING", ""))
        )
        kept, pieces = found or (None, None)
        known = environ.get("HTTP_IF_NONE_MATCH")
        if kept is None or pieces is None or known not in (None, dict(kept.headers)["ETag"]):
            return None
        if not self._reads.take(environ.get("REMOTE_ADDR", "")):
            return None
        if kept.is_view and is_document(environ):
            self._count(_page_view(environ, kept))
        return _answer(environ, kept, pieces) if known is None else _unchanged(kept)

    def _base(self, environ: "WSGIEnvironment") -> str:
        return self._public_url or f"{environ['wsgi.url_scheme']}://{environ.get('HTTP_HOST')}"

    def _count(self, view: PageView) -> bool:
        with self._flask.app_context():
            return note_view(self._core.plugins.manager, view)


def _is_first(environ: "WSGIEnvironment") -> bool:
    """Tell whether a reader asks who may never have written here, and who asks now."""
    return not any(name in environ for name in SPECIAL)


def _page_view(
    environ: "WSGIEnvironment",
    kept: Kept,
    *,
    title: str = "",
    referrer: str = "",
    view_id: str = "",
) -> PageView:
    return PageView(
        site=kept.site,
        page_key=kept.page_key,
        page_title=title,
        **reader_of(environ),
        referrer=referrer,
        id=view_id,
        now=clock.now(),
    )


def _asked(environ: "WSGIEnvironment") -> dict[str, Any] | None:
    """Return what the body asks for; None if the view itself should read it."""
    if not _is_first(environ):
        return None
    length = environ.get("CONTENT_LENGTH", "")
    is_number = length.isascii() and length.isdecimal() and len(length) <= len(str(BODY_BYTES))
    if not is_number or int(length) > BODY_BYTES:
        return None
    body = environ["wsgi.input"].read(int(length))
    environ["wsgi.input"] = io.BytesIO(body)
    said = parse_object(body)
    if said is None:
        return None
    asked = PLAIN | said
    widgets = asked["widgets"]
    texts = all(isinstance(asked[name], str) for name in TEXTS)
    names = isinstance(widgets, list) and all(isinstance(name, str) for name in widgets)
    is_nobodys = asked["visitor"] in (None, "") and not asked["query"]
    return asked if texts and names and is_nobodys else None


def _answer(environ: "WSGIEnvironment", kept: Kept, pieces: Sequence[Piece | Packed]) -> Answer:
    headers = list(kept.headers)
    if "HTTP_ORIGIN" in environ:
        headers.append(("Access-Control-Allow-Origin", environ["HTTP_ORIGIN"]))
    if takes_gzip(environ.get("HTTP_ACCEPT_ENCODING", "")):
        headers.append(("Content-Encoding", "gzip"))
        body = gzipped(pieces)
    else:
        body = plain(pieces)
    headers.append(("Content-Length", str(len(body))))
    return "200 OK", headers, body


def _unchanged(kept: Kept) -> Answer:
    headers = [(name, value) for name, value in kept.headers if name != "Content-Type"]
    return "304 NOT MODIFIED", headers, b""
