"""The counters where no script may run: a picture, a text, a badge, and a pixel that counts."""

import datetime
from contextlib import AbstractContextManager
from typing import Final
from urllib.parse import urlsplit

from flask import Blueprint, render_template, request
from flask_babel import gettext
from werkzeug.wrappers import Response

from comments_service.api import (
    Door,
    PageContext,
    Site,
    count_view,
    day,
    is_ahead,
    limited,
    number,
    page_context,
    site_settings,
    text_direction,
)

from . import layout
from .labels import label
from .settings import FIELDS
from .views import figures_of

blueprint = Blueprint("counters_images", __name__)
NAME: Final = "counters"
# Figures of half a minute ago are good enough for an image that a portal's every page shows.
CACHE_SECONDS = 30
THEMES = ("light", "dark", "auto")
SITE_ITSELF = "/"
"""Stands for the page where none is named: the site's figures are the same for all of them."""
# One pixel that shows nothing, as GIF: the smallest image that everything draws.
PIXEL = bytes.fromhex(
    "47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b"
)


@blueprint.get("/api/v1/sites/<site_key>/counters.svg")
@limited("read")
def picture(site_key: str) -> Response:
    """Draw the figures `?fields=` of the site and of `?page=`; counts nothing.

    `lang` and `theme` (auto, light, dark) are as for the widgets.
    """
    with _context(site_key) as context:
        svg = render_template(
            "counters/figures.svg",
            title=gettext("Statistics"),
            table=layout.table(_rows(context), from_right=text_direction(context.locale) == "rtl"),
            locale=context.locale,
            theme=_theme(),
        )
    return _shared(_svg(svg))


@blueprint.get("/api/v1/sites/<site_key>/counters.txt")
@limited("read")
def text(site_key: str) -> Response:
    """Write the figures `?fields=`, one to a line; counts nothing."""
    with _context(site_key) as context:
        lines = "".join(f"{label}: {value}\n" for label, value in _rows(context))
    return _shared(Response(lines, mimetype="text/plain"))


@blueprint.get("/api/v1/sites/<site_key>/badge.svg")
@limited("read")
def badge(site_key: str) -> Response:
    """Draw by which protocol this reader came."""
    with _context(site_key) as context:
        protocol = _protocol_of(context.network)
        is_new = protocol == "IPv6"
        word = "IPv6 ready" if is_new else protocol or "IP"
        svg = render_template(
            "counters/badge.svg",
            word=word,
            sentence=gettext("You are connected over %(protocol)s.", protocol=protocol or "IP"),
            is_new=is_new,
            width=layout.badge_width(word),
            height=layout.BADGE_HEIGHT,
            locale=context.locale,
            theme=_theme(),
        )
    response = _svg(svg)
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/count/<site_key>.gif")
@limited("read")
def pixel(site_key: str) -> Response:
    """Count a view of `?page=`, or of the page that shows this image; draw nothing."""
    page = request.args.get("page") or request.referrer
    asked = {**request.args, "page": page or SITE_ITSELF}
    with page_context(site_key, Door.API, asked) as context:
        if page and _is_opened() and _is_ours(context):
            count_view(context)
    response = Response(PIXEL, mimetype="image/gif")
    response.headers["Cache-Control"] = "no-store"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def _is_opened() -> bool:
    """Tell whether a reader sees a page with the image in it, not the image alone."""
    is_image = request.headers.get("Sec-Fetch-Dest", "image") == "image"
    return request.method == "GET" and is_image and not is_ahead()


def _is_ours(context: PageContext) -> bool:
    """Tell whether the image stands in a page of the site's own, as far as the browser says."""
    if request.referrer is None:
        return True
    try:
        parts = urlsplit(request.referrer)
    except ValueError:
        return False
    return f"{parts.scheme}://{parts.netloc}" in context.site.origins


def _context(site_key: str) -> AbstractContextManager[PageContext]:
    page = request.args.get("page") or SITE_ITSELF
    return page_context(site_key, Door.API, {**request.args, "page": page})


def _rows(context: PageContext) -> list[tuple[str, str]]:
    """Return name and value of the figures that are asked for, as the language writes them."""
    figures = figures_of(context)
    return [
        (label(field, figures.unit), _written(getattr(figures, field), context.locale))
        for field in _fields(context.site)
        if getattr(figures, field) is not None
    ]


def _fields(site: Site) -> list[str]:
    """Return those of `?fields=` that there are; none asked for: what the site's widget shows."""
    asked = [name.strip() for name in request.args.get("fields", "").split(",")]
    fields = [name for name in dict.fromkeys(asked) if name in FIELDS]
    fields = fields or list(site_settings(site, NAME).fields)
    # Nothing is known of the page where none is named.
    return fields if request.args.get("page") else [name for name in fields if name != "page"]


def _protocol_of(network: str) -> str:
    """Return the protocol by which a reader from `network` came, empty if that can't be told."""
    if ":" in network:
        return "IPv6"
    return "IPv4" if "." in network else ""


def _written(value: int | datetime.date, locale: str) -> str:
    return day(value, locale) if isinstance(value, datetime.date) else number(value, locale)


def _theme() -> str:
    theme = request.args.get("theme", "")
    return theme if theme in THEMES else "auto"


def _svg(svg: str) -> Response:
    response = Response(svg, mimetype="image/svg+xml")
    # Opened by itself it is a document; what it may do there is show its own colours.
    response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def _shared(response: Response) -> Response:
    response.headers["Cache-Control"] = f"public, max-age={CACHE_SECONDS}"
    return response
