"""Draws widgets: each plugin's one template, for whichever door asks."""

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import jinja2
from flask import Flask, current_app, render_template
from flask_babel import force_locale
from flask_limiter import RateLimitExceeded
from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from comments_service import hooks, i18n, json_ld
from comments_service.asking import draw_challenge
from comments_service.context import Door, PageContext
from comments_service.core import Core, current_core, public_url
from comments_service.forms import SubmissionForm
from comments_service.fragments import Fragments
from comments_service.models import Site
from comments_service.plugin import Plugin
from comments_service.requests import form_values
from comments_service.submission import SubmissionKind

UNAVAILABLE = "core/unavailable.html"
FRAGMENTS = "comments_service_fragments"


def init_app(app: Flask, plugin_folders: Mapping[str, Path]) -> None:
    """Let templates be found as PLUGIN/NAME.html, so that no two plugins' names collide."""
    own = app.jinja_loader
    plugins = jinja2.PrefixLoader(
        {
            name: jinja2.FileSystemLoader(folder / "templates")
            for name, folder in plugin_folders.items()
            if (folder / "templates").is_dir()
        }
    )
    app.jinja_loader = jinja2.ChoiceLoader([loader for loader in (own, plugins) if loader])
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.extensions[FRAGMENTS] = Fragments()


def site_settings(site: Site, plugin: str) -> Any:  # noqa: ANN401 (the plugin's own dataclass)
    return current_core().plugins.by_name[plugin].site_settings(site)


def make_form(
    kind: SubmissionKind, sent: Mapping[str, Any] | None = None, *, token: bool = True
) -> SubmissionForm:
    """Return the kind's form, filled from what was `sent`; without a token if that was JSON."""
    values = None if sent is None else MultiDict(form_values(sent))
    return kind.form(values, meta={"kind": kind.name, "csrf": token})


@functools.lru_cache
def blank_form(kind: SubmissionKind) -> SubmissionForm:
    """Return the kind's form as nobody has filled it in: the same one always, to be drawn only."""
    return make_form(kind)


class Drawing:
    """Draws widgets for one context, with the forms that a reader has already filled in.

    `challenged` names a kind that asks for a challenge though it mostly doesn't.
    """

    def __init__(
        self,
        context: PageContext,
        *,
        filled: Mapping[str, SubmissionForm] | None = None,
        challenged: str = "",
        challenge_error: str = "",
        challenge_way: str = "",
        outcome: str = "",
    ) -> None:
        self._core: Core = current_core()
        self._fragments: Fragments = current_app.extensions[FRAGMENTS]
        self._context = context
        self._filled = filled or {}
        self._challenged = challenged
        self._challenge_error = challenge_error
        self._challenge_way = challenge_way
        self._outcome = outcome
        self.may_be_kept = True
        """Nothing that was drawn has failed, or is for one reader alone, as a challenge is."""

    def draw(self, names: Iterable[str]) -> dict[str, str]:
        """Return the HTML of each widget; one that fails says "unavailable" in its own place."""
        with force_locale(self._context.locale):
            return {name: self._draw(name) for name in names}

    def _draw(self, name: str) -> str:
        plugins = self._core.plugins
        plugin = plugins.shower(name)
        template = f"{plugin.name}/{plugins.widgets[name].template}"
        try:
            return render_template(template, **self._data(name, plugin), **self._names(name))
        except Exception as error:  # noqa: BLE001 (any plugin's failure is its own)
            hooks.log_failure(plugin.name, "widget_data", error)
            self.may_be_kept = False
            # PostgreSQL refuses every further statement until the failed transaction ends.
            self._context.session.rollback()
            return render_template(UNAVAILABLE)

    def _data(self, widget: str, plugin: Plugin) -> Mapping[str, Any]:
        calls: dict[str, Callable[[], Any]] = dict(
            hooks.implementations(
                self._core.plugins.manager, "widget_data", context=self._context, widget=widget
            )
        )
        found: Mapping[str, Any] = calls.get(plugin.name, dict)()
        return found

    def _names(self, widget: str) -> dict[str, Any]:
        context = self._context
        plugin = self._core.plugins.shower(widget)
        kinds = plugin.kinds if widget == plugin.name else ()
        return {
            **self._common_names,
            "forms": {kind.name: self._form(kind) for kind in kinds},
            "challenged": {
                kind.name for kind in kinds if kind.challenged or kind.name == self._challenged
            },
            "once": functools.partial(self._fragments.once, plugin.name, context.locale),
            "link": frame_urls(context, widget),
        }

    @functools.cached_property
    def _common_names(self) -> Mapping[str, Any]:
        """What the templates of all widgets are given alike."""
        context = self._context
        locale = context.locale
        return {
            **i18n.translators(),
            "context": context,
            "filled": self._filled,
            # In the host page a challenge is fetched when a reader begins to write: most never do.
            "asks_at_once": context.door is Door.FRAME or bool(self._filled),
            "challenge": self._challenge,
            "outcome": self._outcome,
            "submit_url": lambda kind: f"{public_url()}/submit/{context.site.key}/{kind}",
            "json_ld": self._json_ld,
            "number": functools.partial(i18n.number, locale=locale),
            "one_decimal": functools.partial(i18n.one_decimal, locale=locale),
            "day": functools.partial(i18n.day, locale=locale),
            "moment": functools.partial(
                i18n.moment, time_zone=context.site.time_zone, locale=locale
            ),
        }

    def _json_ld(self, data: Mapping[str, Any] | None) -> Markup:
        return json_ld.script(data) if data and self._context.is_indexed else Markup()

    def _challenge(self, kind: str) -> str:
        self.may_be_kept = False
        try:
            drawn = draw_challenge(
                self._context,
                self._core.plugins.kinds[kind],
                self._challenge_error,
                way=self._challenge_way,
            )
            return str(drawn["html"])
        except RateLimitExceeded:
            # The form stays, with all that is typed in it.
            return render_template("core/challenge_later.html")

    def _form(self, kind: SubmissionKind) -> SubmissionForm | None:
        if self._context.door is Door.INCLUDE:
            # Cached for everybody and for long: no form could be sent from it.
            return None
        return self._filled.get(kind.name) or blank_form(kind)


def frame_url(context: PageContext, widget: str, **query: object) -> str:
    """Return the address of the widget's own document, for this page and language."""
    return frame_urls(context, widget)(**query)


def frame_urls(context: PageContext, widget: str) -> Callable[..., str]:
    """Return what `frame_url` would do with each query, the same parts done once."""

    @functools.cache
    def start() -> str:
        place = f"{public_url()}/embed/{context.site.key}/{widget}?"
        theme = context.query.get("theme")
        return place + _query({"page": context.page_key, "lang": context.locale, "theme": theme})

    def url(**query: object) -> str:
        more = _query(query)
        return f"{start()}&{more}" if more else start()

    return url


def _query(wanted: Mapping[str, object]) -> str:
    return urlencode({name: value for name, value in wanted.items() if value})


def known(names: Sequence[str]) -> list[str]:
    """Return those of `names` that are widgets here."""
    widgets = current_core().plugins.widgets
    return [name for name in dict.fromkeys(names) if name in widgets]
