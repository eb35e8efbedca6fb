"""Challenges that are not what they should be: refused with the next step, and nothing is kept."""

import base64
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from itsdangerous import URLSafeTimedSerializer
from werkzeug.test import TestResponse

from comments_service import challenges, create_app
from comments_service.core import Core
from comments_service.testing import (
    PAGE,
    SECRET_KEY,
    SITE,
    Frame,
    MakeApp,
    Reader,
    add_site,
    element,
    row_counts,
)
from comments_service.testing import STORES as EVERY_STORE
from tests.unit.processes import at_once

from .asking import MINE, TEXT, ask, send, solved

# No store makes a difference to what is refused; only once is what each keeps in its own way.
STORES = ("sqlite",)
on_every_store = pytest.mark.parametrize("database_url", EVERY_STORE, indirect=True)

PLUGINS = "captcha,comments,work"
WORKS = "works"
LONG = "x" * 10_000


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    """Make the service on two sites that publish whoever answers, by image and by work."""
    app = make_app(plugins=PLUGINS, work_keys="4")
    add_site(app, comments={"hold": "no"})
    add_site(app, WORKS, core={"lowest_rung": "work"}, comments={"hold": "no"})
    return app


@pytest.fixture(params=[SITE, WORKS])
def reader(app: Flask, request: pytest.FixtureRequest) -> Reader:
    return Reader(app, site=request.param)


Unchanged = Callable[[], bool]


@pytest.fixture
def unchanged(core: Core) -> Unchanged:
    """Return what tells whether nothing was stored since."""
    before = row_counts(core)
    return lambda: row_counts(core) == before


def assert_neutral(response: TestResponse) -> None:
    """Nothing but that it is over, and what to do next."""
    told = response.get_json()
    assert (response.status_code, told["code"]) == (422, "captcha_expired")
    assert told["title"] == "Mã xác thực đã hết hạn. Vui lòng nhập mã mới."
    assert set(told) == {"code", "errors", "status", "title", "type"}


# --- Tokens --------------------------------------------------------------------------------------


def forgeries(token: str) -> Iterator[str]:
    yield from (token[:length] for length in (1, 10, len(token) // 2, len(token) - 1))
    yield from (f"{token}x", f"x{token}", f" {token}", f"{token}.", token[::-1])
    yield from (LONG, token + LONG, f"{token}." * 200, "." * 400, "\u00e9" * 100, "\u202e")
    payload, at, signature = token.rsplit(".", 2)
    yield f"{payload}.{at}"
    yield f"{payload}..{signature}"
    yield f"{payload}.{at[:-1]}{'Q' if at[-1] == 'A' else 'A'}.{signature}"
    yield f"{payload}x.{at}.{signature}"
    yield "12345"


def test_what_is_no_token_of_ours_is_refused(reader: Reader, unchanged: Unchanged) -> None:
    answered = solved(reader, ask(reader))

    for forged in forgeries(answered["challenge"]):
        assert_neutral(send(reader, **{**answered, "challenge": forged}))

    assert unchanged()
    assert send(reader, **answered).status_code == 201


def test_a_token_of_another_kind_of_value_is_refused(reader: Reader, unchanged: Unchanged) -> None:
    for token in (5, 1.5, 10**30):
        assert_neutral(send(reader, challenge=token))
    for token in (True, [], ["x"], {"a": "b"}):
        assert send(reader, challenge=token).status_code == 428

    assert unchanged()


def resigned(payload: object, key: bytes) -> str:
    return str(URLSafeTimedSerializer(key).dumps(payload))


def test_a_token_signed_for_another_use_is_refused(
    reader: Reader, core: Core, unchanged: Unchanged
) -> None:
    answered = solved(reader, ask(reader))
    payload = core.challenges._serializer.loads(answered["challenge"])  # noqa: SLF001

    for key in (b"another key", core.keys.derive("visitor"), core.keys.derive("form")):
        assert_neutral(send(reader, **{**answered, "challenge": resigned(payload, key)}))
    ours = core.keys.derive("challenge")
    for other in (payload[:4], [*payload, 1], "text", None, ["nobody", *payload[1:]]):
        assert_neutral(send(reader, **{**answered, "challenge": resigned(other, ours)}))

    assert unchanged()


def test_a_service_with_another_key_is_another(
    app: Flask, make_app: MakeApp, unchanged: Unchanged
) -> None:
    stranger = make_app(
        plugins=PLUGINS, work_keys="4", secret_key="a key of another service, as long"
    )

    for site in (SITE, WORKS):
        theirs = Reader(stranger, site=site)
        assert_neutral(send(Reader(app, site=site), **solved(theirs, ask(theirs))))

    assert unchanged()


@pytest.mark.parametrize(
    ("address", "near", "far"),
    [
        ("203.0.113.7", "203.0.113.200", "203.0.112.7"),
        ("2001:db8:1:1::1", "2001:db8:1:ffff::1", "2001:db8:2:1::1"),
    ],
)
def test_a_challenge_is_good_in_its_own_neighbourhood(
    reader: Reader, unchanged: Unchanged, address: str, near: str, far: str
) -> None:
    def elsewhere(address: str) -> Reader:
        return Reader(reader.app, site=reader.site, address=address)

    answered = solved(elsewhere(address), ask(elsewhere(address)))

    assert_neutral(send(elsewhere(far), **answered))
    assert unchanged()
    assert send(elsewhere(near), **answered).status_code == 201


def test_a_challenge_is_good_on_its_own_page(reader: Reader, unchanged: Unchanged) -> None:
    answered = solved(reader, ask(reader))

    for page in ("/khac", PAGE + "?id=2", PAGE + "/"):
        there = Reader(reader.app, site=reader.site, page=page)
        assert_neutral(send(there, **answered))

    assert unchanged()


def test_a_challenge_is_good_on_its_own_site(app: Flask, unchanged: Unchanged) -> None:
    here, there = Reader(app), Reader(app, site=WORKS)

    # The two sites ask for different things; both are known to both.
    assert_neutral(send(there, **solved(here, ask(here))))
    assert_neutral(send(here, **solved(there, ask(there))))

    assert unchanged()


# --- Clocks --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seconds", "is_good"),
    [(-86400, False), (-60, False), (0, True), (1190, True), (1300, False), (10**9, False)],
)
def test_a_token_is_good_for_its_time(
    reader: Reader,
    unchanged: Unchanged,
    monkeypatch: pytest.MonkeyPatch,
    seconds: int,
    *,
    is_good: bool,
) -> None:
    now = int(time.time())
    monkeypatch.setattr("itsdangerous.timed.time.time", lambda: now)
    answered = solved(reader, ask(reader))

    monkeypatch.setattr("itsdangerous.timed.time.time", lambda: now + seconds)
    response = send(reader, **answered)

    if is_good:
        assert response.status_code == 201
    else:
        assert_neutral(response)
        assert unchanged()


def test_what_expired_can_be_asked_anew_and_nothing_typed_is_lost(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = Frame(app, "comments")
    frame.open()
    old = element(frame.html, name="challenge")["value"]
    answer = Reader(app).answer_to(old)
    late = time.time() + challenges.LIFETIME.total_seconds() + 60
    monkeypatch.setattr("itsdangerous.timed.time.time", lambda: late)

    refused = frame.send(**MINE, answer=answer)

    assert refused.status_code == 422
    assert f"{TEXT}</textarea>" in frame.html
    token = element(frame.html, name="challenge")["value"]
    assert frame.send(**MINE, answer=Reader(app).answer_to(token)).status_code == 303


# --- Once ----------------------------------------------------------------------------------------


def redeem(texts: dict[str, str], site: str, fields: dict[str, str]) -> int:
    """Send a comment by a service of this process's own."""
    app = create_app(texts)
    try:
        return send(Reader(app, site=site), **fields).status_code
    finally:
        app.extensions["comments_service"].db.engine.dispose()


@on_every_store
def test_of_two_processes_one_wins(
    reader: Reader, core: Core, database_url: str, tmp_path: Path
) -> None:
    texts = {
        "instance": str(tmp_path),
        "database_url": database_url,
        "secret_key": SECRET_KEY,
        "plugins": PLUGINS,
        "form_seconds": "0",
    }

    answers = at_once(4, redeem, texts, reader.site, solved(reader, ask(reader)))

    assert sorted(answers) == [201, 422, 422, 422]
    assert row_counts(core)["comments_comment"] == 1
    assert row_counts(core)["core_spent_challenge"] == 1


@on_every_store
@pytest.mark.parametrize("door", ["script", "frame"])
def test_no_door_takes_it_twice(reader: Reader, core: Core, door: str) -> None:
    answered = solved(reader, ask(reader))
    assert send(reader, **answered).status_code == 201

    again = reader.submit("comment", door=door, **MINE, **answered, works="1")

    assert again.status_code == 422
    assert row_counts(core)["comments_comment"] == 1


@on_every_store
def test_what_was_guessed_wrong_is_used_up(reader: Reader, core: Core) -> None:
    answered = solved(reader, ask(reader))

    wrong = send(reader, challenge=answered["challenge"], answer="sai", altcha="sai")

    assert wrong.get_json()["code"] == "captcha_wrong"
    assert_neutral(send(reader, **answered))
    assert row_counts(core)["comments_comment"] == 0


# --- Answers -------------------------------------------------------------------------------------


def strange_answers() -> Iterator[str]:
    yield from (LONG, "\u00e9" * 10_000, " " * 10_000, "\u202e", "0", "{}", "[]", "null", "=")
    for inner in (
        b"[" * 3000,
        b'{"challenge":' * 200,
        b'{"challenge":5,"solution":5}',
        b"\xff" * 9,
    ):
        yield base64.b64encode(inner).decode()


def test_strange_answers_are_wrong_and_keep_nothing(reader: Reader, core: Core) -> None:
    for strange in strange_answers():
        token = ask(reader)["challenge"]
        response = send(reader, challenge=token, answer=strange, altcha=strange)
        assert (response.status_code, response.get_json()["code"]) == (422, "captcha_wrong")

    kept = row_counts(core)
    assert kept["comments_comment"] == kept["core_page"] == kept["core_submission"] == 0


def test_answers_that_are_no_text_are_wrong(reader: Reader) -> None:
    for strange in (5, -1, True, 10**300, 1.5, None, [LONG], {"a": LONG}):
        token = ask(reader)["challenge"]
        response = send(reader, challenge=token, answer=strange, altcha=strange)
        assert (response.status_code, response.get_json()["code"]) == (422, "captcha_wrong")


@pytest.mark.parametrize("door", ["script", "frame"])
def test_a_form_with_a_long_answer_keeps_what_was_typed(reader: Reader, door: str) -> None:
    token = ask(reader)["challenge"]

    response = reader.submit(
        "comment", door=door, **MINE, challenge=token, answer=LONG, altcha=LONG, works="1"
    )

    html = response.get_json()["widgets"]["comments"] if response.is_json else response.text
    assert response.status_code == 422
    assert f"{TEXT}</textarea>" in html
    assert LONG not in html
    assert element(html, name="challenge")["value"] != token
