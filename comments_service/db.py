"""The database: engine, declarative base, and the two kinds of transaction."""

import datetime
import functools
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.orm import DeclarativeBase, Session, SessionTransaction, sessionmaker

from comments_service.config import ConfigError
from comments_service.group_commit import GroupCommit

# Named constraints can be dropped by a later migration, on SQLite too.
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
SQLITE_BUSY_MS = 10_000
# Of each connection; the system remembers what was read too, and once for all of them.
SQLITE_CACHE_KIB = 512
MS_PER_SECOND = 1000


class UtcDateTime(sa.types.TypeDecorator[datetime.datetime]):
    """An aware datetime, stored in UTC."""

    impl = sa.DateTime
    cache_ok = True

    def process_bind_param(
        self, value: datetime.datetime | None, dialect: Dialect
    ) -> datetime.datetime | None:
        del dialect
        return value and value.astimezone(datetime.UTC).replace(tzinfo=None)

    def process_result_value(
        self, value: datetime.datetime | None, dialect: Dialect
    ) -> datetime.datetime | None:
        del dialect
        return value and value.replace(tzinfo=datetime.UTC)


class Base(DeclarativeBase):
    """The declarative base of every table, the core's and the plugins'."""

    metadata = sa.MetaData(naming_convention=NAMING)
    type_annotation_map = {  # noqa: RUF012 (SQLAlchemy's own form)
        datetime.datetime: UtcDateTime,
        dict[str, Any]: sa.JSON,
        list[str]: sa.JSON,
    }


class Database:
    """One engine, and sessions on it for reading and for writing."""

    def __init__(self, url: str) -> None:
        try:
            self.engine = sa.create_engine(
                with_psycopg(url),
                # The connection used last has what it read still in its memory.
                poolclass=sa.QueuePool,
                pool_use_lifo=True,
                # Whoever reads twice at a time must not wait for those who wait for them.
                max_overflow=-1,
                # An error in the log must not carry what readers wrote.
                hide_parameters=True,
            )
        except (sa.exc.ArgumentError, ImportError) as error:
            raise ConfigError(
                f"COMMENTS_DATABASE_URL: {error}. Write sqlite:///… or postgresql://…"
            ) from None
        _say_savepoints(self.engine.dialect)
        self.writes = 0
        """How many transactions of this process have written, more or less."""
        self._read = sessionmaker(self.engine, expire_on_commit=False)
        self._group_commit: GroupCommit | None = None
        if self.engine.dialect.name == "sqlite":
            _keep_private(self.engine.url.database)
            _prepare_sqlite(self.engine)
            event.listen(self._read, "after_begin", _begin)
            self._group_commit = GroupCommit(self.engine, SQLITE_BUSY_MS / MS_PER_SECOND)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Open a session that only reads; on SQLite it waits for no writer."""
        with self._read() as session:
            yield session

    @contextmanager
    def write(self, *, patience_s: float | None = None) -> Iterator[Session]:
        """Open a session in one transaction: durable after the block, rolled back on an error.

        On SQLite a thread must not open a second one meanwhile: it would wait for itself. Who waits
        for others longer than `patience_s`, if that is given, gets an OperationalError.
        """
        group_commit = self._group_commit
        with group_commit.write(patience_s) if group_commit else self._read.begin() as session:
            if patience_s is not None and not group_commit:
                # 0 would be: for ever.
                most = max(1, round(patience_s * MS_PER_SECOND))
                session.execute(sa.select(sa.func.set_config("lock_timeout", f"{most}ms", True)))
            yield session
        self.writes += 1


def release(session: Session) -> None:
    """Give back the connection of a session that reads; what it reads next is seen as it is then.

    For whoever is about to wait: for another server, or for the turn to write.
    """
    session.commit()


def with_psycopg(url: str) -> str:
    """Name the driver of a bare PostgreSQL URL: SQLAlchemy's default changed between versions."""
    return re.sub(r"^postgres(ql)?://", "postgresql+psycopg://", url)


def _keep_private(file: str | None) -> None:
    """Make the file for its owner alone; SQLite gives the files beside it the same mode."""
    if file and file != ":memory:":
        Path(file).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        Path(file).touch(mode=0o600)


def _prepare_sqlite(engine: sa.Engine) -> None:
    @event.listens_for(engine, "connect")
    def connect(connection: Any, record: Any) -> None:  # noqa: ANN401 (the DBAPI's own types)
        del record
        # The driver commits DDL by itself unless BEGIN is ours: who opens a transaction says it.
        connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            f"busy_timeout={SQLITE_BUSY_MS}",
            f"cache_size=-{SQLITE_CACHE_KIB}",
        ):
            connection.execute(f"PRAGMA {pragma}")


def _say_savepoints(dialect: Dialect) -> None:
    """Let savepoints be said in so many words.

    SQLAlchemy puts each of these statements together anew, which takes several times as long.
    """

    def saying(words: str) -> Any:  # noqa: ANN401 (a method of the dialect's)
        return lambda connection, name: connection.exec_driver_sql(f"{words} {name}")

    dialect.do_savepoint = saying("SAVEPOINT")  # type: ignore[method-assign]
    dialect.do_release_savepoint = saying("RELEASE SAVEPOINT")  # type: ignore[method-assign]
    dialect.do_rollback_to_savepoint = saying("ROLLBACK TO SAVEPOINT")  # type: ignore[method-assign]


def _begin(session: Session, transaction: SessionTransaction, connection: Connection) -> None:
    # By the session: an event of the engine's makes every statement look for listeners.
    del session
    if not transaction.nested:
        # Said to the driver: SQLAlchemy would make a result of it, and look for listeners.
        connection.connection.cursor().execute("BEGIN")


def table(entity: type[Base]) -> sa.Table:
    """Return the table of `entity`: a statement of columns alone runs in half the time."""
    return cast("sa.Table", entity.__table__)


def count_to(most: int | sa.BindParameter[int], rows: sa.Select[Any]) -> sa.ScalarSelect[int]:
    """Return how many `rows` there are, counted to `most`: no further is their index walked."""
    return sa.select(sa.func.count()).select_from(rows.limit(most).subquery()).scalar_subquery()


def insert(session: Session, table: type[Base]) -> Any:  # noqa: ANN401 (two dialects' Insert)
    """Return the dialect's INSERT, which knows `on_conflict_do_nothing` and `…_do_update`."""
    return _insert_of(session.get_bind().dialect.name)(table)


def _insert_of(dialect: str) -> Callable[[Any], Any]:
    if dialect == "sqlite":
        return sqlite.insert
    from sqlalchemy.dialects import postgresql  # noqa: PLC0415 (in use already, or never)

    return postgresql.insert


def made_once(make: Callable[[Callable[[Any], Any]], Any]) -> Callable[[Session], Any]:
    """Turn what makes a statement of the dialect's INSERT into what returns it for a session.

    For those that run with every request: to make one takes longer than to run it.
    """

    @functools.cache
    def made(dialect: str) -> Any:  # noqa: ANN401 (two dialects' Insert)
        return make(_insert_of(dialect))

    return lambda session: made(session.get_bind().dialect.name)
