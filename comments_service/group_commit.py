"""Group commit: writers of one process who wait for each other on SQLite share one commit.

A durable commit waits for the disk, and nobody else may write meanwhile. So a writer behind whom
another one stands does not commit: the other goes on in the same transaction, and the last in line
commits it for all. Only then does each of them return: what is acknowledged is on the disk.
"""

import sqlite3
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

TRY_AGAIN_S = 0.001
"""So long a process waits before it asks again for what another one holds."""
PRIMARY_CODE = 0xFF
"""The bits of SQLite's result codes that say what is wrong; those above it say why."""


class GroupCommit:
    """Lets the threads of this process write one by one, first come, first served.

    SQLite itself lets writers try again at random, so that one of many may never get its turn.
    Between processes it is still so; but then one thread of each is trying, not all of them.
    """

    def __init__(self, engine: sa.Engine, patience: float) -> None:
        """Let them write to `engine`, and nobody wait for the turn longer than `patience` s."""
        self._engine = engine
        self._patience = patience
        self._line: deque[threading.Event] = deque()
        """Whoever writes, then those who wait; each is told when they are the first."""
        self._changing = threading.Lock()
        self._group: _Group | None = None
        """The transaction that is open, if the first in line goes on in another's."""

    @contextmanager
    def write(self, patience: float | None = None) -> Iterator[Session]:
        """Open a session; after the block its changes are on the disk, after an error undone.

        `patience`: seconds, if this one waits for its turn less long than others.
        """
        patience = self._patience if patience is None else patience
        self._wait(patience)
        try:
            group = self._group = self._group or _Group(self._engine, patience)
        except BaseException:
            self._pass_on()
            raise
        try:
            with group.unit() as session:
                yield session
        finally:
            self._leave(group)
        group.wait()

    def _wait(self, patience: float) -> None:
        mine = threading.Event()
        with self._changing:
            self._line.append(mine)
            self._line[0].set()
        try:
            has_turn = mine.wait(patience)
        except BaseException:
            # By Ctrl+C in a command: those behind must not wait for this one.
            if not self._step_aside(mine):
                self._leave(self._group)
            raise
        if not has_turn and self._step_aside(mine):
            late = TimeoutError(f"other writers took longer than {patience} s")
            raise sa.exc.OperationalError("BEGIN IMMEDIATE", None, late)

    def _step_aside(self, mine: threading.Event) -> bool:
        """Leave the line; False if the turn has come just now."""
        with self._changing:
            has_turn = mine.is_set()
            if not has_turn:
                self._line.remove(mine)
        return not has_turn

    def _leave(self, group: "_Group | None") -> None:
        """Leave the open transaction to the next in line, or end it, and call the next."""
        if group is not None and group.is_open and self._hand_on():
            return
        self._group = None
        try:
            if group is not None:
                group.end()
        finally:
            self._pass_on()

    def _hand_on(self) -> bool:
        """Leave the open transaction to the next in line; False if there is nobody."""
        with self._changing:
            # In one step: the next may be losing patience just now.
            has_next = len(self._line) > 1
            if has_next:
                self._call_next()
        return has_next

    def _pass_on(self) -> None:
        with self._changing:
            self._call_next()

    def _call_next(self) -> None:
        self._line.popleft()
        if self._line:
            self._line[0].set()


class _Group:
    """One transaction, and the writers in it. Used by one thread at a time, but for `wait`."""

    def __init__(self, engine: sa.Engine, patience: float) -> None:
        self._connection = engine.connect()
        try:
            self._connection.begin()
            self._take_lock(patience)
        except BaseException:
            self._connection.close()
            raise
        self._is_first = True
        self._is_over = threading.Event()
        self._is_stored = False
        self._failure: BaseException | None = None

    @property
    def _driver(self) -> Any:  # noqa: ANN401 (the DBAPI's own type)
        return self._connection.connection.driver_connection

    def _take_lock(self, patience: float) -> None:
        """Begin as the only writer, or raise OperationalError when `patience` s are over.

        What reads before it writes must take the lock first, or it can fail as busy. SQLite would
        ask for it ever more seldom, in the end each 100 ms, while others take it again and again.
        """
        end = time.monotonic() + patience
        [usual] = self._driver.execute("PRAGMA busy_timeout").fetchone()
        self._driver.execute("PRAGMA busy_timeout=0")
        try:
            while not self._has_lock(is_last_try=time.monotonic() >= end):
                time.sleep(TRY_AGAIN_S)
        finally:
            self._driver.execute(f"PRAGMA busy_timeout={usual}")

    def _has_lock(self, *, is_last_try: bool) -> bool:
        try:
            self._driver.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            # Also while another process recovers after a crash, which has a code of its own.
            is_busy = error.sqlite_errorcode & PRIMARY_CODE == sqlite3.SQLITE_BUSY
            if is_last_try or not is_busy:
                raise sa.exc.OperationalError("BEGIN IMMEDIATE", None, error) from error
            return False
        return True

    @property
    def is_open(self) -> bool:
        """The transaction goes on. A disk that is full ends it, whatever SQLAlchemy thinks."""
        # If it is invalidated, it was closed with its transaction: a statement was broken off.
        return not self._connection.invalidated and bool(self._driver.in_transaction)

    @contextmanager
    def unit(self) -> Iterator[Session]:
        """Open the session of one writer; an error undoes that one's changes, and no other's."""
        # Behind the first there is nobody yet whom a rollback could harm.
        mode: Any = "rollback_only" if self._is_first else "create_savepoint"
        self._is_first = False
        session = Session(self._connection, expire_on_commit=False, join_transaction_mode=mode)
        with session, session.begin():
            yield session

    def end(self) -> None:
        """Commit, and let everybody go who waits for it."""
        try:
            # The driver commits nothing, and says nothing, where no transaction is left.
            if self.is_open:
                self._connection.commit()
                self._is_stored = True
        except sa.exc.DBAPIError as error:
            self._failure = error.orig
        finally:
            self._is_over.set()
            self._connection.close()

    def wait(self) -> None:
        """Return when everything is on the disk; raise OperationalError if it never will be."""
        self._is_over.wait()
        if not self._is_stored:
            lost = self._failure or RuntimeError("the transaction was rolled back")
            raise sa.exc.OperationalError("COMMIT", None, lost)
