"""What a reader sends: checked, cleaned, held or published, and shown at every door."""

import json
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from comments_service.core import Core
from comments_service.testing import (
    PAGE,
    SITE,
    Dashboard,
    Frame,
    MakeApp,
    Reader,
    add_site,
    element,
    row_counts,
)

DOORS = ("script", "frame", "include", "api")


def send(reader: Reader, **fields: object) -> TestResponse:
    """Send a comment by JSON, its challenge solved."""
    body = {"page": reader.page, "lang": reader.lang, "name": "Lan", "text": "Hay quá."}
    body |= reader.solve("comment")
    path = f"/api/v1/sites/{reader.site}/comments"
    return reader.send("POST", path, data=json.dumps({**body, **fields}))


def publish(reader: Reader, **fields: object) -> int:
    response = send(reader, **fields)
    assert response.status_code == 201, response.text
    number: int = response.get_json()["id"]
    return number


def read(reader: Reader, **query: object) -> dict[str, Any]:
    path = f"/api/v1/sites/{reader.site}/comments"
    told: dict[str, Any] = reader.send(
        "GET", path, query_string={"page": reader.page, **query}
    ).get_json()
    return told


def at_door(reader: Reader, door: str) -> str:
    """Return what `door` shows of the page's comments."""
    query = {"page": reader.page, "lang": reader.lang}
    if door == "script":
        return str(reader.view("comments")["widgets"]["comments"])
    if door == "api":
        return json.dumps(read(reader), ensure_ascii=False)
    path = {"frame": "embed", "include": "include"}[door]
    return reader.send("GET", f"/{path}/{reader.site}/comments", query_string=query).text


def drawn(response: TestResponse) -> str:
    return str(response.get_json()["widgets"]["comments"])


def test_a_comment_is_held_until_it_is_approved(app: Flask, dashboard: Dashboard) -> None:
    reader = Reader(app)
    sent = send(reader, text="Chờ duyệt nhé")

    assert sent.status_code == 202
    assert sent.get_json()["status"] == "held"
    assert not [door for door in DOORS if "Chờ duyệt nhé" in at_door(reader, door)]
    assert reader.send("GET", sent.headers["Location"]).status_code == 404

    dashboard.decide("approve", sent.get_json()["id"])

    assert not [door for door in DOORS if "Chờ duyệt nhé" not in at_door(reader, door)]
    assert reader.send("GET", sent.headers["Location"]).status_code == 200
    assert read(reader)["total"] == 1


@pytest.mark.parametrize("action", ["reject", "spam", "delete"])
def test_a_comment_that_is_taken_down_is_gone_everywhere(
    app: Flask, dashboard: Dashboard, open_reader: Reader, action: str
) -> None:
    number = publish(open_reader, text="Sắp bị gỡ")

    dashboard.decide(action, number)

    assert not [door for door in DOORS if "Sắp bị gỡ" in at_door(open_reader, door)]
    assert read(open_reader)["total"] == 0


def test_thanks_say_that_it_waits(reader: Reader) -> None:
    response = reader.comment()

    assert response.status_code == 202
    assert "đang chờ duyệt" in drawn(response)
    assert element(drawn(response), name="name")["value"] == ""


def test_thanks_say_that_it_is_public(open_reader: Reader) -> None:
    response = open_reader.comment(text="Có ngay")

    assert response.status_code == 200
    assert "Cảm ơn bạn. Bình luận đã được đăng." in drawn(response)
    assert '<div class="cs-text" dir="auto">Có ngay</div>' in drawn(response)


def test_json_answers_with_the_comments_address(open_reader: Reader) -> None:
    response = send(open_reader, text="Có địa chỉ")

    shown = open_reader.send("GET", response.headers["Location"]).get_json()
    assert response.status_code == 201
    assert response.get_json()["status"] == "published"
    assert (shown["name"], shown["text"]) == ("Lan", "Có địa chỉ")


def test_without_anything_to_ask_every_comment_waits(make_app: MakeApp) -> None:
    app = make_app(plugins="comments")
    add_site(app, comments={"hold": "no"})
    reader = Reader(app)

    response = reader.comment("Không có mã")

    assert response.status_code == 202
    assert "đang chờ duyệt" in drawn(response)


@pytest.mark.parametrize(
    ("field", "bad", "message"),
    [
        ("name", "", "Vui lòng nhập họ và tên."),
        ("name", " \u200b\t", "Vui lòng nhập họ và tên."),
        ("text", "", "Vui lòng nhập nội dung bình luận."),
        ("text", "\n \u202e \n", "Vui lòng nhập nội dung bình luận."),
        ("email", "lan", "Vui lòng kiểm tra lại địa chỉ này."),
        ("email", "lan@example.vn, b@example.vn", "Vui lòng kiểm tra lại địa chỉ này."),
    ],
)
def test_a_bad_field_is_told_at_its_place(
    core: Core, reader: Reader, field: str, bad: str, message: str
) -> None:
    good = {"name": "Lan", "email": "lan@example.vn", "text": "Hay quá."}
    before = row_counts(core)

    answer = send(reader, **{**good, field: bad})
    form = reader.comment(**{**good, field: bad})

    assert (answer.status_code, answer.get_json()["code"]) == (422, "validation")
    assert answer.get_json()["errors"] == [{"field": field, "messages": [message]}]
    assert form.status_code == 422
    assert f'id="cs-{field}-error">{message}</p>' in drawn(form)
    assert row_counts(core) == before


@pytest.mark.parametrize(("field", "limit"), [("text", 5000), ("name", 80), ("email", 254)])
def test_what_is_too_long_is_kept_and_told(
    core: Core, reader: Reader, field: str, limit: int
) -> None:
    long = "ầ" * (limit + 1 - len("@example.vn")) + "@example.vn"
    before = row_counts(core)

    form = reader.comment(**{field: long})
    answer = send(reader, **{field: long})

    assert (form.status_code, answer.status_code) == (413, 413)
    assert answer.get_json()["code"] == "too_long"
    assert f"Vui lòng rút gọn còn tối đa {limit} ký tự." in drawn(form)
    assert f"cs-{field}-error" in element(drawn(form), name=field)["aria-describedby"]
    assert long in drawn(form)
    assert row_counts(core) == before


def test_what_is_just_short_enough_is_taken(open_reader: Reader) -> None:
    publish(open_reader, text="ầ" * 5000, name="ầ" * 80)

    assert read(open_reader)["comments"][0]["text"] == "ầ" * 5000


def test_the_email_is_on_no_door(open_reader: Reader) -> None:
    thanks = open_reader.comment(email="bi-mat@example.vn").text
    publish(open_reader, email="bi-mat@example.vn")

    assert "bi-mat" not in thanks
    assert not [door for door in DOORS if "bi-mat" in at_door(open_reader, door)]


def test_markup_is_text_at_every_door(open_reader: Reader) -> None:
    attack = "<script>alert(1)</script><img src=x onerror=alert(1)> \"'&amp;"
    publish(open_reader, text=attack, name='"><b onclick=x>Lan</b>')

    for door in ("script", "frame", "include"):
        html = at_door(open_reader, door)
        assert "&lt;script&gt;alert(1)" in html
        assert "<script>" not in html
        assert "<img src=x" not in html
        assert "<b onclick" not in html
    assert read(open_reader)["comments"][0]["text"] == attack


def test_text_is_cleaned_before_it_is_kept(open_reader: Reader) -> None:
    publish(
        open_reader,
        name="  Nguye\u0302\u0303n\u202e \t Lan\n",
        text="  Tie\u0302\u0301ng Vie\u0323\u0302t\u2066\r\n\r\n\r\n\r\nhai\u200b dòng\u0007 ",
    )

    [shown] = read(open_reader)["comments"]
    assert shown["name"] == "Nguyễn Lan"
    assert shown["text"] == "Tiếng Việt\n\nhai dòng"


def test_a_public_comment_can_be_answered(open_reader: Reader) -> None:
    first = publish(open_reader, name="Hoa", text="Ý kiến")
    second = publish(open_reader, text="Trả lời", parent=first)
    third = publish(open_reader, text="Trả lời nữa", parent=str(second))

    told = {each["id"]: each for each in read(open_reader)["comments"]}
    assert told[second]["parent"] == first
    assert told[third]["parent"] == second
    assert {each["thread"] for each in told.values()} == {first}
    assert "trả lời</" not in at_door(open_reader, "script")
    assert "trả lời <bdi>Hoa</bdi>" in at_door(open_reader, "script")


def test_an_answer_is_written_below_what_it_answers(open_reader: Reader) -> None:
    first = publish(open_reader, name="Hoa")

    html = open_reader.view("comments", query={"reply_to": str(first)})["widgets"]["comments"]

    assert "Trả lời Hoa</h3>" in html
    assert element(html, name="parent")["value"] == str(first)


def test_an_answer_to_a_comment_taken_down_says_so(
    open_reader: Reader, dashboard: Dashboard
) -> None:
    first = publish(open_reader, name="Hoa")
    publish(open_reader, parent=first)

    dashboard.decide("delete", first)

    assert "trả lời một bình luận đã gỡ" in at_door(open_reader, "script")
    assert "Hoa" not in at_door(open_reader, "script")


def unanswerable(app: Flask) -> list[object]:
    held = send(Reader(app, site="open-later")).get_json()["id"]
    elsewhere = publish(Reader(app, site="open", page="/khac"))
    return [held, elsewhere, 2_000_000_000, 0, -1, 2**31, 2**63, 10**300, "abc", "1.5", "٣"]


def test_only_a_public_comment_of_the_page_can_be_answered(
    app: Flask, core: Core, open_reader: Reader
) -> None:
    add_site(app, "open-later")
    parents = unanswerable(app)
    before = row_counts(core)["comments_comment"]

    for parent in parents:
        answer = send(open_reader, parent=parent)
        form = open_reader.comment(parent=str(parent), text="Giữ lại nhé")
        assert answer.status_code == form.status_code == 422, parent
        assert answer.get_json()["errors"][0]["field"] == "parent", parent
        assert "Bình luận bạn đang trả lời không còn nữa." in drawn(form), parent
        assert "Giữ lại nhé</textarea>" in drawn(form), parent

    assert row_counts(core)["comments_comment"] == before


def test_a_held_comment_of_the_same_page_can_not_be_answered(reader: Reader) -> None:
    held = send(reader).get_json()["id"]

    assert send(reader, parent=held).status_code == 422


def test_a_refused_answer_spends_its_challenge(core: Core, open_reader: Reader) -> None:
    solved = open_reader.solve("comment")

    answers = [send(open_reader, parent=99, **solved), send(open_reader, **solved)]

    assert [each.get_json()["code"] for each in answers] == ["validation", "captcha_expired"]
    assert row_counts(core)["comments_comment"] == 0


@pytest.mark.parametrize("wrong", [None, 5, [1], {"a": 1}, True, 1.5])
def test_fields_of_other_types_are_told_or_taken_as_text(
    core: Core, reader: Reader, wrong: object
) -> None:
    for field in ("page", "lang", "visitor", "name", "email", "text", "parent", "challenge"):
        response = send(reader, **{field: wrong})
        assert response.status_code in {202, 422, 428}, (field, response.text)


def test_a_name_or_text_that_is_no_text_is_missing(reader: Reader) -> None:
    response = send(reader, name=["Lan"], text={"a": "b"})

    assert {each["field"] for each in response.get_json()["errors"]} == {"name", "text"}


def test_the_frame_thanks_after_a_redirect(app: Flask, core: Core, reader: Reader) -> None:
    frame = Frame(app, "comments")
    frame.open()
    token = element(frame.html, name="challenge")["value"]
    answer = reader.answer_to(token)

    sent = frame.send(name="Lan", text="Từ khung", answer=answer)
    thanks = frame.follow(sent)

    assert sent.status_code == 303
    assert thanks.status_code == 200
    assert "đang chờ duyệt" in thanks.text
    assert row_counts(core)["comments_comment"] == 1


def test_the_include_has_comments_and_no_form(open_reader: Reader) -> None:
    publish(open_reader, text="Trong mã nguồn")

    html = at_door(open_reader, "include")

    assert "Trong mã nguồn" in html
    assert "<form" not in html
    assert f"/embed/{open_reader.site}/comments?page=" in html


def test_nobody_has_commented_yet(reader: Reader) -> None:
    assert "Chưa có bình luận nào." in at_door(reader, "script")
    assert read(reader) == {
        "page": PAGE,
        "total": 0,
        "sort": "newest",
        "comments": [],
        "previous": None,
        "next": None,
    }


def test_one_comment_is_read_on_its_own_page_and_site_only(app: Flask, open_reader: Reader) -> None:
    number = publish(open_reader)
    paths = [
        f"/api/v1/sites/open/comments/{number}?page=/khac",
        f"/api/v1/sites/{SITE}/comments/{number}?page={PAGE}",
        f"/api/v1/sites/open/comments/{2**31}?page={PAGE}",
        f"/api/v1/sites/open/comments/-1?page={PAGE}",
        f"/api/v1/sites/open/comments/{'9' * 5000}?page={PAGE}",
    ]

    for path in paths:
        response = open_reader.send("GET", path)
        assert (response.status_code, response.get_json()["code"]) == (404, "not_found"), path
