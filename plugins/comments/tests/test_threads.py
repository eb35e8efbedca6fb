"""Threads: their order, walking through them slice by slice, and how many are public."""

import dataclasses
import datetime
import itertools
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa
from comments_service.plugins.comments import service
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comments_service import clock, pages, sites
from comments_service.core import Core
from comments_service.models import Decision, Envelope, Status
from comments_service.testing import SITE, Dashboard, Reader, elements

from .conftest import Verify

START = datetime.datetime(2026, 3, 1, tzinfo=datetime.UTC)
numbers = itertools.count()
modest = settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@dataclasses.dataclass(frozen=True)
class Thread:
    """How many minutes after START a thread began, and which earlier comment each reply answers."""

    minute: int
    replies: list[int]


threads = st.builds(
    Thread, minute=st.integers(0, 5), replies=st.lists(st.integers(0, 3), max_size=4)
)

Write = Callable[..., int]


@pytest.fixture
def write(core: Core) -> Write:
    """Write a comment as the demonstration does: past forms, at any time."""

    def write(page: str, at: datetime.datetime, parent: int | None = None) -> int:
        with core.db.write() as session:
            site = sites.get(session, SITE)
            row = pages.ensure(session, site, page, title="", now=at)
            envelope = Envelope(
                site_id=site.id,
                page_id=row.id,
                kind="comment",
                visitor="",
                status=Status.PUBLISHED,
                created_at=at,
            )
            session.add(envelope)
            session.flush()
            fields = {"name": "Lan", "email": "", "text": "Hay.", "parent": parent}
            service.add(session, envelope, row, fields)
            return envelope.id

    return write


def grow(write: Write, page: str, threads: list[Thread]) -> list[list[int]]:
    """Write `threads`, their replies in turns; return the ids of each thread in their order."""
    grown = [[write(page, START + datetime.timedelta(minutes=thread.minute))] for thread in threads]
    for turn in range(4):
        for thread, ids in zip(threads, grown, strict=True):
            if turn < len(thread.replies):
                answered = ids[thread.replies[turn] % len(ids)]
                ids.append(write(page, clock.now(), answered))
    return grown


def expected(threads: list[Thread], grown: list[list[int]], sort: str) -> list[int]:
    order = sorted(
        range(len(threads)),
        key=lambda n: (threads[n].minute, grown[n][0]),
        reverse=sort == "newest",
    )
    return [each for n in order for each in grown[n]]


def read(reader: Reader, page: str, **query: object) -> dict[str, Any]:
    response = reader.send(
        "GET", f"/api/v1/sites/{SITE}/comments", query_string={"page": page, **query}
    )
    assert response.status_code == 200, response.text
    told: dict[str, Any] = response.get_json()
    return told


def walk(reader: Reader, page: str, direction: str, **query: object) -> list[list[int]]:
    """Follow the cursors in `direction` from where `query` begins to the end."""
    told = read(reader, page, **query)
    slices = [ids_of(told)]
    while told[direction] is not None:
        told = read(reader, page, **{**query, "cursor": told[direction]})
        slices.append(ids_of(told))
    return slices


def ids_of(told: dict[str, Any]) -> list[int]:
    return [each["id"] for each in told["comments"]]


@pytest.mark.parametrize("sort", ["newest", "oldest"])
def test_cursors_walk_every_comment_once_in_both_directions(
    reader: Reader, write: Write, sort: str
) -> None:
    @modest
    @given(threads=st.lists(threads, min_size=1, max_size=6), limit=st.integers(1, 7))
    def walks(threads: list[Thread], limit: int) -> None:
        page = f"/{next(numbers)}"
        everything = expected(threads, grow(write, page, threads), sort)
        there = walk(reader, page, "next", sort=sort, limit=limit)
        end = last_cursor(reader, page, sort, limit)
        back = walk(reader, page, "previous", sort=sort, limit=limit, **end)

        assert list(itertools.chain(*there)) == everything
        assert all(len(each) == limit for each in there[:-1])
        assert list(itertools.chain(*back[::-1])) == everything
        assert read(reader, page)["total"] == len(everything)

    walks()


def last_cursor(reader: Reader, page: str, sort: str, limit: int) -> dict[str, str]:
    """Return the query of the last slice."""
    query: dict[str, str] = {}
    told = read(reader, page, sort=sort, limit=limit)
    while told["next"] is not None:
        query = {"cursor": told["next"]}
        told = read(reader, page, sort=sort, limit=limit, **query)
    return query


@pytest.mark.parametrize("sort", ["newest", "oldest"])
def test_a_slice_is_read_without_a_sort(
    core: Core, reader: Reader, write: Write, sort: str
) -> None:
    grow(write, "/p", [Thread(0, [0, 0]), Thread(1, [0])])

    with plans(core) as told:
        first = read(reader, "/p", sort=sort, limit=2)
        second = read(reader, "/p", sort=sort, limit=2, cursor=first["next"])
        read(reader, "/p", sort=sort, limit=2, cursor=second["previous"])

    walks = [plan for plan in told if f"ix_comments_comment_{sort}" in plan]
    assert len(walks) == 3, told
    assert not [plan for plan in walks if "Sort" in plan or "TEMP B-TREE" in plan]


@contextmanager
def plans(core: Core) -> Iterator[list[str]]:
    """Collect how the database carries out what the block asks of it."""
    asked: list[tuple[str, Any]] = []
    told: list[str] = []

    def note(*event: Any) -> None:  # noqa: ANN401 (SQLAlchemy's own)
        asked.append(event[2:4])

    sa.event.listen(core.db.engine, "before_cursor_execute", note)
    try:
        yield told
    finally:
        sa.event.remove(core.db.engine, "before_cursor_execute", note)
    with core.db.engine.connect() as connection:
        explain = "EXPLAIN QUERY PLAN "
        if connection.dialect.name == "postgresql":
            explain = "EXPLAIN "
            # Of so few rows any plan would do: let it take what many would need.
            for way in ("seqscan", "bitmapscan", "sort", "incremental_sort"):
                connection.exec_driver_sql(f"SET LOCAL enable_{way} = off")
        for statement, parameters in asked:
            if statement.startswith("SELECT"):
                rows = connection.exec_driver_sql(explain + statement, parameters)
                told.append("\n".join(row[-1] for row in rows))


def test_a_slice_has_twenty_comments(reader: Reader, write: Write) -> None:
    for minute in range(25):
        write("/dai", START + datetime.timedelta(minutes=minute))
    reader.page = "/dai"

    first = reader.view("comments")["widgets"]["comments"]
    cursor = read(reader, "/dai")["next"]
    second = reader.view("comments", query={"sort": "newest", "cursor": cursor})["widgets"]

    assert [len(each) for each in walk(reader, "/dai", "next")] == [20, 5]
    assert shown(first) == 20
    assert shown(second["comments"]) == 5
    assert "Xem thêm bình luận" in first
    assert "Bình luận trước" not in first
    assert "Xem thêm bình luận" not in second["comments"]
    assert "Bình luận trước" in second["comments"]


def shown(html: str) -> int:
    return sum(tag == "article" for tag, _ in elements(html))


@pytest.mark.parametrize(
    ("limit", "length"),
    [("1", 1), ("3", 3), ("100", 25), ("999", 25), ("0", 1), ("-1", 20), ("abc", 20), ("", 20)],
)
def test_a_limit_is_kept_within_bounds(
    reader: Reader, write: Write, limit: str, length: int
) -> None:
    for minute in range(25):
        write("/dai", START + datetime.timedelta(minutes=minute))

    assert len(read(reader, "/dai", limit=limit)["comments"]) == length


BAD_CURSORS = [
    "x",
    "W10",
    "bnVsbA",
    "WzAsMSwxLDFd" * 20,
    "W05hTiwxLDEsMV0",  # [NaN,1,1,1]
    "WzAsSW5maW5pdHksMSwxXQ",  # [0,Infinity,1,1]
    "WzAsMWU0MDAsMSwxXQ",  # [0,1e400,1,1]
    "WzAsMSwtMSwxXQ",  # [0,1,-1,1]
    "WzAsMSwxLDk5OTk5OTk5OTk5OTk5OTk5OTk5XQ",  # [0,1,1,99999999999999999999]
    "WzAsIjEiLDEsMV0",  # [0,"1",1,1]
    "é\x00\u202e",
    "[" * 3000,
]


@pytest.mark.parametrize("query", ["newest", "oldest", "best", "", "x" * 3000, "\x00"])
def test_an_unknown_order_is_the_newest_first(reader: Reader, write: Write, query: str) -> None:
    early, late = write("/p", START), write("/p", START + datetime.timedelta(minutes=1))

    told = read(reader, "/p", sort=query)

    assert ids_of(told) == ([early, late] if query == "oldest" else [late, early])


def test_a_bad_cursor_begins_at_the_start(reader: Reader, write: Write) -> None:
    number = write("/p", START)

    for cursor in BAD_CURSORS:
        assert ids_of(read(reader, "/p", cursor=cursor)) == [number], cursor


def test_a_cursor_of_another_page_shows_nothing_of_it(reader: Reader, write: Write) -> None:
    for minute in range(3):
        write("/a", START + datetime.timedelta(minutes=minute))
    mine = write("/b", START)
    cursor = read(reader, "/a", limit=1)["next"]

    assert ids_of(read(reader, "/b", cursor=cursor)) == [mine]


def test_a_comment_that_arrives_meanwhile_is_shown_to_nobody_twice(
    reader: Reader, write: Write
) -> None:
    for minute in range(4):
        write("/p", START + datetime.timedelta(minutes=minute))
    first = read(reader, "/p", limit=2)
    write("/p", START + datetime.timedelta(minutes=9))

    second = read(reader, "/p", limit=2, cursor=first["next"])

    assert not set(ids_of(first)) & set(ids_of(second))
    assert len(ids_of(second)) == 2


ACTIONS = {
    "approve": Status.PUBLISHED,
    "reject": Status.REJECTED,
    "spam": Status.SPAM,
    "delete": Status.DELETED,
}
decisions = st.lists(
    st.tuples(st.sampled_from(sorted(ACTIONS)), st.sets(st.integers(0, 4), min_size=1)),
    min_size=1,
    max_size=6,
)


def test_totals_equal_a_recount_whatever_is_decided(
    reader: Reader, dashboard: Dashboard, write: Write, verify: Verify
) -> None:
    @modest
    @given(decisions=decisions)
    def decides(decisions: list[tuple[str, set[int]]]) -> None:
        page = f"/{next(numbers)}"
        ids = [write(page, START) for _ in range(4)]
        ids.append(write(page, START, ids[0]))
        standing = dict.fromkeys(ids, Status.PUBLISHED)

        for action, chosen in decisions:
            dashboard.decide(action, *[ids[n] for n in chosen])
            standing |= {ids[n]: ACTIONS[action] for n in chosen}

        told = read(reader, page)
        public = {number for number in ids if standing[number] is Status.PUBLISHED}
        assert set(ids_of(told)) == public
        assert told["total"] == len(public)
        assert verify().exit_code == 0

    decides()


def test_totals_hold_when_many_decide_at_once(core: Core, write: Write, verify: Verify) -> None:
    moderator = core.accounts.save("mai", "a password for tests")
    ids = [write("/p", START) for _ in range(6)]

    def decide_often(number: int) -> None:
        random = Random(number)
        for _ in range(6):
            chosen = random.sample(ids, 3)
            core.moderation.decide(moderator, chosen, random.choice(list(ACTIONS.values())))

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(decide_often, range(6)))

    assert verify().exit_code == 0
    with core.db.read() as session:
        standing = dict(session.execute(sa.select(Envelope.id, Envelope.status)).all())
        trail = session.scalars(sa.select(Decision).order_by(Decision.id)).all()
    for number in ids:
        mine = [each for each in trail if each.submission_id == number]
        steps = [Status.PUBLISHED, *(each.after for each in mine)]
        assert [each.before for each in mine] == steps[:-1]
        assert standing[number] == steps[-1]
