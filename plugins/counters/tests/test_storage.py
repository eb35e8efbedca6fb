"""What the numbers weigh on disk, and that those of before keep theirs."""

import datetime
import importlib
from pathlib import Path

import pytest
import sqlalchemy as sa
from comments_service.plugins.counters import service
from comments_service.plugins.counters.journal import Record
from flask import Flask

from comments_service import histories, migrate
from comments_service.core import Core
from comments_service.db import Database
from comments_service.testing import Reader

from .conftest import Run
from .test_counters import BEFORE_MIDNIGHT, figures

VIEWS = 100_000
PAGES = 2_000
MEGABYTE = 1_000_000
MICROSECONDS = 1_000_000


def size(core: Core) -> int:
    """Return the bytes of all tables of the counters that stay, indexes included."""
    tables = ("hour", "day", "site", "pageday", "pagemonth", "page")
    tables += ("breakdown", "breakdownmonth")
    with core.db.read() as session:
        if session.get_bind().dialect.name == "postgresql":
            sizes = [
                session.scalar(sa.text(f"SELECT pg_total_relation_size('counters_{table}')"))
                for table in tables
            ]
            return sum(each or 0 for each in sizes)
    with core.db.engine.connect() as connection:
        # What the sums need in a file of their own; pages of other tables would hide it.
        connection.execute(sa.text("ATTACH ':memory:' AS alone"))
        for table in ("site", "page"):
            connection.execute(
                sa.text(f"CREATE TABLE alone.core_{table} AS SELECT * FROM core_{table}")  # noqa: S608
            )
            connection.execute(sa.text(f"CREATE UNIQUE INDEX alone.x{table} ON core_{table} (id)"))
        empty = _bytes(connection)
        for table in tables:
            [create, *indexes] = connection.scalars(
                sa.text(
                    "SELECT sql FROM sqlite_master WHERE tbl_name = :name AND sql IS NOT NULL"
                    " ORDER BY type DESC"
                ),
                {"name": f"counters_{table}"},
            ).all()
            made = create.replace("CREATE TABLE ", "CREATE TABLE alone.", 1)
            connection.execute(sa.text(made))
            for index in indexes:
                connection.execute(sa.text(index.replace("INDEX ", "INDEX alone.", 1)))
            connection.execute(
                sa.text(f"INSERT INTO alone.counters_{table} SELECT * FROM counters_{table}")  # noqa: S608
            )
        used = _bytes(connection) - empty
        connection.rollback()
        connection.execute(sa.text("DETACH alone"))
        return used


def _bytes(connection: sa.Connection) -> int:
    counted = [
        connection.scalar(sa.text(f"PRAGMA alone.{what}")) for what in ("page_count", "page_size")
    ]
    return int(counted[0] or 0) * int(counted[1] or 0)


def test_a_day_of_many_views_is_a_megabyte_at_most(
    app: Flask, core: Core, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "NEW_PAGES_AROUND", PAGES)
    start = int((BEFORE_MIDNIGHT - datetime.timedelta(hours=23)).timestamp())

    def store_day(day: int) -> None:
        second = start + day * 86_400
        # As many pages and hours as a day of all the views has: that is what rows are made of.
        records = [
            Record(
                site_id=1,
                at=(second + number * 86_000 // (2 * PAGES)) * MICROSECONDS,
                is_bot=False,
                page_key=f"/tin-tuc/{number % PAGES}",
                page_title="",
                visitor=0,
                before=0,
                network=0,
                around=1,
                view_id=0,
            )
            for number in range(2 * PAGES)
        ]
        with core.db.write() as session:
            service.store(session, records)

    store_day(0)
    before = size(core)
    store_day(1)
    store_day(2)
    assert (size(core) - before) / 2 <= MEGABYTE


FIRST = """
INSERT INTO core_site (id, key, name, origins, locale, time_zone, settings, attack_seen_by)
  VALUES (1, 'portal', 'Portal', '["https://portal.example"]', 'vi', 'Asia/Ho_Chi_Minh', '{}', '');
INSERT INTO core_page (id, site_id, key, key_hash, title, version, created_at)
  VALUES (1, 1, '/tin-tuc/mot-bai', :hash, 'Một bài', 1, '2026-01-01 00:00:00');
INSERT INTO counters_site (site_id, views) VALUES (1, 300);
INSERT INTO counters_day (site_id, day, views) VALUES (1, '2026-03-01', 100),
  (1, '2026-03-02', 200);
INSERT INTO counters_page (page_id, views) VALUES (1, 250);
INSERT INTO counters_presence (site_id, reader, seen_at) VALUES (1, :hash, '2026-03-02 00:00:00')
"""


def test_what_was_counted_before_keeps_its_numbers(
    core: Core,
    app: Flask,
    run: Run,
    tmp_path: Path,
) -> None:
    [history] = [each for each in histories.every(core.plugins) if each.owner == "counters"]
    migrate.downgrade(core.db, history)
    only_first = tmp_path / "first"
    only_first.mkdir()
    name = "0001_first_tables.py"
    (only_first / name).write_text((history.folder / name).read_text())
    migrate.upgrade(core.db, [histories.History("counters", only_first)])
    _fill(core.db)

    migrate.upgrade(core.db, [history])

    Reader(app).view()
    assert figures(Reader(app))[0::2] == (301, 251)
    code, told = run("verify")
    assert (code, told) == (0, "portal\tequal\t300 views, 0 visits, 0 bots\n")


def _fill(db: Database) -> None:
    pages = importlib.import_module("comments_service.pages")
    with db.write() as session:
        session.execute(sa.text("DELETE FROM core_site"))
        for statement in FIRST.split(";\n"):
            names = {"hash": pages._hash("/tin-tuc/mot-bai")} if ":hash" in statement else {}  # noqa: SLF001
            session.execute(sa.text(statement.replace("https:", r"https\:")), names)
