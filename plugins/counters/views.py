"""JSON interface of the counters."""

from typing import Any

from flask import Blueprint, jsonify, request
from werkzeug.wrappers import Response

from comments_service.api import Door, PageContext, current_core, limited, page_context

from .figures import Figures
from .periods import SPANS

blueprint = Blueprint("counters", __name__, url_prefix="/api/v1/sites/<site_key>/counters")


def figures_of(context: PageContext) -> Figures:
    """Return the figures of the site and of the page that a request is about."""
    # The plugin is not imported here: it declares these views.
    counters: Any = current_core().plugins.by_name[blueprint.name]
    figures: Figures = counters.figures(context)
    return figures


@blueprint.get("")
@limited("read")
def read(site_key: str) -> Response:
    """Return the numbers of the site and of ?page=; counts nothing."""
    with page_context(site_key, Door.API, request.args) as context:
        figures = figures_of(context)
        return jsonify(
            page=context.page_key,
            as_of=context.now.isoformat(timespec="seconds"),
            unit=figures.unit,
            online=figures.online,
            **{name: getattr(figures, name) for name in SPANS},
            total=figures.total,
            offset=figures.offset,
            this_page=figures.page,
            peak_online=figures.peak,
            peak_at=figures.peak_at.isoformat(timespec="seconds") if figures.peak_at else None,
            since=figures.since.isoformat() if figures.since else None,
        )
