"""What every page of the dashboard has: a moderator who is logged in, a token, the names it shows.

The core's own pages are in views/admin.py; plugins add theirs by `dashboard_blueprint`.
"""

import datetime
import functools
from collections.abc import Callable, Sequence
from typing import Any, TypeVar, cast

from flask import Blueprint, g, redirect, request, url_for
from flask import session as browser_session
from flask_babel import lazy_gettext
from flask_wtf import CSRFProtect
from werkzeug.wrappers import Response

from comments_service import attacks, clock
from comments_service.core import current_core
from comments_service.models import Site, Status
from comments_service.problems import Problem

View = TypeVar("View", bound=Callable[..., Any])

csrf = CSRFProtect()

SESSION_SECONDS = 12 * 3600
MODERATOR = "moderator"
LANGUAGES = ("vi", "en")

STATUS_NAMES = {
    Status.HELD: lazy_gettext("Waiting"),
    Status.PUBLISHED: lazy_gettext("Approved"),
    Status.REJECTED: lazy_gettext("Rejected"),
    Status.SPAM: lazy_gettext("Spam"),
    Status.DELETED: lazy_gettext("Deleted"),
}


def protect() -> None:
    """Answer in the moderator's language; refuse a form without the dashboard's token."""
    g.door_is_page = True
    g.locale = browser_session.get("locale", current_core().settings.locale)
    csrf.protect()


def require_moderator() -> Response | None:
    """Send everybody but a moderator to log in. The moderator is `g.moderator`."""
    moderator_id, epoch = browser_session.get(MODERATOR, (0, 0))
    g.moderator = current_core().accounts.find(moderator_id, epoch)
    return None if g.moderator else redirect(url_for("admin.login"), 303)


def login_required(view: View) -> View:
    """Let only moderators in."""

    @functools.wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 (as the view)
        return require_moderator() or view(*args, **kwargs)

    return cast("View", guarded)


def names() -> dict[str, Any]:
    """Return what the dashboard's templates may name."""
    return {
        "languages": LANGUAGES,
        "locale": g.locale,
        "moderator": g.get("moderator"),
        "status_names": STATUS_NAMES,
        "plugins": current_core().plugins.by_name.values(),
        "attacked_sites": _attacked_sites() if g.get("moderator") else [],
    }


def _attacked_sites() -> list[Any]:
    with current_core().db.read() as session:
        return attacks.sites(session, clock.now())


# --- What a page is asked for ---------------------------------------------------------------------


def chosen_site(sites: Sequence[Site]) -> Site | None:
    """Return the one of `sites` that ?site= names, or the first; None where there is none yet."""
    key = request.values.get("site", "")
    chosen = [each for each in sites if each.key == key] if key else sites[:1]
    if key and not chosen:
        raise unknown_site()
    return chosen[0] if chosen else None


def unknown_site() -> Problem:
    return Problem(404, "unknown_site", lazy_gettext("There is no site with this key."))


def asked_day(name: str) -> datetime.date | None:
    """Return the day at `name` in the query; None if none is asked for."""
    text = request.args.get(name, "")
    try:
        return datetime.date.fromisoformat(text) if text else None
    except ValueError:
        raise bad_field(name, lazy_gettext("Write a day such as 2026-03-31.")) from None


def bad_field(name: str, message: Any) -> Problem:  # noqa: ANN401 (lazily translated)
    return Problem(422, "validation", message, fields={name: [message]})


# --- Plugins' pages -------------------------------------------------------------------------------


def dashboard_blueprint(plugin: str, import_name: str) -> Blueprint:
    """Return a blueprint for a plugin's pages at /admin/PLUGIN/, open to moderators alone.

    Its templates extend "admin/base.html"; a form there carries `csrf_token()`.
    """
    blueprint = Blueprint(f"admin_{plugin}", import_name, url_prefix=f"/admin/{plugin}")
    blueprint.before_request(protect)
    blueprint.before_request(require_moderator)
    blueprint.context_processor(names)
    return blueprint
