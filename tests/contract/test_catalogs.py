"""The words: everything in Vietnamese, and what readers see in every language that we offer."""

import functools
import gettext
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.plurals import get_plural
from babel.messages.pofile import read_po

from comments_service import i18n, loader
from comments_service.paths import CHECKOUT, PACKAGE

BUNDLED = sorted(loader.find())
# Its challenge is nothing to see.
SILENT = {"work"}
OWNERS = ["core", *(name for name in BUNDLED if name not in SILENT)]
FULL = "vi"
# Moderators and operators are spoken to in Vietnamese and English; readers in all.
# So these rooms need no more:
NOT_FOR_READERS = ("admin", "snippets", "demo", "judging", "traps", "dashboard")
LANGUAGES_AT_LEAST = 22
RIGHT_TO_LEFT = {"ar", "fa", "he", "ur"}

every_language = pytest.mark.parametrize("language", sorted(set(i18n.available()) - {i18n.SOURCE}))


def folder_of(owner: str, plugins_dir: str = "") -> Path:
    return PACKAGE if owner == "core" else loader.find(plugins_dir)[owner].folder


def is_for_readers(template: Path) -> bool:
    return template.parent.name != "admin"


# A plugin without a template, or with none but for the dashboard, speaks to moderators alone.
TO_READERS = [
    owner
    for owner in OWNERS
    if any(map(is_for_readers, (folder_of(owner) / "templates").rglob("*.html")))
]


def owners_in(language: str) -> list[str]:
    return OWNERS if language == FULL else TO_READERS


def said(folder: Path, *, to_readers: bool = False) -> set[str]:
    """Return every message in the code and the templates of `folder`, as `make` extracts them."""
    return {
        message
        for file, message in messages_in(folder)
        if not to_readers or not any(room in file for room in NOT_FOR_READERS)
    }


@functools.cache  # The same for every language.
def messages_in(folder: Path) -> list[tuple[str, str]]:
    """Return each message with the file in which it stands."""
    assert CHECKOUT is not None
    with (CHECKOUT / "babel.cfg").open() as lines:
        methods, options = parse_mapping_cfg(lines)
    keywords = {**DEFAULT_KEYWORDS, "lazy_gettext": None, "lazy_ngettext": (1, 2)}
    found = extract_from_dir(folder, methods, options, keywords=keywords)
    return [
        (file, message if isinstance(message, str) else message[0])
        for file, _line, message, *_ in found
    ]


def catalog_of(folder: Path, language: str) -> Catalog:
    with (folder / f"translations/{language}/LC_MESSAGES/messages.po").open("rb") as lines:
        return read_po(lines, locale=language)


def texts_of(message: Message) -> list[str]:
    return list(message.string) if isinstance(message.string, tuple) else [str(message.string)]


def is_translated(message: Message | None) -> bool:
    return message is not None and not message.fuzzy and all(texts_of(message))


def missing(folder: Path, language: str, *, to_readers: bool) -> list[str]:
    catalog = catalog_of(folder, language)
    wanted = said(folder, to_readers=to_readers)
    assert wanted, "no message was found: is babel.cfg still true?"
    return sorted(text for text in wanted if not is_translated(catalog.get(text)))


@pytest.mark.parametrize("owner", sorted(SILENT))
def test_who_is_silent_says_nothing(owner: str) -> None:
    assert said(folder_of(owner)) == set()


@pytest.mark.parametrize("owner", [*OWNERS, "guestbook"])
def test_every_message_is_in_vietnamese(owner: str, plugins_dir: Path) -> None:
    assert missing(folder_of(owner, str(plugins_dir)), FULL, to_readers=False) == []


def test_readers_are_spoken_to_in_many_languages() -> None:
    languages = set(i18n.available())
    assert len(languages) >= LANGUAGES_AT_LEAST
    assert languages >= RIGHT_TO_LEFT
    assert {each for each in languages if i18n.text_direction(each) == "rtl"} == RIGHT_TO_LEFT


@every_language
def test_every_message_to_readers_is_in_each_language(language: str) -> None:
    for owner in TO_READERS:
        assert missing(folder_of(owner), language, to_readers=True) == [], owner


def messages(language: str) -> Iterator[Message]:
    for owner in owners_in(language):
        yield from (message for message in catalog_of(folder_of(owner), language) if message.id)


@every_language
def test_translations_have_the_forms_and_the_blanks_that_they_need(language: str) -> None:
    forms = get_plural(language).num_plurals
    assert Locale.parse(language).english_name
    for message in messages(language):
        texts = texts_of(message)
        source = message.id if isinstance(message.id, str) else message.id[0]
        if isinstance(message.id, tuple):
            assert len(texts) == forms, source
        for text in texts:
            assert sorted(blanks(text)) == sorted(blanks(source)), source


def blanks(text: str) -> list[str]:
    return re.findall(r"%\(\w+\)s", text)


@every_language
def test_catalogs_are_compiled_as_they_are_written(language: str) -> None:
    for owner in owners_in(language):
        folder = folder_of(owner) / f"translations/{language}/LC_MESSAGES"
        with (folder / "messages.mo").open("rb") as binary:
            compiled = gettext.GNUTranslations(binary)
        for message in catalog_of(folder_of(owner), language):
            if isinstance(message.id, str) and message.id:
                assert compiled.gettext(message.id) == message.string


def test_no_two_catalogs_say_the_same_otherwise() -> None:
    # They are merged where the service runs: whichever is read last would have its way everywhere.
    said_by: dict[str, set[str]] = {}
    for owner in OWNERS:
        for message in catalog_of(folder_of(owner), FULL):
            if message.id:
                said_by.setdefault(str(message.id), set()).add(str(message.string))
    assert {words: ways for words, ways in said_by.items() if len(ways) > 1} == {}
