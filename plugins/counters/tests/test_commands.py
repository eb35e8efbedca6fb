"""What operators do with the counters: import, prove, begin the peak anew, flush."""

import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from comments_service.plugins.counters import queries
from comments_service.plugins.counters.models import SiteTotal
from flask import Flask
from sqlalchemy.orm import Session

from comments_service.core import Core
from comments_service.testing import SITE, Reader, add_site

from .conftest import Flush, Run, SetClock, journals
from .test_counters import BEFORE_MIDNIGHT, MINUTE, read

BY = ["--source", "Cổng cũ, biên bản 12/BB", "--author", "Thu"]
TODAY = datetime.datetime(2026, 3, 18, 5, tzinfo=datetime.UTC)  # A Wednesday.


def test_legacy_days_are_in_every_figure_and_kept_apart(
    app: Flask, core: Core, run: Run, set_clock: SetClock, flush: Flush
) -> None:
    set_clock(TODAY)
    Reader(app).view()
    flush()
    lines = "day,views,visits\n2025-12-31,1,1\n2026-02-28,10,3\n2026-03-09,100,30\n"
    lines += "2026-03-16,1000,300\n2026-03-17,10000,3000\n2026-03-18,100000,30000\n"
    assert run("import", SITE, "-", *BY, said=lines) == (
        0,
        f"{SITE}: 111111 views of 6 days are imported.\n",
    )

    set_clock(TODAY + MINUTE)
    told = read(Reader(app))
    names = ("today", "yesterday", "week", "last_week", "month", "last_month", "year", "total")
    assert {name: told[name] for name in names} == {
        "today": 100_001,
        "yesterday": 10_000,
        "week": 111_001,
        "last_week": 100,
        "month": 111_101,
        "last_month": 10,
        "year": 111_111,
        "total": 111_112,
    }
    assert (told["offset"], told["since"]) == (111_111, "2025-12-31")
    with core.db.read() as session:
        assert session.scalars(sa.text("SELECT views FROM counters_site")).all() == [1]
        stored = session.execute(sa.text("SELECT DISTINCT source, author FROM counters_legacy"))
        assert [tuple(row) for row in stored] == [(BY[1], BY[3])]
    assert run("verify")[0] == 0


def test_days_are_imported_anew_only_if_that_is_meant(run: Run, app: Flask) -> None:
    first = "day,views\n2026-01-01,5\n2026-01-02,6\n"
    assert run("import", SITE, "-", *BY, said=first)[0] == 0
    again = "day,views\n2026-01-02,7\n2026-01-03,8\n"
    code, told = run("import", SITE, "-", *BY, said=again)
    assert (code, "the first is 2026-01-02: add --replace" in told) == (1, True)
    assert read(Reader(app))["total"] == 11
    assert run("import", SITE, "-", *BY, "--replace", said=again)[0] == 0
    assert read(Reader(app, page="/other"))["offset"] in (11, 20)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("", "The first line must be"),
        ("ngày;lượt\n2026-01-01;5\n", "The first line must be"),
        ("day,views\n", "no day"),
        ("day,views\n01/01/2026,5\n", "Line 2"),
        ("day,views\n2026-01-01,5\n2026-01-02,1.000\n", "Line 3"),
        ("day,views\n2026-01-01,-5\n", "Line 2"),
        ("day,views\n2026-01-01\n", "Line 2"),
        ("day,views\n2026-01-01,5,6\n", "Line 2"),
        ("day,views\n2026-01-01,5\n2026-01-01,6\n", "Line 3"),
        ("day,views\n9999-01-01,5\n", "Line 2"),
        ("day,views\n2026-01-01,²\n", "Line 2"),
    ],
)
def test_a_file_with_a_bad_line_changes_nothing(app: Flask, run: Run, said: str, why: str) -> None:
    code, told = run("import", SITE, "-", *BY, said=said)
    assert code == 1
    assert why in told
    assert read(Reader(app))["total"] == 0


@pytest.mark.parametrize("words", [("import", "protal", "-", *BY), ("verify", "protal")])
def test_an_unknown_site_is_refused(run: Run, words: tuple[str, ...]) -> None:
    assert run(*words, said="day,views\n2026-01-01,5\n")[0] == 1


@pytest.mark.parametrize(
    ("tampering", "said"),
    [
        ("UPDATE counters_site SET views = views + 1", "the total has 3 views"),
        ("UPDATE counters_day SET visits = visits + 1", "its hours 2 views, 1 visits"),
        ("DELETE FROM counters_hour", "its hours 0 views"),
        ("UPDATE counters_page SET views = 1", "the page has 1 views, its days 2"),
        ("DELETE FROM counters_pageday", "the page has 2 views, its days 0"),
        ("DELETE FROM counters_visitor", ""),
        ("UPDATE counters_day SET uniques = 5", "5 unique visitors, 1 are known"),
    ],
)
def test_verify_finds_whatever_does_not_add_up(
    app: Flask, core: Core, run: Run, flush: Flush, tampering: str, said: str
) -> None:
    for _ in range(2):
        Reader(app).view()
    flush()
    assert run("verify", SITE) == (0, f"{SITE}\tequal\t2 views, 1 visits, 0 bots\n")
    with core.db.write() as session:
        session.execute(sa.text(tampering))
    code, told = run("verify")
    # That visitors are forgotten is no difference.
    assert code == (1 if said else 0)
    assert said in told


def test_verify_is_of_one_moment(
    app: Flask, run: Run, flush: Flush, monkeypatch: pytest.MonkeyPatch
) -> None:
    Reader(app).view()
    flush()
    totals = queries.totals

    def totals_after_a_view(session: Session, site_id: int) -> SiteTotal | None:
        Reader(app).view()
        flush()
        return totals(session, site_id)

    monkeypatch.setattr(queries, "totals", totals_after_a_view)

    assert run("verify") == (0, f"{SITE}\tequal\t1 views, 1 visits, 0 bots\n")


def test_the_peak_begins_anew(app: Flask, run: Run, set_clock: SetClock, flush: Flush) -> None:
    set_clock(BEFORE_MIDNIGHT)
    for number in range(3):
        Reader(app, address=f"203.0.113.{number}").view()
    flush()
    assert run("reset-peak", SITE)[0] == 0
    set_clock(BEFORE_MIDNIGHT + 10 * MINUTE)
    told = read(Reader(app))
    assert (told["peak_online"], told["peak_at"]) == (1, told["as_of"])


def test_flush_adds_up_what_dead_processes_left(
    app: Flask,
    run: Run,
    tmp_path: Path,
    dead_journal: Path,
) -> None:
    assert journals(tmp_path) == [dead_journal]
    assert run("flush")[0] == 0
    assert read(Reader(app))["total"] == 10
    assert journals(tmp_path) == []


def test_details_are_thinned_and_no_sum_changes(
    app: Flask,
    core: Core,
    run: Run,
    set_clock: SetClock,
    flush: Flush,
    caplog: pytest.LogCaptureFixture,
) -> None:
    # What an older version let it have is no reason not to thin the others.
    add_site(app, "bad", counters={"keep_hours": "1"})
    add_site(app, "brief", counters={"keep_hours": "62", "keep_page_days": "62"})
    for day in range(0, 120, 3):
        for hour in (1, 2):
            at = BEFORE_MIDNIGHT + datetime.timedelta(days=day, hours=-hour)
            set_clock(at)
            for key in (SITE, "brief"):
                Reader(app, site=key).view()
    flush()

    def rows(table: str) -> list[int]:
        statement = f"""
            SELECT count(*) FROM {table} t JOIN core_site s ON s.id = {{}} GROUP BY s.key
            ORDER BY s.key
        """  # noqa: S608 (our own tables)
        of_site = "t.site_id"
        if table == "counters_pageday":
            of_site = "(SELECT site_id FROM core_page p WHERE p.id = t.page_id)"
        with core.db.read() as session:
            return list(session.scalars(sa.text(statement.format(of_site))))

    tables = ("hour", "day", "pageday", "breakdown", "breakdownmonth")
    kept = [rows(f"counters_{each}") for each in tables]
    # Of 62 days: 19 days are one row of hours, 16 of a page are two months. By device, old days are
    # gone; their months were there before.
    assert kept == [[61, 80], [40, 40], [26, 40], [24, 40], [5, 5]]
    assert [each.getMessage() for each in caplog.records] == ["the site bad is not thinned"]
    assert run("verify")[0] == 0
    assert [read(Reader(app, site=key))["this_page"] for key in (SITE, "brief")] == [80, 80]
