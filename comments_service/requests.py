"""What a request says: its site and origin, its page, its language, its reader."""

import shlex
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, TypedDict

import orjson
from flask import g, request
from flask_babel import lazy_gettext, refresh
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from comments_service import clock, i18n, pages
from comments_service.context import Door, PageContext
from comments_service.core import current_core, is_secure, public_url
from comments_service.identity import network_of
from comments_service.models import Page, Site
from comments_service.origins import BadOrigin, parse_origin
from comments_service.problems import Problem
from comments_service.text import is_storable

SITE_KEY_LENGTH: Final = 64
USER_AGENT_LENGTH: Final = 512
VIEW_ID_LENGTH: Final = 64
AHEAD_HEADERS: Final = ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")
ACCEPT_LANGUAGE_LENGTH: Final = 256
PREFLIGHT_SECONDS: Final = 3600
COOKIE_SECONDS: Final = 365 * 24 * 3600


def find_site(session: Session, key: str, page_key: str = "") -> tuple[Site, Page | None]:
    """Return the site `key`, known for the rest of the request, and the row of one of its pages.

    Refuses an unknown site, and what comes from a page that may not embed it: a browser names the
    page's origin with every request that could do something there.
    """
    site = page = None
    if len(key) <= SITE_KEY_LENGTH and is_storable(key):
        site, page = pages.find_with_site(session, key, page_key)
    if site is None:
        raise Problem(404, "unknown_site", lazy_gettext("There is no site with this key."))
    g.site = site
    # The policy's grammar has no IPv6 addresses.
    ancestors = [origin for origin in site.origins if "[" not in origin]
    g.frame_ancestors = " ".join(["'self'", *ancestors])
    origin = request.headers.get("Origin")
    if origin is not None and origin != public_url():
        if origin not in site.origins:
            raise Problem(
                403,
                "origin_not_allowed",
                lazy_gettext("This page may not show the widgets of this site."),
                detail=_mend(site, origin),
            )
        g.cors_origin = origin
    return site, page


def _mend(site: Site, origin: str) -> str:
    """Return the command by which the operator allows `origin`, if that can be allowed at all."""
    try:
        parse_origin(origin)
    except BadOrigin:
        return ""
    return shlex.join(["comments-service", "site", "allow", site.key, origin])


def answer_preflight() -> Response | None:
    """Answer what a browser asks before a script of an allowed origin uses the JSON interface."""
    site_key = (request.view_args or {}).get("site_key")
    if request.method != "OPTIONS" or site_key is None or "Origin" not in request.headers:
        return None
    with current_core().db.read() as session:
        find_site(session, site_key)
    response = Response(status=204)
    response.headers["Access-Control-Allow-Methods"] = "GET, POST, PUT, PATCH, DELETE"
    response.headers["Access-Control-Allow-Headers"] = "Content-Type"
    response.headers["Access-Control-Max-Age"] = str(PREFLIGHT_SECONDS)
    return response


def add_cors(response: Response) -> Response:
    """Let the page of an allowed origin read the answer; never with cookies."""
    origin = g.get("cors_origin")
    if origin is not None:
        response.headers["Access-Control-Allow-Origin"] = origin
    if g.get("site") is not None:
        response.vary.add("Origin")
    return response


class ReaderSaid(TypedDict):
    """What a request says of its reader, as `PageContext` and `PageView` have it."""

    network: str
    user_agent: str
    accept_language: str
    is_private: bool


def reader_of(environ: Mapping[str, Any]) -> ReaderSaid:
    return {
        "network": network_of(environ.get("REMOTE_ADDR", "")),
        "user_agent": environ.get("HTTP_USER_AGENT", "")[:USER_AGENT_LENGTH],
        "accept_language": environ.get("HTTP_ACCEPT_LANGUAGE", "")[:ACCEPT_LANGUAGE_LENGTH],
        "is_private": "1" in (environ.get("HTTP_SEC_GPC"), environ.get("HTTP_DNT")),
    }


def is_document(environ: Mapping[str, Any]) -> bool:
    """Tell whether a browser opens a document: not an image's address, nor a script's."""
    destination = environ.get("HTTP_SEC_FETCH_DEST", "document")
    return destination in ("document", "iframe", "frame")


def is_ahead() -> bool:
    """Tell whether a browser asks before its reader does: prefetch, or a page not yet shown."""
    said = ",".join(request.headers.get(name, "") for name in AHEAD_HEADERS).lower()
    return any(word in said for word in ("prefetch", "prerender", "preview"))


def json_object() -> dict[str, Any]:
    """Return the body as a JSON object, whatever its content type says; refuse all else.

    A page sends text/plain, because that needs no preflight.
    """
    found = parse_object(request.get_data())
    if found is None:
        raise Problem(400, "malformed", lazy_gettext("The request could not be read."))
    return found


def parse_object(body: bytes) -> dict[str, Any] | None:
    """Return the JSON object in `body`, which is UTF-8; None for anything else.

    None also for text in it that no database keeps (NUL, lone surrogates).
    """
    try:
        # It takes no lone surrogate, and NUL as an escape alone.
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    is_good = isinstance(found, dict) and (
        b"\\u0000" not in body or all(map(is_storable, _texts(found)))
    )
    return found if is_good else None


def form_values(sent: Mapping[str, Any]) -> dict[str, str]:
    """Return what was sent as a form has it, in texts: of JSON's others, only a number is one."""
    return {name: str(value) for name, value in sent.items() if type(value) in (str, int, float)}


def _texts(value: object) -> Iterator[str]:
    """Yield every text in what was JSON, however deep it stands."""
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, str):
            yield each
        elif isinstance(each, dict):
            waiting += [*each.keys(), *each.values()]
        elif isinstance(each, list):
            waiting += each


def text(body: Mapping[str, Any], name: str) -> str:
    """Return the text at `name`; refuse anything else that stands there."""
    value = body.get(name, "")
    if value is None:
        return ""
    if not isinstance(value, str):
        message = lazy_gettext("This must be a text.")
        raise Problem(
            422,
            "validation",
            lazy_gettext("Please correct the marked fields."),
            fields={name: [message]},
        )
    return value


def _page_key(raw: str) -> str:
    """Return the page key that `raw` means; empty if it can't be one."""
    try:
        return pages.normalise(raw)
    except pages.BadPageKey:
        return ""


def use_locale(wanted: str, default: str) -> str:
    """Answer in the first of the wanted languages that we speak, else in the default."""
    g.locale = i18n.choose(wanted.split(","), default)
    refresh()
    return str(g.locale)


@contextmanager
def page_context(
    site_key: str,
    door: Door,
    asked: Mapping[str, Any],
    *,
    query: Mapping[str, str] | None = None,
) -> Iterator[PageContext]:
    """Open the page that a request is about.

    `asked` holds `page`, `lang` (languages by preference, with commas between) and `visitor` (a
    token; the frame's cookie stands in for it); for an include `title` too.
    """
    core = current_core()
    languages = text(asked, "lang")
    # Before the site is known, so that its refusal is understood too.
    use_locale(languages, core.settings.locale)
    key = _page_key(text(asked, "page"))
    with core.db.read() as session:
        site, page = find_site(session, site_key, key)
        locale = use_locale(languages, site.locale)
        if not key:
            message = lazy_gettext("Name the page by its address or key, of 1 to 2048 characters.")
            raise Problem(422, "validation", message, fields={"page": [message]})
        token = text(asked, "visitor") or request.cookies.get(cookie_name(site), "")
        # What is included is cached for everybody, so it is drawn for nobody.
        visitor = None if door is Door.INCLUDE else core.visitors.read(site.id, token)
        yield PageContext(
            session=session,
            site=site,
            page_key=key,
            page=page,
            visitor=visitor,
            **reader_of(request.environ),
            locale=locale,
            door=door,
            query=query or {},
            now=clock.now(),
            told_title=pages.clean_title(text(asked, "title")) if door is Door.INCLUDE else "",
        )


def cookie_name(site: Site) -> str:
    return f"comments-{site.key}"


def keep_visitor(response: Response, site: Site, visitor: str) -> None:
    """Let the frame's browser keep `visitor`, within the embedding site's own partition."""
    response.set_cookie(
        cookie_name(site),
        current_core().visitors.token(site.id, visitor),
        max_age=COOKIE_SECONDS,
        httponly=True,
        secure=is_secure(),
        samesite="None" if is_secure() else "Lax",
        partitioned=is_secure(),
    )
