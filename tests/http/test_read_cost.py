"""What a page view costs: as many statements and bytes on a full page as on a usual one."""

import json
import math

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from comments_service import cache
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
BYTES = 32_000
PACKED_BYTES = 8_000


def view(app: Flask, **headers: str) -> TestResponse:
    asked = {"site": SITE, "page": PAGE, "widgets": ["rating", "comments", "counters"]}
    return app.test_client().post(
        "/api/v1/view",
        data=json.dumps(asked),
        headers={"Origin": ORIGIN, "User-Agent": BROWSER, **headers},
    )


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
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
        # What is counted is asked for once a second, whoever comes.
        view(app)
        with counted_statements(core) as statements:
            answer = view(app)
        assert answer.get_json()["widgets"]["comments"].count("<article>") == 20
        costs.append((len(statements), len(answer.data)))
    (few, few_bytes), (many, many_bytes) = costs
    assert few == many <= STATEMENTS
    assert abs(many_bytes - few_bytes) < 200
    assert many_bytes <= BYTES


def test_a_kept_view_asks_the_database_nothing(
    app: Flask, core: Core, make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    # However slow the machine is: nothing is over, and no time has come to ask what changed.
    monkeypatch.setattr(cache, "MOMENT_SECONDS", math.inf)
    monkeypatch.setattr(cache, "LOOK_SECONDS", math.inf)
    Reader(app).comment()
    fill(core, 100)
    keeping = make_app(cache_mb="8")
    # The first makes the salt of the day; after a write it is asked what has changed.
    view(keeping)
    first = view(keeping)
    with counted_statements(keeping.extensions["comments_service"]) as statements:
        again = view(keeping, **{"Accept-Encoding": "gzip"})
    assert statements == []
    assert first.get_json()["counted"] is True
    assert len(again.data) <= PACKED_BYTES
