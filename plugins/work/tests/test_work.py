"""Work as a challenge: solved by ALTCHA's own library, the way a browser does it."""

import base64
import datetime
import json
from typing import Any

import altcha
import pytest
from comments_service.plugins.work import service
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from comments_service.testing import PAGE, MakeApp, Reader, add_site

# No store makes a difference to what is asked, said and refused here.
STORES = ("sqlite",)

SECRET = bytes(range(32))
MINE = {"name": "Lan", "text": "Đường đã sửa xong, cảm ơn xã."}


def ask(reader: Reader, *, works: str = "1") -> dict[str, Any]:
    body = {"page": PAGE, "kind": "comment", "works": works}
    answer = reader.send("POST", "/api/v1/sites/portal/challenge", data=json.dumps(body))
    assert answer.status_code == 200
    told: dict[str, Any] = answer.get_json()
    return told


def solve(task: dict[str, Any]) -> str:
    challenge = altcha.Challenge.from_dict(task)
    solution = altcha.solve_challenge(challenge)
    assert solution is not None
    payload = {"challenge": task, "solution": solution.to_dict()}
    return base64.b64encode(json.dumps(payload).encode()).decode()


def send(reader: Reader, told: dict[str, Any], answer: str) -> TestResponse:
    return reader.submit("comment", **MINE, challenge=told["challenge"], altcha=answer, works="1")


def test_whose_browser_has_worked_is_published(app: Flask) -> None:
    reader = Reader(app)
    told = ask(reader)

    response = send(reader, told, solve(told["altcha"]))

    assert told["provider"] == "work"
    assert response.status_code == 200
    assert MINE["text"] in reader.view("comments")["widgets"]["comments"]


def test_who_has_not_worked_is_refused(app: Flask) -> None:
    reader = Reader(app)

    response = send(reader, ask(reader), "")

    assert response.status_code == 422
    assert MINE["text"] in response.get_json()["widgets"]["comments"]


def test_work_for_another_challenge_does_not_count(app: Flask) -> None:
    reader = Reader(app)
    mine, other = ask(reader), ask(reader)

    assert send(reader, mine, solve(other["altcha"])).status_code == 422


def test_work_counts_once(app: Flask) -> None:
    reader = Reader(app)
    told = ask(reader)
    answer = solve(told["altcha"])

    assert send(reader, told, answer).status_code == 200
    assert send(reader, told, answer).status_code == 422


def test_who_can_not_compute_sees_an_image(app: Flask) -> None:
    assert ask(Reader(app), works="")["provider"] == "captcha"


def test_work_grows_with_what_the_network_sends(make_app: MakeApp) -> None:
    app = make_app(plugins="captcha,comments,work", work_keys="8", limit_busy_network="1/hour")
    # A site that asks for nothing asks a busy network for work.
    add_site(app, core={"lowest_rung": "nothing"}, comments={"hold": "no"})
    first = ask(Reader(app))

    assert send(Reader(app), first, "").status_code == 200
    assert (first["provider"], ask(Reader(app))["provider"]) == ("nothing", "work")
    elsewhere = Reader(app, address="198.51.100.9")
    assert ask(elsewhere)["provider"] == "nothing"


@given(st.text() | st.binary().map(lambda raw: base64.b64encode(raw).decode()))
def test_no_rubbish_counts_as_work(rubbish: str) -> None:
    assert not service.is_done(SECRET, rubbish)


@pytest.mark.parametrize("easier", [{"cost": 1}, {"expiresAt": None}, {"salt": "00" * 16}])
def test_a_task_that_was_changed_does_not_count(easier: dict[str, Any]) -> None:
    task = service.task(SECRET, 4, datetime.datetime.now(datetime.UTC))
    task["parameters"] |= {"keyPrefix": "", **easier}

    assert not service.is_done(SECRET, solve(task))
