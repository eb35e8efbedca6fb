"""Finds, orders and registers plugins: the only module that knows where they live."""

import dataclasses
import functools
import importlib
import importlib.metadata
import importlib.util
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pluggy

import comments_service.plugins
from comments_service import hookspecs
from comments_service.challenges import ChallengeProvider
from comments_service.config import ConfigError, parse_fields, unknown
from comments_service.plugin import Plugin, Widget
from comments_service.submission import SubmissionKind

ENTRY_POINTS = "comments_service.plugins"
_BUNDLED = tuple(dict.fromkeys(comments_service.plugins.__path__))
_NAME = re.compile(r"[a-z][a-z0-9]*")
# The prefix of the core's own tables and templates.
RESERVED = "core"


@dataclasses.dataclass(frozen=True)
class Place:
    """Where a plugin was found: its module `plugin.py` by import name, and the folder around it."""

    name: str
    module: str
    folder: Path


@dataclasses.dataclass(frozen=True)
class Plugins:
    """The loaded plugins in hook order, and what they declare."""

    manager: pluggy.PluginManager
    by_name: Mapping[str, Plugin]
    kinds: Mapping[str, SubmissionKind]
    challenge_providers: Mapping[str, ChallengeProvider]

    @functools.cached_property
    def widgets(self) -> Mapping[str, Widget]:
        """Every plugin's widgets, by name."""
        return {each.name: each for plugin in self.by_name.values() for each in plugin.widgets}

    def shower(self, widget: str) -> Plugin:
        """Return the plugin whose widget this is."""
        return self.by_name[widget.partition("-")[0]]

    def owner(self, kind: SubmissionKind) -> Plugin:
        return next(plugin for plugin in self.by_name.values() if kind in plugin.kinds)


def find(plugins_dir: str = "") -> dict[str, Place]:
    """Return every plugin within reach, by name, without running their code.

    Looks in the bundled folder, in `plugins_dir`, and among the entry points of installed
    distributions. Raises ConfigError if a name is found twice.
    """
    folders = [*_BUNDLED]
    if plugins_dir:
        if not Path(plugins_dir).is_dir():
            raise ConfigError(f"COMMENTS_PLUGINS_DIR={plugins_dir} is not a folder.")
        folders.append(plugins_dir)
    found: dict[str, Place] = {}
    for place in (*_in_folders(folders), *_entry_points()):
        if place.name in found:
            raise ConfigError(
                f"Two plugins are named {place.name}: {found[place.name].folder} and "
                f"{place.folder}. Rename or remove one of them."
            )
        found[place.name] = place
    return found


def _in_folders(folders: Sequence[str]) -> Iterator[Place]:
    package = comments_service.plugins
    for folder in folders:
        if folder not in package.__path__:
            package.__path__.append(folder)
        for file in sorted(Path(folder).glob("*/plugin.py")):
            name = file.parent.name
            yield Place(name, f"{package.__name__}.{name}.plugin", file.parent)


def _entry_points() -> Iterator[Place]:
    for entry in _installed():
        spec = importlib.util.find_spec(entry.module)
        if spec is None or spec.origin is None:
            raise ConfigError(f"Plugin {entry.name}: there is no module {entry.module}.")
        yield Place(entry.name, entry.module, Path(spec.origin).parent)


@functools.cache
def _installed() -> Sequence[importlib.metadata.EntryPoint]:
    """Return the plugins of installed distributions; the library reads a file of every one."""
    return tuple(importlib.metadata.entry_points(group=ENTRY_POINTS))


def load(
    places: Mapping[str, Place],
    names: Sequence[str],
    settings: Mapping[str, Mapping[str, str]],
    instance: Path,
) -> Plugins:
    """Import and register the plugins `names` (all of `places` if empty).

    `settings` holds each plugin's texts by name, `instance` is the service's folder. Raises
    ConfigError for what can't work.
    """
    wanted = list(names) or sorted(places)
    for name in wanted:
        if name not in places:
            raise ConfigError(f"COMMENTS_PLUGINS: {unknown(name, places, 'plugin')}")
    by_name = {name: _make(places[name], settings.get(name, {}), instance) for name in wanted}
    for plugin in by_name.values():
        for required in plugin.requires:
            if required not in by_name:
                raise ConfigError(
                    f"Plugin {plugin.name} needs plugin {required}: add it to COMMENTS_PLUGINS."
                )
    return _register(by_name)


def classes(places: Mapping[str, Place]) -> list[type[Plugin]]:
    """Return the class of each plugin, made into none yet."""
    return [importlib.import_module(place.module).plugin for place in places.values()]


def _make(place: Place, texts: Mapping[str, str], instance: Path) -> Plugin:
    declared = importlib.import_module(place.module).plugin
    if place.name == RESERVED:
        raise ConfigError(f"Plugin {place.folder}: the name {RESERVED} is the service's own.")
    if not _NAME.fullmatch(place.name) or declared.name != place.name:
        raise ConfigError(
            f"Plugin {place.folder}: its class is named {declared.name!r} and it was found as "
            f"{place.name!r}. Both must be the same lowercase word."
        )
    for widget in declared.further_widgets:
        if not widget.name.startswith(f"{place.name}-"):
            raise ConfigError(
                f"Plugin {place.folder}: its widget {widget.name!r} must be named "
                f"{place.name}-SOMETHING."
            )
    label = f"COMMENTS_{place.name.upper()}_"
    settings = parse_fields(declared.settings_class, texts, label=label)
    plugin: Plugin = declared(place.folder, settings, instance)
    return plugin


class _Manager(pluggy.PluginManager):
    """Examines what a plugin's class marks as a hook; the library examines every attribute."""

    def parse_hookimpl_opts(self, plugin: object, name: str) -> pluggy.HookimplOpts | None:
        if not hasattr(getattr(type(plugin), name, None), f"{self.project_name}_impl"):
            return None
        return super().parse_hookimpl_opts(plugin, name)


def _register(by_name: Mapping[str, Plugin]) -> Plugins:
    manager = _Manager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    kinds: dict[str, SubmissionKind] = {}
    providers: dict[str, ChallengeProvider] = {}
    # pluggy calls the last registered first.
    for plugin in reversed(list(by_name.values())):
        manager.register(plugin, plugin.name)
    for plugin in by_name.values():
        for kind in plugin.kinds:
            if kind.name in kinds:
                raise ConfigError(f"Two plugins have a submission kind {kind.name}.")
            kinds[kind.name] = kind
        for provider in plugin.challenge_providers:
            if provider.name in providers:
                raise ConfigError(f"Two plugins set challenges named {provider.name}.")
            providers[provider.name] = provider
    for kind in kinds.values():
        # What moderators judge is held for them instead; nothing else could stop it.
        if kind.challenged and not kind.moderated and not providers:
            raise ConfigError(
                f"{kind.name} takes a challenge and no plugin sets one: add captcha to "
                "COMMENTS_PLUGINS."
            )
    # A misspelt hook is an error now, not a silence later.
    manager.check_pending()
    return Plugins(manager, by_name, kinds, providers)
