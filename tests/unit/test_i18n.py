"""Numbers, dates and languages as readers expect them."""

import datetime
from decimal import Decimal

import pytest

from comments_service import i18n


@pytest.mark.parametrize(
    ("value", "vi", "en"),
    [
        ("4.25", "4,3", "4.3"),
        ("4.35", "4,4", "4.4"),
        ("4.24999", "4,2", "4.2"),
        ("4.75", "4,8", "4.8"),
        ("5", "5,0", "5.0"),
        ("1", "1,0", "1.0"),
        ("4.95", "5,0", "5.0"),
    ],
)
def test_an_average_is_rounded_half_up(value: str, vi: str, en: str) -> None:
    assert i18n.one_decimal(Decimal(value), "vi") == vi
    assert i18n.one_decimal(Decimal(value), "en") == en


@pytest.mark.parametrize(
    ("value", "vi", "en"),
    [(0, "0", "0"), (48, "48", "48"), (3_184_308, "3.184.308", "3,184,308")],
)
def test_a_number_is_grouped(value: int, vi: str, en: str) -> None:
    assert i18n.number(value, "vi") == vi
    assert i18n.number(value, "en") == en


def test_a_moment_is_told_in_the_sites_own_time() -> None:
    new_year = datetime.datetime(2025, 12, 31, 17, 5, tzinfo=datetime.UTC)
    assert i18n.moment(new_year, "Asia/Ho_Chi_Minh", "vi") == "01/01/2026 00:05"
    assert i18n.moment(new_year, "UTC", "vi") == "31/12/2025 17:05"
    assert i18n.moment(new_year, "Asia/Ho_Chi_Minh", "en").startswith("Jan 1, 2026, 12:05")


def test_a_day_is_written_day_first_in_vietnamese() -> None:
    assert i18n.day(datetime.date(2011, 3, 1), "vi") == "01/03/2011"
    assert i18n.day(datetime.date(2011, 3, 1), "en") == "Mar 1, 2011"


@pytest.mark.parametrize(
    ("wanted", "chosen"),
    [
        (["vi"], "vi"),
        (["vi-VN"], "vi"),
        (["EN_us"], "en"),
        (["sw", "en"], "en"),
        (["sw"], "vi"),
        (["iw-IL"], "he"),
        ([], "vi"),
        (["", "../../etc"], "vi"),
    ],
)
def test_the_first_language_that_we_speak_is_chosen(wanted: list[str], chosen: str) -> None:
    assert i18n.choose(wanted, "vi") == chosen


@pytest.mark.parametrize(("locale", "direction"), [("vi", "ltr"), ("ar", "rtl"), ("?", "ltr")])
def test_the_direction_of_a_language(locale: str, direction: str) -> None:
    assert i18n.text_direction(locale) == direction
