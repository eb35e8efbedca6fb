"""Whatever dies, and wherever there is no room: what was acknowledged is counted, and once."""

import contextlib
import datetime
import errno
import json
import os
import random
import subprocess
import sys
import threading
import zlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
from comments_service.plugins.counters import queries, service
from comments_service.plugins.counters.counting import Counting
from comments_service.plugins.counters.journal import Journal, Record
from comments_service.plugins.counters.visitors import moment
from flask import Flask
from sqlalchemy.orm import Session

from comments_service.core import Core
from comments_service.testing import SECRET_KEY, MakeApp, Reader, row_counts

from .conftest import Flush, Run, SetClock, flush_app, journals, record
from .test_counters import BEFORE_MIDNIGHT, figures, read

KILLS = 4
MOST_VIEWS = 60


@pytest.fixture
def texts(database_url: str, tmp_path: Path) -> dict[str, str]:
    return {
        "instance": str(tmp_path),
        "database_url": database_url,
        "secret_key": SECRET_KEY,
        "plugins": "counters",
        "limit_read": "1000000/minute",
        # A thread of the worker's own adds up much oftener.
        "counters_flush_seconds": "0",
    }


def start(texts: dict[str, str], page: str) -> "subprocess.Popen[bytes]":
    command = [sys.executable, str(Path(__file__).with_name("worker.py")), json.dumps(texts), page]
    return subprocess.Popen(command, stdout=subprocess.PIPE)  # noqa: S603 (our own)


def kill(worker: "subprocess.Popen[bytes]", views: int) -> int:
    """Kill the worker once so many views are acknowledged; return how many were in the end."""
    assert worker.stdout is not None
    with worker, worker.stdout as acknowledged:
        told = len(acknowledged.read(views))
        worker.kill()
        return told + len(acknowledged.read())


def test_killed_workers_lose_nothing_and_count_nothing_twice(
    app: Flask,
    core: Core,
    texts: dict[str, str],
    tmp_path: Path,
    flush: Flush,
) -> None:
    # Two at a time: while one dies, the other adds up what the dead ones left.
    running = [(f"/{number}", start(texts, f"/{number}")) for number in range(2)]
    acknowledged = {}
    for number in range(2, KILLS + 2):
        page, worker = running.pop(0)
        acknowledged[page] = kill(worker, random.randint(1, MOST_VIEWS))
        if number < KILLS:
            running.append((f"/{number}", start(texts, f"/{number}")))
        if not running:
            break
    flush()

    counted = {page: figures(Reader(app), page)[2] for page in acknowledged}
    # A view that was being answered when its worker died was acknowledged to nobody.
    assert {page: counted[page] - views for page, views in acknowledged.items()} == {
        page: pytest.approx(0.5, abs=0.5) for page in acknowledged
    }
    assert figures(Reader(app))[0] == sum(counted.values())
    assert journals(tmp_path) == []
    # A worker that dies at the right moment leaves the offset of a file that is gone.
    assert row_counts(core)["counters_journal"] <= 1


def test_a_dead_process_journal_is_adopted_by_one_heir_alone(
    make_app: MakeApp, app: Flask, dead_journal: Path
) -> None:
    apps = [app, *(make_app(plugins="counters") for _ in range(3))]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(flush_app, apps))

    assert figures(Reader(app))[0] == 10
    assert not dead_journal.exists()


# SQLite's writers wait for each other anyway.
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_two_processes_that_thin_at_once_change_no_sum(
    app: Flask,
    make_app: MakeApp,
    run: Run,
    set_clock: SetClock,
    flush: Flush,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    set_clock(BEFORE_MIDNIGHT)
    Reader(app).view()
    flush()
    # Its visitor is forgotten before: two who do that wait for each other.
    set_clock(BEFORE_MIDNIGHT + datetime.timedelta(days=3))
    flush()
    set_clock(BEFORE_MIDNIGHT + datetime.timedelta(days=1200))
    other = threading.Thread(target=flush_app, args=(make_app(plugins="counters"),))
    thin = queries.thin_breakdowns

    def thin_while_the_other_waits(session: Session, site_id: int, before: datetime.date) -> None:
        monkeypatch.setattr(queries, "thin_breakdowns", thin)
        other.start()
        while not session.scalar(sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted")):
            assert other.is_alive(), "the other did not wait"
        thin(session, site_id, before)

    monkeypatch.setattr(queries, "thin_breakdowns", thin_while_the_other_waits)
    flush()
    other.join()

    assert run("verify") == (0, "portal\tequal\t1 views, 1 visits, 0 bots\n")


def test_a_living_process_journal_is_left_to_it(app: Flask, make_app: MakeApp) -> None:
    reader = Reader(app)
    reader.view("counters")
    flush_app(make_app(plugins="counters"))
    assert figures(Reader(make_app(plugins="counters")))[0] == 0

    flush_app(app)
    assert figures(Reader(make_app(plugins="counters")))[0] == 1


def test_a_process_that_ends_leaves_nothing_to_do(
    app: Flask, make_app: MakeApp, core: Core, tmp_path: Path
) -> None:
    ending = make_app(plugins="counters", counters_flush_seconds="1")
    Reader(ending).view("counters")
    ending.extensions["comments_service"].plugins.by_name["counters"].close()

    assert figures(Reader(app))[0] == 1
    assert journals(tmp_path) == []
    assert row_counts(core)["counters_journal"] == 0


def test_views_that_keep_coming_do_not_keep_a_flush_from_ending(
    app: Flask, core: Core, monkeypatch: pytest.MonkeyPatch
) -> None:
    add = service.store
    times = iter(range(5))

    def store(session: Session, records: Sequence[Record]) -> None:
        assert next(times, None) is not None, "the flush goes on and on"
        Reader(app).view("counters")
        add(session, records)

    monkeypatch.setattr(service, "store", store)
    Reader(app).view("counters")
    flush_app(app)

    assert figures(Reader(app))[0] == 2


def test_a_view_that_is_noted_while_the_process_ends_is_not_lost(
    app: Flask, make_app: MakeApp, monkeypatch: pytest.MonkeyPatch, flush: Flush
) -> None:
    ending = make_app(plugins="counters")
    Reader(ending).view("counters")
    flush_app(ending)
    plugin = ending.extensions["comments_service"].plugins.by_name["counters"]
    closing = threading.Thread(target=plugin.close)
    write = os.write

    def write_late(descriptor: int, line: bytes) -> int:
        closing.start()
        # It should not be done before this view is written.
        closing.join(0.2)
        return write(descriptor, line)

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", write_late)
        assert Reader(ending).view("counters")["counted"]
    closing.join()
    flush()

    assert figures(Reader(app))[0] == 2


def test_a_process_that_ends_without_a_database_leaves_its_journal_to_an_heir(
    app: Flask, make_app: MakeApp, core: Core, tmp_path: Path, flush: Flush
) -> None:
    ending = make_app(plugins="counters")
    Reader(ending).view("counters")
    with core.db.write() as session:
        session.execute(sa.text("ALTER TABLE counters_hour RENAME TO counters_elsewhere"))
    ending.extensions["comments_service"].plugins.by_name["counters"].close()
    with core.db.write() as session:
        session.execute(sa.text("ALTER TABLE counters_elsewhere RENAME TO counters_hour"))
    assert len(journals(tmp_path)) == 1
    flush()

    assert figures(Reader(app))[0] == 1
    assert journals(tmp_path) == []


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[:-5],
        lambda text: text + b"\0" * 100,
        lambda text: text + b'00000000 [1,2,3]\n\xff\xfe\r\n"\n',
        lambda text: text.replace(b"\n", b"\nx\n\0\0\n", 1),
    ],
)
def test_what_a_power_failure_left_half_written_is_passed_over(
    app: Flask, dead_journal: Path, flush: Flush, damage: Callable[[bytes], bytes]
) -> None:
    whole = dead_journal.read_bytes()
    damaged = damage(whole)
    dead_journal.write_bytes(damaged)
    flush()

    expected = 10 if len(damaged) > len(whole) else 9
    assert figures(Reader(app))[0] == expected
    assert not dead_journal.exists()


def test_views_of_a_site_that_is_gone_hold_up_nobody(
    app: Flask, tmp_path: Path, flush: Flush
) -> None:
    journal = Journal.create(tmp_path / "counters")
    journal.append(Record(99, 1_780_000_000_000_000, False, "/a", "", 1, 0, 2, 3, 0))
    journal.append(record())
    journal.close()
    flush()

    assert figures(Reader(app))[0] == 1


def test_a_journal_that_cannot_be_counted_holds_up_nothing_else(
    app: Flask,
    core: Core,
    run: Run,
    dead_journal: Path,
    flush: Flush,
    set_clock: SetClock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    set_clock(moment(record()) + datetime.timedelta(days=3))
    closed, newer = (dead_journal.with_name(f"{number}.journal") for number in range(2))
    # A folder can't be opened as a file, whoever tries.
    closed.mkdir()
    fields = json.dumps([*json.loads(record().line().partition(b" ")[2]), "unheard of"]).encode()
    newer.write_bytes(b"%08x %s\n" % (zlib.crc32(fields), fields))
    flush()
    flush()

    assert figures(Reader(app))[0] == 10
    # Their visitors are old by now, and forgotten.
    assert row_counts(core)["counters_visitor"] == 0
    said = [each.getMessage() for each in caplog.records]
    assert [sum(str(path) in line for line in said) for path in (closed, newer)] == [1, 1]
    code, told = run("flush")
    assert (code, str(closed) in told, str(newer) in told) == (1, True, True)


def test_no_failure_ends_the_thread_that_adds_up(
    core: Core, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forget = service.forget
    failures = iter([KeyError("a bug of ours")])
    is_done = threading.Event()

    def fail_once(session: Session, now: datetime.datetime) -> None:
        for failure in failures:
            raise failure
        forget(session, now)
        is_done.set()

    monkeypatch.setattr(service, "forget", fail_once)
    settings_of = core.plugins.by_name["counters"].site_settings
    with contextlib.closing(Counting(core.db, tmp_path, settings_of, flush_seconds=0.01)):
        assert is_done.wait(10)


def fail_to_write(monkeypatch: pytest.MonkeyPatch, written: int) -> None:
    write = os.write

    def full(descriptor: int, data: bytes) -> int:
        if written:
            return write(descriptor, data[:written])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", full)


@pytest.mark.parametrize("written", [0, 30])
def test_on_a_full_disk_readers_read_and_the_view_is_not_said_to_be_counted(
    reader: Reader, monkeypatch: pytest.MonkeyPatch, flush: Flush, written: int
) -> None:
    assert reader.view("counters")["counted"] is True
    with monkeypatch.context() as full:
        fail_to_write(full, written)
        told = reader.view("counters")
        assert told["counted"] is False
        assert '<dd class="cs-counters-figure">1</dd>' in told["widgets"]["counters"]
    # Once there is room again, all goes on: nothing is corrupted.
    assert reader.view("counters")["counted"] is True
    assert figures(reader) == (2, 2, 2)
    flush()
    assert figures(reader) == (2, 2, 2)


def test_what_the_database_could_not_take_is_added_up_afterwards(
    core: Core, reader: Reader, flush: Flush
) -> None:
    reader.view("counters")
    with core.db.write() as session:
        session.execute(sa.text("ALTER TABLE counters_hour RENAME TO counters_elsewhere"))
    with pytest.raises(sa.exc.SQLAlchemyError):
        flush()
    assert reader.view("counters")["counted"] is True
    assert figures(reader) == (2, 2, 2)
    with core.db.write() as session:
        session.execute(sa.text("ALTER TABLE counters_elsewhere RENAME TO counters_hour"))
    flush()

    assert figures(reader) == (2, 2, 2)
    assert row_counts(core)["counters_hour"] == 1


def test_a_clock_that_is_put_back_does_no_harm(
    app: Flask, tmp_path: Path, core: Core, flush: Flush
) -> None:
    journal = Journal.create(tmp_path / "counters")
    hour = 3_600_000_000
    for jump in (0, 1, 20_000, -5, 1, 0):
        journal.append(record(at=1_780_000_000_000_000 + jump * hour))
    journal.close()
    flush()

    assert read(Reader(app))["total"] == 6
    with core.db.read() as session:
        visits = session.scalars(sa.text("SELECT sum(visits) FROM counters_hour")).one()
    assert visits == 6
    assert row_counts(core)["counters_page"] == 1
