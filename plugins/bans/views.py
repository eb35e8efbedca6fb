"""The bans in the dashboard: the list, a ban of what was typed, a ban for one submission."""

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext, lazy_ngettext
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms import RadioField, SelectField
from wtforms.fields.choices import SelectChoice

from comments_service.api import (
    Envelope,
    Line,
    Problem,
    Refused,
    Site,
    Summary,
    clock,
    current_core,
    dashboard_blueprint,
    every_site,
    moment,
    unknown_site,
)

from . import queries, service
from .models import NOTE_LENGTH, Ban, Kind
from .service import Target

PAGE_LENGTH = 100
START_MAX = 1_000_000
ID_DIGITS = 9
"""As many fit an INTEGER."""
FOR_EVER = "forever"

KIND_NAMES = {
    Kind.VISITOR: lazy_gettext("visitor"),
    Kind.NETWORK: lazy_gettext("network"),
    Kind.EMAIL: lazy_gettext("e-mail"),
    Kind.TEXT: lazy_gettext("text"),
}

Offered = Mapping[str, tuple[Target | None, Any]]
"""By the value in the form: what is banned, and how that is called (flask-babel has no types)."""

blueprint = dashboard_blueprint("bans", __name__)
blueprint.static_folder = "static"
blueprint.static_url_path = "/static"


class BanForm(FlaskForm):
    """What every ban is asked: what, for how long, and why."""

    kind: RadioField
    value: Line

    days = RadioField(
        lazy_gettext("For how long"),
        choices=[
            *(
                SelectChoice(str(days), lazy_ngettext("%(num)s day", "%(num)s days", days))
                for days in service.DAYS
            ),
            SelectChoice(FOR_EVER, lazy_gettext("For ever")),
        ],
        default="7",
    )
    note = Line(
        lazy_gettext("Note"),
        limit=NOTE_LENGTH,
        description=lazy_gettext(
            "Why, for the other moderators. Addresses are not kept: by the note you know later "
            "whom this was about."
        ),
    )

    @property
    def typed(self) -> str:
        return self.value.data or ""

    @property
    def wanted_days(self) -> int | None:
        return None if self.days.data == FOR_EVER else int(self.days.data)


class TypedForm(BanForm):
    """Ban what a moderator types."""

    site = SelectField(lazy_gettext("Site"))
    kind = RadioField(
        lazy_gettext("What is banned"),
        choices=[
            SelectChoice(
                Kind.EMAIL.value,
                lazy_gettext("E-mail: lan@example.com, or @example.com for the whole domain"),
            ),
            SelectChoice(
                Kind.NETWORK.value,
                lazy_gettext("Network: 203.0.113.7 or 203.0.113.0/24; of IPv6 /64, /56 or /48"),
            ),
            SelectChoice(
                Kind.TEXT.value,
                lazy_gettext("Text: the words in it, with * for up to 50 characters between them"),
            ),
        ],
        default=Kind.EMAIL.value,
    )
    value = Line(
        lazy_gettext("Address, network or words"),
        limit=service.EMAIL_LENGTH,
        description=lazy_gettext("Capitals don't matter; accents do."),
    )

    def target(self) -> Target:
        """Return what is banned; raise Refused."""
        digest = current_core().keys.digest
        if self.kind.data == Kind.EMAIL:
            return service.email(self.typed, digest)
        if self.kind.data == Kind.NETWORK:
            return service.network(self.typed, digest)
        return service.text(self.typed)


class OfSubmissionForm(BanForm):
    """Ban whoever sent a submission, or texts like it."""

    kind = RadioField(lazy_gettext("What is banned"))
    value = Line(
        lazy_gettext("The words looked for"),
        limit=service.EMAIL_LENGTH,
        description=lazy_gettext(
            "Only for a ban of texts; * stands for up to 50 characters. Capitals don't matter; "
            "accents do."
        ),
    )


# --- The list ---------------------------------------------------------------------------------


@blueprint.get("/")
def index() -> str:
    """List the bans of ?site=, or of all sites, from the ?start=th."""
    now = clock.now()
    start = _number(request.args.get("start", "")) or 0
    with current_core().db.read() as session:
        sites = every_site(session)
        site = _site(sites, request.args["site"]) if "site" in request.args else None
        # One more than shown tells whether there are more.
        found = queries.page(session, site, now, start=min(start, START_MAX), limit=PAGE_LENGTH + 1)
    return render_template(
        "bans/admin/list.html",
        bans=found[:PAGE_LENGTH],
        sites=sites,
        chosen=site,
        now=now,
        kind_names=KIND_NAMES,
        moment=_moment,
        next_start=start + PAGE_LENGTH if len(found) > PAGE_LENGTH else None,
    )


@blueprint.post("/<int(max=2147483647):ban_id>/lift")
def lift(ban_id: int) -> Response:
    with current_core().db.write() as session:
        ban = queries.by_id(session, ban_id)
        if ban is None:
            raise Problem(404, "unknown_ban", lazy_gettext("There is no ban with this number."))
        is_lifted = service.lift(ban, g.moderator.name, clock.now())
    if is_lifted:
        flash(gettext("Ban no. %(number)s is lifted.", number=ban_id))
    else:
        flash(gettext("Ban no. %(number)s was no longer in force.", number=ban_id))
    return redirect(url_for(".index", site=request.args.get("site")), 303)


# --- A ban of what was typed --------------------------------------------------------------------


@blueprint.get("/add")
def add() -> str:
    with current_core().db.read() as session:
        return _typed_page(_typed_form(every_site(session)))


@blueprint.post("/add")
def make() -> Response | tuple[str, int]:
    with current_core().db.write() as session:
        sites = every_site(session)
        form = _typed_form(sites)
        if form.validate():
            try:
                target = form.target()
                made = _ban(session, _site(sites, form.site.data).id, target, form)
            except Refused as refusal:
                form[refusal.field].errors = [refusal.message]
            else:
                _tell(made)
                return redirect(url_for(".index"), 303)
    return _typed_page(form), 422


def _typed_form(sites: Sequence[Site]) -> TypedForm:
    form = TypedForm()
    form.site.choices = [SelectChoice(each.key, each.name) for each in sites]
    return form


def _typed_page(form: TypedForm) -> str:
    return render_template("bans/admin/add.html", form=form)


# --- A ban for one submission -------------------------------------------------------------------


@blueprint.get("/submission")
def of_submission() -> str:
    """Offer what can be banned of ?submission=."""
    with current_core().db.read() as session:
        envelope, site = _submission(session)
        offered = _offered(session, envelope)
        return _submission_page(session, envelope, site, _submission_form(offered))


@blueprint.post("/submission")
def ban_of_submission() -> Response | tuple[str, int]:
    with current_core().db.write() as session:
        envelope, site = _submission(session)
        offered = _offered(session, envelope)
        form = _submission_form(offered)
        if form.validate():
            try:
                target = offered[form.kind.data][0] or service.text(form.typed)
                made = _ban(session, site.id, target, form)
            except Refused as refusal:
                form[refusal.field].errors = [refusal.message]
            else:
                _tell(made)
                # Where the submission still waits for a decision of its own.
                return redirect(url_for("admin.queue"), 303)
        return _submission_page(session, envelope, site, form), 422


def _submission(session: Session) -> tuple[Envelope, Site]:
    number = _number(request.args.get("submission", ""))
    found = queries.submission(session, number) if number is not None else None
    if found is None:
        raise Problem(
            404, "unknown_submission", lazy_gettext("There is no submission with this number.")
        )
    return found


def _offered(session: Session, envelope: Envelope) -> Offered:
    """Return what can be banned of the submission; of texts the moderator says which: None."""
    origin = service.origin(session, envelope, clock.now())
    offered: dict[str, tuple[Target | None, Any]] = {
        "visitor": (
            service.visitor(envelope.visitor),
            lazy_gettext("This visitor, as long as the browser keeps who it is"),
        )
    }
    for place, target in enumerate(origin.networks):
        name = (
            lazy_gettext("The neighbourhood around that network (%(width)s)", width=target.scope)
            if place
            else lazy_gettext("The exact network (%(width)s)", width=target.scope)
        )
        offered[f"network{place}"] = (target, name)
    if origin.email:
        offered["email"] = (origin.email, lazy_gettext("The e-mail address that was given"))
    offered["text"] = (None, lazy_gettext("Texts with certain words"))
    return offered


def _submission_form(offered: Offered) -> OfSubmissionForm:
    form = OfSubmissionForm()
    form.kind.choices = [SelectChoice(value, name) for value, (_target, name) in offered.items()]
    form.kind.data = form.kind.data or "visitor"
    return form


def _submission_page(
    session: Session, envelope: Envelope, site: Site, form: OfSubmissionForm
) -> str:
    return render_template(
        "bans/admin/submission.html",
        form=form,
        site=site,
        summary=_summary(session, envelope),
        has_networks=any(choice.value == "network0" for choice in form.kind.choices),
        sent=_moment(envelope.created_at, site),
    )


def _summary(session: Session, envelope: Envelope) -> Summary | None:
    """Return what the submission says; None if the plugin that it belongs to is switched off."""
    kind = current_core().plugins.kinds.get(envelope.kind)
    return kind.summaries(session, [envelope.id]).get(envelope.id) if kind else None


# --- Both -----------------------------------------------------------------------------------------


def _ban(session: Session, site_id: int, target: Target, form: BanForm) -> Ban:
    return service.ban(
        session,
        site_id,
        target,
        days=form.wanted_days,
        note=form.note.data or "",
        by=g.moderator.name,
        now=clock.now(),
    )


def _tell(made: Ban) -> None:
    flash(gettext("Ban no. %(number)s is in force.", number=made.id))


def _site(sites: Sequence[Site], key: str) -> Site:
    for each in sites:
        if each.key == key:
            return each
    raise unknown_site()


def _number(text: str) -> int | None:
    is_number = text.isascii() and text.isdecimal() and len(text) <= ID_DIGITS
    return int(text) if is_number else None


def _moment(at: datetime.datetime, site: Site) -> str:
    return moment(at, site.time_zone, g.locale)
