"""Embeddable, self-hosted comments, ratings and visitor counters, made of plugins."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

__all__ = ["create_app"]


def create_app(texts: dict[str, str] | None = None) -> "Flask":
    """Make the WSGI application.

    `texts` are settings by name, as in COMMENTS_*, lower-cased and without the prefix; by default
    the environment's. Raises ConfigError for settings that can't work.
    """
    # Loaded on demand: a process that only starts and watches those that serve does without.
    from comments_service import factory  # noqa: PLC0415

    return factory.create_app(texts)
