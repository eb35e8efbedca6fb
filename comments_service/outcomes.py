"""What became of a form, told to the frame that its sender is sent on to, and to no other."""

from typing import Final

from itsdangerous import BadData, URLSafeTimedSerializer

from comments_service.context import PageContext
from comments_service.core import current_core

SECONDS: Final = 300


def sign(context: PageContext, widget: str, outcome: str) -> str:
    """Return `outcome` for an address: nobody can write one there that did not happen."""
    return str(_serializer(context, widget).dumps(outcome)) if outcome else ""


def read(context: PageContext, widget: str, signed: str) -> str:
    """Return the outcome in `signed`; empty if it is not of this page's widget, or not of now."""
    try:
        return str(_serializer(context, widget).loads(signed, max_age=SECONDS))
    except BadData:
        return ""


def _serializer(context: PageContext, widget: str) -> URLSafeTimedSerializer:
    place = f"{context.site.id} {widget} {context.page_key}"
    return URLSafeTimedSerializer(current_core().keys.derive("outcome"), salt=place)
