"""The image challenge: asked, answered once, and good for nothing else."""

import base64
import datetime
import io
import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from comments_service.plugins.captcha import service
from flask import Flask
from PIL import Image
from werkzeug.test import TestResponse

from comments_service import challenges, clock
from comments_service.core import Core
from comments_service.testing import (
    SITE,
    Frame,
    MakeApp,
    Reader,
    add_site,
    element,
    elements,
    row_counts,
)

# No store makes a difference to what is asked, said and refused here.
STORES = ("sqlite",)

WRONG = "Mã xác thực không đúng."
EXPIRED = "Mã xác thực đã hết hạn. Vui lòng nhập mã mới."
TYPED = {"name": "Trần Thị Hoa", "email": "hoa@example.vn", "text": "Dòng một\n\nDòng <hai>"}


def send(reader: Reader, **fields: object) -> TestResponse:
    """Send a comment by JSON."""
    body = {"page": reader.page, "lang": reader.lang, **TYPED, **fields}
    return reader.send("POST", f"/api/v1/sites/{reader.site}/comments", data=json.dumps(body))


def ask(reader: Reader) -> dict[str, Any]:
    body = {"page": reader.page, "kind": "comment", "lang": reader.lang}
    path = f"/api/v1/sites/{reader.site}/challenge"
    told: dict[str, Any] = reader.send("POST", path, data=json.dumps(body)).get_json()
    return told


def drawn(response: TestResponse) -> str:
    html: str = response.get_json()["widgets"]["comments"]
    return html


def stored_comments(core: Core) -> int:
    return row_counts(core)["comments_comment"]


def assert_all_typed_is_kept(html: str) -> None:
    assert element(html, name="name")["value"] == TYPED["name"]
    assert element(html, name="email")["value"] == TYPED["email"]
    assert "Dòng một\n\nDòng &lt;hai&gt;</textarea>" in html


def test_an_image_of_letters_is_asked_for(reader: Reader) -> None:
    told = ask(reader)

    header, _, data = told["image"].partition(",")
    image = Image.open(io.BytesIO(base64.b64decode(data)))
    image.load()
    assert header == "data:image/png;base64"
    assert (image.format, image.size) == ("PNG", (320, 180))
    assert told["provider"] == "captcha"
    assert element(told["html"], name="challenge")["value"] == told["challenge"]
    assert element(told["html"], id="cs-answer")["autocomplete"] == "off"


def test_the_image_does_not_give_its_letters_away(reader: Reader) -> None:
    told = ask(reader)
    letters = reader.answer_to(told["challenge"])

    del told["image"]
    assert letters not in json.dumps(told)


def test_each_challenge_is_another(reader: Reader) -> None:
    first, second = ask(reader), ask(reader)

    assert first["challenge"] != second["challenge"]
    assert first["image"] != second["image"]


def damaged(file: Path) -> None:
    file.write_bytes(b"no recordings")


# Nobody reads a folder as a file, not even root, who reads all files.
@pytest.mark.parametrize("spoil", [damaged, Path.mkdir])
def test_voices_that_can_not_be_read_leave_the_image(
    reader: Reader,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    spoil: Callable[[Path], None],
) -> None:
    file = tmp_path / "voices" / "vi.npz"
    file.parent.mkdir()
    spoil(file)

    told = [ask(reader), ask(reader)]

    assert [each["provider"] for each in told] == ["captcha", "captcha"]
    assert element(told[0]["html"], value="moderator")
    assert [str(file) in message for message in caplog.messages] == [True]


@pytest.mark.parametrize("door", ["script", "frame"])
def test_a_right_answer_is_taken(core: Core, reader: Reader, door: str) -> None:
    response = reader.comment(door=door)

    assert response.status_code == {"script": 200, "frame": 303}[door]
    assert stored_comments(core) == 1


def disguises(letters: str) -> Iterator[str]:
    yield letters.lower()
    yield f"  {letters} "
    yield " ".join(letters)
    yield "".join(chr(ord(letter) - ord("A") + ord("\uff21")) for letter in letters)  # full width


def test_case_spaces_and_width_of_the_answer_do_not_matter(reader: Reader) -> None:
    for disguised in disguises("ACEFH"):
        assert service.matches("ACEFH", disguised), disguised


def test_an_answer_in_lower_case_with_spaces_is_taken(reader: Reader) -> None:
    solved = reader.solve("comment")
    typed = " ".join(solved["answer"].lower())

    assert send(reader, **{**solved, "answer": typed}).status_code == 201


def test_a_wrong_answer_is_told_beside_the_field(core: Core, reader: Reader) -> None:
    old = ask(reader)["challenge"]
    response = reader.submit("comment", **TYPED, challenge=old, answer="sai")

    html = drawn(response)
    field = element(html, name="answer")
    assert response.status_code == 422
    assert f'<p class="cs-error" id="cs-answer-error">{WRONG}</p>' in html
    assert "cs-answer-error" in field["aria-describedby"].split()
    assert field["aria-invalid"] == "true"
    assert "autofocus" in field
    assert "value" not in field
    assert_all_typed_is_kept(html)
    assert element(html, name="challenge")["value"] != old
    assert stored_comments(core) == 0


def test_a_wrong_answer_is_told_in_the_frame_too(core: Core, app: Flask) -> None:
    frame = Frame(app, "comments")
    frame.open()
    old = element(frame.html, name="challenge")["value"]

    response = frame.send(**TYPED, answer="sai")

    assert response.status_code == 422
    assert f'id="cs-answer-error">{WRONG}</p>' in frame.html
    assert_all_typed_is_kept(frame.html)
    assert element(frame.html, name="challenge")["value"] != old
    assert stored_comments(core) == 0


def test_the_next_challenge_can_be_solved(app: Flask, reader: Reader) -> None:
    frame = Frame(app, "comments")
    frame.open()
    frame.send(**TYPED, answer="sai")
    token = element(frame.html, name="challenge")["value"]

    response = frame.send(**TYPED, answer=reader.answer_to(token))

    assert response.status_code == 303


@pytest.mark.parametrize(
    ("lang", "message"), [("vi", WRONG), ("en", "The verification code is not correct.")]
)
def test_json_says_the_same(reader: Reader, lang: str, message: str) -> None:
    reader.lang = lang
    response = send(reader, challenge=ask(reader)["challenge"], answer="sai")

    told = response.get_json()
    assert (response.status_code, told["code"]) == (422, "captcha_wrong")
    assert told["errors"] == [{"field": "answer", "messages": [message]}]


def test_a_right_answer_spends_the_challenge(core: Core, reader: Reader) -> None:
    solved = reader.solve("comment")

    first, second = send(reader, **solved), send(reader, **solved)

    assert first.status_code == 201
    assert (second.status_code, second.get_json()["code"]) == (422, "captcha_expired")
    assert stored_comments(core) == 1


def test_a_wrong_answer_spends_the_challenge_too(core: Core, reader: Reader) -> None:
    solved = reader.solve("comment")

    send(reader, **{**solved, "answer": "sai"})
    second = reader.submit("comment", **TYPED, **solved)

    assert second.status_code == 422
    assert EXPIRED in drawn(second)
    assert_all_typed_is_kept(drawn(second))
    assert stored_comments(core) == 0


def test_a_challenge_is_good_for_its_own_page_site_and_kind(
    app: Flask, core: Core, reader: Reader
) -> None:
    strangers = [Reader(app, page="/khac"), Reader(app, site="other")]

    answers = [send(stranger, **reader.solve("comment")) for stranger in strangers]

    codes = [answer.get_json()["code"] for answer in answers]
    assert codes == ["captcha_expired", "captcha_expired"]
    assert stored_comments(core) == 0


def test_a_challenge_for_another_kind_is_refused(make_app: MakeApp) -> None:
    app = make_app(plugins="captcha,comments,rating")
    add_site(app)
    reader = Reader(app)

    response = send(reader, **reader.solve("rating"))

    assert response.get_json()["code"] == "captcha_expired"


def test_an_old_challenge_has_expired(
    core: Core, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    solved = reader.solve("comment")
    later = time.time() + challenges.LIFETIME.total_seconds() + 1

    monkeypatch.setattr("itsdangerous.timed.time.time", lambda: later)
    response = send(reader, **solved)

    assert (response.status_code, response.get_json()["code"]) == (422, "captcha_expired")
    assert stored_comments(core) == 0


def test_a_challenge_from_the_future_is_refused(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as future:
        tomorrow = time.time() + datetime.timedelta(days=1).total_seconds()
        future.setattr("itsdangerous.timed.time.time", lambda: tomorrow)
        token = ask(reader)["challenge"]

    assert send(reader, challenge=token, answer="x").get_json()["code"] == "captcha_expired"


def forgeries(token: str) -> Iterator[str]:
    yield "x"
    yield token[:-9] + ("A" if token[-9] != "A" else "B") + token[-8:]
    yield token[:-5]
    yield token[1:]
    yield token.partition(".")[0]
    yield token + "." + token
    yield token * 50
    yield "." * 300
    yield "é\u200b" * 20


def test_forged_truncated_and_oversized_challenges_are_refused(core: Core, reader: Reader) -> None:
    solved = reader.solve("comment")
    before = row_counts(core)

    for forged in forgeries(solved["challenge"]):
        answer = send(reader, challenge=forged, answer=solved["answer"])
        assert answer.get_json()["code"] == "captcha_expired", forged

    assert row_counts(core) == before
    assert send(reader, **solved).status_code == 201


@pytest.mark.parametrize(
    "fields", [{}, {"challenge": ""}, {"answer": "ACEFH"}, {"challenge": None}]
)
def test_json_without_a_challenge_is_told_to_get_one(
    core: Core, reader: Reader, fields: dict[str, object]
) -> None:
    response = send(reader, **fields)

    told = response.get_json()
    assert (response.status_code, told["code"]) == (428, "challenge_required")
    assert told["errors"][0]["field"] == "answer"
    assert stored_comments(core) == 0


def test_a_form_without_a_challenge_gets_one(reader: Reader) -> None:
    response = reader.submit("comment", **TYPED)

    assert response.status_code == 428
    assert "Vui lòng nhập mã xác thực." in drawn(response)
    assert element(drawn(response), name="challenge")["value"]
    assert_all_typed_is_kept(drawn(response))


def test_strange_answers_are_wrong(core: Core, reader: Reader) -> None:
    for answer in ("", " ", "x" * 100_000, "\0", "😀" * 5):
        token = ask(reader)["challenge"]
        response = reader.submit("comment", **TYPED, challenge=token, answer=answer)
        assert response.status_code == 422, answer
        assert WRONG in drawn(response), answer

    assert stored_comments(core) == 0


def test_another_image_keeps_what_was_typed(core: Core, app: Flask) -> None:
    frame = Frame(app, "comments")
    frame.open()
    old = element(frame.html, name="challenge")["value"]
    image = element(frame.html, **{"class": "cs-captcha-image"})["src"]
    before = row_counts(core)

    response = frame.send(**TYPED, renew="1")

    assert response.status_code == 200
    assert element(frame.html, name="challenge")["value"] != old
    assert element(frame.html, **{"class": "cs-captcha-image"})["src"] != image
    assert_all_typed_is_kept(frame.html)
    assert "cs-error" not in frame.html
    assert row_counts(core) == before


def test_challenges_that_nobody_answers_leave_nothing_behind(core: Core, reader: Reader) -> None:
    before = row_counts(core)

    for _ in range(5):
        ask(reader)

    assert row_counts(core) == before


def test_spent_challenges_are_forgotten_once_they_have_expired(
    core: Core, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader.comment()
    later = clock.now() + 2 * challenges.LIFETIME
    monkeypatch.setattr(clock, "now", lambda: later)
    reader.comment()

    assert row_counts(core)["core_spent_challenge"] == 1


def test_one_solved_challenge_is_redeemed_once_by_many_at_once(app: Flask, core: Core) -> None:
    solved = Reader(app).solve("comment")

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: send(Reader(app), **solved), range(8)))

    codes = sorted(answer.status_code for answer in answers)
    assert codes == [201] + [422] * 7
    assert stored_comments(core) == 1


def test_two_processes_share_what_is_spent(app: Flask, core: Core, make_app: MakeApp) -> None:
    other_process = make_app(plugins="captcha,comments")
    solved = Reader(app).solve("comment")

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda each: send(Reader(each), **solved), [app, other_process]))

    assert sorted(answer.status_code for answer in answers) == [201, 422]
    assert stored_comments(core) == 1


def test_a_key_of_another_service_opens_nothing(app: Flask, make_app: MakeApp) -> None:
    stranger = make_app(plugins="captcha,comments", secret_key="another key, just as long as ours!")

    response = send(Reader(app), **Reader(stranger).solve("comment"))

    assert response.get_json()["code"] == "captcha_expired"


def test_a_site_can_ask_for_harder_images(make_app: MakeApp) -> None:
    app = make_app(plugins="captcha,comments")
    add_site(app, captcha={"level": "hard"})

    response = Reader(app).comment()

    assert response.status_code == 202


def test_the_script_door_asks_only_who_begins_to_write(app: Flask, reader: Reader) -> None:
    html = reader.view("comments")["widgets"]["comments"]

    place = element(html, **{"data-cs-challenge": "comment"})
    assert place["class"] == "cs-challenge"
    assert not any(has.get("name") == "challenge" for _, has in elements(html))
    assert SITE in element(html, method="post")["action"]
