"""Rate limits: how often one network may ask, by what it asks for."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, request
from flask_limiter import Limiter
from limits import parse_many

from comments_service.config import PREFIX, ConfigError, Settings
from comments_service.identity import Keys, network_of
from comments_service.text import clean_line

View = TypeVar("View", bound=Callable[..., Any])

# A store that does not answer must not hold up readers: the limits go on in memory.
REDIS_OPTIONS: dict[str, Any] = {"socket_connect_timeout": 0.2, "socket_timeout": 0.2}


def limited(budget: str) -> Callable[[View], View]:
    """Charge each call of the view to the asker's budget: read, challenge, write or login."""

    def mark(view: View) -> View:
        view.budget = budget  # type: ignore[attr-defined]
        return view

    return mark


def init_app(app: Flask, settings: Settings, keys: Keys) -> None:
    """Make the limiter and put every marked view behind its budget."""

    def network() -> str:
        # Hashed, because Redis may write its keys to disk.
        return keys.digest("limit", network_of(request.remote_addr or ""))

    def user_name() -> str:
        return keys.digest("limit-name", clean_line(request.form.get("name", "")).casefold())

    limiter = Limiter(
        network,
        app=app,
        strategy="moving-window",
        storage_uri=settings.redis_url or "memory://",
        storage_options=REDIS_OPTIONS if settings.redis_url else {},
        in_memory_fallback_enabled=True,
        headers_enabled=True,
    )
    for endpoint, plain_view in app.view_functions.items():
        view: Callable[..., Any] = plain_view
        budget = getattr(view, "budget", None)
        if budget is None:
            continue
        limit = _checked(f"limit_{budget}", settings)
        if budget == "login":
            # Wide, or anybody could lock a moderator out by their name.
            by_name = limiter.shared_limit(
                _checked("limit_login_name", settings), scope="login-name", key_func=user_name
            )
            view = by_name(view)
        app.view_functions[endpoint] = limiter.shared_limit(limit, scope=budget)(view)


def _checked(name: str, settings: Settings) -> str:
    """Return the limit; raise ConfigError for one that would silently limit nothing."""
    limit: str = getattr(settings, name)
    try:
        parse_many(limit)
    except ValueError:
        raise ConfigError(
            f"{PREFIX}{name.upper()}={limit!r} is no limit: write for example 60/minute."
        ) from None
    return limit
