"""Settings: frozen dataclasses read once, from COMMENTS_* or from a site's own values."""

import dataclasses
import datetime
import difflib
import functools
import os
import secrets
import typing
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar, cast

from comments_service.origins import UNSET, Origin, parse_origin

PREFIX = "COMMENTS_"
SECRET_BYTES = 32
SETTINGS_KEPT = 1024
"""Of sites: each plugin's own, as they were parsed last."""

T = TypeVar("T")


class ConfigError(Exception):
    """The operator's settings can't be used; the message says which and what to write instead."""


@dataclasses.dataclass(frozen=True)
class Settings:
    """What the operator sets for the whole service, each field from COMMENTS_<NAME>."""

    instance: Path = Path("instance")
    """Folder for the database and the secret key."""
    database_url: str = ""
    """SQLAlchemy URL; empty: SQLite in the instance folder."""
    redis_url: str = ""
    """Shared store of the rate limits; empty: this process's memory."""
    secret_key: str = ""
    """At least 32 characters; empty: made on first start and kept in the instance folder."""
    public_url: Origin = UNSET
    """Origin under which browsers reach the service; empty: taken from each request."""
    plugins: tuple[str, ...] = ()
    """Plugins to load, in the order of their hooks; empty: all that are found."""
    plugins_dir: str = ""
    """Folder with plugins of your own."""
    trusted_proxies: tuple[str, ...] = ()
    """Networks believed in X-Forwarded-For and -Proto; empty: the socket's address counts."""
    locale: str = "vi"
    """Language of the dashboard and of anything that belongs to no site."""
    demo_url: str = ""
    """Address of the demonstration portal; empty: there is none."""
    limit_read: str = "600/minute"
    """Reads and views per network."""
    limit_challenge: str = "120/minute"
    """Captcha challenges per network."""
    limit_alternative: str = "20/hour"
    """Challenges of another kind for those who can't solve the usual one, per network; then a
    moderator reads what they send."""
    limit_write: str = "60/minute"
    """Submissions per network."""
    limit_visitor: str = "30/10 minutes"
    """Submissions per visitor."""
    limit_busy_network: str = "30/10 minutes"
    """A network that sends more is asked for more, and refused nothing."""
    limit_busy_neighbourhood: str = "100/10 minutes"
    """Likewise for the wider networks around it: IPv4 /24, IPv6 /56 and /48."""
    limit_busy_page: str = "100/10 minutes"
    """Likewise for those who write on one page."""
    limit_login: str = "10/5 minutes"
    """Log-in attempts per network."""
    limit_login_name: str = "300/hour"
    """Log-in attempts per user name, from wherever they come."""
    cache_mb: int = 48
    """Memory of each process for answers that need not be made anew, in megabytes; 0: none."""
    form_seconds: int = 2
    """A form that comes back sooner than this was filled in by a program, and is held."""

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{self.instance.absolute() / 'comments.sqlite3'}"


def _tuple_of_words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def _yes_or_no(text: str) -> bool:
    words = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
    if text.lower() not in words:
        raise ValueError("yes or no")
    return words[text.lower()]


def _origin_or_unset(text: str) -> Origin:
    return parse_origin(text) if text else UNSET


_PARSERS: Mapping[Any, typing.Callable[[str], Any]] = {
    str: str,
    int: int,
    bool: _yes_or_no,
    Origin: _origin_or_unset,
    Path: Path,
    datetime.date | None: datetime.date.fromisoformat,
    tuple[str, ...]: _tuple_of_words,
}


def parse_fields(cls: type[T], texts: Mapping[str, str], *, label: str = "") -> T:
    """Build the settings dataclass `cls` from texts by field name.

    `label` is put in front of a name in messages. Raises ConfigError for an unknown name, naming
    the nearest known one, and for a text that the field's type can't take.
    """
    types = typing.get_type_hints(cls)

    def shown(name: str) -> str:
        # As the operator writes it: variables of the environment are in capitals.
        return label + (name.upper() if label.startswith(PREFIX) else name)

    values: dict[str, Any] = {}
    for name, text in texts.items():
        if name not in types:
            raise ConfigError(unknown(shown(name), [shown(known) for known in types]))
        try:
            values[name] = _PARSERS[types[name]](text)
        except ValueError as error:
            wanted = getattr(types[name], "__name__", str(types[name]))
            raise ConfigError(f"{shown(name)}={text!r} is not a valid {wanted}: {error}") from None
    try:
        return cls(**values)
    except ValueError as error:
        raise ConfigError(str(error)) from None


def parse_again(cls: type[T], texts: Mapping[str, str], *, label: str = "") -> T:
    """Do what `parse_fields` does, for settings that are read with every request."""
    hashable: Any = cls
    return cast("T", _parsed(hashable, tuple(texts.items()), label))


@functools.lru_cache(SETTINGS_KEPT)
def _parsed(cls: type[Any], texts: tuple[tuple[str, str], ...], label: str) -> object:
    return parse_fields(cls, dict(texts), label=label)


def unknown(name: str, known: Iterable[str], what: str = "setting") -> str:
    """Say that `name` is not known, and which name was probably meant."""
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0)
    return f"{name} is not a known {what}." + (f" Did you mean {near[0]}?" if near else "")


def environment() -> dict[str, str]:
    """COMMENTS_* from the process's environment, names lower-cased and without the prefix."""
    return {
        name.removeprefix(PREFIX).lower(): text
        for name, text in os.environ.items()
        if name.startswith(PREFIX)
    }


def split_plugin_settings(
    texts: Mapping[str, str], plugins: Iterable[str]
) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    """Part the core's texts from those of plugins, which begin with the plugin's name."""
    core_names = {field.name for field in dataclasses.fields(Settings)}
    core: dict[str, str] = {}
    by_plugin: dict[str, dict[str, str]] = {name: {} for name in plugins}
    for name, text in texts.items():
        prefix, _, rest = name.partition("_")
        if name not in core_names and prefix in by_plugin:
            by_plugin[prefix][rest] = text
        else:
            core[name] = text
    return core, by_plugin


def ensure_secret_key(settings: Settings) -> str:
    """Return the secret key, made and kept with mode 0600 on first use if none is set."""
    key = settings.secret_key or _kept_secret_key(settings.instance)
    if len(key) < SECRET_BYTES:
        raise ConfigError(f"{PREFIX}SECRET_KEY needs at least {SECRET_BYTES} characters.")
    return key


def secret_key_file(instance: Path) -> Path:
    """Return where the key is kept that was made here."""
    return instance / "secret.key"


def _kept_secret_key(instance: Path) -> str:
    path = secret_key_file(instance)
    if path.exists():
        return path.read_text()
    # What lies there is for the service alone: addresses of readers, hashes of passwords.
    instance.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"secret.key.{secrets.token_hex(4)}")
    draft.touch(mode=0o600)
    draft.write_text(secrets.token_urlsafe(SECRET_BYTES))
    try:
        # A link fails if another process was first: then its key holds.
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_text()
