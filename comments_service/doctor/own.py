"""What the service keeps and trusts on its own machine."""

import stat
from collections.abc import Iterator

import sqlalchemy as sa
from limits.errors import ConfigurationError
from limits.storage import Storage, storage_from_string

from comments_service import histories
from comments_service.config import secret_key_file
from comments_service.core import Core
from comments_service.findings import Finding, Level
from comments_service.limits import REDIS_OPTIONS
from comments_service.proxies import Network, parse_networks

FOR_OTHERS = stat.S_IRWXG | stat.S_IRWXO
# Wider than any provider's own block of addresses.
WIDEST_IPV4_BITS = 8
WIDEST_IPV6_BITS = 16


def database(core: Core) -> Iterator[Finding]:
    address = core.db.engine.url.render_as_string(hide_password=True)
    try:
        behind = histories.pending(core.db, histories.every(core.plugins))
    except sa.exc.SQLAlchemyError as error:
        reason = str(getattr(error, "orig", error)).partition("\n")[0]
        yield Finding(
            Level.ERROR,
            "database",
            f"{address} can't be reached: {reason}.",
            "Start it, or correct COMMENTS_DATABASE_URL.",
        )
        return
    if behind:
        yield Finding(
            Level.ERROR,
            "database",
            f"{address} lacks tables of {', '.join(behind)}.",
            "comments-service db upgrade",
        )
    else:
        yield Finding(Level.OK, "database", f"{address} is reachable and up to date.")


def redis(core: Core) -> Iterator[Finding]:
    url = core.settings.redis_url
    if not url:
        yield Finding(Level.OK, "redis", "Not set: each process limits readers by itself.")
    elif _answers(url):
        yield Finding(Level.OK, "redis", "It answers.")
    else:
        yield Finding(
            Level.ERROR,
            "redis",
            "It does not answer: each process limits readers by itself.",
            "Start it, or correct COMMENTS_REDIS_URL.",
        )


def _answers(url: str) -> bool:
    try:
        storage = storage_from_string(url, **REDIS_OPTIONS)
        return isinstance(storage, Storage) and storage.check()
    except ConfigurationError:
        return False


def secret_key(core: Core) -> Iterator[Finding]:
    if core.settings.secret_key:
        yield Finding(Level.OK, "secret key", "It comes from COMMENTS_SECRET_KEY.")
        return
    file = secret_key_file(core.settings.instance)
    mode = stat.S_IMODE(file.stat().st_mode)
    if mode & FOR_OTHERS:
        yield Finding(
            Level.ERROR,
            "secret key",
            f"{file} has mode {mode:04o}: others on this machine can read or change it.",
            f"chmod 600 {file}",
        )
    else:
        yield Finding(Level.OK, "secret key", f"{file} is for its owner alone.")


def proxies(core: Core) -> Iterator[Finding]:
    networks = parse_networks(core.settings.trusted_proxies)
    for network in networks:
        if network.prefixlen == 0:
            yield Finding(
                Level.ERROR,
                "trusted proxies",
                f"{network} is everybody: any reader can pretend to be any other.",
                "In COMMENTS_TRUSTED_PROXIES name your own proxies alone.",
            )
        elif _is_too_wide(network):
            yield Finding(
                Level.WARNING,
                "trusted proxies",
                f"{network} is wider than any provider's block: who is in it can pretend to be "
                "anybody.",
                "In COMMENTS_TRUSTED_PROXIES name your own proxies alone.",
            )
    if not networks and core.settings.public_url.startswith("https://"):
        yield Finding(
            Level.WARNING,
            "trusted proxies",
            "None, although a proxy must be there for https: all its readers count as one.",
            "Name its address in COMMENTS_TRUSTED_PROXIES, for example 127.0.0.1,::1.",
        )
    elif all(network.prefixlen and not _is_too_wide(network) for network in networks):
        named = ", ".join(map(str, networks)) or "None"
        yield Finding(Level.OK, "trusted proxies", f"{named}.")


def _is_too_wide(network: Network) -> bool:
    widest = WIDEST_IPV4_BITS if network.version == 4 else WIDEST_IPV6_BITS  # noqa: PLR2004
    return network.prefixlen < widest and not network.is_private
