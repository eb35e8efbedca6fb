"""The statistics page: what it adds up, whom it shows it to, and what it never keeps."""

import collections
import csv
import datetime
import io
import json
import random
import zlib
from pathlib import Path

import pytest
import sqlalchemy as sa
from comments_service.plugins.counters import queries, service
from comments_service.plugins.counters.readers import device, language
from flask import Flask

from comments_service.core import Core
from comments_service.testing import (
    BROWSER,
    SITE,
    Dashboard,
    MakeApp,
    Reader,
    add_site,
    elements,
    row_counts,
)

from .conftest import Flush, Run, SetClock, journals
from .test_counters import BEFORE_MIDNIGHT, MINUTE

PEOPLE = (Path(__file__).parent / "data" / "people.txt").read_text().splitlines()
PHONE = "Mozilla/5.0 (Linux; Android 15; SM-A155F) Chrome/131.0 Mobile Safari/537.36"
AGENTS = {BROWSER: "desktop", PHONE: "phone", "curl/8.5.0": "bot"}
LANGUAGES = {"vi-VN,vi;q=0.9": "vi", "en;q=0.5, fr-CA": "fr", "xx-Latn": "(other)", "": ""}
REFERRERS = {
    "https://Tinh.Example:8443/secret?q=1": "tinh.example",
    "zalo.me": "zalo.me",
    "https://portal.example/khac": "",
    "https://203.0.113.9/": "",
    "javascript:alert(1)": "",
    "": "",
}
DAY = BEFORE_MIDNIGHT.date()
TABLES = ("views", "uniques", "pages", "referrer", "device", "language")


def table(dashboard: Dashboard, name: str, query: str = "") -> list[dict[str, str]]:
    response = dashboard.get(f"/admin/counters/export/{name}.csv?{query}")
    assert response.status_code == 200, response.text
    return list(csv.DictReader(io.StringIO(response.text.removeprefix("\ufeff"))))


def views(dashboard: Dashboard, name: str, query: str = "") -> dict[str, int]:
    """Return the views of a table by its first column."""
    found = table(dashboard, name, query)
    return {next(iter(row.values())): int(row["views"]) for row in found}


def view(reader: Reader, referrer: str = "", **headers: str) -> None:
    body = {"site": reader.site, "page": reader.page, "widgets": [], "referrer": referrer}
    response = reader.send("POST", "/api/v1/view", data=json.dumps(body), headers=headers)
    assert response.get_json()["counted"] is True


def test_every_table_is_what_a_count_by_hand_gives(
    app: Flask, dashboard: Dashboard, set_clock: SetClock, flush: Flush
) -> None:
    add_site(app, "other")
    chance = random.Random(3184308)
    by_hand: dict[str, collections.Counter[str]] = {}

    def count(table_name: str, value: str) -> None:
        by_hand.setdefault(table_name, collections.Counter())[value] += 1

    for number in range(80):
        # Around midnight, where the site is.
        at = BEFORE_MIDNIGHT + number * MINUTE / 40
        set_clock(at)
        agent, referrer, tag = map(chance.choice, map(list, (AGENTS, REFERRERS, LANGUAGES)))
        is_private = chance.random() < 0.2
        page = f"/{chance.randrange(4)}"
        reader = Reader(app, page=page, user_agent=agent)
        headers = {"Accept-Language": tag, **({"Sec-GPC": "1"} if is_private else {})}
        view(reader, referrer, **headers)
        view(Reader(app, "other"), "elsewhere.example")
        if chance.random() < 0.1:
            flush()
        local = at + datetime.timedelta(hours=7)
        hour = f"{local:%Y-%m-%dT%H:00}"
        if AGENTS[agent] == "bot":
            count("bots", hour)
            continue
        count("views", hour)
        count("pages", page)
        told = {
            "referrer": REFERRERS[referrer],
            "device": AGENTS[agent],
            "language": LANGUAGES[tag],
        }
        for name, value in told.items():
            count(name, "" if is_private else value)
    flush()

    query = f"site={SITE}&from={DAY}&to={DAY + datetime.timedelta(days=1)}"
    for name in ("pages", "referrer", "device", "language"):
        found = views(dashboard, name, query)
        unknown = found.pop("(unknown)", 0)
        known = by_hand[name]
        assert unknown == known.pop("", 0), name
        assert found == dict(known), name
    hours = table(dashboard, "views", query)
    assert len(hours) == 48
    for name in ("views", "bots"):
        assert {row["hour"]: int(row[name]) for row in hours if row[name] != "0"} == by_hand[name]
    [evening, morning] = [int(row["uniques"]) for row in table(dashboard, "uniques", query)]
    # One network and two browsers; midnight splits nobody's visit.
    assert (evening, morning) == (2, 2)
    assert sum(int(row["visits"]) for row in hours) == 2


def test_nothing_of_a_referrer_is_kept_but_its_host(
    reader: Reader, tmp_path: Path, flush: Flush, core: Core
) -> None:
    view(reader, "https://who@tinh.example/secret?q=1#part")
    noted = journals(tmp_path)[0].read_text()
    flush()
    with core.db.read() as session:
        stored = session.scalars(sa.text("SELECT value FROM counters_breakdown")).all()
    assert '"tinh.example"' in noted
    assert "who" not in noted
    assert "secret" not in noted
    assert set(stored) == {"tinh.example", "desktop"}


def test_invented_referrers_fill_no_table(
    app: Flask,
    dashboard: Dashboard,
    core: Core,
    flush: Flush,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(service, "REFERRERS", 3)
    for number in (1, 2, 3, 4, 1):
        view(Reader(app), f"{number}.example")
        flush()
    for number in range(5, 9):
        view(Reader(app), f"{number}.example")
    flush()
    found = views(dashboard, "referrer")
    assert found == {"1.example": 2, "2.example": 1, "3.example": 1, "(other)": 5}
    assert row_counts(core)["counters_breakdown"] == 5


def test_sums_and_offset_change_together(
    reader: Reader,
    dashboard: Dashboard,
    core: Core,
    flush: Flush,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    view(reader, "tinh.example")
    with monkeypatch.context() as dying:
        # As if the process died between the two.
        dying.setattr(queries, "set_counted_to", lambda *_: pytest.fail("killed"))
        with pytest.raises(pytest.fail.Exception):
            flush()
    left = row_counts(core)
    tables = ("breakdown", "breakdownmonth", "pagemonth", "journal")
    assert [left[f"counters_{each}"] for each in tables] == [0, 0, 0, 0]
    flush()
    assert views(dashboard, "referrer") == {"tinh.example": 1}
    assert row_counts(core)["counters_journal"] == 1


def test_a_journal_of_the_version_before_is_counted(
    dashboard: Dashboard, run: Run, tmp_path: Path, flush: Flush, set_clock: SetClock
) -> None:
    at = datetime.datetime(2026, 3, 14, 5, tzinfo=datetime.UTC)
    set_clock(at)
    fields = [1, int(at.timestamp()) * 1_000_000, 0, "/a", "Một bài", 11, 0, 12, 13, 14]
    line = json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()
    folder = tmp_path / "counters"
    folder.mkdir()
    (folder / f"{'0' * 32}.journal").write_bytes(b"%08x %s\n" % (zlib.crc32(line), line))
    flush()
    assert views(dashboard, "pages") == {"/a": 1}
    assert views(dashboard, "device") == {"(unknown)": 1}
    assert run("verify")[0] == 0


def test_invented_years_agree_in_every_period(
    dashboard: Dashboard, run: Run, set_clock: SetClock
) -> None:
    set_clock(datetime.datetime(2026, 11, 22, 5, tzinfo=datetime.UTC))
    words = ("generate", SITE, "--years", "1", "--pages", "3", "--views", "5000")
    assert run(*words)[0] == 0
    assert run("verify") == (0, f"{SITE}\tequal\t5000 views, 2143 visits, 1768 bots\n")
    code, told = run(*words)
    assert (code, "5000 counted views" in told) == (1, True)
    assert run(*words, "--add")[0] == 0

    chance = random.Random(5)
    periods = [f"period={name}" for name in ("today", "7days", "30days", "month", "year")]
    for _ in range(8):
        last = datetime.date(2026, 11, 22) - datetime.timedelta(days=chance.randrange(200))
        first = last - datetime.timedelta(days=chance.randrange(160))
        periods.append(f"from={first}&to={last}")
    periods.append("from=2025-11-22")
    sums = [
        {name: sum(views(dashboard, name, period).values()) for name in TABLES if name != "uniques"}
        for period in periods
    ]
    assert [set(each.values()) for each in sums] == [{each["views"]} for each in sums]
    assert sums[-1]["views"] == 10_000


def test_old_days_are_shown_by_the_month(
    app: Flask, dashboard: Dashboard, set_clock: SetClock, flush: Flush
) -> None:
    add_site(app, "brief", counters={"keep_hours": "62", "keep_page_days": "62"})
    for days in (0, 1, 100):
        set_clock(BEFORE_MIDNIGHT + datetime.timedelta(days=days))
        view(Reader(app, site="brief"), "tinh.example")
    flush()
    day = f"site=brief&from={DAY}&to={DAY}"
    # The hour is known no more; of pages and referrers, only the month.
    assert views(dashboard, "views", day) == {str(DAY): 1}
    assert sum(views(dashboard, "pages", day).values()) == 2
    assert views(dashboard, "referrer", day) == {"tinh.example": 2}
    assert "từ 01/03/2026 đến 31/03/2026" in dashboard.get(f"/admin/counters/?{day}").text


def test_a_title_is_no_formula(app: Flask, dashboard: Dashboard, flush: Flush) -> None:
    Reader(app, page="/a").view(title="=HYPERLINK(1)")
    flush()
    assert table(dashboard, "pages")[0]["title"] == "'=HYPERLINK(1)"


@pytest.mark.parametrize("period", ["today", "30days", "year"])
def test_the_page_is_pictures_with_names_and_tables(
    app: Flask, dashboard: Dashboard, set_clock: SetClock, flush: Flush, period: str
) -> None:
    set_clock(BEFORE_MIDNIGHT)
    Reader(app, page="/bai").view(title="Một <b>bài</b>")
    view(Reader(app), "zalo.me")
    flush()
    html = dashboard.get(f"/admin/counters/?period={period}").text
    found = elements(html)
    assert "Một &lt;b&gt;bài&lt;/b&gt;" in html
    assert "zalo.me" in html
    assert "https://portal.example/bai" in [has.get("href") for _tag, has in found]
    # The policy of the dashboard allows no style in the page.
    assert [has for _tag, has in found if "style" in has] == []
    pictures = [has for tag, has in found if tag == "svg"]
    assert len(pictures) > 3
    assert all(has.get("aria-label") or "aria-hidden" in has for has in pictures)
    tables = [has for tag, has in found if tag == "table"]
    assert len(tables) == (5 if period == "today" else 6)


def test_a_site_without_views_and_a_service_without_sites(
    make_app: MakeApp, dashboard: Dashboard
) -> None:
    for period in ("today", "month", "year"):
        assert (
            "Những ngày này chưa có lượt nào."
            in dashboard.get(f"/admin/counters/?period={period}").text
        )
        assert [table(dashboard, name, f"period={period}") for name in TABLES[1:]] == [[]] * 5
    empty = make_app(plugins="counters")
    with empty.extensions["comments_service"].db.write() as session:
        session.execute(sa.text("DELETE FROM core_site"))
    assert "Chưa có trang web nào." in dashboard.get("/admin/counters/").text
    assert dashboard.get("/admin/counters/export/views.csv").status_code == 404


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("period=forever", 422),
        ("from=2026-02-30", 422),
        ("from=0001-01-01&to=0001-01-02", 422),
        ("from=9999-12-31", 422),
        ("from=2026-02-02&to=2026-02-01", 422),
        ("from=1990-01-01&to=2026-01-01", 422),
        ("to=9999-12-31", 200),
        ("from=1990-01-01&to=1990-01-02", 200),
        ("from=%00&to=%F0%9F", 422),
        ("site=nobody", 404),
    ],
)
def test_odd_periods_get_a_plain_answer(dashboard: Dashboard, query: str, status: int) -> None:
    assert dashboard.get(f"/admin/counters/?{query}").status_code == status
    assert dashboard.get(f"/admin/counters/export/pages.csv?{query}").status_code == status


def test_only_moderators_see_it(app: Flask, dashboard: Dashboard) -> None:
    stranger = Dashboard(app)
    for path in ("/admin/counters/", "/admin/counters/export/views.csv"):
        assert dashboard.get(path).status_code == 200
        assert stranger.get(path).location == "/admin/login"


def test_devices_are_told_apart() -> None:
    # Besides phones, tablets and computers: televisions, consoles, and two that run in a terminal.
    kinds = collections.Counter(map(device, PEOPLE))
    assert kinds == {"phone": 327, "desktop": 171, "tablet": 12, "*": 16}
    assert [device(agent) for agent in (BROWSER, PHONE, PHONE.replace(" Mobile", ""))] == [
        "desktop",
        "phone",
        "tablet",
    ]


@pytest.mark.parametrize(
    ("header", "tag"),
    [("VI", "vi"), ("*", ""), (";;,=", ""), ("fil-PH, en;q=0.1", "fil"), ("x" * 256, "*")],
)
def test_languages_are_primary_tags_that_exist(header: str, tag: str) -> None:
    assert language(header) == tag
