"""Health, the demonstration's address, and the files that pages load."""

import re
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from comments_service.assets import Asset
from comments_service.testing import MakeApp


def get(app: Flask, path: str, **headers: str) -> TestResponse:
    return app.test_client().get(path, headers=headers)


def test_a_service_with_tables_is_ready(app: Flask) -> None:
    assert (get(app, "/healthz").status_code, get(app, "/healthz").text) == (200, "ok\n")
    assert (get(app, "/readyz").status_code, get(app, "/readyz").text) == (200, "ok\n")


@pytest.mark.parametrize(
    "url", ["sqlite:///{}/empty.sqlite3", "postgresql+psycopg://nobody@/nothing?host={}"]
)
def test_a_service_without_tables_runs_but_is_not_ready(
    make_app: MakeApp, tmp_path: Path, url: str
) -> None:
    app = make_app(database_url=url.format(tmp_path))

    assert get(app, "/healthz").status_code == 200
    response = get(app, "/readyz")
    assert (response.status_code, response.mimetype) == (503, "application/problem+json")
    assert response.get_json()["code"] == "not_ready"


def test_the_demonstration_is_elsewhere(make_app: MakeApp) -> None:
    response = get(make_app(demo_url="http://127.0.0.1:8001/"), "/demo/")

    assert (response.status_code, response.location) == (302, "http://127.0.0.1:8001/")


def test_without_a_demonstration_there_is_a_hint(app: Flask) -> None:
    response = get(app, "/demo/")

    assert (response.status_code, response.get_json()["code"]) == (404, "no_demo")
    assert "make demo" in response.get_json()["title"]


def test_the_script_is_asked_for_again_and_again(app: Flask) -> None:
    first = get(app, "/embed.js")
    second = get(app, "/embed.js", **{"If-None-Match": first.headers["ETag"]})

    assert first.status_code == 200
    assert first.mimetype == "text/javascript"
    assert first.headers["Cache-Control"].startswith("public, max-age=3600")
    assert (second.status_code, second.data) == (304, b"")


def test_the_script_may_be_loaded_and_checked_from_everywhere(app: Flask) -> None:
    response = get(app, "/embed.js", Origin="https://evil.example")

    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert response.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "Set-Cookie" not in response.headers
    assert "Cookie" not in response.vary


def test_the_hashed_script_never_changes(app: Flask) -> None:
    floating = get(app, "/embed.js")
    digest = floating.headers["ETag"].strip('"').partition("-")[0]

    hashed = get(app, f"/embed.{digest}.js")

    assert hashed.data == floating.data
    assert hashed.headers["Cache-Control"] == "public, max-age=31536000, immutable"


def test_a_pinned_script_outlives_an_update_and_a_broken_first_start(
    app: Flask, tmp_path: Path
) -> None:
    today = app.extensions["comments_service_assets"].script
    yesterday = Asset.of("'the script of yesterday'")
    (tmp_path / "scripts").mkdir()
    for script in (today, yesterday):
        (tmp_path / "scripts" / f"{script.hash}.js").write_text("'the")
    app.extensions["comments_service_archive"].keep(yesterday)

    for script in (today, yesterday):
        pinned = get(app, f"/embed.{script.hash}.js")
        assert pinned.text == script.text
        assert "immutable" in pinned.headers["Cache-Control"]


@pytest.mark.parametrize("path", ["/embed.{}.js", "/widgets.{}.css"])
def test_another_hash_is_not_found(app: Flask, path: str) -> None:
    for digest in ("0" * 16, "x", "%00", "x" * 5000):
        response = get(app, path.format(digest))
        assert response.status_code == 404, digest
        assert "immutable" not in response.headers["Cache-Control"]


def test_the_style_sheet_joins_every_plugins_own(app: Flask) -> None:
    page = get(app, "/nowhere", Accept="text/html").text
    [path] = re.findall(r'href="(/widgets\.\w+\.css)"', page)

    sheet = get(app, path)

    assert sheet.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    for widget in ("rating", "comment", "counters", "captcha"):
        assert f".cs-{widget}" in sheet.text
