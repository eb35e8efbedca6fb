"""The sums: exact, whatever the order; and what they make of a comment."""

from random import Random

import numpy as np
import pytest
from comments_service.plugins.learning.counts import PIECE_LENGTH, PIECES, Change, Counts
from comments_service.plugins.learning.features import read
from hypothesis import given
from hypothesis import strategies as st

WANTED = ["Đường ra bến đò ngập quá", "Cảm ơn các cô giáo", "Bao giờ thì sửa xong cầu"]
SPAM = ["Vay tiền nhanh lãi thấp", "Vay tiền nhanh không thế chấp", "Cần tiền gấp vay ngay"]

comments = st.lists(
    st.tuples(st.text("avịệ n1.", max_size=12), st.booleans()), min_size=1, max_size=8
)


def change(text: str, *, unwanted: bool, sign: int = 1) -> Change:
    buckets = read("", text).buckets()
    return Change(buckets, 0 if unwanted else sign, sign if unwanted else 0)


def learned(wanted: list[str] = WANTED, spam: list[str] = SPAM, times: int = 10) -> Counts:
    changes = [change(text, unwanted=False) for text in wanted * times]
    changes += [change(text, unwanted=True) for text in spam * times]
    return Counts.none().plus(changes)


def equal(one: Counts, another: Counts) -> bool:
    numbers = (one.wanted, one.unwanted) == (another.wanted, another.unwanted)
    return numbers and np.array_equal(one.seen, another.seen)


@given(comments=comments, extra=st.text(max_size=20), unwanted=st.booleans())
def test_what_is_taken_back_was_never_learned(
    comments: list[tuple[str, bool]], extra: str, *, unwanted: bool
) -> None:
    before = Counts.none().plus(change(text, unwanted=spam) for text, spam in comments)
    after = before.plus([change(extra, unwanted=unwanted)])

    assert equal(after.plus([change(extra, unwanted=unwanted, sign=-1)]), before)
    assert after.wanted + after.unwanted == len(comments) + 1


@given(comments=comments, seed=st.integers(0, 99))
def test_the_order_does_not_matter(comments: list[tuple[str, bool]], seed: int) -> None:
    changes = [change(text, unwanted=spam) for text, spam in comments]
    shuffled = Random(seed).sample(changes, len(changes))

    assert equal(Counts.none().plus(changes), Counts.none().plus(shuffled))


@given(comments=comments)
def test_sums_are_kept_as_they_are(comments: list[tuple[str, bool]]) -> None:
    counts = Counts.none().plus(change(text, unwanted=spam) for text, spam in comments)

    assert equal(Counts.unpack(counts.wanted, counts.unwanted, counts.pack()), counts)


def test_counts_are_never_changed_once_made() -> None:
    counts = learned()
    before = counts.pack()
    counts.plus([change("Khác", unwanted=True)])

    assert counts.pack() == before


def test_what_resembles_spam_scores_high_and_what_resembles_the_wanted_low() -> None:
    counts = learned()

    assert counts.score(read("", "Ai cần vay tiền nhanh thì gọi em")) > 0.9
    assert counts.score(read("", "Bao giờ thì đường hết ngập, cảm ơn")) < 0.1


@pytest.mark.parametrize("times", [1, 50])
@pytest.mark.parametrize("text", ["", "x", "谢谢分享", "👍", "Zürich 9", "kkkkkkk"])
def test_what_nobody_has_seen_stays_in_the_middle(text: str, times: int) -> None:
    # However unequal the labels are: most of what a site learns is wanted.
    counts = learned(wanted=WANTED * times)

    assert 0.2 < counts.score(read("", text)) < 0.8


@given(author=st.text(max_size=20), text=st.text(max_size=200))
def test_a_score_is_within_0_and_1_and_pieces_are_few_and_short(author: str, text: str) -> None:
    counts = learned()
    reading = read(author, text)

    assert 0 < counts.score(reading) < 1
    for unwanted in (True, False):
        pieces = counts.pieces(reading, unwanted=unwanted)
        assert len(pieces) <= PIECES
        assert all(0 < len(piece) <= PIECE_LENGTH for piece in pieces)


def test_nothing_is_said_without_knowledge() -> None:
    reading = read("Lan", "Vay tiền nhanh tại vay.example")

    assert Counts.none().score(reading) == 0.5
    assert Counts.none().pieces(reading, unwanted=True) == []


def test_pieces_are_words_of_the_text_that_spoke_for_the_score() -> None:
    reading = read("", "Bao giờ thì sửa xong cầu? Tiện đây AI VAY TIỀN NHANH thì gọi")

    [strongest, *_] = learned().pieces(reading, unwanted=True)
    assert "vay tiền nhanh" in strongest
    assert "cầu" not in strongest
    [strongest, *_] = learned().pieces(reading, unwanted=False)
    assert "sửa xong cầu" in strongest
    assert "vay" not in strongest


def test_a_known_host_and_a_known_name_are_shown() -> None:
    spam = [read("Hotline", f"{word} vay.example") for word in ("mot", "hai", "ba", "bon")] * 10
    counts = learned().plus(Change(each.buckets(), 0, 1) for each in spam)
    reading = read("Hotline", "Mọi người xem https://vay.example/dang-ky nhé")

    pieces = counts.pieces(reading, unwanted=True)

    assert "hotline" in pieces
    assert any("vay.example" in piece for piece in pieces)


def test_a_text_without_spaces_is_shown_in_part() -> None:
    counts = learned(spam=["免费贷款马上到账" * 10])

    pieces = counts.pieces(read("", "免费贷款马上到账" * 10), unwanted=True)

    assert pieces
    assert all(len(piece) <= PIECE_LENGTH for piece in pieces)
