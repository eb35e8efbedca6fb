"""The question over HTTP: asked, answered once, and only where there is one."""

import json
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.test import TestResponse

from comments_service import sites
from comments_service.config import ConfigError
from comments_service.core import Core
from comments_service.models import Envelope, Site
from comments_service.testing import PAGE, SITE, Frame, Reader, element, hidden_fields

# No store makes a difference to what is asked, said and refused here.
STORES = ("sqlite",)

ANSWERS = {"Thủ đô nước ta là gì?": "ha noi", "1 + 2 = ?": "Ba"}


def ask(reader: Reader) -> dict[str, Any]:
    body = {"page": reader.page, "kind": "comment", "lang": reader.lang}
    path = f"/api/v1/sites/{reader.site}/challenge"
    told: dict[str, Any] = reader.send("POST", path, data=json.dumps(body)).get_json()
    return told


def send(reader: Reader, asked: dict[str, Any], answer: str) -> TestResponse:
    body = {"page": reader.page, "lang": reader.lang, "name": "Lan", "text": "Một lời."}
    path = f"/api/v1/sites/{reader.site}/comments"
    solved = {"challenge": asked["challenge"], "answer": answer}
    return reader.send("POST", path, data=json.dumps({**body, **solved}))


def statuses(core: Core) -> list[str]:
    with core.db.read() as session:
        return [str(status) for status in session.scalars(sa.select(Envelope.status))]


def test_a_question_is_asked_and_answered(core: Core, reader: Reader) -> None:
    asked = ask(reader)

    assert asked["provider"] == "question"
    assert asked["question"] in asked["html"]
    assert "Câu hỏi khác" in asked["html"]
    assert element(asked["html"], id="cs-answer")["autocomplete"] == "off"
    assert send(reader, asked, ANSWERS[asked["question"]]).status_code == 201
    assert statuses(core) == ["published"]


def test_nothing_that_is_sent_holds_the_answer(reader: Reader) -> None:
    told = json.dumps(ask(reader), ensure_ascii=False)
    assert "Hà Nội" not in told
    assert "ba" not in told.split()


def test_a_wrong_answer_is_told_beside_the_field(core: Core, reader: Reader) -> None:
    asked = ask(reader)
    response = reader.submit(
        "comment", name="Lan", text="Một lời.", challenge=asked["challenge"], answer="Huế"
    )

    html = response.get_json()["widgets"]["comments"]
    field = element(html, name="answer")
    assert response.status_code == 422
    assert field["aria-invalid"] == "true"
    assert "cs-answer-error" in field["aria-describedby"].split()
    assert statuses(core) == []


def test_a_challenge_takes_one_answer(core: Core, reader: Reader) -> None:
    asked = ask(reader)
    answer = ANSWERS[asked["question"]]

    assert send(reader, asked, "sai").status_code == 422
    assert send(reader, asked, answer).status_code == 422
    assert statuses(core) == []


def test_each_site_asks_its_own(app: Flask) -> None:
    asked = ask(Reader(app, site="other"))
    assert asked["question"] == "Một tuần có mấy ngày?"
    assert "Câu hỏi khác" not in asked["html"]


def test_a_site_without_questions_asks_none_and_holds(core: Core, app: Flask) -> None:
    reader = Reader(app, site="bare")
    asked = ask(reader)

    assert asked["provider"] == "nothing"
    assert send(reader, asked, "").status_code == 202
    assert statuses(core) == ["held"]


def test_a_reader_of_another_language_is_not_asked(app: Flask) -> None:
    assert ask(Reader(app, lang="en"))["provider"] == "nothing"


def test_an_answer_to_a_list_that_was_changed_is_held(core: Core, reader: Reader) -> None:
    asked = ask(reader)
    with core.db.write() as session:
        site = session.scalars(sa.select(Site).where(Site.key == SITE)).one()
        sites.set_setting(core.plugins, site, "question.questions", "1 + 1 = ? = 2")

    assert send(reader, asked, ANSWERS[asked["question"]]).status_code == 202
    assert statuses(core) == ["held"]


def test_it_is_asked_without_scripts_too(app: Flask, core: Core) -> None:
    frame = Frame(app, "comments")
    frame.open()
    question = next(text for text in ANSWERS if text in frame.html)
    assert hidden_fields(frame.html)["page"] == PAGE

    response = frame.send(name="Lan", text="Một lời.", answer=ANSWERS[question])

    assert response.status_code == 303
    assert statuses(core) == ["published"]


@pytest.mark.parametrize("lines", ["Thủ đô là gì?", "= 3", "1 + 2 = ? = 3\nsai"])
def test_lines_that_are_no_questions_are_refused(core: Core, lines: str) -> None:
    with core.db.write() as session:
        site = session.scalars(sa.select(Site).where(Site.key == SITE)).one()
        with pytest.raises(ConfigError, match=r"question\.questions: write a question"):
            sites.set_setting(core.plugins, site, "question.questions", lines)
