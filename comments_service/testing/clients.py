"""Those who use the service in tests: readers by their three doors, and moderators."""

from __future__ import annotations

import dataclasses
import importlib
import json
from typing import TYPE_CHECKING, Any

from comments_service.testing.html import elements, hidden_fields

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from comments_service.core import Core
    from comments_service.identity import Keys

ORIGIN = "https://portal.example"
SITE = "portal"
PAGE = "/tin-tuc/mot-bai"
BROWSER = "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"


@dataclasses.dataclass
class Reader:
    """Does over HTTP what a reader's browser does, from the page of an allowed origin."""

    app: Flask
    site: str = SITE
    page: str = PAGE
    lang: str = "vi"
    visitor: str = ""
    """The token that the browser keeps."""
    address: str = "203.0.113.7"
    user_agent: str = BROWSER

    @property
    def client(self) -> FlaskClient:
        return self.app.test_client()

    def send(self, method: str, path: str, **options: Any) -> TestResponse:  # noqa: ANN401 (werkzeug's)
        """Send one request, as a script in the page would."""
        headers = {"Origin": ORIGIN, "User-Agent": self.user_agent, **options.pop("headers", {})}
        return self.client.open(
            path,
            method=method,
            headers=headers,
            environ_overrides={"REMOTE_ADDR": self.address},
            **options,
        )

    def view(self, *widgets: str, **asked: Any) -> dict[str, Any]:  # noqa: ANN401 (any JSON)
        """Open the page; return what embed.js is told."""
        body = {
            "site": self.site,
            "page": self.page,
            "lang": self.lang,
            "visitor": self.visitor,
            "widgets": widgets,
            **asked,
        }
        response = self.send("POST", "/api/v1/view", data=json.dumps(body))
        assert response.status_code == 200, response.text
        told: dict[str, Any] = response.get_json()
        return told

    def submit(self, kind: str, *, door: str = "script", **fields: str) -> TestResponse:
        """Send the form of `kind` as it stands in its widget, filled with `fields`."""
        widget = next(
            name
            for name, plugin in self._core.plugins.by_name.items()
            if kind in [each.name for each in plugin.kinds]
        )
        html = self.view(widget, count=False)["widgets"][widget]
        form = {**hidden_fields(html), "door": door, "visitor": self.visitor, **fields}
        response = self.send("POST", f"/submit/{self.site}/{kind}", data=form)
        if response.is_json and response.get_json().get("visitor"):
            self.visitor = response.get_json()["visitor"]
        return response

    def solve(self, kind: str) -> dict[str, str]:
        """Ask for a challenge and solve it, with the secret that only the service knows."""
        body = {"page": self.page, "kind": kind, "lang": self.lang}
        path = f"/api/v1/sites/{self.site}/challenge"
        token = self.send("POST", path, data=json.dumps(body)).get_json()["challenge"]
        return {"challenge": token, "answer": self.answer_to(token)}

    def answer_to(self, token: str) -> str:
        """Return what a person would read from the image of `token`, or hear."""
        return answer_to(self._core.keys, token)

    def comment(self, text: str = "Bài viết rất hữu ích.", **fields: str) -> TestResponse:
        """Send a comment with a solved challenge."""
        return self.submit(
            "comment", **{"name": "Lan", "text": text, **self.solve("comment"), **fields}
        )

    def rate(self, stars: int) -> TestResponse:
        return self.submit("rating", stars=str(stars))

    @property
    def _core(self) -> Core:
        core: Core = self.app.extensions["comments_service"]
        return core


def answer_to(keys: Keys, token: str) -> str:
    """Return what a person would read, or hear, of the captcha whose token this is."""
    from comments_service.challenges import Challenges  # noqa: PLC0415

    plugin = "comments_service.plugins.captcha"
    challenges = Challenges(keys, {})
    # As the service reads it, but whomever it was made for.
    provider, variant, nonce, *_ = challenges._serializer.loads(token)  # noqa: SLF001
    secret = challenges._secret(nonce)  # noqa: SLF001
    if provider == "spoken":
        digits = importlib.import_module(f"{plugin}.plugin").DIGITS
        return str(importlib.import_module(f"{plugin}.sound").digits(secret, digits))
    image = importlib.import_module(f"{plugin}.image")
    level = image.LEVELS.get(variant)
    return str(image.letters(secret, level)) if level else ""


class Frame:
    """A reader who opens one widget's own document, in a browser of their own without scripts."""

    def __init__(
        self, app: Flask, widget: str, *, base_url: str = "https://comments.example"
    ) -> None:
        self._client = app.test_client()
        self._widget = widget
        self._base_url = base_url
        self.html = ""
        """The document that is open."""

    def open(self, **query: str) -> TestResponse:
        asked = {"page": PAGE, "lang": "vi", **query}
        return self._load("GET", f"/embed/{SITE}/{self._widget}", query_string=asked)

    def send(self, **fields: str) -> TestResponse:
        """Send the first form of the document, filled with `fields`; stay before a redirect."""
        action = next(
            attributes["action"] for tag, attributes in elements(self.html) if tag == "form"
        )
        return self._load("POST", action, data={**hidden_fields(self.html), **fields})

    def follow(self, response: TestResponse) -> TestResponse:
        """Go where `response` redirects to."""
        return self._load("GET", response.location)

    def _load(self, method: str, address: str, **options: Any) -> TestResponse:  # noqa: ANN401 (werkzeug's)
        path = address.removeprefix(self._base_url)
        headers = {"User-Agent": BROWSER}
        if method == "POST":
            headers["Origin"] = self._base_url
        response = self._client.open(
            path, method=method, base_url=self._base_url, headers=headers, **options
        )
        self.html = response.text
        return response


class Dashboard:
    """A moderator's browser."""

    NAME = "thu"
    PASSWORD = "a password for tests"  # noqa: S105

    def __init__(self, app: Flask, address: str = "198.51.100.1") -> None:
        self.client = app.test_client()
        self._from = {"REMOTE_ADDR": address}

    def get(self, path: str) -> TestResponse:
        return self.client.get(path, environ_overrides=self._from)

    def post(self, path: str, **fields: str | list[str]) -> TestResponse:
        """Send a form of the dashboard, with the token of the page it stands on."""
        page = self.get("/admin/login").text
        data = {"csrf_token": hidden_fields(page)["csrf_token"], **fields}
        return self.client.post(path, data=data, environ_overrides=self._from)

    def log_in(self, name: str = NAME, password: str = PASSWORD) -> TestResponse:
        return self.post("/admin/login", name=name, password=password)

    def decide(self, action: str, *ids: int) -> TestResponse:
        """Tick the rows `ids` and use the button `action` for all of them."""
        chosen = [str(each) for each in ids]
        return self.post("/admin/decide", all=action, id=chosen, newest=self.newest())

    def newest(self) -> str:
        """Return what the queue says is the newest submission, as its form does."""
        page = elements(self.get("/admin/").text)
        return next((has["value"] for _, has in page if has.get("name") == "newest"), "0")
