"""Cursors of a thread: they come back as they were given, and anything else is none."""

import base64
import datetime
import json

import pytest
from comments_service.plugins.comments.queries import Position
from comments_service.plugins.comments.service import ID_MAX, Cursor
from hypothesis import given
from hypothesis import strategies as st

ids = st.integers(1, ID_MAX)
moments = st.datetimes(timezones=st.just(datetime.UTC))
cursors = st.builds(Cursor, st.builds(Position, moments, ids, ids), st.booleans())


def _text(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


@given(cursors)
def test_a_cursor_comes_back_to_the_microsecond(cursor: Cursor) -> None:
    assert Cursor.parse(cursor.text()) == cursor


@given(cursors)
def test_a_cursor_needs_no_quoting_in_an_address(cursor: Cursor) -> None:
    assert set(cursor.text()) <= set(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    )


def _is_none_or_usable(text: str) -> bool:
    cursor = Cursor.parse(text)
    if cursor is None:
        return True
    place = cursor.position
    return place.thread_at.tzinfo is not None and 0 < place.thread_id <= ID_MAX and place.id > 0


@given(st.one_of(st.text(), st.binary().map(lambda raw: base64.urlsafe_b64encode(raw).decode())))
def test_any_text_is_a_cursor_or_none(text: str) -> None:
    assert _is_none_or_usable(text)


values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=5,
)


@given(st.one_of(values, st.tuples(values, values, values, values)))
def test_any_value_is_a_cursor_or_none(value: object) -> None:
    assert _is_none_or_usable(_text(value))


@pytest.mark.parametrize(
    "value",
    [
        [],
        [0, 0, 1],
        [0, 0, 0, 1],
        [0, 0, 1, ID_MAX + 1],
        [0, 0, 1.5, 1],
        [0, 0, True, 1],
        [0, 0, "1", 1],
        [0, "now", 1, 1],
        [0, 10**30, 1, 1],
        [0, -(10**30), 1, 1],
        [0, float("nan"), 1, 1],
        [0, float("inf"), 1, 1],
        {"a": 1, "b": 2, "c": 3, "d": 4},
    ],
)
def test_what_is_no_place_is_no_cursor(value: object) -> None:
    assert Cursor.parse(_text(value)) is None


def test_what_is_huge_is_no_cursor() -> None:
    assert Cursor.parse("A" * 1_000_000) is None
    assert Cursor.parse(_text([0, 10**400, 1, 1])) is None
