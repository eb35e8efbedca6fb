"""Writers on SQLite: who comes when, what one commit holds, and what is left if it fails."""

import itertools
import random
import subprocess
import sys
import threading
import time
from concurrent import futures
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa

from comments_service import group_commit as group_commit_module
from comments_service.db import Database
from comments_service.group_commit import GroupCommit

INSERT = sa.text("INSERT INTO stored VALUES (:n)")
WRITERS = 8
ACKNOWLEDGED = 60


@pytest.fixture
def db(tmp_path: Path) -> Database:
    db = Database(f"sqlite:///{tmp_path / 'stored.sqlite3'}")
    with db.write() as session:
        session.execute(sa.text("CREATE TABLE stored (n INTEGER PRIMARY KEY)"))
    return db


def group_commit(db: Database, patience: float = 60) -> GroupCommit:
    return GroupCommit(db.engine, patience)


def stored(db: Database) -> list[int]:
    with db.read() as session:
        return list(session.scalars(sa.text("SELECT n FROM stored ORDER BY rowid")))


def write(group: GroupCommit, db: Database, number: int, *, fails: bool = False) -> bool:
    """Store the number; return whether others saw it at once."""
    with group.write() as session:
        session.execute(INSERT, {"n": number})
        if fails:
            raise KeyError(number)
    return number in stored(db)


def write_together(
    db: Database, failing: set[int], numbers: range = range(WRITERS)
) -> dict[int, "Future[bool]"]:
    """Let writers queue up behind the first one, and all go on when that is done."""
    group = group_commit(db)
    with ThreadPoolExecutor(len(numbers)) as pool:
        with group.write():
            line = {}
            for place, number in enumerate(numbers):
                fails = number in failing
                line[number] = pool.submit(write, group, db, number, fails=fails)
                wait_for(group, place + 2)
        return line


def test_writers_come_in_the_order_in_which_they_asked_and_share_one_commit(db: Database) -> None:
    came: list[int] = []
    commits: list[object] = []

    @sa.event.listens_for(db.engine, "before_cursor_execute")
    def note(*event: object) -> None:
        if str(event[2]).startswith("INSERT"):
            came.append(event[3][0])  # type: ignore[index]

    sa.event.listen(db.engine, "commit", commits.append)

    line = write_together(db, failing=set())

    assert all(each.result() for each in line.values())
    assert came == list(range(WRITERS))
    # Each looked whether its row was there, in a transaction that ends without a commit.
    assert len(commits) == 1


@pytest.mark.parametrize("seed", range(4))
def test_who_fails_harms_nobody_else(db: Database, seed: int) -> None:
    failing = set(random.Random(seed).sample(range(WRITERS), k=2 * seed + 1))

    line = write_together(db, failing)

    for number, each in line.items():
        if number in failing:
            assert isinstance(each.exception(), KeyError)
        else:
            assert each.result()
    assert set(stored(db)) == set(range(WRITERS)) - failing


def test_nothing_is_acknowledged_that_a_full_disk_undid(db: Database) -> None:
    group = group_commit(db)

    with ThreadPoolExecutor(3) as pool:
        first = pool.submit(begin, group, until=3)
        wait_for(group, 1)
        second = pool.submit(write, group, db, 1)
        wait_for(group, 2)
        third = pool.submit(fill, group)

    for each in (first, second, third):
        assert isinstance(each.exception(), sa.exc.OperationalError)
    assert stored(db) == []
    assert write(group, db, 3)


def in_line(group: GroupCommit) -> int:
    """Return how many write or wait for their turn; nobody but a test asks."""
    return len(group._line)  # noqa: SLF001


def wait_for(group: GroupCommit, line: int) -> None:
    while in_line(group) < line:
        time.sleep(0)  # Lets the other threads go on.


def begin(group: GroupCommit, until: int) -> None:
    """Write, and go on when so many are in line."""
    with group.write() as session:
        session.execute(INSERT, {"n": 0})
        wait_for(group, until)


def fill(group: GroupCommit) -> None:
    """Write more than there is room for: SQLite then undoes the whole transaction."""
    with group.write() as session:
        session.execute(sa.text("PRAGMA max_page_count = 3"))
        rows = [{"n": number} for number in range(10, 10_000)]
        try:
            session.execute(INSERT, rows)
        finally:
            session.connection().connection.driver_connection.execute(  # type: ignore[union-attr]
                "PRAGMA max_page_count = 1000000"
            )


def test_whoever_waited_too_long_leaves_the_line_as_it_was(db: Database) -> None:
    group = group_commit(db, patience=0)
    with group.write(), pytest.raises(sa.exc.OperationalError), group.write():
        pytest.fail("two write at once")
    assert write(group, db, 1)
    assert in_line(group) == 0


class Pausing:
    """A lock; after it was let go, whoever is told to waits for all others to be out of line."""

    def __init__(self, group: GroupCommit) -> None:
        self._lock = threading.Lock()
        self._group = group
        self.pausing: int | None = None

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(self, *error: object) -> None:
        self._lock.release()
        if self.pausing == threading.get_ident():
            while in_line(self._group) > 1:
                time.sleep(0)


def test_who_loses_patience_while_it_is_called_leaves_nobody_waiting(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    group = group_commit(db, patience=5)
    lock = Pausing(group)
    monkeypatch.setattr(group, "_changing", lock)

    def first() -> None:
        with group.write() as session:
            session.execute(INSERT, {"n": 0})
            wait_for(group, 2)
            lock.pausing = threading.get_ident()

    with ThreadPoolExecutor(2) as pool:
        writers: list[Future[Any]] = [pool.submit(first)]
        wait_for(group, 1)
        writers.append(pool.submit(write, group, db, 1))
        _, waiting = futures.wait(writers, timeout=20)
        # Else those who wait would do so for ever.
        assert write(group, db, 2)

    assert not waiting
    assert stored(db) == [0, 1, 2]


@pytest.mark.parametrize("is_its_turn", [False, True])
def test_who_is_interrupted_while_waiting_leaves_nobody_waiting(
    db: Database, monkeypatch: pytest.MonkeyPatch, *, is_its_turn: bool
) -> None:
    group = group_commit(db, patience=20)
    has_begun, may_end = threading.Event(), threading.Event()

    class Interrupted(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            if is_its_turn:
                super().wait(timeout)
            raise KeyboardInterrupt

    def first() -> None:
        with group.write() as session:
            session.execute(INSERT, {"n": 0})
            has_begun.set()
            may_end.wait(20)

    def second() -> None:
        with pytest.raises(KeyboardInterrupt), group.write():
            pytest.fail("it was interrupted")

    with ThreadPoolExecutor(2) as pool:
        writers = [pool.submit(first)]
        has_begun.wait(20)
        waiting = SimpleNamespace(Event=Interrupted, Lock=threading.Lock)
        monkeypatch.setattr(group_commit_module, "threading", waiting)
        writers.append(pool.submit(second))
        if is_its_turn:
            wait_for(group, 2)
        else:
            writers[1].result()
        may_end.set()
        _, left = futures.wait(writers, timeout=20)
        monkeypatch.undo()
        # Else whoever waits would do so for ever.
        assert write(group, db, 2)

    assert not left
    assert [each.exception() for each in writers] == [None, None]
    assert stored(db) == [0, 2]


def test_an_exit_in_the_midst_of_a_statement_ends_the_turn(db: Database) -> None:
    group = group_commit(db, patience=5)

    def leave(*_: object) -> None:
        sa.event.remove(db.engine, "do_execute", leave)
        raise SystemExit

    def second() -> None:
        with group.write() as session:
            sa.event.listen(db.engine, "do_execute", leave)
            session.execute(INSERT, {"n": 1})

    with ThreadPoolExecutor(2) as pool:
        writers = [pool.submit(begin, group, until=2)]
        wait_for(group, 1)
        writers.append(pool.submit(second))

    # With the connection the whole transaction is gone.
    assert isinstance(writers[0].exception(), sa.exc.OperationalError)
    assert isinstance(writers[1].exception(), SystemExit)
    assert write(group, db, 2)
    assert stored(db) == [2]


def test_a_database_that_another_process_holds_is_waited_for_but_not_for_ever(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = sa.create_engine(db.engine.url, isolation_level="AUTOCOMMIT")
    impatient, patient = group_commit(db, patience=0), group_commit(db)
    with other.connect() as holder:
        holder.exec_driver_sql("BEGIN IMMEDIATE")
        with pytest.raises(sa.exc.OperationalError), impatient.write():
            pytest.fail("two write at once")
        monkeypatch.setattr(time, "sleep", lambda _: holder.exec_driver_sql("COMMIT"))
        assert write(patient, db, 1)
    other.dispose()
    assert in_line(impatient) == 0


RECOVERING = """
import fcntl, os, sys
index = os.open(sys.argv[1] + "-shm", os.O_RDWR)
fcntl.lockf(index, fcntl.LOCK_EX, 8, 120)
os.pwrite(index, bytes(96), 0)
print("begun", flush=True)
sys.stdin.read()
"""
"""As SQLite does after a crash: the locks are held, and the index of what was written is void."""


def test_a_database_that_another_process_recovers_is_waited_for(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = [sys.executable, "-c", RECOVERING, str(db.engine.url.database)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:  # noqa: S603 (our own)
        assert process.stdout is not None
        assert process.stdout.readline() == b"begun\n"
        monkeypatch.setattr(time, "sleep", lambda _: process.communicate())
        assert write(group_commit(db), db, 1)


def test_what_was_acknowledged_outlives_a_kill(db: Database) -> None:
    command = [sys.executable, "-m", "tests.unit.writer", str(db.engine.url), str(WRITERS)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603 (our own)
    assert process.stdout is not None
    with process:
        told = [int(line) for line in itertools.islice(process.stdout, ACKNOWLEDGED)]
        process.kill()
        told += [int(line) for line in process.stdout if line.endswith("\n")]
    assert set(told) <= set(stored(db))
