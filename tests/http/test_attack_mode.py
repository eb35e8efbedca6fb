"""Attack mode: comes by itself while a flood lasts, or by a moderator's hand, and goes again."""

import datetime

import pytest
import sqlalchemy as sa
from flask import Flask

from comments_service import attacks, clock
from comments_service.core import Core
from comments_service.models import Site
from comments_service.testing import SITE, Dashboard, MakeApp, Reader, add_site, element, elements

from .asking import ask, comment, send, solved, variant

# No store makes a difference to what is asked, said and refused here.
STORES = ("sqlite",)

FLOOD = 4
OTHER = "other"
ALARM = "notice alarm"


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    """Make the service with two sites that take four comments within minutes for an attack."""
    app = make_app(plugins="captcha,comments,work", work_keys="4")
    for key in (SITE, OTHER):
        add_site(app, key, core={"attack_posts": str(FLOOD)}, comments={"hold": "no"})
    return app


def flood(app: Flask, n: int, site: str = SITE) -> list[int]:
    """Send comments from as many networks; return the answers' statuses."""
    return [
        comment(Reader(app, site=site, address=f"198.51.{n}.7"), f"Bài số {n}").status_code
        for n in range(n)
    ]


def stranger(app: Flask, site: str = SITE) -> Reader:
    return Reader(app, site=site, address="192.0.2.1")


def level(reader: Reader) -> str:
    return variant(reader, ask(reader))


def alarms(dashboard: Dashboard) -> int:
    return dashboard.get("/admin/").text.count(ALARM)


def later(monkeypatch: pytest.MonkeyPatch, minutes: float) -> None:
    """Go on so many minutes from what the clock says."""
    moment = clock.now() + datetime.timedelta(minutes=minutes)
    monkeypatch.setattr(clock, "now", lambda: moment)


def test_a_flood_switches_it_on(app: Flask, dashboard: Dashboard) -> None:
    assert flood(app, FLOOD - 1) == [201] * (FLOOD - 1)
    assert (level(stranger(app)), alarms(dashboard)) == ("normal", 0)

    assert comment(Reader(app), "Một bài nữa").status_code == 201

    assert (level(stranger(app)), alarms(dashboard)) == ("hard", 1)
    assert comment(stranger(app)).status_code == 202


def test_a_site_is_attacked_alone(app: Flask) -> None:
    flood(app, FLOOD)

    assert level(stranger(app, OTHER)) == "normal"
    assert comment(stranger(app, OTHER)).status_code == 201


def test_posts_on_two_sites_are_not_added_up(app: Flask) -> None:
    for site in (SITE, OTHER):
        flood(app, FLOOD - 1, site)

    assert [level(stranger(app, site)) for site in (SITE, OTHER)] == ["normal", "normal"]


def test_what_is_spread_over_time_is_no_flood(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    flood(app, FLOOD - 1)
    later(monkeypatch, 5.1)
    flood(app, FLOOD - 1)

    assert level(stranger(app)) == "normal"


def test_a_burst_is_a_flood_long_before_so_many_came(
    app: Flask, dashboard: Dashboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attacks, "BURST_LEAST", 2)
    add_site(app, "large", core={"attack_posts": "20"}, comments={"hold": "no"})
    large = [Reader(app, site="large", address=f"198.51.{n}.7") for n in range(3)]

    # A tenth of what five minutes may bring, though not within seconds.
    assert comment(large[0], "Một").status_code == 201
    later(monkeypatch, 0.3)
    assert comment(large[1], "Hai").status_code == 201
    assert alarms(dashboard) == 0

    assert comment(large[2], "Ba").status_code == 201
    assert alarms(dashboard) == 1


def test_a_site_may_never_want_it(app: Flask) -> None:
    add_site(app, "calm", core={"attack_posts": "0"}, comments={"hold": "no"})

    assert flood(app, FLOOD + 1, "calm") == [201] * (FLOOD + 1)
    assert level(stranger(app, "calm")) == "normal"


def test_what_is_held_counts_too(app: Flask, dashboard: Dashboard) -> None:
    add_site(app, "careful", core={"attack_posts": str(FLOOD)})

    assert flood(app, FLOOD, "careful") == [202] * FLOOD
    assert alarms(dashboard) == 1


@pytest.mark.parametrize(("lowest", "status"), [("nothing", 201), ("work", 201), ("person", 202)])
def test_everybody_is_asked_for_one_step_more_and_as_a_person_at_least(
    app: Flask, lowest: str, status: int
) -> None:
    add_site(
        app,
        "low",
        core={"attack_posts": str(FLOOD), "lowest_rung": lowest},
        comments={"hold": "no"},
    )
    flood(app, FLOOD, "low")
    reader = stranger(app, "low")

    assert (ask(reader)["provider"], level(reader)) == ("captcha", "hard")
    assert comment(reader).status_code == status


def test_the_highest_rung_holds_in_an_attack_too(app: Flask) -> None:
    core = {"attack_posts": str(FLOOD), "lowest_rung": "work", "highest_rung": "work"}
    add_site(app, "capped", core=core, comments={"hold": "no"})
    flood(app, FLOOD, "capped")
    reader = stranger(app, "capped")

    assert (ask(reader)["provider"], level(reader)) == ("work", "2")
    assert comment(reader).status_code == 201


def test_who_began_before_the_attack_keeps_what_was_typed(app: Flask) -> None:
    add_site(
        app,
        "open",
        core={"attack_posts": str(FLOOD), "lowest_rung": "nothing"},
        comments={"hold": "no"},
    )
    reader = stranger(app, "open")
    told = ask(reader)
    flood(app, FLOOD, "open")

    refused = send(reader, **solved(reader, told))

    assert (told["provider"], refused.status_code) == ("nothing", 428)
    assert send(reader, **solved(reader, refused.get_json()["challenge"])).status_code == 201


def test_whom_moderators_know_is_asked_no_more_and_is_published(
    app: Flask, dashboard: Dashboard
) -> None:
    switch(dashboard, "on")
    known = Reader(app)
    for number in range(3):
        waits = comment(known, f"Ý kiến thứ {number}")
        assert waits.status_code == 202
        known.visitor = waits.get_json()["visitor"]
        dashboard.decide("approve", waits.get_json()["id"])

    assert level(known) == "normal"
    assert comment(known, "Tôi đây").status_code == 201
    assert comment(stranger(app)).status_code == 202


def test_it_ends_by_itself(
    app: Flask, dashboard: Dashboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    flood(app, FLOOD)
    later(monkeypatch, 14.9)
    assert (level(stranger(app)), alarms(dashboard)) == ("hard", 1)

    later(monkeypatch, 0.2)

    assert (level(stranger(app)), alarms(dashboard)) == ("normal", 0)
    assert comment(stranger(app)).status_code == 201
    assert level(stranger(app)) == "normal"


def test_it_lasts_while_the_flood_lasts(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    flood(app, FLOOD)
    later(monkeypatch, 14)
    flood(app, FLOOD)
    later(monkeypatch, 14)
    assert level(stranger(app)) == "hard"

    later(monkeypatch, 2)

    assert level(stranger(app)) == "normal"


def test_a_flood_that_lasts_seldom_writes_to_the_site(
    app: Flask, core: Core, monkeypatch: pytest.MonkeyPatch
) -> None:
    flood(app, FLOOD)
    ends = attacked_until(core)
    later(monkeypatch, 1)

    flood(app, FLOOD)

    assert attacked_until(core) == ends


def attacked_until(core: Core) -> datetime.datetime | None:
    with core.db.read() as session:
        return session.scalar(sa.select(Site.attacked_until).where(Site.key == SITE))


# --- By a moderator's hand -----------------------------------------------------------------------


def switch(dashboard: Dashboard, to: str, site: str = SITE) -> None:
    response = dashboard.post(f"/admin/sites/{site}/attack", attack=to)
    assert (response.status_code, response.location) == (303, f"/admin/sites/{site}/")


def switches(dashboard: Dashboard) -> list[str]:
    """Return what the site's page offers."""
    html = dashboard.get(f"/admin/sites/{SITE}/").text
    return [has["value"] for _, has in elements(html) if has.get("name") == "attack"]


def test_a_moderator_switches_it_on_for_an_hour_and_off(
    app: Flask, dashboard: Dashboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert switches(dashboard) == ["on"]

    switch(dashboard, "on")

    assert (level(stranger(app)), alarms(dashboard)) == ("hard", 1)
    assert comment(stranger(app)).status_code == 202
    assert level(stranger(app, OTHER)) == "normal"
    assert switches(dashboard) == ["on", "off"]
    later(monkeypatch, 59)
    assert level(stranger(app)) == "hard"

    switch(dashboard, "off")

    assert (level(stranger(app)), alarms(dashboard)) == ("normal", 0)
    assert switches(dashboard) == ["on"]


def test_what_a_moderator_switched_on_ends_by_itself(
    app: Flask, dashboard: Dashboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    switch(dashboard, "on")
    later(monkeypatch, 60.1)

    assert (level(stranger(app)), alarms(dashboard)) == ("normal", 0)


def test_a_flood_does_not_shorten_what_a_moderator_switched_on(
    app: Flask, dashboard: Dashboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    switch(dashboard, "on")
    flood(app, FLOOD)
    later(monkeypatch, 30)

    assert level(stranger(app)) == "hard"


def test_what_a_moderator_switched_off_is_off(app: Flask, dashboard: Dashboard) -> None:
    flood(app, FLOOD)
    switch(dashboard, "off")

    assert comment(stranger(app), "Bài sau khi tắt").status_code == 201
    assert level(stranger(app)) == "normal"


def test_another_flood_switches_it_on_again(app: Flask, dashboard: Dashboard) -> None:
    flood(app, FLOOD)
    switch(dashboard, "off")
    flood(app, FLOOD)

    assert level(stranger(app)) == "hard"


def test_the_dashboard_says_where_and_leads_there(app: Flask, dashboard: Dashboard) -> None:
    switch(dashboard, "on", OTHER)

    html = dashboard.get("/admin/").text

    link = element(html, href=f"/admin/sites/{OTHER}/#attack")
    assert link
    assert html.count(ALARM) == 1
    assert "#attack" not in Dashboard(app).get("/admin/login").text


def test_a_switch_needs_the_dashboards_token(app: Flask, dashboard: Dashboard) -> None:
    for token in ({}, {"csrf_token": "x"}):
        path = f"/admin/sites/{SITE}/attack"
        refused = dashboard.client.post(path, data={"attack": "on", **token})
        assert refused.status_code == 400

    assert level(stranger(app)) == "normal"


def test_a_switch_needs_a_moderator(app: Flask) -> None:
    sent_away = Dashboard(app).post(f"/admin/sites/{SITE}/attack", attack="on")

    assert (sent_away.status_code, sent_away.location) == (303, "/admin/login")
    assert level(stranger(app)) == "normal"


@pytest.mark.parametrize("key", ["nobody", "%00", "x" * 500])
def test_a_site_that_is_not_there_has_no_switch(dashboard: Dashboard, key: str) -> None:
    assert dashboard.post(f"/admin/sites/{key}/attack", attack="on").status_code == 404


@pytest.mark.parametrize("fields", [{}, {"attack": "perhaps"}])
def test_whatever_is_not_on_is_off(
    app: Flask, dashboard: Dashboard, fields: dict[str, str]
) -> None:
    switch(dashboard, "on")

    assert dashboard.post(f"/admin/sites/{SITE}/attack", **fields).status_code == 303

    assert level(stranger(app)) == "normal"
