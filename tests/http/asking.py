"""What a client does that asks for challenges by JSON, solves them, and comments."""

import base64
import json
from collections.abc import Mapping
from typing import Any

import altcha
from comments_service.plugins.captcha import plugin as captcha
from comments_service.plugins.captcha import sound
from werkzeug.test import TestResponse

from comments_service.core import Core
from comments_service.testing import Reader

TEXT = "Đường đã sửa xong, cảm ơn xã."
MINE = {"name": "Lan", "text": TEXT}


def request_challenge(reader: Reader, *, works: str = "1", way: str = "") -> TestResponse:
    """Ask for a challenge; `works`: "1" if the browser can compute, `way`: another than usual."""
    body = {
        "page": reader.page,
        "kind": "comment",
        "works": works,
        "way": way,
        "visitor": reader.visitor,
        "lang": reader.lang,
    }
    return reader.send("POST", f"/api/v1/sites/{reader.site}/challenge", data=json.dumps(body))


def ask(reader: Reader, *, works: str = "1", way: str = "") -> dict[str, Any]:
    """Return the challenge that `reader` is given."""
    response = request_challenge(reader, works=works, way=way)
    assert response.status_code == 200, response.text
    told: dict[str, Any] = response.get_json()
    return told


def solved(reader: Reader, told: Mapping[str, Any]) -> dict[str, str]:
    """Return the fields that send the challenge `told` back with its right answer."""
    token = told["challenge"]
    if told["provider"] == "work":
        return {"challenge": token, "altcha": worked(told["altcha"])}
    if told["provider"] == "spoken":
        return {"challenge": token, "answer": heard(reader, token)}
    return {"challenge": token, "answer": reader.answer_to(token)}


def worked(task: Mapping[str, Any]) -> str:
    """Do the work as ALTCHA's own library does it."""
    solution = altcha.solve_challenge(altcha.Challenge.from_dict(dict(task)))
    assert solution is not None
    payload = {"challenge": task, "solution": solution.to_dict()}
    return base64.b64encode(json.dumps(payload).encode()).decode()


def heard(reader: Reader, token: str) -> str:
    """Return the digits that a person would hear."""
    core: Core = reader.app.extensions["comments_service"]
    _provider, _variant, nonce, *_ = core.challenges._serializer.loads(token)  # noqa: SLF001
    return sound.digits(core.challenges._secret(nonce), captcha.DIGITS)  # noqa: SLF001


def variant(reader: Reader, told: Mapping[str, Any]) -> str:
    """Return the level of the image, or how often the work was doubled."""
    core: Core = reader.app.extensions["comments_service"]
    _provider, level, *_ = core.challenges._serializer.loads(told["challenge"])  # noqa: SLF001
    return str(level)


def send(reader: Reader, **fields: object) -> TestResponse:
    """Send a comment by JSON, with the `fields` of a solved challenge among it."""
    body = {
        "page": reader.page,
        "lang": reader.lang,
        "visitor": reader.visitor,
        **MINE,
        **fields,
    }
    return reader.send("POST", f"/api/v1/sites/{reader.site}/comments", data=json.dumps(body))


def comment(reader: Reader, text: str = TEXT, *, works: str = "1", way: str = "") -> TestResponse:
    """Solve whatever is asked, and send a comment by JSON with it."""
    told = ask(reader, works=works, way=way)
    return send(reader, text=text, **solved(reader, told))
