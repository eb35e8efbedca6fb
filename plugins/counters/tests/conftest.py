import datetime
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from comments_service.plugins.counters.journal import Journal, Record
from flask import Flask

from comments_service import clock
from comments_service.cli import main
from comments_service.testing import PAGE, SECRET_KEY, MakeApp, add_site

Run = Callable[..., tuple[int, str]]
Flush = Callable[[], None]
SetClock = Callable[[datetime.datetime], None]


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    """Make the service with no other plugin."""
    app = make_app(plugins="counters", limit_read="100000/minute", limit_write="100000/minute")
    add_site(app)
    return app


def flush_app(app: Flask) -> None:
    """Add up what this process has noted, as its thread does every second."""
    with app.app_context():
        app.extensions["comments_service"].plugins.by_name["counters"].counting.flush()


@pytest.fixture
def flush(app: Flask) -> Flush:
    return lambda: flush_app(app)


@pytest.fixture
def set_clock(monkeypatch: pytest.MonkeyPatch) -> SetClock:
    def set_to(moment: datetime.datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: moment)

    return set_to


@pytest.fixture
def run(
    app: Flask, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Run]:
    """Run `comments-service stats …` on the test's database; return exit code and output."""
    monkeypatch.setenv("COMMENTS_DATABASE_URL", database_url)
    monkeypatch.setenv("COMMENTS_INSTANCE", str(tmp_path))
    monkeypatch.setenv("COMMENTS_SECRET_KEY", SECRET_KEY)
    monkeypatch.setenv("COMMENTS_PLUGINS", "counters")
    monkeypatch.setenv("COMMENTS_COUNTERS_FLUSH_SECONDS", "0")
    engines: list[sa.Engine] = []
    create_engine = sa.create_engine

    def remember(url: str, **options: Any) -> sa.Engine:  # noqa: ANN401 (SQLAlchemy's own)
        engines.append(create_engine(url, **options))
        return engines[-1]

    monkeypatch.setattr(sa, "create_engine", remember)

    def command(*words: str, said: str = "") -> tuple[int, str]:
        result = CliRunner().invoke(main, ["stats", *words], input=said)
        return result.exit_code, result.output

    yield command
    for engine in engines:
        engine.dispose()


def journals(folder: Path) -> list[Path]:
    return list((folder / "counters").glob("*.journal"))


def record(page: str = PAGE, visitor: int = 1, at: int = 1_780_000_000_000_000) -> Record:
    return Record(
        site_id=1,
        at=at,
        is_bot=False,
        page_key=page,
        page_title="",
        visitor=visitor,
        before=0,
        network=7,
        around=7,
        view_id=0,
    )


@pytest.fixture
def dead_journal(tmp_path: Path) -> Path:
    """Return the journal of a dead process, with ten views."""
    journal = Journal.create(tmp_path / "counters")
    for visitor in range(1, 11):
        journal.append(record(visitor=visitor))
    journal.close()
    return journal.path
