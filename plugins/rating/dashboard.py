"""The ratings in the dashboard: trend, what is left out, decisions on many votes, export."""

import datetime
from collections.abc import Iterator, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import format_date, format_decimal, lazy_gettext, ngettext
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from comments_service.api import (
    Problem,
    Site,
    as_csv,
    asked_day,
    bad_field,
    chosen_site,
    clock,
    current_core,
    dashboard_blueprint,
    every_site,
    is_storable,
    moment,
    site_settings,
    unknown_site,
)

from . import export, queries, service, trend
from .models import HASH_LENGTH, STARS, Action, State, Why
from .queries import Choice
from .service import Tally
from .settings import RatingSiteSettings

TITLE = lazy_gettext("Ratings")
PERIOD = datetime.timedelta(days=29)
"""What is shown unless asked: thirty days with today."""
PERIOD_MAX = datetime.timedelta(days=5 * 366)
GROUPS_LENGTH = 50
DECISIONS_LENGTH = 50
START_DIGITS = 7

STATE_NAMES = {
    State.COUNTED: lazy_gettext("counted"),
    State.QUARANTINED: lazy_gettext("in quarantine"),
    State.VOID: lazy_gettext("void"),
}
WHY_NAMES = {
    Why.NO_RULE: "",
    Why.UNPROVEN: lazy_gettext("no challenge solved"),
    Why.CROWD: lazy_gettext("many from one neighbourhood"),
}
ACTION_NAMES = {
    Action.VOID: lazy_gettext("Made void"),
    Action.RESTORE: lazy_gettext("Restored"),
    Action.UNDO: lazy_gettext("Taken back"),
}

FIELD_NAMES = {
    "page": lazy_gettext("Page key"),
    "network": lazy_gettext("Network or neighbourhood"),
    "since": lazy_gettext("Given or changed from"),
    "until": lazy_gettext("Given or changed before"),
    "stars": lazy_gettext("Stars"),
}

blueprint = dashboard_blueprint("rating", __name__)
blueprint.static_folder = "static"
blueprint.static_url_path = "/static"


# --- What is asked for --------------------------------------------------------------------------


def _wanted_site(session: Session) -> Site:
    site = chosen_site(every_site(session))
    if site is None:
        raise unknown_site()
    return site


def _period(site: Site) -> tuple[datetime.date, datetime.date]:
    """Return the days ?from= and ?to=, both included."""
    last = asked_day("to") or clock.local_day(clock.now(), site.time_zone)
    first = asked_day("from") or max(last, datetime.date.min + PERIOD) - PERIOD
    if not datetime.timedelta(0) <= last - first <= PERIOD_MAX:
        message = lazy_gettext("A period goes from a day to a later one, five years at most.")
        raise bad_field("from", message)
    return first, last


def _start() -> int:
    text = request.args.get("start", "0")
    is_number = text.isascii() and text.isdecimal() and len(text) <= START_DIGITS
    return int(text) if is_number else 0


SAID = ("page", "network", "since", "until")
SAY_WHICH = lazy_gettext("Say which ratings are meant.")


def _said(values: MultiDict[str, str]) -> dict[str, Any]:
    """Return by what votes are chosen, as the moderator said it and as the trail keeps it."""
    said: dict[str, Any] = {name: values[name].strip() for name in SAID if values.get(name)}
    for name, text in said.items():
        if not is_storable(text):
            raise bad_field(name, SAY_WHICH)
    stars = sorted({n for n in STARS if str(n) in values.getlist("stars")})
    return {name: text for name, text in said.items() if text} | ({"stars": stars} if stars else {})


def _choice(site: Site, said: Mapping[str, Any]) -> Choice:
    return Choice(
        site_id=site.id,
        page_key=said.get("page", ""),
        network=said.get("network", "")[:HASH_LENGTH],
        since=_moment_of(site, said, "since"),
        until=_moment_of(site, said, "until"),
        stars=said.get("stars", ()),
    )


def _moment_of(site: Site, said: Mapping[str, Any], name: str) -> datetime.datetime | None:
    """Return the moment that is said: in the site's time zone, unless an offset stands by it."""
    if name not in said:
        return None
    try:
        at = datetime.datetime.fromisoformat(said[name])
        if at.tzinfo is None:
            at = at.replace(tzinfo=clock.zone(site.time_zone))
        return at.astimezone(datetime.UTC)
    except (ValueError, OverflowError):
        raise bad_field(name, lazy_gettext("Write a moment such as 2026-03-31T08:00.")) from None


# --- Pages --------------------------------------------------------------------------------------


@blueprint.get("/")
def index() -> str:
    """Show the ratings of ?site= from ?from= to ?to=: day by day, and what of them is left out."""
    start = _start()
    with current_core().db.read() as session:
        sites = every_site(session)
        site = chosen_site(sites)
        if site is None:
            return render_template("rating/admin/index.html", site=None)
        first, last = _period(site)
        days = trend.days(queries.per_day(session, site.id, first, last), first, last)
        groups = queries.groups(session, site.id, first, last, start=start, limit=GROUPS_LENGTH + 1)
        decisions = queries.decisions(session, site.id, DECISIONS_LENGTH)
        undone = queries.undone(session, [each.id for each in decisions])
    return render_template(
        "rating/admin/index.html",
        site=site,
        sites=sites,
        first=first,
        last=last,
        days=days,
        bars=trend.bars(days),
        height=trend.HEIGHT,
        groups=groups[:GROUPS_LENGTH],
        next_start=start + GROUPS_LENGTH if len(groups) > GROUPS_LENGTH else None,
        decisions=decisions,
        undone=undone,
        **_names(site),
    )


def _names(site: Site) -> dict[str, Any]:
    return {
        "state_names": STATE_NAMES,
        "why_names": WHY_NAMES,
        "action_names": ACTION_NAMES,
        "names": FIELD_NAMES,
        "scale": STARS,
        "number": format_decimal,
        "one_decimal": _one_decimal,
        "day": lambda each: format_date(each, "short"),
        "moment": lambda at: moment(at, site.time_zone, g.locale),
    }


def _one_decimal(value: Decimal) -> str:
    return str(format_decimal(value.quantize(Decimal("0.1"), ROUND_HALF_UP), format="0.0"))


@blueprint.get("/votes")
def votes() -> str:
    """Show how many votes are chosen by ?page=, network, since, until and stars."""
    said = _said(request.args)
    with current_core().db.read() as session:
        site = _wanted_site(session)
        choice = _choice(site, said)
        counts = None if choice.is_all else queries.chosen_counts(session, choice)
    return render_template(
        "rating/admin/votes.html",
        site=site,
        said=said,
        tallies=counts and {state: Tally(each) for state, each in counts.items()},
        **_names(site),
    )


@blueprint.post("/votes")
def decide() -> Response:
    """Make the chosen votes void, or restore them."""
    said = _said(request.form)
    decisions = {Action.VOID: service.void, Action.RESTORE: service.restore}
    wanted = request.form.get("action", "")
    if wanted not in decisions:
        raise bad_field("action", lazy_gettext("Choose what to do."))
    with current_core().db.write() as session:
        site = _wanted_site(session)
        choice = _choice(site, said)
        if choice.is_all:
            raise bad_field("page", SAY_WHICH)
        decision = decisions[Action(wanted)](session, choice, said, g.moderator.name, clock.now())
    return _done(site, decision.votes)


@blueprint.post("/decisions/<int(max=2147483647):decision_id>/undo")
def undo(decision_id: int) -> Response:
    with current_core().db.write() as session:
        site = _wanted_site(session)
        undone = queries.lock_decision(session, site.id, decision_id)
        if undone is None:
            raise Problem(
                404, "unknown_decision", lazy_gettext("There is no decision with this number.")
            )
        decision = service.undo(session, undone, g.moderator.name, clock.now())
    return _done(site, decision.votes)


def _done(site: Site, number: int) -> Response:
    flash(ngettext("%(num)s rating was changed.", "%(num)s ratings were changed.", number))
    return redirect(url_for(".index", site=site.key), 303)


# --- Export -------------------------------------------------------------------------------------


@blueprint.get("/export/<any(rows, totals):what>.<any(csv, json):format_>")
def download(what: str, format_: str) -> Response:
    """Return the votes of a period one by one, or added up by page, with nothing of the voters."""
    core = current_core()
    with core.db.read() as session:
        site = _wanted_site(session)
        first, last = _period(site)
    settings: RatingSiteSettings = site_settings(site, "rating")
    criteria = len(settings.criteria_names)
    columns, write = (
        (export.row_columns(criteria), export.rows)
        if what == "rows"
        else (export.total_columns(criteria), export.totals)
    )

    def lines() -> Iterator[str]:
        with core.db.read() as session:
            found = write(session, site, first, last, criteria)
            yield from as_csv(columns, found) if format_ == "csv" else export.as_json(found)

    name = f"rating-{site.key}-{what}-{first}-{last}.{format_}"
    type_ = "text/csv; charset=utf-8" if format_ == "csv" else "application/json"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(lines(), content_type=type_, headers=headers)
