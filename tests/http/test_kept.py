"""Answers that are kept follow what is written, here and elsewhere, on every store."""

import datetime
import math
import threading
from concurrent.futures import ThreadPoolExecutor

import flask
import pytest
from flask import Flask
from sqlalchemy.orm import Session

from comments_service import cache, pages
from comments_service.core import Core
from comments_service.testing import Dashboard, MakeApp, Reader, add_site


@pytest.fixture
def app(make_app: MakeApp, monkeypatch: pytest.MonkeyPatch) -> Flask:
    monkeypatch.setattr(cache, "MOMENT_SECONDS", math.inf)
    monkeypatch.setattr(cache, "LOOK_SECONDS", 0)
    app = make_app(cache_mb="8")
    add_site(app, comments={"hold": "no"})
    return app


def test_a_new_comment_is_shown_at_once(app: Flask, reader: Reader) -> None:
    other = Reader(app, address="203.0.113.99")
    assert "Rất hay" not in other.view("comments")["widgets"]["comments"]

    reader.submit("comment", name="Lan", text="Rất hay", **reader.solve("comment"))

    assert "Rất hay" in other.view("comments")["widgets"]["comments"]


def test_a_new_comment_is_shown_while_somebody_else_asks_what_is_new(
    app: Flask, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "LOOK_SECONDS", math.inf)
    one, other = (Reader(app, address=f"203.0.113.{n}") for n in (98, 99))
    one.view("comments")
    reader.submit("comment", name="Lan", text="Rất hay", **reader.solve("comment"))
    versions_since = pages.versions_since
    asking, is_awaited = threading.Event(), threading.Event()

    def ask(session: Session, moment: datetime.datetime) -> dict[tuple[int, str], int]:
        asking.set()
        is_awaited.wait(timeout=60)
        return versions_since(session, moment)

    class Lock:
        """Tells when it is waited for."""

        def __init__(self) -> None:
            self._lock = threading.Lock()
            self.release = self._lock.release

        def acquire(self, *, blocking: bool) -> bool:
            if blocking and self._lock.locked():
                is_awaited.set()
            return self._lock.acquire(blocking=blocking)

    monkeypatch.setattr(pages, "versions_since", ask)
    monkeypatch.setattr(app.wsgi_app._app._cache, "_looking", Lock())  # type: ignore[attr-defined]  # noqa: SLF001
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(one.view, "comments")
        asking.wait()
        told = other.view("comments")
        is_awaited.set()

    for answer in (told, asked.result()):
        assert "Rất hay" in answer["widgets"]["comments"]


def test_what_was_drawn_before_a_write_is_not_kept_after_it(
    app: Flask, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "LOOK_SECONDS", math.inf)
    other = Reader(app, address="203.0.113.99")
    solved = reader.solve("comment")
    drawn: list[str] = []

    def write(sender: Flask, **_: object) -> None:
        drawn.append(sender.name)
        if len(drawn) == 1:
            reader.submit("comment", name="Lan", text="Rất hay", **solved)
            other.view("comments")

    with flask.template_rendered.connected_to(write):
        other.view("comments")

    assert "Rất hay" in other.view("comments")["widgets"]["comments"]


def test_what_another_process_changes_is_seen(
    app: Flask, make_app: MakeApp, core: Core, reader: Reader
) -> None:
    reader.submit("comment", name="Lan", text="Rất hay", **reader.solve("comment"))
    reader.visitor = ""
    assert "Rất hay" in reader.view("comments")["widgets"]["comments"]
    other = make_app()
    core.accounts.save(Dashboard.NAME, Dashboard.PASSWORD)
    dashboard = Dashboard(other)
    dashboard.log_in()

    dashboard.decide("reject", 1)

    assert "Rất hay" not in reader.view("comments")["widgets"]["comments"]
