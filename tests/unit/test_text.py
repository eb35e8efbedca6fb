"""What readers type: cleaned without losing a letter, and always the same the second time."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comments_service.text import clean_line, clean_text, is_storable

BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
JOINERS = "\u200c\u200d"
# Any text at all, with more of what is hard than chance would bring.
anything = st.text(
    st.one_of(st.characters(), st.sampled_from("ạặ\u0302\u0323 \n\r\t\x00\x85\u2028\ud800" + BIDI)),
    max_size=60,
)


@given(anything)
def test_cleaning_twice_changes_nothing(text: str) -> None:
    assert clean_text(clean_text(text)) == clean_text(text)
    assert clean_line(clean_line(text)) == clean_line(text)


@given(anything)
def test_what_is_clean_can_be_stored_and_deceives_nobody(text: str) -> None:
    for clean in (clean_text(text), clean_line(text)):
        assert is_storable(clean)
        assert unicodedata.is_normalized("NFC", clean)
        assert clean == clean.strip()
        assert not set(BIDI) & set(clean)
        hidden = {c for c in clean if unicodedata.category(c).startswith("C")}
        assert hidden <= {"\n", *JOINERS}


@given(anything)
def test_a_clean_line_is_one_line_with_single_spaces(text: str) -> None:
    line = clean_line(text)
    assert line == " ".join(line.split())


@given(anything)
def test_a_clean_text_has_no_run_of_blank_lines(text: str) -> None:
    assert "\n\n\n" not in clean_text(text)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Xin chào", "Xin chào"),
        (unicodedata.normalize("NFD", "Đồng Sen, đẹp quá!"), "Đồng Sen, đẹp quá!"),
        ("  một\r\nhai\rba\tbốn  ", "một\nhai\nba bốn"),
        ("một\n\n\n\n\nhai", "một\n\nhai"),
        ("a\x00b\x07c\ufeffd", "abcd"),
        ("\u202egnp.exe", "gnp.exe"),
        ("👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"),
        ("نمی\u200cشود", "نمی\u200cشود"),
        ("\u202e\u2066", ""),
        ("", ""),
    ],
)
def test_letters_stay_and_tricks_go(typed: str, kept: str) -> None:
    assert clean_text(typed) == kept


def test_a_line_is_put_on_one_line() -> None:
    assert clean_line(" Nguyễn \n\n Thị\u2028\u3000Lan\u00a0") == "Nguyễn Thị Lan"


@pytest.mark.parametrize(
    ("text", "expected"),
    [("", True), ("Việt 👍 \n\x01", True), ("a\x00", False), ("\ud83d", False), ("x\udfff", False)],
)
def test_what_every_database_takes(text: str, expected: object) -> None:
    assert is_storable(text) is expected
