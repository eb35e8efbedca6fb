"""Languages: which one an answer is in, and how it writes numbers and dates."""

import datetime
import functools
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

from babel import Locale
from babel.core import UnknownLocaleError
from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal
from babel.support import NullTranslations
from flask import Flask, g, request
from flask_babel import Babel, force_locale, get_locale, get_translations
from markupsafe import Markup

from comments_service import clock
from comments_service.config import ConfigError
from comments_service.paths import PACKAGE

SOURCE = "en"
# What some systems still call Hebrew and Indonesian.
OLD_NAMES = {"iw": "he", "in": "id"}
# CLDR's Vietnamese short date is not what portals write.
MOMENT_FORMATS = {"vi": "%d/%m/%Y %H:%M"}
DAY_FORMATS = {"vi": "%d/%m/%Y"}
NUMBERS = 4096
"""So many a process remembers as they are written."""


def init_app(app: Flask, plugin_folders: Iterable[Path], default: str) -> None:
    """Set up the catalogs of the core and of every plugin that has some."""
    if default not in available():
        raise ConfigError(f"COMMENTS_LOCALE={default!r}: choose among {', '.join(available())}.")
    folders = [PACKAGE / "translations", *(folder / "translations" for folder in plugin_folders)]
    Babel(
        app,
        default_locale=default,
        default_translation_directories=";".join(str(f) for f in folders if f.is_dir()),
        locale_selector=lambda: _parsed(
            g.get("locale") or choose(request.accept_languages.values(), default)
        ),
    )
    app.jinja_env.globals.update(get_locale=get_locale, text_direction=text_direction)


@functools.cache
def _parsed(locale: str) -> Locale:
    """Return one of the languages that we speak; the library would look for its file each time."""
    return Locale.parse(locale)


def speaking(locale: str) -> AbstractContextManager[None]:
    """Speak `locale` within the block."""
    # To change the language costs more than to see that it is the same, as it mostly is.
    return nullcontext() if get_locale() == _parsed(locale) else force_locale(locale)


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


def translators() -> Mapping[str, Callable[..., Markup]]:
    """Return the functions by which templates translate, for the language of the answer.

    As Jinja has them, but for one language: the library looks it up with each message, which takes
    longer than all the rest of it.
    """
    return _translators(get_translations())


@functools.cache
def _translators(catalog: NullTranslations) -> Mapping[str, Callable[..., Markup]]:
    def gettext(message: str, /, **values: object) -> Markup:
        text = Markup(catalog.ugettext(message))  # noqa: S704 (from our own catalogs)
        # Jinja's own fills in always: a message says %% where it means one sign.
        return text % values if "%" in text else text

    def ngettext(singular: str, plural: str, num: int, /, **values: object) -> Markup:
        text = catalog.ungettext(singular, plural, num)
        return Markup(text) % {"num": num, **values}  # noqa: S704 (as above)

    return {"_": gettext, "gettext": gettext, "ngettext": ngettext}


def text_direction(locale: str) -> str:
    try:
        return Locale.parse(locale).text_direction
    except (UnknownLocaleError, ValueError):
        return "ltr"


# Small ones come again and again.
@functools.lru_cache(NUMBERS)
def number(value: int, locale: str) -> str:
    """Return `value` as the language writes it: 3.184.308 in Vietnamese."""
    return format_decimal(value, locale=locale)


def one_decimal(value: Decimal, locale: str) -> str:
    """Return `value` rounded half up to one decimal, as the language writes it: 4,3."""
    return _one_decimal(value.quantize(Decimal("0.1"), ROUND_HALF_UP), locale)


@functools.lru_cache(NUMBERS)
def _one_decimal(rounded: Decimal, locale: str) -> str:
    return format_decimal(rounded, format="0.0", locale=locale)


def moment(value: datetime.datetime, time_zone: str, locale: str) -> str:
    """Return the date and time of `value` in the site's time zone."""
    local = value.astimezone(clock.zone(time_zone))
    own = MOMENT_FORMATS.get(locale)
    return local.strftime(own) if own else format_datetime(local, locale=locale)


def day(value: datetime.date, locale: str) -> str:
    own = DAY_FORMATS.get(locale)
    return value.strftime(own) if own else format_date(value, locale=locale)
