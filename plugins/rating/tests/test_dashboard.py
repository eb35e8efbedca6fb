"""The ratings' pages in the dashboard: what is left out, decisions on many, exports."""

import csv
import datetime
import io
import itertools

import pytest
import sqlalchemy as sa
from comments_service.plugins.rating.models import Action, Decision, State, Vote, Why
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comments_service import clock
from comments_service.core import Core
from comments_service.models import Page
from comments_service.testing import PAGE, SITE, Dashboard, Reader, add_site, elements, row_counts

from .voting import delete, far, is_right, prove, put, rate_honestly, read, states

CROWD = (State.QUARANTINED, Why.CROWD)


def crowd(app: Flask, size: int = 21, stars: int = 1) -> None:
    for number in range(size):
        prove(Reader(app, address=f"203.0.113.{number}"), stars)


def votes(core: Core) -> list[Vote]:
    with core.db.read() as session:
        return list(session.scalars(sa.select(Vote).order_by(Vote.id)))


def decisions(core: Core) -> list[Decision]:
    with core.db.read() as session:
        return list(session.scalars(sa.select(Decision).order_by(Decision.id)))


def decide(dashboard: Dashboard, action: str, **chosen: str | list[str]) -> int:
    sent = {"site": SITE, "action": action, **chosen}
    return dashboard.post("/admin/rating/votes", **sent).status_code


def undo(dashboard: Dashboard, number: int, site: str = SITE) -> int:
    path = f"/admin/rating/decisions/{number}/undo"
    return dashboard.post(path, site=site).status_code


def test_a_crowd_is_seen_and_restored(app: Flask, core: Core, dashboard: Dashboard) -> None:
    rate_honestly(app, 5, 4)
    crowd(app)
    page = dashboard.get("/admin/rating/").text
    [link] = [
        has["href"]
        for tag, has in elements(page)
        if tag == "a" and "network=" in has.get("href", "")
    ]
    hood = votes(core)[-1].neighbourhood
    assert hood
    assert hood in link
    assert hood[:8] in page
    assert "quá nhiều từ một vùng mạng" in page
    assert "21 mạng" in page

    assert "<td>21</td>" in dashboard.get(link).text
    assert "<td>21</td>" not in dashboard.get("/admin/rating/votes?network=%25").text
    # As the page shows it, and no more of it than a moderator copies.
    assert decide(dashboard, "restore", network=hood[:8]) == 303

    assert read(Reader(app))["distribution"] == {"1": 21, "2": 0, "3": 0, "4": 1, "5": 1}
    [decision] = decisions(core)
    assert (decision.by, decision.action, decision.votes) == (Dashboard.NAME, Action.RESTORE, 21)
    assert decision.choice == {"network": hood[:8]}
    assert "Đã thay đổi 21 lượt đánh giá." in dashboard.get("/admin/rating/").text
    # No rule takes out again what a person let in; who comes now is another matter.
    prove(Reader(app, address="203.0.113.99"), 1)
    assert states(core)[CROWD] == 1
    assert read(Reader(app))["count"] == 23
    assert is_right(core)


def test_taking_back_makes_each_what_it_was(app: Flask, core: Core, dashboard: Dashboard) -> None:
    rate_honestly(app, 1, 1, 5)
    crowd(app)
    before = states(core)
    assert decide(dashboard, "void", stars=["1"]) == 303
    assert read(Reader(app))["distribution"] == {"1": 0, "2": 0, "3": 0, "4": 0, "5": 1}
    assert decisions(core)[0].votes == 23

    assert undo(dashboard, 1) == 303

    assert states(core) == before
    assert read(Reader(app))["count"] == 3
    assert [(each.action, each.undoes_id, each.votes) for each in decisions(core)] == [
        (Action.VOID, None, 23),
        (Action.UNDO, 1, 23),
    ]
    # Again changes nothing; taking back the taking back does.
    undo(dashboard, 1)
    assert decisions(core)[2].votes == 0
    undo(dashboard, 2)
    assert read(Reader(app))["count"] == 1
    assert is_right(core)


def test_what_was_decided_since_stays(app: Flask, core: Core, dashboard: Dashboard) -> None:
    rate_honestly(app, 1, 2, 3)
    decide(dashboard, "void", stars=["1", "2"])
    decide(dashboard, "restore", stars=["2"])
    undo(dashboard, 1)
    assert read(Reader(app))["distribution"] == {"1": 1, "2": 1, "3": 1, "4": 0, "5": 0}
    assert is_right(core)


def test_by_page_and_time_in_the_sites_zone(app: Flask, core: Core, dashboard: Dashboard) -> None:
    rate_honestly(app, 1, 2)
    rate_honestly(app, 3, page="/khac")
    with core.db.write() as session:
        early = datetime.datetime(2026, 3, 3, 18, 30, tzinfo=datetime.UTC)
        session.execute(sa.update(Vote).where(Vote.stars == 1).values(updated_at=early))
    decide(dashboard, "void", page="/khac")
    assert read(Reader(app, page="/khac"))["count"] == 0
    # 18:30 in Greenwich is 01:30 of the next day in Vietnam.
    decide(dashboard, "void", since="2026-03-04T01:00", until="2026-03-04T01:30")
    assert read(Reader(app))["count"] == 2
    decide(dashboard, "void", since="2026-03-04T01:30", until="2026-03-04T01:31")
    assert read(Reader(app))["distribution"]["1"] == 0
    # Unless an offset stands by it.
    decide(dashboard, "restore", since="2026-03-03T19:30+01:00", until="2026-03-03T18:31Z")
    assert read(Reader(app))["distribution"]["1"] == 1
    assert [each.votes for each in decisions(core)] == [1, 0, 1, 1]


def test_a_void_vote_stays_void_whatever_its_voter_does(
    app: Flask, core: Core, dashboard: Dashboard
) -> None:
    reader = Reader(app)
    put(reader, 1)
    decide(dashboard, "void", stars=["1"])
    put(reader, 5)
    assert (read(reader)["count"], read(reader)["mine"]) == (0, 5)
    delete(reader)
    assert read(reader)["mine"] is None
    put(reader, 4)
    assert (read(reader)["count"], read(reader)["mine"]) == (0, 4)
    # What is taken back with it away counts no earlier than it is back.
    delete(reader)
    undo(dashboard, 1)
    assert read(reader)["count"] == 0
    assert is_right(core)
    put(reader, 3)
    assert read(reader)["distribution"]["3"] == 1
    assert is_right(core)


def test_a_withdrawn_vote_is_in_no_figure(app: Flask, core: Core, dashboard: Dashboard) -> None:
    reader = Reader(app)
    put(reader, 1)
    decide(dashboard, "void", stars=["1"])
    delete(reader)
    assert exported(dashboard, "rows") == []
    assert "Mọi lượt đánh giá" in dashboard.get("/admin/rating/").text
    chosen = dashboard.get(f"/admin/rating/votes?page={PAGE}").text
    assert "<td>0</td>" in chosen
    assert "<td>1</td>" not in chosen
    decide(dashboard, "restore", page=PAGE)
    assert [each.votes for each in decisions(core)] == [1, 0]
    # It is a decision all the same: whoever comes back counts.
    put(reader, 2)
    assert read(reader)["count"] == 1
    assert is_right(core)


@pytest.mark.parametrize(
    "sent",
    [
        {"action": "void"},
        {"action": "void", "stars": "9"},
        {"action": "void", "page": " "},
        {"action": "void", "page": "\0"},
        {"action": "restore", "network": "a\0b"},
        {"action": "undo", "stars": "1"},
        {"action": "", "stars": "1"},
        {"action": "void", "since": "yesterday"},
        {"action": "void", "since": "0001-01-01T00:00"},
    ],
)
def test_what_says_nothing_changes_nothing(
    app: Flask, core: Core, dashboard: Dashboard, sent: dict[str, str]
) -> None:
    rate_honestly(app, 1, 2)
    assert dashboard.post("/admin/rating/votes", site=SITE, **sent).status_code == 422
    assert read(Reader(app))["count"] == 2
    assert decisions(core) == []


def test_another_sites_votes_and_decisions_are_out_of_reach(
    app: Flask, core: Core, dashboard: Dashboard
) -> None:
    add_site(app, "other")
    rate_honestly(app, 1)
    put(Reader(app, site="other"), 1)
    decide(dashboard, "void", stars=["1"])
    assert read(Reader(app, site="other"))["count"] == 1
    assert undo(dashboard, 1, site="other") == 404
    assert undo(dashboard, 9) == 404
    assert undo(dashboard, 1, site="nobody") == 404
    assert read(Reader(app))["count"] == 0
    assert is_right(core)


@pytest.mark.parametrize(
    "query",
    ["from=x", "to=2026-13-01", "from=2026-03-02&to=2026-03-01", "from=1990-01-01", "from=%00"],
)
def test_a_period_that_is_none(dashboard: Dashboard, query: str) -> None:
    assert dashboard.get(f"/admin/rating/?{query}").status_code == 422
    assert dashboard.get(f"/admin/rating/export/rows.csv?site={SITE}&{query}").status_code == 422


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_the_first_day_of_all_and_the_last_are_a_period(dashboard: Dashboard, day: str) -> None:
    assert dashboard.get(f"/admin/rating/?site={SITE}&to={day}").status_code == 200


def test_only_moderators_with_their_token_get_in(app: Flask, dashboard: Dashboard) -> None:
    rate_honestly(app, 1)
    stranger = Dashboard(app, address="198.51.100.2")
    for path in ("", "votes", "export/rows.csv"):
        assert stranger.get(f"/admin/rating/{path}").location == "/admin/login"
    sent = {"site": SITE, "action": "void", "stars": "1"}
    assert stranger.post("/admin/rating/votes", **sent).location == "/admin/login"
    assert dashboard.client.post("/admin/rating/votes", data=sent).status_code == 400
    assert read(Reader(app))["count"] == 1


def test_reading_changes_nothing(app: Flask, core: Core, dashboard: Dashboard) -> None:
    crowd(app)
    before = row_counts(core)
    for path in ("", "votes", "votes?stars=1", "export/rows.csv", "export/totals.json"):
        assert dashboard.get(f"/admin/rating/{path}").status_code == 200
    assert row_counts(core) == before


def test_the_trend_has_a_bar_and_a_row_for_each_day(
    app: Flask, dashboard: Dashboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    noon = datetime.datetime(2026, 3, 4, 5, tzinfo=datetime.UTC)
    for days, stars in ((0, (5, 4)), (2, (1,))):
        now = noon + datetime.timedelta(days=days)
        monkeypatch.setattr(clock, "now", lambda now=now: now)
        rate_honestly(app, *stars, page=f"/{days}")
    dashboard.post("/admin/language", language="en")
    html = dashboard.get("/admin/rating/?from=2026-03-03&to=2026-03-07").text
    bars = [has for tag, has in elements(html) if tag == "rect"]
    assert [bar["height"] for bar in bars if bar["class"] == "rating-counted"] == [
        *("0.0", "100.0", "0.0", "50.0", "0.0")
    ]
    assert '<th scope="row">3/4/26</th><td>2</td><td>4.5</td><td>0</td>' in html
    assert '<th scope="row">3/6/26</th><td>1</td><td>1.0</td><td>0</td>' in html
    assert "3/5/26" not in html


# --- Exports --------------------------------------------------------------------------------------


def test_criteria_are_exported(app: Flask, dashboard: Dashboard) -> None:
    add_site(app, "own", rating={"criteria": "Rõ ràng | Hữu ích"})
    for number, answers in enumerate(([5, 2], [4], [1, 1])):
        put(Reader(app, site="own", address=far(number)), 5 - number, criteria=answers)
    decide(dashboard, "void", site="own", stars=["3"])

    rows = exported(dashboard, "rows", site="own")
    assert [(row["state"], row["criterion_1"], row["criterion_2"]) for row in rows] == [
        ("counted", "4", ""),
        ("counted", "5", "2"),
        ("void", "1", "1"),
    ]
    [total] = exported(dashboard, "totals", site="own")
    names = ("criterion_1_count", "criterion_1_average", "criterion_1_stars_4", "criterion_2_count")
    assert [total[name] for name in names] == ["2", "4.5", "1", "1"]
    found = dashboard.get("/admin/rating/export/rows.json?site=own").get_json()
    assert [row["criterion_2"] for row in found] == [None, 2, 1]


def exported(dashboard: Dashboard, what: str, **query: str) -> list[dict[str, str]]:
    asked = "&".join(f"{name}={value}" for name, value in {"site": SITE, **query}.items())
    response = dashboard.get(f"/admin/rating/export/{what}.csv?{asked}")
    assert response.mimetype == "text/csv"
    assert "attachment" in response.headers["Content-Disposition"]
    text = response.get_data().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_rows_have_nothing_of_their_voters(app: Flask, core: Core, dashboard: Dashboard) -> None:
    rate_honestly(app, 5, 4)
    decide(dashboard, "void", stars=["4"])
    day = votes(core)[0].day.isoformat()
    rows = exported(dashboard, "rows")
    assert rows == [
        {"page": PAGE, "stars": "5", "day": day, "state": "counted"},
        {"page": PAGE, "stars": "4", "day": day, "state": "void"},
    ]
    found = dashboard.get(f"/admin/rating/export/rows.json?site={SITE}").get_json()
    assert found == [{**row, "stars": int(row["stars"])} for row in rows]


def test_totals_add_up_to_the_rows(app: Flask, dashboard: Dashboard) -> None:
    rate_honestly(app, 5, 4, 4)
    rate_honestly(app, 1, page="/khac")
    crowd(app)
    [first, second] = exported(dashboard, "totals")
    assert first == {
        "page": "/khac",
        "count": "1",
        "average": "1.0",
        "quarantined": "0",
        "void": "0",
        "stars_1": "1",
        "stars_2": "0",
        "stars_3": "0",
        "stars_4": "0",
        "stars_5": "0",
    }
    assert (second["count"], second["average"], second["quarantined"]) == ("3", "4.33", "21")
    assert len(exported(dashboard, "rows")) == 25
    assert exported(dashboard, "totals", **{"from": "2020-01-01", "to": "2020-12-31"}) == []
    empty = dashboard.get(
        f"/admin/rating/export/totals.json?site={SITE}&from=2020-01-01&to=2020-12-31"
    )
    assert empty.get_json() == []


@pytest.mark.parametrize("key", ["=1+1", "+1", "-1", "@SUM(A1)"])
def test_no_cell_is_a_formula(app: Flask, core: Core, dashboard: Dashboard, key: str) -> None:
    rate_honestly(app, 5)
    with core.db.write() as session:
        session.execute(sa.update(Page).values(key=key))
    for what in ("rows", "totals"):
        assert [row["page"] for row in exported(dashboard, what)] == [f"'{key}"]


# --- All of it ------------------------------------------------------------------------------------

numbers = itertools.count()
acts = st.lists(
    st.one_of(
        st.tuples(st.just("rate"), st.integers(0, 7), st.integers(0, 5)),
        st.tuples(st.sampled_from(["void", "restore"]), st.just(0), st.integers(1, 5)),
        st.tuples(st.just("undo"), st.integers(1, 6), st.just(0)),
    ),
    min_size=4,
    max_size=20,
)


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(acts=acts)
def test_totals_equal_a_recount_whatever_is_decided(
    app: Flask, core: Core, dashboard: Dashboard, acts: list[tuple[str, int, int]]
) -> None:
    page = f"/{next(numbers)}"
    readers = [Reader(app, page=page, address=far(n % 4)) for n in range(8)]
    for act, who, stars in acts:
        if act == "undo":
            undo(dashboard, who)
        elif act in ("void", "restore"):
            decide(dashboard, act, page=page, stars=[str(stars)])
        elif stars:
            put(readers[who], stars)
        else:
            delete(readers[who])
    assert is_right(core)
    with core.db.read() as session:
        shown = session.scalars(
            sa.select(sa.func.count())
            .select_from(Vote)
            .join(Page, Page.id == Vote.page_id)
            .where(Page.key == page, Vote.state == State.COUNTED, Vote.is_withdrawn.is_(False))
        ).one()
    assert read(readers[0])["count"] == shown
