"""What a plugin declares: its name and settings, what readers may send, what it asks of them."""

import dataclasses
import functools
from pathlib import Path
from typing import Any, ClassVar

import click
from flask import Blueprint

from comments_service.cache import Lasting
from comments_service.challenges import ChallengeProvider
from comments_service.config import parse_again
from comments_service.models import Site
from comments_service.submission import SubmissionKind


@dataclasses.dataclass(frozen=True)
class NoSettings:
    """For a plugin that has nothing to set."""


@dataclasses.dataclass(frozen=True)
class Widget:
    """One thing that a plugin shows on a page."""

    name: str
    """What pages call it: the plugin's name, or that with a word behind: `rating-best`."""
    template: str
    """The file in the plugin's templates/ that draws it."""
    title: Any = ""
    """What it is called, in the reader's language (lazy_gettext); empty: its name."""
    height: str = ""
    """What a page keeps free for it until it is there, as CSS writes it: 24rem."""
    lasting: Lasting = Lasting.NEVER
    """How long it may be shown again as it was drawn, to readers who never wrote."""


class Plugin:
    """Base of every plugin. Subclass it in plugin.py, and end that file with `plugin = YourClass`.

    Folders and files beside plugin.py are used when they exist: `templates/widget.html` makes the
    plugin a widget of the same name, `static/widget.css` joins the widgets' style sheet,
    `translations/` its catalogs, `migrations/` its tables.
    """

    name: ClassVar[str]
    """One lowercase word: the folder, and the prefix of tables, templates and settings."""
    requires: ClassVar[tuple[str, ...]] = ()
    """Names of plugins that must be loaded too."""
    settings_class: ClassVar[type[Any]] = NoSettings
    """Frozen dataclass of the operator's settings, each from COMMENTS_<PLUGIN>_<FIELD>."""
    site_settings_class: ClassVar[type[Any]] = NoSettings
    """Frozen dataclass of what each site may set: `site set SITE plugin.field=…`."""
    title: ClassVar[str] = ""
    """What the widget or the filter is called (lazy_gettext); empty: its name."""
    height: ClassVar[str] = ""
    """What a page keeps free for the widget until it is there, as CSS writes it: 24rem."""
    rank: ClassVar[int] = 100
    """Where the widget stands among the others, unless the page says: the lowest first."""
    further_widgets: ClassVar[tuple[Widget, ...]] = ()
    """Widgets beside it, for other places of a site. They show, and have no forms."""
    lasting: ClassVar[Lasting] = Lasting.NEVER
    """How long the widget may be shown again as it was drawn, to readers who never wrote."""
    frame_counts: ClassVar[bool] = False
    """Showing the widget's own document is a page view: for pages that embed it in a frame."""
    blueprints: ClassVar[tuple[Blueprint, ...]] = ()
    dashboard_page: ClassVar[tuple[str, Any] | None] = None
    """Endpoint and name (lazy_gettext) of the plugin's page in the dashboard's menu."""
    submission_page: ClassVar[tuple[str, Any] | None] = None
    """Likewise of what it offers to do about one submission: called with `submission`, its id."""
    commands: ClassVar[tuple[click.Command, ...]] = ()
    """Commands of the command line: `comments-service PLUGIN COMMAND`."""
    command_group: ClassVar[str] = ""
    """What stands there in place of the plugin's name; empty: its name."""
    kinds: ClassVar[tuple[SubmissionKind, ...]] = ()

    def __init__(self, folder: Path, settings: Any, instance: Path) -> None:  # noqa: ANN401 (settings_class)
        self.folder = folder
        self.settings = settings
        self.instance = instance
        """The service's own folder, for what is kept beside the database."""

    def close(self) -> None:
        """Give back what the plugin holds, threads and open files: the service is used no more."""

    @property
    def challenge_providers(self) -> tuple[ChallengeProvider, ...]:
        """The challenges that this plugin can set, made with its settings."""
        return ()

    @functools.cached_property
    def is_widget(self) -> bool:
        return (self.folder / "templates" / "widget.html").is_file()

    @functools.cached_property
    def widgets(self) -> tuple[Widget, ...]:
        """Every widget of the plugin, first the one of its own name if there is one."""
        own = Widget(self.name, "widget.html", self.title, self.height, self.lasting)
        return (*([own] if self.is_widget else []), *self.further_widgets)

    def lasting_at(self, site: Site, widget: str) -> Lasting:
        """Return how long a widget lasts at `site`; most last as long at each."""
        del site
        return next(each.lasting for each in self.widgets if each.name == widget)

    def site_settings(self, site: Site) -> Any:  # noqa: ANN401 (site_settings_class)
        """Return this plugin's settings for `site`, defaults where the site says nothing."""
        settings_class: Any = self.site_settings_class
        known = _names(settings_class)
        # What an older version of the plugin knew is no reason to refuse a reader.
        texts = {n: v for n, v in site.settings.get(self.name, {}).items() if n in known}
        return parse_again(self.site_settings_class, texts, label=f"{self.name}.")


@functools.cache
def _names(settings_class: type[Any]) -> frozenset[str]:
    return frozenset(field.name for field in dataclasses.fields(settings_class))
