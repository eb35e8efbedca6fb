"""Page views by site, day and page, and who is here now; without keeping who that was."""

import datetime
import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from comments_service import create_app, identity, sites
from comments_service.config import ConfigError
from comments_service.core import Core
from comments_service.testing import PAGE, SECRET_KEY, SITE, Frame, Reader, add_site, row_counts

from .conftest import Flush, SetClock

PATH = f"/api/v1/sites/{SITE}/counters"
# In Asia/Ho_Chi_Minh, seven hours ahead of UTC: one minute before midnight.
BEFORE_MIDNIGHT = datetime.datetime(2026, 3, 14, 16, 59, tzinfo=datetime.UTC)
MINUTE = datetime.timedelta(minutes=1)


def read(reader: Reader, page: str = PAGE) -> dict[str, Any]:
    response = reader.send("GET", PATH, query_string={"page": page})
    assert response.status_code == 200
    told: dict[str, Any] = response.get_json()
    return told


def figures(reader: Reader, page: str = PAGE) -> tuple[int, int, int]:
    told = read(reader, page)
    return told["total"], told["today"], told["this_page"]


def stored_values(core: Core) -> Iterator[object]:
    """Return every value of every table."""
    metadata = sa.MetaData()
    metadata.reflect(core.db.engine)
    with core.db.engine.connect() as connection:
        for table in metadata.sorted_tables:
            for row in connection.execute(sa.select(table)):
                yield from row


def test_opening_a_page_is_counted(reader: Reader) -> None:
    reader.view("counters")
    html = reader.view("counters")["widgets"]["counters"]

    assert '<dd class="cs-counters-figure">2</dd>' in html
    assert figures(reader) == (2, 2, 2)


def test_each_page_is_counted_by_itself(app: Flask, reader: Reader) -> None:
    reader.view("counters")
    Reader(app, page="/khac").view("counters")

    assert figures(reader) == (2, 2, 1)
    assert figures(reader, "/khac") == (2, 2, 1)


def test_each_site_is_counted_by_itself(app: Flask, reader: Reader) -> None:
    add_site(app, "other")
    Reader(app, site="other").view("counters")

    assert figures(reader) == (0, 0, 0)


def test_one_view_is_one_however_many_widgets_it_asks_for(reader: Reader) -> None:
    reader.view("counters", "counters", "nothing")

    assert figures(reader) == (1, 1, 1)


def test_looking_is_not_counted(core: Core, reader: Reader, flush: Flush) -> None:
    reader.view("counters")
    flush()
    before = row_counts(core)

    reader.view("counters", count=False)
    read(reader)
    reader.send("GET", f"/include/{SITE}/counters", query_string={"page": PAGE})

    flush()
    assert figures(reader) == (1, 1, 1)
    assert row_counts(core) == before


def test_showing_the_counters_in_a_frame_is_counted(app: Flask, reader: Reader) -> None:
    Frame(app, "counters").open()

    assert figures(reader) == (1, 1, 1)


def test_the_predecessors_count_is_added(app: Flask, core: Core, reader: Reader) -> None:
    with core.db.write() as session:
        site = sites.get(session, SITE)
        sites.set_setting(core.plugins, site, "counters.offset", "3184308")
        sites.set_setting(core.plugins, site, "counters.since", "2012-05-01")

    html = reader.view("counters")["widgets"]["counters"]

    assert '<dd class="cs-counters-figure">3.184.309</dd>' in html
    assert "3.184.308 trong tổng số" in html
    assert "từ ngày 01/05/2012" in html
    assert figures(reader) == (3_184_309, 1, 1)
    assert read(reader)["since"] == "2012-05-01"
    english = Reader(app, lang="en").view("counters", count=False)["widgets"]["counters"]
    assert "3,184,309" in english
    assert "May 1, 2012" in english


def test_an_unseen_page_has_zeros(core: Core, reader: Reader) -> None:
    before = row_counts(core)

    told = read(reader, "/chua-ai-xem")

    assert (told["total"], told["today"], told["this_page"], told["online"]) == (0, 0, 0, 1)
    assert told["since"] is None
    assert row_counts(core) == before


def test_today_begins_at_midnight_where_the_site_is(reader: Reader, set_clock: SetClock) -> None:
    set_clock(BEFORE_MIDNIGHT)
    reader.view("counters")
    reader.view("counters")
    assert figures(reader) == (2, 2, 2)

    set_clock(BEFORE_MIDNIGHT + MINUTE)
    assert figures(reader) == (2, 0, 2)
    reader.view("counters")
    assert figures(reader) == (3, 1, 3)


def test_midnight_elsewhere_begins_no_day(reader: Reader, set_clock: SetClock) -> None:
    midnight_utc = datetime.datetime(2026, 3, 15, 0, 0, tzinfo=datetime.UTC)
    set_clock(midnight_utc - MINUTE)
    reader.view("counters")
    set_clock(midnight_utc)
    reader.view("counters")

    assert figures(reader) == (2, 2, 2)


def test_as_of_tells_when(reader: Reader, set_clock: SetClock) -> None:
    set_clock(BEFORE_MIDNIGHT)

    assert read(reader)["as_of"] == "2026-03-14T16:59:00+00:00"


def test_readers_of_the_last_five_minutes_are_online(app: Flask, set_clock: SetClock) -> None:
    readers = [
        Reader(app),
        Reader(app, address="203.0.113.8"),
        Reader(app, user_agent="Mozilla/5.0 (Android 15)"),
        Reader(app, address="2001:db8::1"),
        Reader(app, address="2001:db8::2"),  # the same household as the one before
    ]
    for minute, reader in enumerate(readers):
        set_clock(BEFORE_MIDNIGHT + minute * MINUTE / 2)
        reader.view("counters")
        reader.view("counters")

    online = []
    for minute in (2, 5, 6, 7, 8):
        set_clock(BEFORE_MIDNIGHT + minute * MINUTE)
        online.append(read(readers[0])["online"])

    assert online == [4, 4, 2, 1, 1]


def test_whoever_asks_is_online(reader: Reader) -> None:
    assert read(reader)["online"] == 1
    html = reader.view("counters", count=False)["widgets"]["counters"]
    assert '<div class="cs-counters-online"><dt>Online</dt><dd>1</dd></div>' in html


def test_no_address_is_kept(app: Flask, core: Core, flush: Flush, tmp_path: Path) -> None:
    addresses = ["203.0.113.77", "2001:db8:aaaa:bbbb::1"]
    for address in addresses:
        Reader(app, address=address).view("counters", title="Một bài", referrer="https://a.example")
        Reader(app, address=address).send("GET", PATH, query_string={"page": PAGE})
    [journal] = (tmp_path / "counters").iterdir()
    noted = journal.read_text()
    flush()

    assert PAGE in noted
    assert not any(part in noted for part in ("203.0.113", "2001:db8", "Firefox"))
    values = list(stored_values(core))
    texts = [repr(value) for value in values]
    raw = [value for value in values if isinstance(value, bytes)]

    assert any(PAGE in text for text in texts)
    told = ("203.0.113", "2001:db8", "Firefox")
    assert not any(part in text for text in texts for part in told)
    assert not any(bytes([203, 0, 113, 77]) in value for value in raw)
    assert not any(bytes.fromhex("20010db8aaaabbbb") in value for value in raw)


def salt_days(core: Core) -> list[datetime.date]:
    with core.db.read() as session:
        days = session.connection().execute(
            sa.select(sa.column("day", sa.Date)).select_from(sa.table("core_salt"))
        )
        return sorted(days.scalars())


def test_old_salts_and_what_was_hashed_with_them_are_destroyed(
    core: Core, reader: Reader, set_clock: SetClock, flush: Flush
) -> None:
    today = BEFORE_MIDNIGHT.date()
    for day in range(5):
        set_clock(BEFORE_MIDNIGHT + datetime.timedelta(days=day))
        reader.view("counters")
        flush()

    # Where a day begins last, the day before yesterday elsewhere is still yesterday.
    assert salt_days(core) == [today + datetime.timedelta(days=day) for day in (2, 3, 4)]
    assert row_counts(core)["counters_visitor"] == 2
    assert row_counts(core)["counters_arrival"] == 0


def test_who_waits_for_another_day_s_salt_lets_others_be_counted(
    app: Flask, set_clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_site(app, "east")
    core: Core = app.extensions["comments_service"]
    with core.db.write() as session:
        sites.get(session, "east").time_zone = "Pacific/Kiritimati"
    # There it is tomorrow already.
    set_clock(BEFORE_MIDNIGHT)
    here, there = Reader(app), Reader(app, site="east")
    here.view("counters")
    is_asked, may_end = threading.Event(), threading.Event()

    def daily_salt(session: Session, today: datetime.date) -> bytes:
        is_asked.set()
        assert may_end.wait(30)
        return identity.daily_salt(session, today)

    monkeypatch.setattr("comments_service.plugins.counters.visitors.daily_salt", daily_salt)
    with ThreadPoolExecutor(2) as pool:
        waiting = pool.submit(there.view, "counters")
        is_asked.wait(30)
        told = pool.submit(here.view, "counters").result(20)
        may_end.set()

    assert told["counted"]
    assert waiting.result()["counted"]


def test_a_site_that_nobody_reads_any_more_keeps_no_visitors(
    core: Core, reader: Reader, set_clock: SetClock, flush: Flush
) -> None:
    set_clock(BEFORE_MIDNIGHT)
    reader.view("counters")
    flush()
    set_clock(BEFORE_MIDNIGHT + datetime.timedelta(days=2))
    flush()

    assert row_counts(core)["counters_visitor"] == 0
    assert figures(reader) == (1, 0, 1)


def test_views_at_once_are_all_counted(app: Flask, flush: Flush) -> None:
    def open_pages(number: int) -> None:
        for each in range(4):
            Reader(app, page=f"/{each}", address=f"203.0.113.{number}").view("counters")

    with ThreadPoolExecutor(12) as pool:
        list(pool.map(open_pages, range(12)))
        assert figures(Reader(app), "/0") == (48, 48, 12)
        # While they are added up, too, each is told once.
        told = [pool.submit(figures, Reader(app), "/0") for _ in range(50)]
        flush()
        assert {each.result() for each in told} == {(48, 48, 12)}

    assert figures(Reader(app), "/0") == (48, 48, 12)
    assert read(Reader(app))["online"] == 12


NAMES = {
    "online": "Online",
    "today": "Hôm nay",
    "yesterday": "Hôm qua",
    "week": "Tuần này",
    "last_week": "Tuần trước",
    "month": "Tháng này",
    "last_month": "Tháng trước",
    "year": "Năm nay",
    "total": "Tổng lượt truy cập",
    "page": "Trang này",
    "peak": "Online nhiều nhất",
    "since": "Tính từ",
}


def shown(reader: Reader) -> list[tuple[str, str]]:
    """Return the names and the values that the widget shows, in its order."""
    html = reader.view("counters", count=False)["widgets"]["counters"]
    return re.findall(r"<dt>(.*?)</dt><dd[^>]*>(.*?)</dd>", html)


def test_portals_see_what_they_are_used_to(reader: Reader) -> None:
    reader.view()
    names = ["Online", "Hôm nay", "Hôm qua", "Tuần này", "Tháng này", "Tổng lượt truy cập"]
    assert shown(reader) == list(zip(names, "110111", strict=True))


@given(st.lists(st.sampled_from(sorted(NAMES)), unique=True))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_figures_are_shown_in_any_order(core: Core, reader: Reader, fields: list[str]) -> None:
    with core.db.write() as session:
        site = sites.get(session, SITE)
        sites.set_setting(core.plugins, site, "counters.fields", ",".join(fields))
        sites.set_setting(core.plugins, site, "counters.since", "2012-05-01")
    told = shown(reader)
    assert [name for name, _value in told] == [NAMES[field] for field in fields]
    assert dict(told).get("Tính từ", "01/05/2012") == "01/05/2012"


@pytest.mark.parametrize(
    "text",
    [
        "fields=online,yestreday",
        "total=clicks",
        "offset=-1",
        "internal=the office",
        "internal=10.0.0.1/8",
        "keep_hours=3",
    ],
)
def test_settings_that_mean_nothing_are_refused(core: Core, app: Flask, text: str) -> None:
    name, _, value = text.partition("=")
    with core.db.write() as session:
        site = sites.get(session, SITE)
        with pytest.raises(ConfigError):
            sites.set_setting(core.plugins, site, f"counters.{name}", value)


def test_nothing_is_added_up_before_it_is_noted(tmp_path: Path) -> None:
    texts = {"instance": str(tmp_path), "secret_key": SECRET_KEY, "counters_flush_seconds": "-1"}
    with pytest.raises(ConfigError, match="COMMENTS_COUNTERS_FLUSH_SECONDS is at least 0"):
        create_app(texts)


def test_visits_can_be_what_is_shown(
    app: Flask, core: Core, set_clock: SetClock, flush: Flush
) -> None:
    add_site(app, "visits", counters={"total": "visits", "offset": "100"})
    reader = Reader(app, site="visits")
    path = "/api/v1/sites/visits/counters"
    for minute, total in ((0, 101), (20, 101), (49, 101), (80, 102)):
        set_clock(BEFORE_MIDNIGHT + minute * MINUTE)
        reader.view("counters")
        for _ in range(2):
            told = reader.send("GET", path, query_string={"page": PAGE}).get_json()
            assert (told["total"], told["unit"], told["offset"]) == (total, "visits", 100)
            flush()
    # 20 minutes after midnight nobody came anew.
    assert (told["today"], told["yesterday"], told["this_page"]) == (1, 1, 4)
    assert "Tổng lượt ghé thăm" in reader.view("counters")["widgets"]["counters"]
