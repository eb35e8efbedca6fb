"""Words in their forms: with marks, without, and what is read out of a disguise."""

import unicodedata

import pytest
from comments_service.plugins.words.spelling import clean, readings, words_of, words_with_signs
from comments_service.plugins.words.vietnamese import is_syllable, part
from hypothesis import given
from hypothesis import strategies as st


def exact(text: str) -> list[str]:
    return [word.exact for word in words_of(clean(text))]


def folded(text: str) -> set[str]:
    [word] = words_with_signs(clean(text))
    return set(word.folded)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("hòa thuận", "hoà thuận"),
        ("của", "cuả"),
        ("thủy", "thuỷ"),
        ("Đường  HOA", "đường hoa"),
        ("tiếng", unicodedata.normalize("NFD", "tiếng")),
        ("casino", "ca\u200bsi\u00adno"),
        ("casino", "саѕіnо"),  # noqa: RUF001 (Cyrillic)
        ("CASINO", "САЅІNО"),  # noqa: RUF001 (Cyrillic)
        ("casino", "c\u0336a\u0336s\u0336i\u0336n\u0336o\u0336"),
        ("casino", "𝓬𝓪𝓼𝓲𝓷𝓸"),  # noqa: RUF001
        ("casino", "ｃａｓｉｎｏ"),  # noqa: RUF001 (full width)
    ],
)
def test_what_looks_the_same_is_the_same(one: str, other: str) -> None:
    assert exact(one) == exact(other)


@pytest.mark.parametrize(("one", "other"), [("má", "mà"), ("buổi", "buồi"), ("da", "đa")])
def test_marks_count(one: str, other: str) -> None:
    assert exact(one) != exact(other)


@pytest.mark.parametrize(
    ("disguised", "meant"),
    [
        ("s3x", "sex"),
        ("c4s1n0", "casino"),
        ("ti1ền", "tiiền"),
        ("1oto", "loto"),
        ("lo@n", "loan"),
        ("$ex", "sex"),
        ("vcllll", "vcl"),
        ("asssss", "ass"),
        ("phò", "fò"),
        ("quá", "wá"),
        ("dâm", "zâm"),
        ("giết", "jết"),
        ("mình", "mjnh"),
        ("không", "ko"),
        ("cặc", "kặk"),
        ("mỹ", "mĩ"),
        ("được", "đc"),
    ],
)
def test_disguises_and_teencode_fold_to_one_reading(disguised: str, meant: str) -> None:
    assert folded(disguised) & folded(meant)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ass", "as"),
        ("3m", "em"),
        ("v1", "vl"),
        ("5s", "ss"),
        ("a1000", "alo"),
        ("khó", "có"),
        ("fuck", "phuc"),
        ("giá", "da"),
    ],
)
def test_what_is_another_word_stays_another(one: str, other: str) -> None:
    [word] = words_of(clean(one))
    assert word.listed not in folded(other)


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz01345@$", min_size=1, max_size=12))
def test_folding_is_idempotent(word: str) -> None:
    for number, reading in enumerate(readings(word)):
        assert readings(reading)[number] == reading


@given(st.text())
def test_cleaning_is_idempotent_for_words(text: str) -> None:
    assert exact(clean(text)) == exact(text)


@pytest.mark.parametrize(
    "word",
    "nghiêng giếng gì quốc khuya xoong oằn yêu thuở ở thuỷ thủy quyết các cặc đường".split(),  # noqa: SIM905
)
def test_vietnamese_syllables_are_known(word: str) -> None:
    assert is_syllable(*part(word))


@pytest.mark.parametrize(
    "word",
    "cac càc tiên1 tien biet dươc wá zậy spam ubnd k coonǵng".split(),  # noqa: SIM905
)
def test_what_is_no_vietnamese_syllable(word: str) -> None:
    assert not is_syllable(*part(word))


def test_every_word_of_marked_vietnamese_is_a_syllable(innocent: list[str]) -> None:
    marked = [word for text in innocent for word in words_of(clean(text)) if word.is_marked]
    foreign = [word.exact for word in marked if not word.is_vietnamese]
    assert len(foreign) < len(marked) / 500, foreign
