"""Rate limits: how often one network may ask, by what it asks for, and who sends much lately."""

import functools
import logging
import math
import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar, cast

from flask import Flask, current_app, g, request
from flask_limiter import Limiter, RateLimitExceeded, RequestLimit
from limits import RateLimitItem, parse_many
from limits.errors import ConfigurationError
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from werkzeug.wrappers import Response

from comments_service.config import PREFIX, ConfigError, Settings
from comments_service.identity import Keys, network_of
from comments_service.text import clean_line

log = logging.getLogger(__name__)

View = TypeVar("View", bound=Callable[..., Any])

EXTENSION = "comments_service_limits"
METER = "comments_service_meter"
READ_BUDGET = "comments_service_read_budget"
# A store that does not answer must not hold up readers: the limits go on in memory.
REDIS_OPTIONS: dict[str, Any] = {"socket_connect_timeout": 0.2, "socket_timeout": 0.2}

MEMORY = "forgetful-memory"
FORGOTTEN_EVERY = 1000


class ForgetfulMemory(MemoryStorage):
    """Forgets who stays away; the library keeps an empty list of each that ever came.

    The library also starts a thread with nearly every hit, to forget hits that are old: as costly
    as all the rest of counting. Here those that no longer matter go with the next hit.
    """

    STORAGE_SCHEME = [MEMORY]  # noqa: RUF012 (the library's own form)

    def __init__(self, uri: str | None = None, **options: Any) -> None:  # noqa: ANN401 (the library's)
        super().__init__(uri, **options)
        self._hits = 0

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        self._hits += 1
        # To look through many for each thousand hits would cost more than to count these.
        if self._hits >= max(FORGOTTEN_EVERY, len(self.events)):
            self._hits = 0
            self._forget()
        has_room = super().acquire_entry(key, limit, expiry, amount)
        with self.locks[key]:
            # Whether there is room depends on the newest alone.
            del self.events.get(key, [])[limit:]
        return has_room

    def _MemoryStorage__schedule_expiry(self) -> None:  # noqa: N802 (the library's own, overridden)
        """Start no thread."""

    def _forget(self) -> None:
        for key in list(self.events):
            with self.locks[key]:
                hits = self.events.get(key)
                # The newest is the first.
                if not hits or hits[0].expiry <= time.time():
                    self.events.pop(key, None)
                    self.locks.pop(key, None)


def charge(budget: str) -> None:
    """Charge the asker once: read, challenge, alternative, write, visitor, login or login_name.

    Raises flask_limiter's RateLimitExceeded (429) when the budget is used up.
    """
    current_app.extensions[EXTENSION][budget]()


def charge_visitor(visitor: str) -> None:
    """Charge one visitor for a submission; raises as `charge` does."""
    g.visitor_to_charge = visitor
    charge("visitor")


class Meter:
    """Notes who sends how much, and refuses nothing: those who send much are asked for more."""

    def __init__(self, limiter: Limiter, network: str, neighbourhood: str, page: str) -> None:
        self._limiter = limiter
        self._network = _parse("limit_busy_network", network)
        self._neighbourhood = _parse("limit_busy_neighbourhood", neighbourhood)
        self._page = _parse("limit_busy_page", page)

    def _levels(self, networks: Sequence[str], page: str) -> list[tuple[RateLimitItem, str]]:
        narrow, *wider = networks
        return [
            (self._network, f"busy {narrow}"),
            *((self._neighbourhood, f"busy {each}") for each in wider),
            (self._page, f"busy {page}"),
        ]

    def note(self, networks: Sequence[str], page: str) -> None:
        """Note one submission from `networks` (keyed hashes, the narrowest first) to `page`."""
        try:
            for item, key in self._levels(networks, page):
                self._limiter.limiter.hit(item, key)
        except Exception:
            # The store went away between two requests: the next goes on in memory.
            log.exception("a submission was not metered")

    def busy(self, networks: Sequence[str], page: str) -> int:
        """Return how many of these have sent more than is usual."""
        try:
            return sum(
                not self._limiter.limiter.test(item, key)
                for item, key in self._levels(networks, page)
            )
        except Exception:
            log.exception("how busy a network is could not be told")
            return 0


class ReadBudget:
    """The budget "read", for what is answered in front of Flask: one and the same there."""

    def __init__(self, limiter: Limiter, limit: str, keys: Keys) -> None:
        self._limiter = limiter
        self._items = _several(limit)
        self._keys = keys

    def take(self, address: str) -> bool:
        """Charge a network once; False if that is refused, or can't be done here."""
        return _has_room(self._limiter, self._items, _network_key(self._keys, address), "read")


def _has_room(limiter: Limiter, items: Sequence[RateLimitItem], key: str, budget: str) -> bool:
    """Charge `key` once, without the library's detours; False if refused, or if it can't be."""
    store = limiter.limiter
    try:
        # As the limiter itself names what it counts. Whoever is refused is charged there: not here.
        has_room = all(store.test(item, key, budget) for item in items[1:])
        return has_room and all(store.hit(item, key, budget) for item in items)
    except Exception:  # noqa: BLE001 (any store's own: it went away just now)
        return False


def _network_key(keys: Keys, address: str) -> str:
    # Hashed, because Redis may write its keys to disk.
    return keys.digest("limit", network_of(address))


def read_budget(app: Flask) -> ReadBudget:
    return cast("ReadBudget", app.extensions[READ_BUDGET])


def meter() -> Meter:
    return cast("Meter", current_app.extensions[METER])


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
        return _network_key(keys, request.remote_addr or "")

    def user_name() -> str:
        name = clean_line(request.form.get("name", "")).casefold()
        return keys.digest("limit-name", name)

    def visitor() -> str:
        return keys.digest("limit-visitor", g.visitor_to_charge)

    try:
        limiter = Limiter(
            network,
            app=app,
            strategy="moving-window",
            storage_uri=settings.redis_url or f"{MEMORY}://",
            storage_options=REDIS_OPTIONS if settings.redis_url else {},
            in_memory_fallback_enabled=True,
            # Its headers tell everybody to retry later, and ask the store once more each time.
            headers_enabled=False,
        )
    except ConfigurationError as error:
        raise ConfigError(f"COMMENTS_REDIS_URL: {error}. Write redis://…") from None
    # The library offers no other memory for while Redis is away than its own.
    limiter._fallback_storage = ForgetfulMemory()  # noqa: SLF001
    limiter._fallback_limiter = MovingWindowRateLimiter(limiter._fallback_storage)  # noqa: SLF001

    def budget(name: str, limit: str, key: Callable[[], str]) -> Callable[[], None]:
        def count() -> None:
            """Do nothing but be counted."""

        _check(f"limit_{name}", limit)
        # By this the limiter tells apart what it limits.
        count.__qualname__ = f"budget_{name}"
        limited_count: Callable[[], None] = limiter.shared_limit(limit, name, key_func=key)(count)

        items = _several(limit)

        def take() -> None:
            charged = g.setdefault("charged", {})
            counted = key()
            if _has_room(limiter, items, counted, name):
                charged[name] = RequestLimit(limiter, items[0], [counted, name], False, True)
                return
            # Refused, or the store went away: the library knows what to do then.
            try:
                limited_count()
            except RateLimitExceeded as refusal:
                refusal.retry_after = _seconds_until_room(limiter, refusal)
                raise
            finally:
                charged[name] = limiter.current_limit

        return take

    app.extensions[EXTENSION] = {
        "read": budget("read", settings.limit_read, network),
        "challenge": budget("challenge", settings.limit_challenge, network),
        "alternative": budget("alternative", settings.limit_alternative, network),
        "write": budget("write", settings.limit_write, network),
        "visitor": budget("visitor", settings.limit_visitor, visitor),
        "login": budget("login", settings.limit_login, network),
        # Wide, or anybody could lock a moderator out by their name.
        "login_name": budget("login_name", settings.limit_login_name, user_name),
    }
    app.extensions[READ_BUDGET] = ReadBudget(limiter, settings.limit_read, keys)
    app.extensions[METER] = Meter(
        limiter,
        settings.limit_busy_network,
        settings.limit_busy_neighbourhood,
        settings.limit_busy_page,
    )
    app.after_request(_tell)


def _tell(response: Response) -> Response:
    """Say what is left of the budgets, as the IETF's draft "RateLimit header fields" writes it.

    Not after a read: it would be most of what a cached answer costs.
    """
    charged = {name: used for name, used in g.get("charged", {}).items() if used is not None}
    if charged and "read" not in charged:
        try:
            left = [
                f'"{name}";r={used.remaining};t={_seconds_until(used.window.reset_time)}'
                for name, used in charged.items()
            ]
        except Exception:  # noqa: BLE001 (as below)
            return response
        response.headers["RateLimit-Policy"] = ", ".join(
            f'"{name}";q={used.limit.amount};w={used.limit.get_expiry()}'
            for name, used in charged.items()
        )
        response.headers["RateLimit"] = ", ".join(left)
    return response


def _seconds_until_room(limiter: Limiter, refusal: RateLimitExceeded) -> int:
    """Return when the refused may come back; at worst, when a whole window has gone by."""
    try:
        used_up = limiter.current_limit
        return _seconds_until(used_up.window.reset_time) if used_up else 1
    except Exception:  # noqa: BLE001 (any store's own: it went away just now)
        return refusal.limit.limit.get_expiry()


def _seconds_until(moment: float) -> int:
    # Whoever comes back when told must not be refused for the rest of a second.
    return max(1, math.ceil(moment - time.time()))


def _several(limit: str) -> Sequence[RateLimitItem]:
    """Return the limits in a text, that of the shortest time first, as the library has them."""
    return sorted(parse_many(limit))


def _parse(name: str, limit: str) -> RateLimitItem:
    """Return the one limit in the text; raise ConfigError for one that can't be read."""
    _check(name, limit)
    return parse_many(limit)[0]


def _check(name: str, limit: str) -> None:
    """Raise ConfigError for a limit that can't be read: Flask-Limiter would limit nothing."""
    try:
        parse_many(limit)
    except ValueError:
        raise ConfigError(
            f"{PREFIX}{name.upper()}={limit!r} is no limit: write for example 60/minute."
        ) from None
