"""What programs do and readers don't: fill in a hidden field, answer at once."""

import datetime
import json

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.test import TestResponse

from comments_service.core import Core
from comments_service.models import Envelope, FilterVerdict, Status
from comments_service.testing import (
    SITE,
    Frame,
    MakeApp,
    Reader,
    add_site,
    element,
    elements,
)

from .asking import MINE, TEXT, ask, send, solved

# No store makes a difference to what is asked, said and refused here.
STORES = ("sqlite",)

PLUGINS = "captcha,comments,work"
OTHER = "other"
OPEN = {"core": {"lowest_rung": "nothing"}, "comments": {"hold": "no"}}
FILLED_IN = "Ô ẩn của biểu mẫu đã bị điền."


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    """Make the service on two sites that publish whoever answers."""
    app = make_app(plugins=PLUGINS, work_keys="4")
    for key in (SITE, OTHER):
        add_site(app, key, comments={"hold": "no"})
    return app


def judged(core: Core) -> list[tuple[Status, list[str]]]:
    """Return what became of each submission, and why."""
    with core.db.read() as session:
        found = session.execute(sa.select(Envelope.id, Envelope.status).order_by(Envelope.id)).all()
        said = session.execute(
            sa.select(FilterVerdict.submission_id, FilterVerdict.reason).order_by(FilterVerdict.id)
        ).all()
    return [(status, [why for about, why in said if about == number]) for number, status in found]


# --- The hidden field ----------------------------------------------------------------------------


def trap(reader: Reader) -> str:
    """Return the name of the field that a reader does not see."""
    html = ask(reader)["html"]
    label = html[html.index('class="cs-trap"') :]
    return element(label, autocomplete="off")["name"]


def test_the_hidden_field_is_nobodys_to_find(app: Flask) -> None:
    html = ask(Reader(app))["html"]
    field = element(html, name=trap(Reader(app)))

    assert (field["tabindex"], field["type"]) == ("-1", "text")
    assert ("p", {"class": "cs-trap", "aria-hidden": "true"}) in elements(html)


def test_its_name_differs_between_sites_and_services(app: Flask, make_app: MakeApp) -> None:
    names = set()
    for number in range(8):
        add_site(app, f"site-{number}")
        names.add(trap(Reader(app, site=f"site-{number}")))
    stranger = make_app(plugins=PLUGINS, secret_key="another key, just as long as ours!")

    assert len(names) > 4
    assert [trap(Reader(stranger, site=f"site-{n}")) for n in range(3)] != [
        trap(Reader(app, site=f"site-{n}")) for n in range(3)
    ]
    assert trap(Reader(app)) == trap(Reader(app, address="198.51.100.9"))


@pytest.mark.parametrize("door", ["script", "frame"])
def test_who_fills_it_in_is_spam_and_is_told_what_others_are_told(
    make_app: MakeApp, door: str
) -> None:
    app = make_app(plugins=PLUGINS)
    # Comments wait here, so that a person's answer is that of one who waits.
    add_site(app)
    person, program = Reader(app), Reader(app)

    held = person.comment("Tôi là người", door=door)
    caught = program.comment("Tôi là máy", door=door, **{trap(program): "https://spam.example"})

    statuses = judged(app.extensions["comments_service"])
    assert statuses == [(Status.HELD, []), (Status.SPAM, [FILLED_IN])]
    assert caught.status_code == held.status_code == {"script": 202, "frame": 303}[door]
    assert told(caught) == told(held)


def told(response: TestResponse) -> str:
    """Return what a reader is told, without what is each one's own."""
    if response.is_json:
        answer: dict[str, str] = response.get_json()
        return json.dumps({**answer, "visitor": "", "widgets": visible(response)})
    return response.location.partition("outcome=")[0] + str("outcome=" in response.location)


def visible(response: TestResponse) -> list[tuple[str, str]]:
    html = response.get_json()["widgets"]["comments"]
    return [(name, has.get("class", "")) for name, has in elements(html)]


def test_json_that_fills_it_in_is_told_that_it_waits(app: Flask, core: Core) -> None:
    reader = Reader(app)

    response = send(reader, **solved(reader, ask(reader)), **{trap(reader): "x"})

    answer = response.get_json()
    assert (response.status_code, answer["status"]) == (202, "held")
    assert set(answer) == {"id", "status", "visitor"}
    assert judged(core) == [(Status.SPAM, [FILLED_IN])]
    assert TEXT not in reader.view("comments")["widgets"]["comments"]


def test_another_sites_trap_is_no_trap(app: Flask, core: Core) -> None:
    reader = Reader(app)
    foreign = trap(Reader(app, site=OTHER))
    assert foreign != trap(reader)

    # Of the reader's own, a program may well say that it is empty.
    hidden = {foreign: "x", trap(reader): False}
    assert send(reader, **solved(reader, ask(reader)), **hidden).status_code == 201
    assert judged(core) == [(Status.PUBLISHED, [])]


def test_a_frame_has_the_trap_and_leaves_it_empty(app: Flask, core: Core) -> None:
    frame = Frame(app, "comments")
    frame.open()
    name = trap(Reader(app))
    token = element(frame.html, name="challenge")["value"]
    assert element(frame.html, name=name).get("value", "") == ""

    sent = frame.send(**MINE, answer=Reader(app).answer_to(token), **{name: ""})

    assert sent.status_code == 303
    assert judged(core) == [(Status.PUBLISHED, [])]


# --- Too fast ------------------------------------------------------------------------------------


def test_who_answers_faster_than_people_is_held(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app(plugins=PLUGINS, form_seconds="5")
    add_site(app, **OPEN)
    core: Core = app.extensions["comments_service"]
    at = 1_800_000_000

    for seconds in (0, 4, 5, 60):
        drawn_at(monkeypatch, at)
        reader = Reader(app)
        told = ask(reader)
        monkeypatch.setattr("comments_service.clock.now", lambda s=seconds: moment(at + s))
        assert send(reader, text=f"Sau {seconds} giây", **solved(reader, told)).is_json

    assert [status for status, _ in judged(core)] == [Status.HELD] * 2 + [Status.PUBLISHED] * 2
    assert judged(core)[0][1] == ["Gửi chỉ 0 giây sau khi mở biểu mẫu."]
    assert judged(core)[1][1] == ["Gửi chỉ 4 giây sau khi mở biểu mẫu."]


def test_a_clock_that_was_set_back_is_no_failure(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app(plugins=PLUGINS, form_seconds="2")
    add_site(app, **OPEN)
    at = 1_800_000_000
    drawn_at(monkeypatch, at)
    reader = Reader(app)
    told = ask(reader)

    monkeypatch.setattr("comments_service.clock.now", lambda: moment(at - 30))

    assert send(reader, **solved(reader, told)).status_code == 202


def drawn_at(monkeypatch: pytest.MonkeyPatch, at: int) -> None:
    monkeypatch.setattr("itsdangerous.timed.time.time", lambda: at)


def moment(at: int) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(at, datetime.UTC)
