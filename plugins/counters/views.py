"""JSON interface of the counters."""

from flask import Blueprint, jsonify, request
from werkzeug.wrappers import Response

from comments_service.api import Door, limited, page_context, site_settings

from . import service

blueprint = Blueprint("counters", __name__, url_prefix="/api/v1/sites/<site_key>/counters")


@blueprint.get("")
@limited("read")
def read(site_key: str) -> Response:
    """Return the numbers of the site and of ?page=; counts nothing."""
    with page_context(site_key, Door.API, request.args) as context:
        settings = site_settings(context.site, blueprint.name)
        figures = service.figures(context, settings.offset, settings.since)
        return jsonify(
            page=context.page_key,
            as_of=context.now.isoformat(timespec="seconds"),
            online=figures.online,
            today=figures.today,
            total=figures.total,
            this_page=figures.page,
            since=figures.since.isoformat() if figures.since else None,
        )
