"""Calls hooks one plugin at a time, so that one plugin's failure is its own."""

import functools
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pluggy

log = logging.getLogger(__name__)


def implementations(
    manager: pluggy.PluginManager, hook: str, **arguments: object
) -> Iterator[tuple[str, Callable[[], Any]]]:
    """Yield (plugin's name, call without arguments) of each implementation, in hook order."""
    for implementation in reversed(getattr(manager.hook, hook).get_hookimpls()):
        wanted = [arguments[name] for name in implementation.argnames]
        yield implementation.plugin_name, functools.partial(implementation.function, *wanted)


def log_failure(plugin: str, hook: str, error: Exception) -> None:
    log.error("plugin %s failed in %s", plugin, hook, exc_info=error)
