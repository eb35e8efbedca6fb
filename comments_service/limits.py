"""Rate limits: how often one network may ask, by what it asks for."""

import functools
import time
from collections.abc import Callable
from typing import Any, TypeVar, cast

from flask import Flask, current_app, request
from flask_limiter import Limiter, RateLimitExceeded
from limits import parse_many
from limits.errors import ConfigurationError

from comments_service.config import PREFIX, ConfigError, Settings
from comments_service.identity import Keys, network_of
from comments_service.text import clean_line

View = TypeVar("View", bound=Callable[..., Any])

EXTENSION = "comments_service_limits"
# A store that does not answer must not hold up readers: the limits go on in memory.
REDIS_OPTIONS: dict[str, Any] = {"socket_connect_timeout": 0.2, "socket_timeout": 0.2}


def charge(budget: str) -> None:
    """Charge the asker once: read, challenge, write, login or login_name.

    Raises flask_limiter's RateLimitExceeded (429) when the budget is used up.
    """
    current_app.extensions[EXTENSION][budget]()


def limited(budget: str) -> Callable[[View], View]:
    """Charge each call of the view to the asker's budget."""

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def charged(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 (as the view)
            charge(budget)
            return view(*args, **kwargs)

        return cast("View", charged)

    return decorate


def init_app(app: Flask, settings: Settings, keys: Keys) -> None:
    """Make a budget of each setting `limit_…`."""

    def network() -> str:
        # Hashed, because Redis may write its keys to disk.
        return keys.digest("limit", network_of(request.remote_addr or ""))

    def user_name() -> str:
        name = clean_line(request.form.get("name", "")).casefold()
        return keys.digest("limit-name", name)

    try:
        limiter = Limiter(
            network,
            app=app,
            strategy="moving-window",
            storage_uri=settings.redis_url or "memory://",
            storage_options=REDIS_OPTIONS if settings.redis_url else {},
            in_memory_fallback_enabled=True,
            # Its headers tell everybody to retry later, and ask the store once more each time.
            headers_enabled=False,
        )
    except ConfigurationError as error:
        raise ConfigError(f"COMMENTS_REDIS_URL: {error}. Write redis://…") from None

    def budget(name: str, limit: str, key: Callable[[], str]) -> Callable[[], None]:
        def count() -> None:
            """Do nothing but be counted."""

        _check(f"limit_{name}", limit)
        # By this the limiter tells apart what it limits.
        count.__qualname__ = f"budget_{name}"
        limited_count: Callable[[], None] = limiter.shared_limit(limit, name, key_func=key)(count)

        def take() -> None:
            try:
                limited_count()
            except RateLimitExceeded as refusal:
                refusal.retry_after = _seconds_until_room(limiter, refusal)
                raise

        return take

    app.extensions[EXTENSION] = {
        "read": budget("read", settings.limit_read, network),
        "challenge": budget("challenge", settings.limit_challenge, network),
        "write": budget("write", settings.limit_write, network),
        "login": budget("login", settings.limit_login, network),
        # Wide, or anybody could lock a moderator out by their name.
        "login_name": budget("login_name", settings.limit_login_name, user_name),
    }


def _seconds_until_room(limiter: Limiter, refusal: RateLimitExceeded) -> int:
    """Return when the refused may come back; at worst, when a whole window has gone by."""
    try:
        used_up = limiter.current_limit
        return max(1, int(used_up.reset_at - time.time())) if used_up else 1
    except Exception:  # noqa: BLE001 (any store's own: it went away just now)
        return refusal.limit.limit.get_expiry()


def _check(name: str, limit: str) -> None:
    """Raise ConfigError for a limit that can't be read: Flask-Limiter would limit nothing."""
    try:
        parse_many(limit)
    except ValueError:
        raise ConfigError(
            f"{PREFIX}{name.upper()}={limit!r} is no limit: write for example 60/minute."
        ) from None
