"""Runs migrations, by Alembic; the service has no use for that once the tables are there."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy.engine import Connection

from comments_service.config import ConfigError
from comments_service.db import Base, Database
from comments_service.histories import History

# Any number, as long as every process takes the same.
POSTGRES_LOCK = 0x636F6D6D


def upgrade(db: Database, wanted: Sequence[History]) -> None:
    """Bring each history to its newest version; safe to run from several processes at once.

    Raises ConfigError for tables that a version made which is not here.
    """
    with _locked(db) as connection:
        for history in wanted:
            try:
                _run(connection, history, "head")
            except CommandError as error:
                raise ConfigError(
                    f"The tables of {history.owner}: {error}. "
                    "Was a newer version of it here? Then install that again."
                ) from None


def downgrade(db: Database, history: History) -> None:
    """Take back every migration of `history`, and the data in its tables."""
    with _locked(db) as connection:
        _run(connection, history, "base")


def differences(db: Database, history: History) -> list[Any]:
    """Return how the tables in the database differ from the models of the same owner."""

    def is_ours(item: object, name: str | None, kind: str, reflected: bool, other: object) -> bool:  # noqa: FBT001 (alembic's own signature)
        del item, reflected, other
        return kind != "table" or (name is not None and history.owns(name))

    with db.engine.connect() as connection:
        context = _context(connection, history, include_object=is_ours, compare_type=True)
        return list(compare_metadata(context, Base.metadata))


def _context(connection: Connection, history: History, **options: object) -> MigrationContext:
    return MigrationContext.configure(
        connection, opts={"version_table": history.version_table, **options}
    )


def _scripts(history: History) -> ScriptDirectory:
    config = Config()
    # Alembic wants a script location; ours holds nothing but versions.
    config.set_main_option("script_location", _escaped(history.folder))
    config.set_main_option("version_locations", _escaped(history.folder))
    config.set_main_option("path_separator", "newline")
    return ScriptDirectory.from_config(config)


def _escaped(folder: Path) -> str:
    return str(folder).replace("%", "%%")


def _run(connection: Connection, history: History, target: str) -> None:
    scripts = _scripts(history)

    def steps(current: Any, _context: MigrationContext) -> Any:  # noqa: ANN401 (alembic's own)
        # The calls behind alembic's upgrade and downgrade commands, which want an ini file.
        if target == "head":
            return scripts._upgrade_revs(target, current)  # noqa: SLF001
        return scripts._downgrade_revs(target, current)  # noqa: SLF001

    with EnvironmentContext(Config(), scripts, fn=steps) as environment:
        environment.configure(
            connection=connection,
            version_table=history.version_table,
            target_metadata=Base.metadata,
            render_as_batch=True,
            transactional_ddl=True,
        )
        environment.run_migrations()


@contextmanager
def _locked(db: Database) -> Iterator[Connection]:
    """Open the one transaction in which migrations run, while every other process waits."""
    with db.engine.connect() as connection:
        is_sqlite = connection.dialect.name == "sqlite"
        if is_sqlite:
            # A table that is rebuilt is dropped for a moment, and with it what refers to it would
            # go. The switch has no effect inside a transaction.
            _foreign_keys(connection, on=False)
        try:
            with connection.begin():
                if is_sqlite:
                    connection.exec_driver_sql("BEGIN IMMEDIATE")
                else:
                    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(POSTGRES_LOCK)))
                yield connection
                if is_sqlite and connection.exec_driver_sql("PRAGMA foreign_key_check").all():
                    raise RuntimeError("a migration left rows that refer to nothing")
        finally:
            if is_sqlite:
                _foreign_keys(connection, on=True)


def _foreign_keys(connection: Connection, *, on: bool) -> None:
    raw = connection.connection.driver_connection
    if raw is None:
        raise RuntimeError("the database connection is gone")
    raw.execute(f"PRAGMA foreign_keys={'ON' if on else 'OFF'}")
