"""Languages: which one an answer is in, and how it writes numbers and dates."""

import datetime
import functools
import zoneinfo
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

from babel import Locale
from babel.core import UnknownLocaleError
from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal
from flask import Flask, g, request
from flask_babel import Babel, get_locale

from comments_service.config import ConfigError
from comments_service.paths import PACKAGE

SOURCE = "en"
# What some systems still call Hebrew and Indonesian.
OLD_NAMES = {"iw": "he", "in": "id"}
# CLDR's Vietnamese short date is not what portals write.
MOMENT_FORMATS = {"vi": "%d/%m/%Y %H:%M"}
DAY_FORMATS = {"vi": "%d/%m/%Y"}


def init_app(app: Flask, plugin_folders: Iterable[Path], default: str) -> None:
    """Set up the catalogs of the core and of every plugin that has some."""
    if default not in available():
        raise ConfigError(f"COMMENTS_LOCALE={default!r}: choose among {', '.join(available())}.")
    folders = [PACKAGE / "translations", *(folder / "translations" for folder in plugin_folders)]
    Babel(
        app,
        default_locale=default,
        default_translation_directories=";".join(str(f) for f in folders if f.is_dir()),
        locale_selector=lambda: (
            g.get("locale") or choose(request.accept_languages.values(), default)
        ),
    )
    app.jinja_env.globals.update(get_locale=get_locale, text_direction=text_direction)


@functools.cache
def available() -> list[str]:
    """Return the languages that the core speaks to readers."""
    catalogs = (PACKAGE / "translations").glob("*/LC_MESSAGES")
    return sorted({SOURCE, *(folder.parent.name for folder in catalogs)})


def choose(wanted: Iterable[str], default: str) -> str:
    """Return the first of the wanted languages that we speak: `vi-VN` finds `vi`."""
    spoken = available()
    for tag in wanted:
        language = tag.strip().replace("_", "-").partition("-")[0].lower()
        language = OLD_NAMES.get(language, language)
        if language in spoken:
            return language
    return default


def text_direction(locale: str) -> str:
    try:
        return Locale.parse(locale).text_direction
    except (UnknownLocaleError, ValueError):
        return "ltr"


def number(value: int, locale: str) -> str:
    """Return `value` as the language writes it: 3.184.308 in Vietnamese."""
    return format_decimal(value, locale=locale)


def one_decimal(value: Decimal, locale: str) -> str:
    """Return `value` rounded half up to one decimal, as the language writes it: 4,3."""
    rounded = value.quantize(Decimal("0.1"), ROUND_HALF_UP)
    return format_decimal(rounded, format="0.0", locale=locale)


def moment(value: datetime.datetime, time_zone: str, locale: str) -> str:
    """Return the date and time of `value` in the site's time zone."""
    local = value.astimezone(zoneinfo.ZoneInfo(time_zone))
    own = MOMENT_FORMATS.get(locale)
    return local.strftime(own) if own else format_datetime(local, locale=locale)


def day(value: datetime.date, locale: str) -> str:
    own = DAY_FORMATS.get(locale)
    return value.strftime(own) if own else format_date(value, locale=locale)
