"""Rate limits: how often one network may ask, by what it asks for, and who sends much lately."""

import functools
import logging
import math
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar, cast

from flask import Flask, current_app, g, request
from flask_limiter import Limiter, RateLimitExceeded, RequestLimit
from limits import RateLimitItem, parse_many
from limits.errors import ConfigurationError
from limits.strategies import MovingWindowRateLimiter
from werkzeug.wrappers import Response

from comments_service.config import PREFIX, ConfigError, Settings
from comments_service.forgetful_memory import SCHEME as MEMORY
from comments_service.forgetful_memory import ForgetfulMemory
from comments_service.identity import Keys, network_of
from comments_service.text import clean_line

log = logging.getLogger(__name__)

View = TypeVar("View", bound=Callable[..., Any])

EXTENSION = "comments_service_limits"
METER = "comments_service_meter"
# A store that does not answer must not hold up readers: the limits go on in memory.
REDIS_OPTIONS: dict[str, Any] = {"socket_connect_timeout": 0.2, "socket_timeout": 0.2}


class NamedBudgets(Limiter):
    """Charges nobody but by `charge`; the library looks at each request as it comes in too."""

    def _check_request_limit(
        self,
        callable_name: str | None = None,
        in_middleware: bool = True,  # noqa: FBT001, FBT002 (the library's own)
    ) -> None:
        # Until its store is back it looks there whether it is.
        if self._storage_dead or not in_middleware:
            super()._check_request_limit(callable_name, in_middleware)


class Budget:
    """How often one asker may ask for one kind of thing."""

    def __init__(
        self, limiter: NamedBudgets, name: str, limit: str, asker: Callable[[], str]
    ) -> None:
        """Allow `limit`, one or several, to each `asker` of a request, by a key of theirs."""
        self.name = name
        self._limiter = limiter
        self._limits = _several(f"limit_{name}", limit)
        self._asker = asker

        def count() -> None:
            """Do nothing but be counted."""

        # By this the limiter tells apart what it limits.
        count.__qualname__ = f"budget_{name}"
        self._count: Callable[[], None] = limiter.shared_limit(limit, name, key_func=asker)(count)

    def charge(self) -> None:
        """Charge the asker of this request once; raise RateLimitExceeded if that is too often."""
        asker = self._asker()
        charged = g.setdefault("charged", {})
        if self.take(asker):
            told = [asker, self.name]
            charged[self.name] = RequestLimit(self._limiter, self._limits[0], told, False, True)
            return
        # Refused, or the store went away: the library knows what to do then.
        try:
            self._count()
        except RateLimitExceeded as refusal:
            refusal.retry_after = _seconds_until_room(self._limiter, refusal)
            raise
        finally:
            charged[self.name] = self._limiter.current_limit

    def take(self, asker: str) -> bool:
        """Charge `asker` without the library's detours; False if refused, or if it can't be."""
        store = self._limiter.limiter
        try:
            # As the limiter itself names what it counts. Who is refused is charged there: not here.
            has_room = all(store.test(each, asker, self.name) for each in self._limits[1:])
            return has_room and all(store.hit(each, asker, self.name) for each in self._limits)
        except Exception:  # noqa: BLE001 (any store's own: it went away just now)
            return False


def charge(budget: str) -> None:
    """Charge the asker once: read, challenge, alternative, write, login or login_name.

    Raises flask_limiter's RateLimitExceeded (429) when the budget is used up.
    """
    _budgets(current_app)[budget].charge()


def charge_visitor(visitor: str) -> None:
    """Charge one visitor for a submission; raises as `charge` does."""
    # The library asks each request for its key; this one is not in what was sent.
    g.charged_visitor = visitor
    charge("visitor")


def _budgets(app: Flask) -> Mapping[str, Budget]:
    return cast("Mapping[str, Budget]", app.extensions[EXTENSION])


class Meter:
    """Notes who sends how much, and refuses nothing: those who send much are asked for more."""

    def __init__(self, limiter: Limiter, network: str, neighbourhood: str, page: str) -> None:
        self._limiter = limiter
        self._network = _one("limit_busy_network", network)
        self._neighbourhood = _one("limit_busy_neighbourhood", neighbourhood)
        self._page = _one("limit_busy_page", page)

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


class Reads:
    """The budget "read", for what is answered in front of Flask: one and the same there."""

    def __init__(self, app: Flask, keys: Keys) -> None:
        self._budget = _budgets(app)["read"]
        self._keys = keys

    def take(self, address: str) -> bool:
        """Charge a network once; False if that is refused, or can't be done here."""
        return self._budget.take(_network_key(self._keys, address))


def _network_key(keys: Keys, address: str) -> str:
    # Hashed, because Redis may write its keys to disk.
    return keys.digest("limit", network_of(address))


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
        return keys.digest("limit-visitor", g.charged_visitor)

    limiter = _limiter(app, settings.redis_url, network)
    budgets = [
        Budget(limiter, "read", settings.limit_read, network),
        Budget(limiter, "challenge", settings.limit_challenge, network),
        Budget(limiter, "alternative", settings.limit_alternative, network),
        Budget(limiter, "write", settings.limit_write, network),
        Budget(limiter, "visitor", settings.limit_visitor, visitor),
        Budget(limiter, "login", settings.limit_login, network),
        # Wide, or anybody could lock a moderator out by their name.
        Budget(limiter, "login_name", settings.limit_login_name, user_name),
    ]
    app.extensions[EXTENSION] = {budget.name: budget for budget in budgets}
    app.extensions[METER] = Meter(
        limiter,
        settings.limit_busy_network,
        settings.limit_busy_neighbourhood,
        settings.limit_busy_page,
    )
    app.after_request(_tell)


def _limiter(app: Flask, redis_url: str, asker: Callable[[], str]) -> NamedBudgets:
    try:
        limiter = NamedBudgets(
            asker,
            app=app,
            strategy="moving-window",
            storage_uri=redis_url or f"{MEMORY}://",
            storage_options=REDIS_OPTIONS if redis_url else {},
            in_memory_fallback_enabled=True,
            # Its headers tell everybody to retry later, and ask the store once more each time.
            headers_enabled=False,
        )
    except ConfigurationError as error:
        raise ConfigError(f"COMMENTS_REDIS_URL: {error}. Write redis://…") from None
    # The library offers no other memory for while Redis is away than its own.
    limiter._fallback_storage = ForgetfulMemory()  # noqa: SLF001
    limiter._fallback_limiter = MovingWindowRateLimiter(limiter._fallback_storage)  # noqa: SLF001
    return limiter


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


def _several(name: str, limit: str) -> Sequence[RateLimitItem]:
    """Return the limits in a text, that of the shortest time first; raise ConfigError if none is.

    Flask-Limiter itself would limit nothing where it can't read them.
    """
    try:
        return sorted(parse_many(limit), key=lambda each: each.get_expiry())
    except ValueError:
        raise ConfigError(
            f"{PREFIX}{name.upper()}={limit!r} is no limit: write for example 60/minute."
        ) from None


def _one(name: str, limit: str) -> RateLimitItem:
    """Return the limit in the text; raise ConfigError if there is not exactly one."""
    first, *more = _several(name, limit)
    if more:
        raise ConfigError(f"{PREFIX}{name.upper()}={limit!r}: this takes one limit alone.")
    return first
