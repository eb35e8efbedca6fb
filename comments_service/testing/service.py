"""The service under test, quick where that changes nothing a test could see."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from jinja2.bccache import Bucket, BytecodeCache

from comments_service.testing.clients import ORIGIN, SITE, Dashboard, Reader

if TYPE_CHECKING:
    from pathlib import Path
    from types import CodeType

    from flask import Flask

    from comments_service.core import Core

SECRET_KEY = "a key for tests, and for tests alone"  # noqa: S105
PATIENCE_SECONDS = 60
"""A busy machine gets so much time for what a reader would not wait for."""


def settings_of(instance: Path, database_url: str) -> dict[str, str]:
    """Return the texts of a tested service's settings."""
    return {
        "instance": str(instance),
        "database_url": database_url,
        "secret_key": SECRET_KEY,
        "limit_write": "1000/minute",
        "limit_visitor": "1000/minute",
        # Tests write faster than people.
        "form_seconds": "0",
        # What one test does is seen at once by the next line of it.
        "cache_mb": "0",
        # Views are written when a test says so.
        "counters_flush_seconds": "0",
        "captcha_pool": "1",
        "captcha_pool_spoken": "1",
    }


def migrate(instance: Path, database_url: str) -> None:
    """Bring an empty database up to date."""
    from comments_service import create_app, histories  # noqa: PLC0415
    from comments_service.migrate import upgrade  # noqa: PLC0415

    core = create_app(settings_of(instance, database_url)).extensions["comments_service"]
    upgrade(core.db, histories.every(core.plugins))
    core.db.engine.dispose()


def _hurry(engine: sa.Engine) -> None:
    """Let SQLite not wait for the disk: no test pulls the plug."""
    if engine.dialect.name == "sqlite":

        @sa.event.listens_for(engine, "connect")
        def connect(connection: Any, record: Any) -> None:  # noqa: ANN401 (the DBAPI's own types)
            del record
            connection.execute("PRAGMA synchronous=OFF")


class _Templates(BytecodeCache):
    """What one test's service compiled of the templates, kept for the next."""

    def __init__(self) -> None:
        self._code: dict[tuple[str, str], CodeType | None] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._code.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._code[bucket.key, bucket.checksum] = bucket.code


_templates = _Templates()


MakeApp = Callable[..., "Flask"]


@pytest.fixture
def make_app(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[MakeApp]:
    """Make the service on the test's database; keyword arguments are settings' texts."""
    from argon2 import PasswordHasher  # noqa: PLC0415

    from comments_service import create_app  # noqa: PLC0415

    # Made to take long; every app that is made takes one.
    quick = functools.partial(PasswordHasher, time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr("comments_service.accounts.PasswordHasher", quick)
    monkeypatch.setattr("comments_service.pools.PATIENCE", PATIENCE_SECONDS)
    made: list[Flask] = []

    def make(**texts: str) -> Flask:
        app = create_app({**settings_of(tmp_path, database_url), **texts})
        app.jinja_env.bytecode_cache = _templates
        _hurry(app.extensions["comments_service"].db.engine)
        made.append(app)
        return app

    yield make
    for app in made:
        for plugin in app.extensions["comments_service"].plugins.by_name.values():
            plugin.close()
        app.extensions["comments_service"].db.engine.dispose()


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    """The service with every plugin, and the site `portal` whose comments wait for a moderator."""
    app = make_app()
    add_site(app)
    return app


def add_site(app: Flask, key: str = SITE, **settings: dict[str, str]) -> None:
    """Add a site that pages of ORIGIN may embed; `settings` are texts by plugin and name."""
    from comments_service import sites  # noqa: PLC0415

    core: Core = app.extensions["comments_service"]
    with core.db.write() as session:
        site = sites.add(session, key, name="Cổng thông tin", origins=[ORIGIN])
        site.settings = settings


@pytest.fixture
def core(app: Flask) -> Core:
    core: Core = app.extensions["comments_service"]
    return core


@pytest.fixture
def reader(app: Flask) -> Reader:
    """A reader of the page PAGE of the site `portal`, by way of embed.js."""
    return Reader(app)


@pytest.fixture
def dashboard(app: Flask, core: Core) -> Dashboard:
    """The browser of a moderator who has logged in."""
    core.accounts.save(Dashboard.NAME, Dashboard.PASSWORD)
    dashboard = Dashboard(app)
    assert dashboard.log_in().status_code == 303
    return dashboard


def row_counts(core: Core) -> dict[str, int]:
    """Return how many rows each table has."""
    names = sa.inspect(core.db.engine).get_table_names()
    counts = [
        sa.select(sa.func.count().label(name)).select_from(sa.table(name)).scalar_subquery()
        for name in names
    ]
    with core.db.read() as session:
        return dict(zip(names, session.execute(sa.select(*counts)).one(), strict=True))


@contextmanager
def counted_statements(core: Core) -> Iterator[list[str]]:
    """Collect the SQL statements that the block sends, transactions' own apart."""
    statements: list[str] = []

    def note(*event: Any) -> None:  # noqa: ANN401 (SQLAlchemy's own)
        statement: str = event[2]
        if not statement.startswith(("BEGIN", "SAVEPOINT", "RELEASE", "ROLLBACK")):
            statements.append(statement)

    sa.event.listen(core.db.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        sa.event.remove(core.db.engine, "before_cursor_execute", note)
