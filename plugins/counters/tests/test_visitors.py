"""Visits, visitors of a day and who is online, against a model that knows everybody."""

import dataclasses
import datetime
import itertools
from collections.abc import Sequence

import pytest
import sqlalchemy as sa
from comments_service.plugins.counters import service
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comments_service import clock
from comments_service.core import Core
from comments_service.testing import PAGE, SITE, MakeApp, Reader, add_site

from .conftest import Flush, SetClock, flush_app
from .test_counters import BEFORE_MIDNIGHT, MINUTE, figures, read

# In Asia/Ho_Chi_Minh.
HANOI = datetime.timezone(datetime.timedelta(hours=7))
_sites = itertools.count()


def sums(core: Core, site: str = SITE) -> dict[str, int]:
    """Return the site's views, visits and bots, and the sum of its days' uniques."""
    statement = """
        SELECT t.views, t.visits, t.bots,
          (SELECT sum(uniques) FROM counters_day d WHERE d.site_id = t.site_id) AS uniques
        FROM counters_site t JOIN core_site s ON s.id = t.site_id WHERE s.key = :key
    """
    with core.db.read() as session:
        row = session.execute(sa.text(statement), {"key": site}).one()
        return {name: int(value) for name, value in row._asdict().items()}


@dataclasses.dataclass(frozen=True)
class Step:
    """Some time goes by; then some readers open the page, each at one of two processes."""

    minutes: float
    readers: Sequence[tuple[int, bool]]


steps = st.lists(
    st.builds(
        Step,
        st.one_of(st.floats(0, 12), st.floats(25, 35), st.floats(60, 600)),
        st.lists(st.tuples(st.integers(0, 6), st.booleans()), max_size=5),
    ),
    min_size=1,
    max_size=25,
)


def model(steps: Sequence[Step], start: datetime.datetime) -> tuple[int, int, int]:
    """Return visits, uniques of all days, and who is online at the end."""
    now = start
    seen: dict[int, list[datetime.datetime]] = {}
    for step in steps:
        now += step.minutes * MINUTE
        for reader, _process in step.readers:
            seen.setdefault(reader, []).append(now)
    half_hour = 30 * MINUTE
    visits = sum(
        1 + sum(late - early >= half_hour for early, late in itertools.pairwise(times))
        for times in seen.values()
    )
    uniques = sum(len({at.astimezone(HANOI).date() for at in times}) for times in seen.values())
    online = sum(now - times[-1] <= 5 * MINUTE for times in seen.values())
    return visits, uniques, max(1, online)


@pytest.mark.parametrize(
    "steps",
    [
        [Step(0, [(0, False)]), Step(2, [(0, True)]), Step(29, [(0, False)])],
        [Step(0, [(0, False)]), Step(31, [(0, True)]), Step(29, [(0, False)])],
        [Step(0, [(0, False)]), Step(4, [(0, True), (1, True)]), Step(0.5, [(0, False)])],
    ],
    ids=["one visit", "two visits", "two readers"],
)
def test_one_reader_at_two_processes_is_one(
    app: Flask, core: Core, make_app: MakeApp, steps: list[Step]
) -> None:
    expect_what_a_model_counts(app, core, make_app, steps)


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=steps)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_visits_uniques_and_online_are_as_a_model_counts_them(
    app: Flask, core: Core, make_app: MakeApp, steps: list[Step]
) -> None:
    expect_what_a_model_counts(app, core, make_app, steps)


def expect_what_a_model_counts(
    app: Flask, core: Core, make_app: MakeApp, steps: Sequence[Step]
) -> None:
    processes = [app, _second(app, make_app)]
    site = f"site{next(_sites)}"
    add_site(app, site)
    now = BEFORE_MIDNIGHT
    with pytest.MonkeyPatch.context() as patch:
        for step in steps:
            now += step.minutes * MINUTE
            patch.setattr(clock, "now", lambda now=now: now)
            for number, process in step.readers:
                # Neighbours share an address; their browsers differ.
                reader = Reader(
                    processes[process],
                    site=site,
                    address=f"203.0.113.{number // 2}",
                    user_agent=f"Mozilla/5.0 (Phone {number})",
                )
                reader.view("counters")
            for each in processes:
                flush_app(each)
        told = read_site(app, site)
        also = read_site(processes[1], site)
    visits, uniques, online = model(steps, BEFORE_MIDNIGHT)
    assert (told["online"], also["online"]) == (online, online)
    if any(step.readers for step in steps):
        assert sums(core, site) == {
            "views": sum(len(step.readers) for step in steps),
            "visits": visits,
            "bots": 0,
            "uniques": uniques,
        }


def _second(app: Flask, make_app: MakeApp) -> Flask:
    """Return another process of the same service; one is enough for a test."""
    if "second" not in app.extensions:
        app.extensions["second"] = make_app(plugins="counters", limit_read="100000/minute")
    second: Flask = app.extensions["second"]
    return second


def read_site(app: Flask, site: str) -> dict[str, int]:
    path = f"/api/v1/sites/{site}/counters"
    told: dict[str, int] = Reader(app).send("GET", path, query_string={"page": PAGE}).get_json()
    return told


def test_midnight_splits_nobody(
    app: Flask, core: Core, reader: Reader, set_clock: SetClock, flush: Flush
) -> None:
    for minute in (0, 2, 30, 55, 200):
        set_clock(BEFORE_MIDNIGHT + minute * MINUTE)
        reader.view("counters")
        assert read(reader)["online"] == 1
        flush()
        assert read(reader)["online"] == 1

    # One visit around midnight, another in the night; a visitor of two days.
    assert sums(core) == {"views": 5, "visits": 2, "bots": 0, "uniques": 2}


def test_forged_browsers_of_one_network_add_twenty_at_most(
    app: Flask, core: Core, flush: Flush
) -> None:
    Reader(app).view("counters")
    for number in range(60):
        Reader(app, address="198.51.100.9", user_agent=f"Mozilla/5.0 (No. {number})").view()

    assert read(Reader(app))["online"] == 21
    flush()
    assert read(Reader(app))["online"] == 21
    assert read(Reader(app))["peak_online"] == 21
    # They are counted all the same: an office may have as many.
    assert sums(core)["uniques"] == 61


@pytest.mark.parametrize("header", ["Sec-GPC", "DNT"])
def test_who_asks_not_to_be_followed_is_in_the_totals_and_nowhere_else(
    app: Flask, core: Core, flush: Flush, header: str
) -> None:
    body = f'{{"site": "{SITE}", "page": "{PAGE}", "widgets": []}}'
    for _ in range(2):
        Reader(app).send("POST", "/api/v1/view", data=body, headers={header: "1"})
    flush()

    assert figures(Reader(app)) == (2, 2, 2)
    assert sums(core) == {"views": 2, "visits": 0, "bots": 0, "uniques": 0}


def test_programs_have_a_row_of_their_own(app: Flask, core: Core, flush: Flush) -> None:
    Reader(app).view()
    crawler = Reader(
        app,
        page="/only-crawled",
        user_agent="Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    )
    crawler.view()
    crawler.view()
    flush()

    assert sums(core) == {"views": 1, "visits": 1, "bots": 2, "uniques": 1}
    assert figures(Reader(app)) == (1, 1, 1)
    assert read(Reader(app))["online"] == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Purpose": "prefetch"},
        {"Sec-Purpose": "prefetch;prerender"},
        {"Purpose": "prefetch"},
        {"X-Moz": "prefetch"},
    ],
)
def test_a_page_that_is_fetched_ahead_is_not_counted(app: Flask, headers: dict[str, str]) -> None:
    body = f'{{"site": "{SITE}", "page": "{PAGE}", "widgets": []}}'
    told = Reader(app).send("POST", "/api/v1/view", data=body, headers=headers).get_json()
    Reader(app).send("GET", f"/embed/{SITE}/counters?page={PAGE}", headers=headers)

    assert told["counted"] is False
    assert figures(Reader(app)) == (0, 0, 0)


def test_a_view_that_is_sent_again_is_counted_once(
    app: Flask, make_app: MakeApp, core: Core, flush: Flush
) -> None:
    other = make_app(plugins="counters")
    for each in (app, app, other):
        assert Reader(each).view(id="0.123")["counted"] is True
    assert figures(Reader(app)) == (1, 1, 1)
    flush()
    Reader(app).view(id="0.123")
    Reader(app).view(id="0.124")
    flush()
    flush_app(other)

    assert sums(core)["views"] == 2
    assert figures(Reader(app)) == (2, 2, 2)


def test_internal_networks_are_not_counted(app: Flask) -> None:
    add_site(app, "office", counters={"internal": "198.51.100.0/24,2001:db8::/48"})
    for address in ("198.51.100.7", "2001:db8:0:9::1", "203.0.113.7", "2001:db8:1::1", "unix:"):
        Reader(app, site="office", address=address).view()

    assert read_site(app, "office")["total"] == 3


def test_the_peak_stays_with_its_time(app: Flask, set_clock: SetClock, flush: Flush) -> None:
    set_clock(BEFORE_MIDNIGHT)
    for number in range(3):
        Reader(app, address=f"203.0.113.{number}").view()
    flush()
    set_clock(BEFORE_MIDNIGHT + 60 * MINUTE)
    Reader(app).view()
    flush()

    told = read(Reader(app))
    assert (told["online"], told["peak_online"]) == (1, 3)
    assert told["peak_at"] == BEFORE_MIDNIGHT.isoformat(timespec="seconds")


def test_invented_pages_do_not_fill_the_database(
    app: Flask, core: Core, flush: Flush, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "NEW_PAGES_AROUND", 5)
    monkeypatch.setattr(service, "NEW_PAGES", 8)
    for number in range(20):
        Reader(app, page=f"/invented/{number}", address=f"198.51.100.{number}").view()
        if number % 7 == 0:
            flush()
    for number in range(20):
        Reader(app, page=f"/other/{number}", address="2001:db8::1").view()
    flush()

    with core.db.read() as session:
        kept = session.scalars(sa.text("SELECT key FROM core_page")).all()
    assert sorted(key.split("/")[1] for key in kept) == ["invented"] * 5 + ["other"] * 3
    # They count for the site.
    assert figures(Reader(app), "/invented/19") == (40, 40, 0)


def test_a_page_is_called_what_its_first_view_says(
    app: Flask, core: Core, reader: Reader, flush: Flush
) -> None:
    reader.view(title="  Một\nbài ")
    reader.view(title="Khác")
    flush()
    reader.view(title="Khác nữa")
    flush()

    with core.db.read() as session:
        assert session.scalars(sa.text("SELECT title FROM core_page")).all() == ["Một bài"]
