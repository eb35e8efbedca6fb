"""What a page view costs: as many statements and bytes on a full page as on a usual one."""

import collections
import json
import math
import sys

import pytest
from comments_service.plugins.counters import counting
from flask import Flask
from werkzeug.test import TestResponse

from comments_service import cache, front
from comments_service.core import Core
from comments_service.testing import (
    BROWSER,
    ORIGIN,
    PAGE,
    SITE,
    MakeApp,
    Reader,
    add_site,
    counted_statements,
)
from tests.http.filling import fill

SIZES = (100, 10_000)
OTHER_PAGE = "/tin-tuc/bai-khac"
STATEMENTS = 4
"""The site with its page, the rating, the comments, how many they are."""
CALLS = 9_500
"""Of functions: what is done for each of the comments shows here, however fast the machine is.

A number that no view of the process has told before takes 200 of them to write.
"""
BYTES = 32_000
PACKED_BYTES = 8_000
KEPT_BYTES = 5_000
"""Of a process's memory, for a page with 20 comments."""


def view(app: Flask, **headers: str) -> TestResponse:
    asked = {"site": SITE, "page": PAGE, "widgets": ["rating", "comments", "counters"]}
    return app.test_client().post(
        "/api/v1/view",
        data=json.dumps(asked),
        headers={"Origin": ORIGIN, "User-Agent": BROWSER, **headers},
    )


@pytest.fixture
def app(make_app: MakeApp, monkeypatch: pytest.MonkeyPatch) -> Flask:
    # What is counted is asked for once a second, whoever comes: here with the first view alone.
    monkeypatch.setattr(counting, "SNAPSHOT_SECONDS", math.inf)
    app = make_app()
    add_site(app, comments={"hold": "no"})
    return app


def test_a_view_takes_as_much_however_many_comments_there_are(app: Flask, core: Core) -> None:
    Reader(app).comment()
    Reader(app, page=OTHER_PAGE, address="203.0.113.9").comment()
    costs = []
    for size in SIZES:
        fill(core, size)
        fill(core, size, page_key=OTHER_PAGE)
        view(app)
        with counted_statements(core) as statements:
            answer = view(app)
        assert answer.get_json()["widgets"]["comments"].count("<article>") == 20
        costs.append((len(statements), len(answer.data)))
    (few, few_bytes), (many, many_bytes) = costs
    assert few == many <= STATEMENTS
    assert abs(many_bytes - few_bytes) < 200
    assert many_bytes <= BYTES


def test_a_view_takes_few_calls(app: Flask, core: Core) -> None:
    Reader(app).comment()
    fill(core, 100)
    # What is made once is made.
    view(app)
    view(app)
    calls = collections.Counter[str]()
    sys.setprofile(lambda _frame, event, _argument: calls.update([event]))
    try:
        view(app)
    finally:
        sys.setprofile(None)
    assert calls["call"] + calls["c_call"] <= CALLS


def test_a_kept_view_takes_little_memory_and_asks_the_database_nothing(
    app: Flask, core: Core, make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    # However slow the machine is: nothing is over, and no time has come to ask what changed.
    monkeypatch.setattr(cache, "MOMENT_SECONDS", math.inf)
    monkeypatch.setattr(cache, "LOOK_SECONDS", math.inf)
    Reader(app).comment()
    fill(core, 100)
    monkeypatch.setattr(front, "MEGABYTE", KEPT_BYTES)
    keeping = make_app(cache_mb="1")
    # The first makes the salt of the day; after a write it is asked what has changed.
    view(keeping)
    first = view(keeping)
    with counted_statements(keeping.extensions["comments_service"]) as statements:
        again = view(keeping, **{"Accept-Encoding": "gzip"})
    assert statements == []
    assert first.get_json()["counted"] is True
    assert len(again.data) <= PACKED_BYTES
