"""The statistics in the dashboard: a period in pictures and tables, and its tables as CSV."""

import datetime
import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from flask import g, render_template, request
from flask_babel import format_date, format_percent, get_locale, lazy_gettext
from werkzeug.wrappers import Response

from comments_service.api import (
    Site,
    as_csv,
    asked_day,
    bad_field,
    chosen_site,
    clock,
    current_core,
    dashboard_blueprint,
    day,
    every_site,
    number,
    page_address,
    site_settings,
    unknown_site,
)

from . import charts, statistics
from .models import OTHER, Dimension
from .periods import Span
from .readers import DESKTOP, PHONE, TABLET
from .statistics import Part, Statistics, Step

NAME = "counters"
TITLE = lazy_gettext("Statistics")
PAGES_SHOWN = 25
SHARES_SHOWN = 25
"""So many rows a table has; the exported one has all."""
BARS_SHOWN = 8

PERIOD_NAMES = {
    "today": lazy_gettext("Today"),
    "7days": lazy_gettext("7 days"),
    "30days": lazy_gettext("30 days"),
    "month": lazy_gettext("This month"),
    "year": lazy_gettext("This year"),
}
STEP_NAMES = {
    Step.HOUR: lazy_gettext("Hour"),
    Step.DAY: lazy_gettext("Day"),
    Step.MONTH: lazy_gettext("Month"),
}
DEVICE_NAMES = {
    PHONE: lazy_gettext("Phone"),
    TABLET: lazy_gettext("Tablet"),
    DESKTOP: lazy_gettext("Desktop computer"),
    OTHER: lazy_gettext("Another device"),
}
OTHER_NAMES = {
    Dimension.REFERRER: lazy_gettext("Other sites"),
    Dimension.LANGUAGE: lazy_gettext("Other languages"),
}
UNKNOWN_NAMES = {
    Dimension.REFERRER: lazy_gettext("Directly, from the site itself, or not known"),
    Dimension.DEVICE: lazy_gettext("Not known"),
    Dimension.LANGUAGE: lazy_gettext("Not known"),
}
DIMENSION_TITLES = {
    Dimension.REFERRER: lazy_gettext("Where readers came from"),
    Dimension.DEVICE: lazy_gettext("Devices"),
    Dimension.LANGUAGE: lazy_gettext("Languages"),
}

blueprint = dashboard_blueprint(NAME, __name__)
blueprint.static_folder = "static"
blueprint.static_url_path = "/static"


class Row(NamedTuple):
    """One page, referrer, device or language."""

    name: str
    views: int
    share: float
    """Of all views, from 0 to 1."""
    key: str = ""
    address: str | None = None
    is_rest: bool = False
    """Of these views, nothing is known."""


# --- What is asked for --------------------------------------------------------------------------


def _span(today: datetime.date) -> tuple[str, Span]:
    """Return the ?period= and its days; ?from= and ?to=, if they are given, are nameless."""
    first, last = _day("from"), _day("to")
    if first is None and last is None:
        period = request.args.get("period") or statistics.USUAL_PERIOD
        if period not in statistics.PERIODS:
            raise bad_field("period", lazy_gettext("There is no such period."))
        return period, statistics.PERIODS[period](today)
    last = min(last or today, today)
    span = Span(first or statistics.PERIODS[statistics.USUAL_PERIOD](last).first, last)
    if not 1 <= statistics.length(span) <= statistics.PERIOD_DAYS:
        message = lazy_gettext("A period goes from a day to a later one, five years at most.")
        raise bad_field("from", message)
    return "", span


def _day(name: str) -> datetime.date | None:
    found = asked_day(name)
    if found is not None and found < statistics.EARLIEST:
        raise bad_field(name, lazy_gettext("Nothing was counted so long ago."))
    return found


# --- The page -----------------------------------------------------------------------------------


@blueprint.get("/")
def index() -> str:
    """Show what was counted of ?site= in ?period=, or from ?from= to ?to=."""
    with current_core().db.read() as session:
        sites = every_site(session)
        site = chosen_site(sites)
        if site is None:
            return render_template("counters/admin/index.html", site=None)
        today = clock.local_day(clock.now(), site.time_zone)
        period, span = _span(today)
        settings = site_settings(site, NAME)
        shown = statistics.load(session, site, settings, span, today, pages=PAGES_SHOWN)
    return render_template(
        "counters/admin/index.html",
        site=site,
        sites=sites,
        today=today,
        period=period,
        periods=PERIOD_NAMES,
        asked={"period": period} if period else {"from": span.first, "to": span.last},
        shown=shown,
        trend=charts.by_views(shown.parts, shown.parts_before),
        uniques=charts.by_uniques(shown.uniques) if len(shown.uniques) > 1 else None,
        pages=_pages(site, shown),
        shares={dimension: _shares(shown, dimension) for dimension in Dimension},
        titles=DIMENSION_TITLES,
        step_name=STEP_NAMES[shown.step],
        uniques_step=STEP_NAMES[Step.MONTH if shown.step is Step.MONTH else Step.DAY],
        bars_shown=BARS_SHOWN,
        height=charts.HEIGHT,
        bar_width=1 - 2 * charts.GAP,
        **_written(shown.step),
    )


def _written(step: Step) -> dict[str, Any]:
    """Return how the page writes days, numbers and shares, the same ones once."""
    write_day = functools.cache(lambda each: day(each, g.locale))
    uniques_step = Step.MONTH if step is Step.MONTH else Step.DAY
    return {
        "day": write_day,
        "number": functools.cache(lambda value: number(value, g.locale)),
        "percent": lambda share: format_percent(share, "#,##0.#%"),
        "change": _change,
        "name": lambda part: _name(part, step, write_day),
        "short": lambda part: _short(part, step),
        "uniques_name": lambda part: _name(part, uniques_step, write_day),
        "uniques_short": lambda part: _short(part, uniques_step),
    }


def _change(now: int, before: int) -> str:
    """Return by how much `now` is more or less than `before`; empty if there was nothing."""
    return str(format_percent(now / before - 1, "+#,##0.#%;-#,##0.#%")) if before else ""


def _name(part: Part, step: Step, write_day: Callable[[datetime.date], str]) -> str:
    if step is Step.MONTH:
        return str(format_date(part.day, "MM/yyyy"))
    hour = "" if part.hour is None else f"{part.hour:02}:00, "
    return hour + write_day(part.day)


def _short(part: Part, step: Step) -> str:
    if step is Step.MONTH:
        return str(format_date(part.day, "MM/yy"))
    return str(format_date(part.day, "d/M")) if part.hour is None else f"{part.hour:02}:00"


def _pages(site: Site, shown: Statistics) -> list[Row]:
    return [
        Row(
            name=page.title or page.key,
            views=page.views,
            share=_share(page.views, shown),
            key=page.key,
            address=page_address(site, page.key),
        )
        for page in shown.pages
    ]


def _shares(shown: Statistics, dimension: Dimension) -> list[Row]:
    return [
        Row(
            _value_name(dimension, each.value),
            each.views,
            _share(each.views, shown),
            is_rest=not each.value,
        )
        for place, each in enumerate(shown.breakdowns[dimension])
        if place < SHARES_SHOWN or not each.value
    ]


def _share(views: int, shown: Statistics) -> float:
    return min(1.0, views / shown.detail_views) if shown.detail_views else 0.0


def _value_name(dimension: Dimension, value: str) -> str:
    if not value:
        return str(UNKNOWN_NAMES[dimension])
    if dimension is Dimension.DEVICE:
        return str(DEVICE_NAMES.get(value, value))
    if value == OTHER:
        return str(OTHER_NAMES[dimension])
    if dimension is Dimension.LANGUAGE:
        return str(get_locale().languages.get(value, value))
    return value


# --- Export -------------------------------------------------------------------------------------

# For programs, in every language the same; no host and no tag is called so.
FILE_NAMES = {OTHER: "(other)", "": "(unknown)"}

Table = tuple[Sequence[str], Iterable[Mapping[str, Any]]]


@blueprint.get("/export/<any(views, uniques, pages, referrer, device, language):table>.csv")
def download(table: str) -> Response:
    """Return one of the page's tables, whole."""
    with current_core().db.read() as session:
        site = chosen_site(every_site(session))
        if site is None:
            raise unknown_site()
        today = clock.local_day(clock.now(), site.time_zone)
        _period, span = _span(today)
        settings = site_settings(site, NAME)
        shown = statistics.load(session, site, settings, span, today, pages=None)
    columns, rows = _table(table, site, shown)
    name = f"statistics-{site.key}-{table}-{span.first}-{span.last}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(as_csv(columns, rows), content_type="text/csv; charset=utf-8", headers=headers)


def _table(table: str, site: Site, shown: Statistics) -> Table:
    if table == "views":
        return (shown.step.value, "views", "visits", "bots"), (
            {
                shown.step.value: _iso(part, shown.step),
                "views": part.views,
                "visits": part.visits,
                "bots": part.bots,
            }
            for part in shown.parts
        )
    if table == "uniques":
        return ("day", "uniques"), (
            {"day": each.day.isoformat(), "uniques": each.uniques} for each in shown.days
        )
    if table == "pages":
        return ("page", "title", "address", "views"), (
            {**page._asdict(), "page": page.key, "address": page_address(site, page.key) or ""}
            for page in shown.pages
        )
    return (table, "views"), (
        {table: FILE_NAMES.get(each.value, each.value), "views": each.views}
        for each in shown.breakdowns[Dimension(table)]
    )


def _iso(part: Part, step: Step) -> str:
    if step is Step.MONTH:
        return f"{part.day:%Y-%m}"
    return f"{part.day}T{part.hour:02}:00" if part.hour is not None else part.day.isoformat()
