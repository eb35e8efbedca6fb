"""How much is asked of a reader: by the site's rungs, by who sends much, and by other ways."""

import json
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from comments_service.plugins.captcha import voices
from flask import Flask
from werkzeug.test import TestResponse

from comments_service import sites
from comments_service.config import ConfigError
from comments_service.core import Core
from comments_service.models import FilterVerdict
from comments_service.testing import (
    PAGE,
    SITE,
    Dashboard,
    Frame,
    MakeApp,
    Reader,
    add_site,
    element,
    elements,
    row_counts,
)

from .asking import MINE, TEXT, ask, comment, send, solved, variant

# No store makes a difference to what is asked, said and refused here.
STORES = ("sqlite",)

PLUGINS = "captcha,comments,work,trust"
ONE_MORE = "Còn một bước nữa"
LESS = "Người gửi xác thực ở mức thấp hơn mức trang đang yêu cầu."
Told = dict[str, Any]


def with_site(make_app: MakeApp, lowest: str, highest: str = "hold", **limits: str) -> Flask:
    """Make the service with a site of these rungs, where whoever solves enough is published."""
    app = make_app(plugins=PLUGINS, work_keys="4", **limits)
    add_site(
        app,
        core={"lowest_rung": lowest, "highest_rung": highest},
        comments={"hold": "no"},
    )
    return app


def reasons(app: Flask) -> list[str]:
    core: Core = app.extensions["comments_service"]
    with core.db.read() as session:
        return list(session.scalars(sa.select(FilterVerdict.reason).order_by(FilterVerdict.id)))


def drawn(response: TestResponse) -> str:
    html: str = response.get_json()["widgets"]["comments"]
    return html


# --- What the site says --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lowest", "works", "provider"),
    [
        ("nothing", "1", "nothing"),
        ("nothing", "", "nothing"),
        ("work", "1", "work"),
        ("work", "", "captcha"),
        ("person", "1", "captcha"),
        ("person", "", "captcha"),
        ("hold", "1", "captcha"),
    ],
)
def test_each_rung_asks_its_own(make_app: MakeApp, lowest: str, works: str, provider: str) -> None:
    reader = Reader(with_site(make_app, lowest))

    assert ask(reader, works=works)["provider"] == provider


@pytest.mark.parametrize(
    ("lowest", "status"), [("nothing", 201), ("work", 201), ("person", 201), ("hold", 202)]
)
def test_who_does_what_each_rung_asks_is_published_but_on_the_last(
    make_app: MakeApp, lowest: str, status: int
) -> None:
    app = with_site(make_app, lowest)

    response = comment(Reader(app))

    assert response.status_code == status
    assert bool(reasons(app)) == (status == 202)


def test_the_highest_rung_is_never_passed(make_app: MakeApp) -> None:
    limits = {"limit_busy_network": "1/hour", "limit_busy_page": "1/hour"}
    app = with_site(make_app, "nothing", "nothing", **limits)
    reader = Reader(app)
    for number in range(3):
        assert comment(reader, f"Ý kiến thứ {number}").status_code == 201

    assert ask(reader)["provider"] == "nothing"


def test_a_site_says_which_challenge_a_person_answers(make_app: MakeApp) -> None:
    app = make_app(plugins="captcha,comments,question")
    questions = "1 + 2 = ? = 3"
    add_site(app, question={"questions": questions})
    add_site(app, "asks", core={"person": "question"}, question={"questions": questions})

    assert ask(Reader(app))["provider"] == "captcha"
    assert ask(Reader(app, site="asks"))["provider"] == "question"


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("core.lowest_rung", "image", "A rung is nothing, work, person or hold."),
        ("core.highest_rung", "", "A rung is nothing, work, person or hold."),
        ("core.highest_rung", "work", "core.lowest_rung is above core.highest_rung."),
        ("core.attack_posts", "-1", "core.attack_posts goes from 0."),
        ("core.attack_posts", "many", "core.attack_posts='many' is not a valid int"),
        ("core.lowest", "work", "Did you mean core.lowest_rung?"),
    ],
)
def test_bad_values_are_refused_with_what_is_possible(
    app: Flask, core: Core, name: str, text: str, said: str
) -> None:
    with core.db.write() as session:
        site = sites.get(session, SITE)
        before = site.settings
        with pytest.raises(ConfigError) as refused:
            sites.set_setting(core.plugins, site, name, text)
        assert site.settings == before

    assert said in str(refused.value)


# --- Who sends much ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lowest", "provider"), [("nothing", "work"), ("work", "captcha"), ("person", "captcha")]
)
def test_a_busy_network_is_asked_for_more_and_never_held(
    make_app: MakeApp, lowest: str, provider: str
) -> None:
    app = with_site(make_app, lowest, limit_busy_network="2/hour")
    calm, busy = Reader(app, address="198.51.100.9"), Reader(app)
    for number in range(2):
        assert comment(busy, f"Ý kiến thứ {number}").status_code == 201

    assert ask(busy)["provider"] == provider
    assert ask(calm)["provider"] == {"nothing": "nothing", "work": "work"}.get(lowest, "captcha")
    assert comment(busy, "Thêm một ý kiến").status_code == 201


def test_however_busy_nobody_is_held_for_it(make_app: MakeApp) -> None:
    busy = dict.fromkeys(("network", "neighbourhood", "page"), "1/hour")
    app = with_site(make_app, "work", **{f"limit_busy_{name}": text for name, text in busy.items()})
    reader = Reader(app)

    answers = [comment(reader, f"Ý kiến thứ {number}").status_code for number in range(4)]

    assert answers == [201] * 4
    assert ask(reader)["provider"] == "captcha"


def test_a_busy_network_gets_harder_images_and_more_work(make_app: MakeApp) -> None:
    app = with_site(make_app, "person", limit_busy_network="1/hour")
    add_site(app, "works", core={"lowest_rung": "work", "highest_rung": "work"})
    reader, worker = Reader(app), Reader(app, site="works")
    before = [variant(each, ask(each)) for each in (reader, worker)]

    assert comment(reader).status_code == 201

    assert before == ["normal", "0"]
    assert [variant(each, ask(each)) for each in (reader, worker)] == ["hard", "1"]
    assert comment(reader, "Đọc được hình khó").status_code == 201


@pytest.mark.parametrize(
    ("sender", "near", "far"),
    [
        ("203.0.113.7", "203.0.113.200", "203.0.114.7"),
        ("2001:db8:1:201::1", "2001:db8:1:2ff::1", "2001:db8:2:201::1"),
        ("2001:db8:1:201::1", "2001:db8:1:9900::1", "2001:db8:2:201::1"),
    ],
    ids=["/24", "/56", "/48"],
)
def test_a_busy_neighbourhood_is_asked_for_more(
    make_app: MakeApp, sender: str, near: str, far: str
) -> None:
    app = with_site(make_app, "nothing", limit_busy_neighbourhood="1/hour")
    assert comment(Reader(app, address=sender)).status_code == 201

    assert ask(Reader(app, address=near))["provider"] == "work"
    assert ask(Reader(app, address=far))["provider"] == "nothing"


def test_each_wider_network_that_is_busy_counts(make_app: MakeApp) -> None:
    app = with_site(make_app, "work", "work", limit_busy_neighbourhood="1/hour")
    assert comment(Reader(app, address="2001:db8:1:201::1")).status_code == 201

    def doubled(address: str) -> str:
        reader = Reader(app, address=address)
        return variant(reader, ask(reader))

    within_56, within_48, outside = "2001:db8:1:2ff::1", "2001:db8:1:9900::1", "2001:db8:2::1"
    assert [doubled(each) for each in (within_56, within_48, outside)] == ["2", "1", "0"]


def test_a_busy_page_asks_everybody_for_more(make_app: MakeApp) -> None:
    app = with_site(make_app, "nothing", limit_busy_page="1/hour")
    assert comment(Reader(app)).status_code == 201

    far = "198.51.100.9"
    assert ask(Reader(app, address=far))["provider"] == "work"
    assert ask(Reader(app, address=far, page="/khac"))["provider"] == "nothing"


def approved(app: Flask, n: int) -> Reader:
    """Return a reader of whom moderators approved `n` comments, from a network that is busy."""
    core: Core = app.extensions["comments_service"]
    core.accounts.save(Dashboard.NAME, Dashboard.PASSWORD)
    dashboard = Dashboard(app)
    dashboard.log_in()
    reader = Reader(app)
    for number in range(n):
        response = comment(reader, f"Ý kiến thứ {number} của tôi")
        reader.visitor = response.get_json()["visitor"]
        dashboard.decide("approve", response.get_json()["id"])
    return reader


@pytest.mark.parametrize(("n", "provider"), [(3, "nothing"), (2, "work")])
def test_who_is_trusted_is_asked_for_the_least(make_app: MakeApp, n: int, provider: str) -> None:
    app = with_site(make_app, "nothing", limit_busy_network="1/hour")
    known = approved(app, n)

    assert ask(known)["provider"] == provider
    assert ask(Reader(app))["provider"] == "work"


def test_what_was_published_by_itself_earns_no_trust(make_app: MakeApp) -> None:
    app = with_site(make_app, "nothing", limit_busy_network="1/hour")
    reader = Reader(app)
    for number in range(4):
        sent = comment(reader, f"Ý kiến thứ {number} của tôi")
        assert sent.status_code in {201, 428}
        reader.visitor = sent.get_json().get("visitor", reader.visitor)

    assert ask(reader)["provider"] == "work"


def test_who_was_refused_once_is_no_longer_trusted(make_app: MakeApp) -> None:
    app = with_site(make_app, "nothing", limit_busy_network="1/hour")
    known = approved(app, 4)
    dashboard = Dashboard(app)
    dashboard.log_in()
    dashboard.decide("spam", 1)

    assert ask(known)["provider"] == "work"


# --- More is asked by now ------------------------------------------------------------------------


def outgrown(make_app: MakeApp, *, works: str) -> tuple[Reader, Told]:
    """Return a reader with a challenge of the least rung, in whose network much was sent since."""
    app = with_site(make_app, "nothing", limit_busy_network="1/hour")
    reader = Reader(app)
    told = ask(reader, works=works)
    assert told["provider"] == "nothing"
    assert comment(Reader(app), "Một người khác cùng mạng").status_code == 201
    return reader, told


@pytest.mark.parametrize(("works", "field"), [("1", "altcha"), ("", "answer")])
def test_the_script_door_draws_a_higher_rung_and_keeps_what_was_typed(
    make_app: MakeApp, works: str, field: str
) -> None:
    reader, told = outgrown(make_app, works=works)
    before = row_counts(reader.app.extensions["comments_service"])

    response = reader.submit("comment", **MINE, challenge=told["challenge"], works=works)

    html = drawn(response)
    assert response.status_code == 428
    assert element(html, name=field)
    assert element(html, name="challenge")["value"] != told["challenge"]
    assert f"{TEXT}</textarea>" in html
    assert element(html, name="name")["value"] == MINE["name"]
    assert ONE_MORE in html
    assert row_counts(reader.app.extensions["comments_service"]) == before


def test_the_frame_draws_a_higher_rung_that_can_be_solved(make_app: MakeApp) -> None:
    app = with_site(make_app, "nothing", limit_busy_network="1/hour")
    frame = Frame(app, "comments")
    frame.open()
    assert not any(has.get("name") == "answer" for _, has in elements(frame.html))
    assert comment(Reader(app, address="127.0.0.1")).status_code == 201

    refused = frame.send(**MINE)

    assert refused.status_code == 428
    assert ONE_MORE in frame.html
    assert f"{TEXT}</textarea>" in frame.html
    token = element(frame.html, name="challenge")["value"]
    assert frame.send(**MINE, answer=Reader(app).answer_to(token)).status_code == 303


@pytest.mark.parametrize(("works", "provider"), [("1", "work"), ("", "captcha")])
def test_json_carries_the_next_challenge(make_app: MakeApp, works: str, provider: str) -> None:
    reader, told = outgrown(make_app, works=works)

    refused = send(reader, works=works, **solved(reader, told))
    problem = refused.get_json()

    assert (refused.status_code, problem["code"]) == (428, "challenge_required")
    assert problem["errors"][0]["field"] == "answer"
    assert problem["challenge"]["provider"] == provider
    assert send(reader, **solved(reader, problem["challenge"])).status_code == 201


@pytest.mark.parametrize(("rung", "field"), [("person", "answer"), ("work", "altcha")])
def test_what_was_collected_while_it_was_cheap_is_not_spent_when_it_is_dear(
    make_app: MakeApp, rung: str, field: str
) -> None:
    app = with_site(make_app, rung, rung, limit_busy_network="1/hour", limit_busy_page="1/hour")
    reader = Reader(app)
    hoarded, late = ask(reader), ask(reader)
    assert send(reader, **solved(reader, late)).status_code == 201
    before = row_counts(app.extensions["comments_service"])

    refused = reader.submit("comment", **MINE, **solved(reader, hoarded), works="1")

    html = drawn(refused)
    assert refused.status_code == 428
    assert ONE_MORE in html
    assert f"{TEXT}</textarea>" in html
    assert element(html, name=field)
    assert row_counts(app.extensions["comments_service"]) == before
    dear = ask(reader)
    assert variant(reader, dear) != variant(reader, hoarded)
    assert send(reader, text="Đã làm thêm", **solved(reader, dear)).status_code == 201


def test_one_step_meanwhile_is_no_reason_to_ask_again(make_app: MakeApp) -> None:
    app = with_site(make_app, "person", limit_busy_network="1/hour")
    reader = Reader(app)
    early = ask(reader)
    assert comment(reader).status_code == 201
    assert variant(reader, ask(reader)) == "hard"

    assert send(reader, text="Đọc trước đó", **solved(reader, early)).status_code == 201


def test_json_without_any_challenge_is_given_one(make_app: MakeApp) -> None:
    reader = Reader(with_site(make_app, "person"))

    refused = send(reader)

    assert refused.status_code == 428
    assert send(reader, **solved(reader, refused.get_json()["challenge"])).status_code == 201


def test_no_challenge_is_carried_to_who_asked_for_too_many(make_app: MakeApp) -> None:
    reader = Reader(with_site(make_app, "person", limit_challenge="1/minute"))
    assert send(reader).status_code == 428

    refused = send(reader)

    assert (refused.status_code, refused.get_json()["code"]) == (429, "rate_limited")


# --- Other ways ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with few voices: to make them takes longer than a test."""
    folder = tmp_path_factory.mktemp("spoken")
    voices.make(folder, speakers=1, takes=1)
    return folder


@pytest.fixture
def app(make_app: MakeApp, tmp_path: Path, spoken: Path) -> Flask:
    """Make the service with voices, on a site that publishes whoever answers."""
    (tmp_path / "voices").symlink_to(spoken)
    app = make_app(plugins=PLUGINS, limit_alternative="3/hour")
    add_site(app, comments={"hold": "no"})
    return app


def ways(html: str) -> list[str]:
    return [
        has["value"]
        for name, has in elements(html)
        if name == "button" and "cs-plain" in has["class"]
    ]


def test_who_can_not_see_may_listen_or_be_read_first(app: Flask) -> None:
    reader = Reader(app)
    image, spoken = ask(reader), ask(reader, way="spoken")

    assert ways(image["html"]) == ["spoken", "moderator"]
    assert (spoken["provider"], ways(spoken["html"])) == ("spoken", ["captcha", "moderator"])
    assert send(reader, **solved(reader, spoken)).status_code == 201


def test_the_image_and_the_spoken_code_are_two_questions(app: Flask) -> None:
    reader = Reader(app)
    spoken = ask(reader, way="spoken")

    answer = reader.answer_to(ask(reader)["challenge"])

    assert send(reader, challenge=spoken["challenge"], answer=answer).status_code == 422


def test_what_comes_by_way_of_the_moderator_is_held(app: Flask) -> None:
    reader = Reader(app)
    told = ask(reader, works="", way="moderator")

    response = send(reader, **solved(reader, told))

    assert (told["provider"], response.status_code) == ("nothing", 202)
    assert reasons(app) == [LESS]


def test_it_is_held_even_of_whom_a_filter_would_publish(app: Flask, core: Core) -> None:
    with core.db.write() as session:
        sites.set_setting(core.plugins, sites.get(session, SITE), "trust.after", "1")
    known = approved(app, 2)

    assert comment(known, "Tôi trả lời được").status_code == 201
    assert comment(known, "Tôi không đọc được hình", way="moderator").status_code == 202


@pytest.mark.parametrize("way", ["nobody", "work", "x" * 5000, "captcha"])
def test_no_other_way_leads_past_the_image(app: Flask, way: str) -> None:
    assert ask(Reader(app), way=way)["provider"] == "captcha"


def test_whoever_can_not_have_a_spoken_code_is_read_first(app: Flask) -> None:
    reader = Reader(app)
    told = [ask(reader, way="spoken", works="") for _ in range(4)]

    assert [each["provider"] for each in told] == [*["spoken"] * 3, "nothing"]
    assert send(reader, **solved(reader, told[-1])).status_code == 202
    assert ask(reader)["provider"] == "captcha"
    assert ask(Reader(app, address="198.51.100.9"), way="spoken")["provider"] == "spoken"


def test_nobody_uses_up_the_way_to_a_moderator(app: Flask) -> None:
    reader = Reader(app)
    for _ in range(10):
        told = ask(reader, way="moderator", works="")

    assert send(reader, **solved(reader, told)).status_code == 202


@pytest.mark.parametrize("door", ["script", "frame"])
@pytest.mark.parametrize("way", ["spoken", "moderator"])
def test_who_goes_another_way_gives_the_question_back(
    app: Flask, core: Core, door: str, way: str
) -> None:
    reader = Reader(app)
    image = ask(reader)

    changed = reader.submit("comment", door=door, **MINE, challenge=image["challenge"], renew=way)

    assert changed.status_code == 200
    refused = send(reader, **solved(reader, image))
    assert (refused.status_code, refused.get_json()["code"]) == (422, "captcha_expired")
    assert row_counts(core)["core_spent_challenge"] == 1
    assert row_counts(core)["comments_comment"] == 0


@pytest.mark.parametrize(("way", "again"), [("", "1"), ("spoken", "spoken"), ("", "x" * 500)])
def test_another_of_the_same_kind_leaves_nothing_behind(
    app: Flask, core: Core, way: str, again: str
) -> None:
    reader = Reader(app)
    told = ask(reader, way=way)
    before = row_counts(core)

    for _ in range(2):
        response = reader.submit("comment", **MINE, challenge=told["challenge"], renew=again)
        assert response.status_code == 200

    assert row_counts(core) == before


def test_who_listened_and_erred_listens_again(app: Flask) -> None:
    frame = Frame(app, "comments")
    frame.open()
    assert "cs-captcha-sound" in frame.send(**MINE, renew="spoken").text

    refused = frame.send(**MINE, answer="000")

    assert refused.status_code == 422
    assert "cs-captcha-sound" in frame.html
    assert "cs-captcha-image" not in frame.html
    token = element(frame.html, name="challenge")["value"]
    assert token
    assert ways(frame.html) == ["captcha", "moderator"]


def test_who_wants_to_be_read_first_need_not_say_so_twice(app: Flask) -> None:
    frame = Frame(app, "comments")
    frame.open()
    frame.send(**MINE, renew="moderator")

    refused = frame.send(name="", text=TEXT)

    assert refused.status_code == 422
    assert "cs-captcha-image" not in frame.html
    assert frame.send(**MINE).status_code == 303


def test_who_goes_back_to_the_image_stays_there(app: Flask) -> None:
    frame = Frame(app, "comments")
    frame.open()
    frame.send(**MINE, renew="spoken")
    frame.send(**MINE, renew="captcha")
    assert "cs-captcha-image" in frame.html

    frame.send(**MINE, answer="000")

    assert "cs-captcha-image" in frame.html


# --- What can't be set ---------------------------------------------------------------------------


def test_without_images_at_hand_scripts_work_and_a_moderator_looks(
    app: Flask, core: Core, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_dry(monkeypatch)
    reader = Reader(app)
    told = ask(reader)

    assert (told["provider"], ways(told["html"])) == ("work", [])
    assert send(reader, **solved(reader, told)).status_code == 202
    assert row_counts(core)["comments_comment"] == 1


def test_without_images_at_hand_others_are_asked_for_nothing_and_a_moderator_looks(
    app: Flask, core: Core, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_dry(monkeypatch)
    frame = Frame(app, "comments")

    assert frame.open().status_code == 200
    assert "cs-captcha" not in frame.html
    assert "Người kiểm duyệt đọc nội dung này trước khi đăng." in frame.html
    assert frame.send(**MINE).status_code == 303
    assert TEXT not in Reader(app).view("comments")["widgets"]["comments"]
    assert reasons(app) == [LESS]


def run_dry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no image be ready, as under a flood of askers."""
    monkeypatch.setattr("comments_service.pools.PATIENCE", 0.01)
    monkeypatch.setattr("comments_service.pools.Pool._refill", lambda _pool: None)


def test_json_is_told_by_its_fields_alone_what_to_do(app: Flask) -> None:
    body = {"page": PAGE, "kind": "comment", "way": ["spoken"]}

    refused = Reader(app).send("POST", f"/api/v1/sites/{SITE}/challenge", data=json.dumps(body))

    assert refused.status_code == 422
    assert refused.get_json()["errors"][0]["field"] == "way"
