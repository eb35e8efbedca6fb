"""The plugins that tests meet here: the bundled ones, the guestbook, some made on the spot."""

import itertools
import shutil
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask

import comments_service.plugins
from comments_service import histories, loader, migrate
from comments_service.testing import SECRET_KEY, MakeApp, add_site
from tests import commands

GUESTBOOK = Path(__file__).parent / "plugins"
_numbers = itertools.count()


@pytest.fixture(scope="session")
def plugins_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the guestbook, ready to use: its catalog is compiled."""
    folder = tmp_path_factory.mktemp("own") / "plugins"
    shutil.copytree(GUESTBOOK, folder, ignore=shutil.ignore_patterns("__pycache__", "*.mo"))
    for source in folder.rglob("*.po"):
        with source.open("rb") as lines, source.with_suffix(".mo").open("wb") as target:
            write_mo(target, read_po(lines))
    return folder


@pytest.fixture
def make_every(make_app: MakeApp, plugins_dir: Path) -> MakeApp:
    """Make the service with every plugin, the guestbook among them, and the site `portal`."""

    def make(**texts: str) -> Flask:
        app = make_app(plugins_dir=str(plugins_dir), **texts)
        core = app.extensions["comments_service"]
        migrate.upgrade(core.db, histories.every(core.plugins))
        add_site(app)
        return app

    return make


@pytest.fixture
def app(make_every: MakeApp) -> Flask:
    return make_every()


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Return the address of a database without any table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.sqlite3'}"
        return
    server = sa.make_url(request.getfixturevalue("postgres_url"))
    name = f"empty_{next(_numbers)}"
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    yield server.set(database=name).render_as_string(hide_password=False)
    with engine.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")


MakePlugin = Callable[..., Path]


@pytest.fixture
def make_plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MakePlugin]:
    """Write a plugin whose class has `body`; return the folder that holds its folder."""
    made = []
    monkeypatch.setattr(comments_service.plugins, "__path__", [*comments_service.plugins.__path__])

    def make(name: str, body: str = "", *, class_name: str = "", beside: str = "mine") -> Path:
        folder = tmp_path / beside
        (folder / name).mkdir(parents=True)
        made.append(name)
        source = (
            "from comments_service.api import ChallengeProvider, Plugin, SubmissionForm\n"
            "from comments_service.api import SubmissionKind, Widget, impl\n\n\n"
            "class Made(Plugin):\n"
            f"    name = {class_name or name!r}\n"
            f"{textwrap.indent(textwrap.dedent(body), '    ')}\n\n"
            "plugin = Made\n"
        )
        (folder / name / "plugin.py").write_text(source)
        return folder

    yield make
    # One that bears a bundled plugin's name is never imported: that is what its test is about.
    for name in set(made) - set(loader.find()):
        for module in (name, f"{name}.plugin"):
            sys.modules.pop(f"{comments_service.plugins.__name__}.{module}", None)


RunCommand = Callable[..., tuple[int, str]]


@pytest.fixture
def run_command(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunCommand:
    """Run `comments-service …` on the test's database; return its exit code and its output."""
    monkeypatch.setenv("COMMENTS_DATABASE_URL", database_url)
    monkeypatch.setenv("COMMENTS_INSTANCE", str(tmp_path))
    monkeypatch.setenv("COMMENTS_SECRET_KEY", SECRET_KEY)

    def run(*words: str, **settings: str) -> tuple[int, str]:
        environment = {f"COMMENTS_{name.upper()}": text for name, text in settings.items()}
        result = commands.run_command(words, environment)
        return result.exit_code, result.output

    return run
