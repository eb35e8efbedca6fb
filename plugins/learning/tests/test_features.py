"""What is seen of a comment, and that every process sees the same."""

import subprocess
import sys

import numpy as np
import pytest
from comments_service.plugins.learning.counts import pack_buckets, unpack_buckets
from comments_service.plugins.learning.features import BUCKETS, LENGTHS, read
from hypothesis import given
from hypothesis import strategies as st

GRAMS = [37507, 29608, 114154, 130157]
WORDS = {"vay.example": 128267, "lan": 78259}
texts = st.text(max_size=60)


def same(one: str, another: str) -> bool:
    return bool(np.array_equal(read("", one).buckets(), read("", another).buckets()))


def test_the_buckets_are_what_they_always_were() -> None:
    # What sites have learned is of use only as long as these stay.
    reading = read("Lan", "Vay 5 triệu tại https://vay.example/x")

    assert [int(grams[0]) for grams in reading.grams] == GRAMS
    assert reading.words == WORDS


def test_another_process_finds_the_same_buckets() -> None:
    program = (
        "from comments_service.plugins.learning.features import read;"
        "print(read('Lan', 'Nước về muộn').buckets().tolist())"
    )
    found = subprocess.run(  # noqa: S603 (our words)
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    assert found.stdout.strip() == str(read("Lan", "Nước về muộn").buckets().tolist())


@pytest.mark.parametrize(
    ("one", "another"),
    [
        ("ĐƯỜNG MỚI", "đường mới"),
        ("đu\u031bo\u031b\u0300ng", "đường"),
        ("một  hai\n\nba", "một hai ba"),
        ("gọi 0900 123 456", "gọi 0911 987 654"),
        ("STRASSE", "straße"),
    ],
)
def test_what_does_not_matter_is_not_seen(one: str, another: str) -> None:
    assert same(one, another)


@pytest.mark.parametrize(
    ("one", "another"), [("ma", "má"), ("vay tiền", "tiền vay"), ("a", "b"), ("a1", "a11")]
)
def test_what_matters_is_seen(one: str, another: str) -> None:
    assert not same(one, another)


def test_presence_counts_and_not_how_often() -> None:
    assert same("vay vay vay vay", "vay vay vay")


def test_name_and_hosts_are_features_of_their_own() -> None:
    reading = read(
        "Tư vấn", "Xem HTTPS://www.Vay.Example:80/a?b hoặc la.example, không phải a@b.vn."
    )

    assert set(reading.words) == {"vay.example", "la.example", "tư vấn"}
    assert not same("vay.example", "")
    assert read("vay", "").words != read("", "https://vay").words


@given(author=texts, text=texts)
def test_every_gram_is_a_bucket(author: str, text: str) -> None:
    reading = read(author, text)

    lengths = [max(0, len(reading.text) - length + 1) for length in LENGTHS]
    assert [len(grams) for grams in reading.grams] == lengths
    buckets = reading.buckets()
    assert all(0 <= bucket < BUCKETS for bucket in buckets)
    assert np.all(np.diff(buckets) > 0)


@given(st.sets(st.integers(0, BUCKETS - 1)))
def test_buckets_are_kept_as_they_are(numbers: set[int]) -> None:
    buckets = np.array(sorted(numbers), dtype=np.int32)

    assert unpack_buckets(pack_buckets(buckets)).tolist() == buckets.tolist()


def test_an_example_takes_a_byte_or_two_for_each_bucket() -> None:
    buckets = read(
        "Lan", "Con đường này từ hồi còn là bờ ruộng, ngày cưới phải lội bùn. " * 3
    ).buckets()

    assert len(pack_buckets(buckets)) < 2 * len(buckets)
