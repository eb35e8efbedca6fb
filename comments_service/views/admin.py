"""The dashboard: log in, see what waits, decide."""

import sqlalchemy as sa
from flask import Blueprint, Flask, Request, flash, g, redirect, render_template, request, url_for
from flask import session as browser_session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask_babel import gettext, lazy_gettext, ngettext
from flask_wtf import FlaskForm
from flask_wtf.csrf import CSRFError
from werkzeug.wrappers import Response
from wtforms import PasswordField, StringField
from wtforms.validators import DataRequired

from comments_service import attacks, clock, dashboard, i18n, snippets, traps
from comments_service.core import current_core, is_secure, public_url
from comments_service.limits import limited
from comments_service.models import Site, Status
from comments_service.paths import PACKAGE
from comments_service.problems import Problem, answer
from comments_service.text import is_storable

blueprint = Blueprint(
    "admin",
    __name__,
    url_prefix="/admin",
    static_folder=str(PACKAGE / "static" / "admin"),
    static_url_path="/static",
)

# What a moderator can do, and where it leads.
ACTIONS = {
    "approve": (Status.PUBLISHED, lazy_gettext("Approve")),
    "reject": (Status.REJECTED, lazy_gettext("Reject")),
    "spam": (Status.SPAM, lazy_gettext("Spam")),
    "delete": (Status.DELETED, lazy_gettext("Delete")),
}
MAX_IDS = 200


class LoginForm(FlaskForm):
    name = StringField(
        lazy_gettext("User name"),
        validators=[DataRequired()],
        render_kw={"autocomplete": "username", "autofocus": True},
    )
    password = PasswordField(
        lazy_gettext("Password"),
        validators=[DataRequired()],
        render_kw={"autocomplete": "current-password"},
    )


class DashboardSession(SecureCookieSessionInterface):
    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Look for a session where its cookie comes: readers have none."""
        is_dashboard = request.path.startswith(self.get_cookie_path(app))
        return super().open_session(app, request) if is_dashboard else None

    def get_cookie_secure(self, app: Flask) -> bool:
        del app
        return is_secure()


def init_app(app: Flask) -> None:
    app.config.update(
        SESSION_COOKIE_NAME="comments-admin",
        SESSION_COOKIE_PATH="/admin",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=dashboard.SESSION_SECONDS,
        # A session ends so long after its log-in, not after its last page.
        SESSION_REFRESH_EACH_REQUEST=False,
        # Only the dashboard has a cookie to protect; public forms carry their own token.
        WTF_CSRF_CHECK_DEFAULT=False,
    )
    app.session_interface = DashboardSession()
    dashboard.csrf.init_app(app)
    app.register_error_handler(CSRFError, _on_csrf_error)
    app.register_blueprint(blueprint)


blueprint.before_request(dashboard.protect)
blueprint.context_processor(dashboard.names)


def _on_csrf_error(error: CSRFError) -> Response:
    del error
    message = lazy_gettext(
        "This page has been open for too long. Go back, reload it and try again."
    )
    return answer(Problem(400, "csrf", message))


@blueprint.get("/login")
def login() -> str:
    return render_template("admin/login.html", form=LoginForm(), failed=False)


@blueprint.post("/login")
@limited("login")
@limited("login_name")
def log_in() -> Response | tuple[str, int]:
    form = LoginForm()
    moderator = None
    if form.validate():
        moderator = current_core().accounts.authenticate(form.name.data, form.password.data)
    if moderator is None:
        return render_template("admin/login.html", form=form, failed=True), 401
    # What the browser held before it logged in is worth nothing afterwards.
    browser_session.clear()
    browser_session["locale"] = g.locale
    browser_session.permanent = True
    browser_session[dashboard.MODERATOR] = (moderator.id, moderator.session_epoch)
    return redirect(url_for("admin.queue"), 303)


@blueprint.post("/logout")
@dashboard.login_required
def logout() -> Response:
    current_core().accounts.end_sessions(g.moderator.id)
    browser_session.clear()
    browser_session["locale"] = g.locale
    return redirect(url_for("admin.login"), 303)


@blueprint.post("/language")
def language() -> Response:
    chosen = request.form.get("language", "")
    if chosen in dashboard.LANGUAGES:
        browser_session["locale"] = chosen
    return redirect(url_for("admin.queue"), 303)


@blueprint.get("/")
@dashboard.login_required
def queue() -> str:
    wanted = request.args.get("status", "")
    status = Status(wanted) if wanted in list(Status) else Status.HELD
    return render_template(
        "admin/queue.html",
        queue=current_core().moderation.queue(
            status, start=_number("start"), wave_of=_number("wave")
        ),
        wave=_number("wave"),
        actions={name: label for name, (_after, label) in ACTIONS.items()},
        already=[name for name, (after, _label) in ACTIONS.items() if after is status],
        filter_names=_filter_names(),
        moment=lambda entry: i18n.moment(entry.envelope.created_at, entry.site.time_zone, g.locale),
    )


def _filter_names() -> dict[str, str]:
    plugins = current_core().plugins.by_name.values()
    titles = {plugin.name: str(plugin.title) for plugin in plugins if plugin.title}
    return {traps.FILTER: str(traps.TITLE), **titles}


def _number(name: str) -> int:
    """Return the id at `name` of the form or the query; 0 for what is none."""
    text = request.values.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0  # noqa: PLR2004 (fits an INTEGER)


@blueprint.post("/decide")
@dashboard.login_required
def decide() -> Response:
    """Carry out one row's button (`one=ACTION:ID`), or one for every ticked row (`all=ACTION`)."""
    action, _, one = request.form.get("one", "").partition(":")
    ids = [one] if action else request.form.getlist("id")
    action = action or request.form.get("all", "")
    chosen = [int(text) for text in ids[:MAX_IDS] if text.isdecimal() and len(text) < 10]  # noqa: PLR2004 (fits an INTEGER)
    if action in ACTIONS and chosen:
        after, _label = ACTIONS[action]
        moderation = current_core().moderation
        # What is published must have been seen; what is kept out, the first of its wave stands for.
        if after is not Status.PUBLISHED:
            chosen = list(moderation.with_waves(chosen, _number("newest")))
        count = moderation.decide(g.moderator, chosen, after)
        message = ngettext(
            "%(num)s entry: %(status)s.",
            "%(num)s entries: %(status)s.",
            count,
            status=dashboard.STATUS_NAMES[after],
        )
        flash(message)
    else:
        flash(gettext("Tick at least one row, then choose what to do with it."))
    back = request.form.get("status", "")
    status = back if back in list(Status) else None
    return redirect(url_for("admin.queue", status=status), 303)


@blueprint.get("/sites/")
@dashboard.login_required
def sites() -> str:
    with current_core().db.read() as session:
        found = session.scalars(sa.select(Site).order_by(Site.name)).all()
        return render_template("admin/sites.html", sites=found)


@blueprint.get("/sites/<key>/")
@dashboard.login_required
def site(key: str) -> str:
    """Show what the site's pages paste to embed it."""
    with current_core().db.read() as session:
        wanted = sa.select(Site).where(Site.key == key)
        found = session.scalar(wanted) if is_storable(key) else None
        if found is None:
            raise dashboard.unknown_site()
        given = list(snippets.snippets(found, public_url()))
        return render_template(
            "admin/site.html",
            site=found,
            snippets=given,
            is_attacked=attacks.is_attacked(found, clock.now()),
            moment=lambda at: i18n.moment(at, found.time_zone, g.locale),
        )


@blueprint.post("/sites/<key>/attack")
@dashboard.login_required
def attack(key: str) -> Response:
    """Switch attack mode of a site on for an hour, or off."""
    is_on = request.form.get("attack") == "on"
    with current_core().db.write() as session:
        wanted = sa.select(Site).where(Site.key == key)
        found = session.scalar(wanted) if is_storable(key) else None
        if found is None:
            raise dashboard.unknown_site()
        attacks.switch(session, found, on=is_on, by=g.moderator.name, now=clock.now())
    flash(gettext("Attack mode is on for an hour.") if is_on else gettext("Attack mode is off."))
    return redirect(url_for("admin.site", key=key), 303)


@blueprint.get("/history")
@dashboard.login_required
def history() -> str:
    return render_template(
        "admin/history.html",
        decisions=current_core().moderation.history(),
        moment=lambda at: i18n.moment(at, "UTC", g.locale),
    )
