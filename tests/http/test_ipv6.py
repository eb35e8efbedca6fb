"""The whole job over IPv6, against the service as an operator starts it: dual-stack."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from flask import Flask

from comments_service.core import Core
from comments_service.testing import (
    ORIGIN,
    PAGE,
    SECRET_KEY,
    SITE,
    Dashboard,
    answer_to,
    hidden_fields,
)
from tests.browser.running import SECONDS, answers, until
from tests.ports import free_port

TEXT = "Bình luận gửi qua IPv6."
# A program's own name would not be counted.
READER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
API = f"/api/v1/sites/{SITE}"


@pytest.fixture
def database_url(sqlite_template: Path, tmp_path: Path) -> str:
    """Take SQLite: the way to the service does not lead through the database."""
    file = tmp_path / "comments.sqlite3"
    shutil.copyfile(sqlite_template, file)
    return f"sqlite:///{file}"


@pytest.fixture
def port(app: Flask, core: Core, database_url: str, tmp_path: Path) -> Iterator[int]:
    """Serve on every address of this machine, with a site and a moderator; return the port."""
    core.accounts.save(Dashboard.NAME, Dashboard.PASSWORD)
    port = free_port()
    command = [sys.executable, "-m", "comments_service", "serve", "--host", "::"]
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join(sys.path),
        "COMMENTS_INSTANCE": str(tmp_path),
        "COMMENTS_DATABASE_URL": database_url,
        "COMMENTS_SECRET_KEY": SECRET_KEY,
        "COMMENTS_FORM_SECONDS": "0",
        "COMMENTS_CAPTCHA_POOL": "1",
        "COMMENTS_PLUGINS": "rating,comments,counters,captcha",
    }
    process = subprocess.Popen([*command, "--port", str(port)], env=environment)  # noqa: S603 (ours)
    try:
        until(lambda: answers(f"http://[::1]:{port}/readyz"), "the service is up")
        yield port
    finally:
        process.terminate()
        process.wait(SECONDS)


@pytest.fixture
def browse(port: int) -> Iterator[Callable[[str], "Browser"]]:
    """Open a browser that reaches the service at one address."""
    with contextlib.ExitStack() as stack:

        def open_one(host: str) -> Browser:
            client = httpx.Client(
                base_url=f"http://{host}:{port}",
                headers={"User-Agent": READER},
                trust_env=False,
                timeout=SECONDS,
            )
            return Browser(stack.enter_context(client))

        yield open_one


class Browser:
    """A reader's browser on the portal's page, or a moderator's."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client
        self.visitor = ""

    def get(self, path: str) -> httpx.Response:
        return self._client.get(path).raise_for_status()

    def from_the_page(self, path: str, **asked: object) -> dict[str, Any]:
        """Send JSON as a script in the portal's page does."""
        body = json.dumps({"page": PAGE, "lang": "vi", **asked})
        response = self._client.post(path, content=body, headers={"Origin": ORIGIN})
        told: dict[str, Any] = response.raise_for_status().json()
        return told

    def view(self, *widgets: str, count: bool = True) -> dict[str, Any]:
        asked = {"site": SITE, "visitor": self.visitor, "widgets": widgets, "count": count}
        return self.from_the_page("/api/v1/view", **asked)

    def submit(self, widget: str, kind: str, **fields: str) -> None:
        html = self.view(widget, count=False)["widgets"][widget]
        form = {**hidden_fields(html), "door": "script", "visitor": self.visitor, **fields}
        path = f"/submit/{SITE}/{kind}"
        response = self._client.post(path, data=form, headers={"Origin": ORIGIN})
        self.visitor = response.raise_for_status().json()["visitor"]

    def moderate(self, path: str, **fields: str) -> httpx.Response:
        """Send a form of the dashboard, with the token of its log-in page."""
        token = hidden_fields(self.get("/admin/login").text)["csrf_token"]
        origin = {"Origin": str(self._client.base_url).rstrip("/")}
        return self._client.post(path, data={"csrf_token": token, **fields}, headers=origin)


Browse = Callable[[str], Browser]


def test_the_whole_job_over_ipv6(browse: Browse, core: Core) -> None:
    reader = browse("[::1]")

    told = reader.view("rating", "comments", "counters")
    assert told["counted"]
    assert set(told["widgets"]) == {"rating", "comments", "counters"}

    reader.submit("rating", "rating", stars="4")
    assert reader.get(f"{API}/rating?page={PAGE}").json()["count"] == 1

    challenge = reader.from_the_page(f"{API}/challenge", kind="comment")["challenge"]
    answer = answer_to(core.keys, challenge)
    reader.submit("comments", "comment", name="Lan", text=TEXT, challenge=challenge, answer=answer)
    assert TEXT not in reader.get(f"{API}/comments?page={PAGE}").text

    moderator = browse("[::1]")
    moderator.moderate("/admin/login", name=Dashboard.NAME, password=Dashboard.PASSWORD)
    assert TEXT in moderator.get("/admin/").text
    moderator.moderate("/admin/decide", all="approve", id="1")

    [comment] = reader.get(f"{API}/comments?page={PAGE}").json()["comments"]
    assert comment["name"] == "Lan"
    assert TEXT in str(comment)
    figures = reader.get(f"{API}/counters?page={PAGE}").json()
    assert (figures["total"], figures["this_page"], figures["online"]) == (1, 1, 1)
    assert "IPv6 ready" in reader.get(f"{API}/badge.svg").text
    # The same service, by the other way.
    assert ">IPv4<" in browse("127.0.0.1").get(f"{API}/badge.svg").text
