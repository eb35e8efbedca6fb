"""What the figures are called, in the widget as in the picture."""

import functools
from collections.abc import Mapping
from typing import Any

from comments_service.api import lazy_gettext

# flask-babel has no types: each is a text in the language of the answer.
LABELS: Mapping[str, Any] = {
    "online": lazy_gettext("Online"),
    "today": lazy_gettext("Today"),
    "yesterday": lazy_gettext("Yesterday"),
    "week": lazy_gettext("This week"),
    "last_week": lazy_gettext("Last week"),
    "month": lazy_gettext("This month"),
    "last_month": lazy_gettext("Last month"),
    "year": lazy_gettext("This year"),
    "page": lazy_gettext("This page"),
    "peak": lazy_gettext("Most online at once"),
    "since": lazy_gettext("Counted since"),
}
TOTALS: Mapping[str, Any] = {
    "views": lazy_gettext("Total page views"),
    "visits": lazy_gettext("Total visits"),
}


def label(field: str, unit: str) -> str:
    """Return what `field` is called; a total by its `unit`, views or visits."""
    return str(TOTALS[unit] if field == "total" else LABELS[field])


# The same on every page of a site: to look each up in the catalog takes longer than all the rest.
@functools.lru_cache
def labels(fields: tuple[str, ...], unit: str, locale: str) -> Mapping[str, str]:
    """Return what `fields` are called in the language of the answer, which is `locale`."""
    del locale
    return {field: label(field, unit) for field in fields}
