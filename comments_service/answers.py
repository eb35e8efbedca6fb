"""The answer to a page view, made of pieces: most of them are the same in many answers."""

import functools
import hashlib
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Final

import orjson
from flask import current_app, g, request
from flask_babel import gettext
from werkzeug.wrappers import Response

from comments_service import hooks, i18n
from comments_service.cache import EXTENSION, Cache, Draft, Kept, Key, Lasting, Spot
from comments_service.context import Door, PageContext
from comments_service.core import current_core, public_url
from comments_service.models import Site
from comments_service.pieces import Packed, Piece, gzipped, plain, takes_gzip
from comments_service.widgets import Drawing

COUNTED: Final = {True: Piece(b'{"counted":true,'), False: Piece(b'{"counted":false,')}
"""How every answer begins."""
KEPT: Final = "comments_service.kept"
"""Where the WSGI environment has the `Kept` answer of which only the moments are over."""
ETAG_BYTES: Final = 8
SPOTS: Final = 1024
"""Places of what is the same in many answers are in memory once: so many different ones."""
_END: Final = Piece(b"}}\n", is_shared=True)


def view_key(base: str, site_key: str, page_key: str, locale: str, widgets: Sequence[str]) -> Key:
    """Return what tells one page view's answer from another's; `base` is the service's address."""
    return Door.SCRIPT.value, base, site_key, page_key, locale, *widgets


def document_key(base: str, path: str, query: str) -> Key:
    """Return what tells one include or frame from another: what is asked, as it stands."""
    return base, path, query


def view(
    context: PageContext, names: Sequence[str], unknown: Sequence[str], *, counted: bool
) -> Response:
    """Draw the widgets of a page and answer with them as JSON, kept if others may be told the same.

    Of an answer that is kept but for its moments, those alone are drawn.
    """
    kept: Kept | None = request.environ.get(KEPT)
    drawing = Drawing(context)
    lasting = {name: _lasting(context.site, name) for name in names}
    is_alike = Lasting.NEVER not in lasting.values()
    is_common = is_alike and not (unknown or context.visitor or context.query)
    told: Mapping[Spot, Piece] = {}
    if kept is None:
        spots = {
            name: _shared_spot(_spot(context, name, lasts, name == names[0]))
            for name, lasts in lasting.items()
        }
        told = _told(spots.values()) if is_common else {}
        parts, moments = _whole(context, drawing, spots, told, unknown)
    else:
        parts, moments = kept.parts, _moments(drawing, kept, names)
    if is_common and drawing.may_be_kept:
        g.to_keep = Draft(
            view_key(public_url(), context.site.key, context.page_key, context.locale, names),
            context.site,
            context.page_key,
            context.page,
            parts,
            moments,
            is_moments_alone=kept is not None,
        )
    pieces = {**told, **moments}
    answer = [pieces[part] if isinstance(part, Spot) else part for part in parts]
    return respond([COUNTED[counted], *answer], "application/json")


def _told(spots: Iterable[Spot | None]) -> Mapping[Spot, Piece]:
    """Return what was drawn at these places for others a moment ago; the rest is to be drawn."""
    cache: Cache | None = current_app.extensions.get(EXTENSION)
    if cache is None:
        return {}
    # Whoever comes past the front has not looked yet.
    cache.look()
    found = {spot: cache.moment(spot) for spot in spots if spot}
    return {spot: piece for spot, piece in found.items() if piece}


def _whole(
    context: PageContext,
    drawing: Drawing,
    spots: Mapping[str, Spot | None],
    told: Mapping[Spot, Piece],
    unknown: Sequence[str],
) -> tuple[Sequence[Piece | Packed | Spot], Mapping[Spot, Piece]]:
    """Draw the widgets; return what a view is made of, and the pieces drawn that last a moment.

    `spots` has the place of each widget, None for what lasts longer; what is `told` already is not
    drawn. What lasts as long and stands together is one piece.
    """
    drawn = drawing.draw(name for name, spot in spots.items() if spot not in told)
    parts: list[Piece | Packed | Spot] = [_shell_here(context.locale)]
    moments = {}
    page = orjson.dumps({"page": context.page_key, "unknown": unknown})[1:-1]
    text = page + b',"widgets":{'
    for name, spot in spots.items():
        if name in drawn:
            member = _member(name, drawn[name], is_first=name == next(iter(spots)))
            if spot is None:
                text += member
            else:
                moments[spot] = Piece(member)
        if spot is not None:
            parts += [Piece(text), spot] if text else [spot]
            text = b""
    if text:
        parts.append(Piece(text))
    return [*parts, _END], moments


def _moments(drawing: Drawing, kept: Kept, names: Sequence[str]) -> Mapping[Spot, Piece]:
    """Draw what lasts for a moment in an answer that is kept."""
    spots = {part.widget: part for part in kept.parts if isinstance(part, Spot)}
    return {
        spots[name]: Piece(_member(name, html, is_first=name == names[0]))
        for name, html in drawing.draw(spots).items()
    }


def _member(name: str, html: str, *, is_first: bool) -> bytes:
    """Return a widget as it stands in the JSON of all."""
    return (b"" if is_first else b",") + orjson.dumps({name: html})[1:-1]


def respond(pieces: Sequence[Piece | Packed], mimetype: str) -> Response:
    """Answer with the pieces, compressed as they are kept if the reader takes that."""
    if not takes_gzip(request.headers.get("Accept-Encoding", "")):
        return Response(plain(pieces), mimetype=mimetype)
    return Response(gzipped(pieces), mimetype=mimetype, headers={"Content-Encoding": "gzip"})


def keep_document(
    context: PageContext, widget: str, piece: Piece, *, is_view: bool = False
) -> bool:
    """Keep a widget's fragment, or document, for whoever asks the same; tell whether that may be.

    `is_view`: whoever opens it is counted.
    """
    asked = document_key(public_url(), request.path, request.query_string.decode("latin-1"))
    lasting = _lasting(context.site, widget)
    if lasting is Lasting.NEVER:
        return False
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


def etag(piece: Piece) -> str:
    return hashlib.blake2b(piece.plain, digest_size=ETAG_BYTES).hexdigest()


def _shell_here(locale: str) -> Piece:
    unreachable = gettext("The service does not answer. Please try again in a moment.")
    return _shell(locale, unreachable, current_app.extensions["comments_service_assets"].style.text)


@functools.lru_cache
def _shell(locale: str, unreachable: str, css: str) -> Piece:
    """Return what is the same on every page."""
    direction = i18n.text_direction(locale)
    said = {"lang": locale, "dir": direction, "unreachable": unreachable, "css": css}
    return Piece(orjson.dumps(said)[1:-1] + b",", is_shared=True)


def _lasting(site: Site, widget: str) -> Lasting:
    plugin = current_core().plugins.shower(widget)
    try:
        return plugin.lasting_at(site, widget)
    except Exception as error:  # noqa: BLE001 (any plugin's failure is its own)
        hooks.log_failure(plugin.name, "lasting_at", error)
        return Lasting.NEVER


def _spot(context: PageContext, name: str, lasting: Lasting, variant: Hashable) -> Spot | None:
    """Return the place of a widget that lasts for a moment; `variant` tells its bytes from others.

    A first one has no comma before it, a document is as it was asked for.
    """
    if lasting not in (Lasting.MOMENT, Lasting.SITE_MOMENT):
        return None
    page_key = context.page_key if lasting is Lasting.MOMENT else ""
    return Spot(name, (public_url(), context.site.id, page_key, context.locale, variant))


@functools.lru_cache(SPOTS)
def _shared_spot(spot: Spot | None) -> Spot | None:
    """Return the same one for spots that are equal."""
    return spot
