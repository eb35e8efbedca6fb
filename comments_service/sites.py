"""Sites: made and changed by the operator, each setting checked by the plugin that owns it."""

import functools
import re
import zoneinfo
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from comments_service import i18n
from comments_service.config import ConfigError, parse_fields, unknown
from comments_service.ladder import OWNER as LADDER
from comments_service.ladder import LadderSettings
from comments_service.loader import Plugins
from comments_service.models import SITE_NAME_LENGTH, Site
from comments_service.origins import parse_origin

_KEY = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
DEFAULT_LOCALE = "vi"
DEFAULT_TIME_ZONE = "Asia/Ho_Chi_Minh"


@functools.cache
def _time_zones() -> frozenset[str]:
    """Return the names of all time zones; the library opens each one's file to know."""
    return frozenset(zoneinfo.available_timezones())


def add(
    session: Session,
    key: str,
    *,
    name: str,
    origins: list[str],
    locale: str = DEFAULT_LOCALE,
    time_zone: str = DEFAULT_TIME_ZONE,
) -> Site:
    """Make a site; raise ConfigError for what it can't have, BadOrigin for what is no origin."""
    if not _KEY.fullmatch(key):
        raise ConfigError("A site's key has lowercase letters, digits and hyphens, 63 at most.")
    if len(name) > SITE_NAME_LENGTH:
        raise ConfigError(f"A site's name has {SITE_NAME_LENGTH} characters at most.")
    if session.scalar(sa.select(Site).where(Site.key == key)) is not None:
        raise ConfigError(f"There is a site {key} already.")
    if locale not in i18n.available():
        raise ConfigError(unknown(locale, i18n.available(), "language"))
    if time_zone not in _time_zones():
        raise ConfigError(unknown(time_zone, _time_zones(), "time zone"))
    site = Site(
        key=key,
        name=name,
        origins=[parse_origin(origin) for origin in origins],
        locale=locale,
        time_zone=time_zone,
        settings={},
    )
    session.add(site)
    session.flush()
    return site


def get(session: Session, key: str) -> Site:
    site = session.scalar(sa.select(Site).where(Site.key == key))
    if site is None:
        known = session.scalars(sa.select(Site.key)).all()
        raise ConfigError(f"There is no site {key}. Known: {', '.join(known) or 'none yet'}.")
    return site


def every(session: Session) -> Sequence[Site]:
    return session.scalars(sa.select(Site).order_by(Site.name, Site.id)).all()


def allow(site: Site, origin: str) -> None:
    """Let pages of `origin` embed the site; raise BadOrigin if it is none."""
    origin = parse_origin(origin)
    if origin not in site.origins:
        site.origins = [*site.origins, origin]


def set_setting(plugins: Plugins, site: Site, name: str, text: str) -> None:
    """Set `plugin.field` of the site; raise ConfigError if no plugin has it or can't take it."""
    owner, _, field = name.partition(".")
    classes = {LADDER: LadderSettings} | {
        each.name: each.site_settings_class for each in plugins.by_name.values()
    }
    if owner not in classes:
        raise ConfigError(unknown(name, [f"{known}." for known in classes]))
    if name == f"{LADDER}.person" and text and text not in plugins.challenge_providers:
        raise ConfigError(unknown(text, plugins.challenge_providers, "challenge"))
    mine = {**site.settings.get(owner, {}), field: text}
    parse_fields(classes[owner], mine, label=f"{owner}.")
    site.settings = {**site.settings, owner: mine}
