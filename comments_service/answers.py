"""The answer to a page view, made of pieces: most of them are the same in many answers."""

import functools
import hashlib
import json
from collections.abc import Hashable, Sequence
from typing import Final

from flask import current_app, g, request
from flask_babel import gettext

from comments_service import hooks, i18n
from comments_service.cache import Draft, Kept, Key, Lasting, Piece, Spot, plain
from comments_service.context import Door, PageContext
from comments_service.core import current_core, public_url
from comments_service.models import Site
from comments_service.widgets import Drawing

COUNTED: Final = {True: Piece(b'{"counted":true,'), False: Piece(b'{"counted":false,')}
"""How every answer begins."""
KEPT: Final = "comments_service.kept"
"""Where the WSGI environment has the `Kept` answer of which only the moments are over."""
ETAG_BYTES: Final = 8
_OPENING: Final = 2
"""A view's pieces before its widgets: the page, and what all pages share."""
_END: Final = Piece(b"}}\n")


def view_key(base: str, site_key: str, page_key: str, locale: str, widgets: Sequence[str]) -> Key:
    """Return what tells one page view's answer from another's; `base` is the service's address."""
    return Door.SCRIPT, base, site_key, page_key, locale, *widgets


def document_key(base: str, path: str, query: str) -> Key:
    """Return what tells one include or frame from another: what is asked, as it stands."""
    return base, path, query


def view(
    context: PageContext, names: Sequence[str], unknown: Sequence[str], *, counted: bool
) -> bytes:
    """Draw the widgets of a page and return them as JSON, kept if others may be told the same.

    Of an answer that is kept but for its moments, those alone are drawn.
    """
    kept: Kept | None = request.environ.get(KEPT)
    places = dict(zip(names, kept.parts[_OPENING:], strict=False)) if kept else {}
    drawing = Drawing(context)
    html = drawing.draw(name for name in names if not isinstance(places.get(name), Piece))
    drawn = {name: _member(name, text, is_first=name == names[0]) for name, text in html.items()}
    lasting = {name: _lasting(context.site, name) for name in drawn}
    if kept:
        parts = kept.parts
    else:
        for name, piece in drawn.items():
            places[name] = _spot(context, name, lasting[name], name == names[0]) or piece
        page = Piece(_json({"page": context.page_key, "unknown": unknown})[1:-1].encode())
        parts = [page, _shell_here(context.locale), *places.values(), _END]
    moments = {spot: drawn[name] for name, spot in places.items() if isinstance(spot, Spot)}
    is_common = not (unknown or context.visitor or context.query)
    if is_common and drawing.is_whole and Lasting.NEVER not in lasting.values():
        key = view_key(public_url(), context.site.key, context.page_key, context.locale, names)
        g.to_keep = Draft(
            key,
            context.site,
            context.page_key,
            context.page,
            parts,
            moments,
            is_moments_alone=kept is not None,
        )
    pieces = [moments[part] if isinstance(part, Spot) else part for part in parts]
    return plain([COUNTED[counted], *pieces])


def _member(name: str, html: str, *, is_first: bool) -> Piece:
    comma = "" if is_first else ","
    return Piece(f"{comma}{_json(name)}:{_json(html)}".encode())


def keep_document(context: PageContext, widget: str, html: str, *, is_view: bool = False) -> bool:
    """Keep a widget's fragment, or document, for whoever asks the same; tell whether that may be.

    `is_view`: whoever opens it is counted.
    """
    asked = document_key(public_url(), request.path, request.query_string.decode("latin-1"))
    lasting = _lasting(context.site, widget)
    if lasting is Lasting.NEVER:
        return False
    piece = Piece(html.encode())
    spot = _spot(context, widget, lasting, asked)
    g.to_keep = Draft(
        asked,
        context.site,
        context.page_key,
        context.page,
        [spot or piece],
        {} if spot is None else {spot: piece},
        is_view=is_view,
    )
    return True


def etag(html: str) -> str:
    return hashlib.blake2b(html.encode(), digest_size=ETAG_BYTES).hexdigest()


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _shell_here(locale: str) -> Piece:
    unreachable = gettext("The service does not answer. Please try again in a moment.")
    return _shell(locale, unreachable, current_app.extensions["comments_service_assets"].style.text)


@functools.lru_cache
def _shell(locale: str, unreachable: str, css: str) -> Piece:
    """Return what is the same on every page, up to the widgets."""
    direction = i18n.text_direction(locale)
    said = {"lang": locale, "dir": direction, "unreachable": unreachable, "css": css}
    return Piece(f',{_json(said)[1:-1]},"widgets":{{'.encode(), is_shared=True)


def _lasting(site: Site, widget: str) -> Lasting:
    plugin = current_core().plugins.shower(widget)
    try:
        return plugin.lasting_at(site, widget)
    except Exception as error:  # noqa: BLE001 (any plugin's failure is its own)
        hooks.log_failure(plugin.name, "lasting_at", error)
        return Lasting.NEVER


def _spot(context: PageContext, name: str, lasting: Lasting, form: Hashable) -> Spot | None:
    """Return the place of a widget that lasts for a moment, by the form it has there."""
    if lasting not in (Lasting.MOMENT, Lasting.SITE_MOMENT):
        return None
    page_key = context.page_key if lasting is Lasting.MOMENT else ""
    return Spot((public_url(), context.site.id, page_key, context.locale, name, form))
