"""The script door: every widget of a page in one answer, to allowed pages only."""

import json

import pytest
from comments_service.plugins.comments import service
from flask import Flask
from werkzeug.test import TestResponse

from comments_service import clock, pages, sites
from comments_service.core import Core
from comments_service.models import Envelope, Status
from comments_service.testing import (
    ORIGIN,
    PAGE,
    SITE,
    MakeApp,
    Reader,
    add_site,
    counted_statements,
    row_counts,
)

# No store makes a difference to what is asked, said and refused here.
STORES = ("sqlite",)

WIDGETS = ("rating", "comments", "counters")


def view(
    app: Flask, *, origin: str | None = ORIGIN, base_url: str = "http://localhost", **asked: object
) -> TestResponse:
    body = {"site": SITE, "page": PAGE, "widgets": ["rating"], **asked}
    headers = {"Origin": origin} if origin is not None else {}
    return app.test_client().post(
        "/api/v1/view",
        base_url=base_url,
        data=json.dumps(body),
        content_type="text/plain",
        headers=headers,
    )


def counted(reader: Reader) -> int:
    path = f"/api/v1/sites/{SITE}/counters"
    total: int = reader.send("GET", path, query_string={"page": PAGE}).get_json()["total"]
    return total


def write_comments(core: Core, n: int) -> None:
    with core.db.write() as session:
        site = sites.get(session, SITE)
        page = pages.ensure(session, site, PAGE, title="", now=clock.now())
        for _ in range(n):
            envelope = Envelope(
                site_id=site.id,
                page_id=page.id,
                kind="comment",
                visitor="",
                status=Status.PUBLISHED,
                created_at=clock.now(),
            )
            session.add(envelope)
            session.flush()
            fields = {"name": "Lan", "email": "", "text": "Hay.", "parent": None}
            service.add(session, envelope, page, fields)


def test_one_request_draws_every_widget(reader: Reader) -> None:
    told = reader.view(*WIDGETS)

    assert told["page"] == PAGE
    assert told["lang"] == "vi"
    assert told["unknown"] == []
    assert set(told["widgets"]) == set(WIDGETS)
    assert "Đánh giá" in told["widgets"]["rating"]
    assert "Bình luận" in told["widgets"]["comments"]
    assert "Thống kê" in told["widgets"]["counters"]
    assert ".cs-rating" in told["css"]
    assert ".cs-comment" in told["css"]


def test_one_request_is_counted_once(reader: Reader) -> None:
    reader.view(*WIDGETS)

    assert counted(reader) == 1


@pytest.mark.parametrize("count", [True, None, 0, "no", "false"])
def test_anything_but_false_counts(reader: Reader, count: object) -> None:
    reader.view("rating", count=count)

    assert counted(reader) == 1


def test_false_counts_nothing(core: Core, reader: Reader) -> None:
    before = row_counts(core)

    reader.view(*WIDGETS, count=False)

    assert row_counts(core) == before


def test_unknown_widgets_are_told(reader: Reader) -> None:
    told = reader.view("ratings", "rating", "rating", "captcha", "../core/frame")

    assert list(told["widgets"]) == ["rating"]
    assert told["unknown"] == ["../core/frame", "captcha", "ratings"]


def test_no_widget_is_a_view_too(reader: Reader) -> None:
    assert reader.view()["widgets"] == {}
    assert counted(reader) == 1


@pytest.mark.parametrize("widgets", [None, "rating", 5, {"rating": 1}, ["rating", 5], [["rating"]]])
def test_widgets_are_a_list_of_names(app: Flask, core: Core, widgets: object) -> None:
    before = row_counts(core)

    response = view(app, widgets=widgets)

    assert (response.status_code, response.get_json()["code"]) == (422, "validation")
    assert response.get_json()["errors"][0]["field"] == "widgets"
    assert row_counts(core) == before


def test_no_cookie_is_set_or_varied_by(app: Flask) -> None:
    response = view(app)

    assert "Set-Cookie" not in response.headers
    assert "Cookie" not in response.vary


def test_the_allowed_origin_alone_may_read(app: Flask) -> None:
    response = view(app)

    assert response.headers.getlist("Access-Control-Allow-Origin") == [ORIGIN]
    assert "Origin" in response.vary
    assert "Access-Control-Allow-Credentials" not in response.headers


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "http://portal.example",
        "https://portal.example.evil.example",
        "https://evil.portal.example",
        "https://portal.example:8443",
        "https://PORTAL.example",
    ],
)
def test_another_origin_is_told_how_to_be_allowed(app: Flask, core: Core, origin: str) -> None:
    before = row_counts(core)

    response = view(app, origin=origin)

    told = response.get_json()
    assert (response.status_code, told["code"]) == (403, "origin_not_allowed")
    assert told["detail"] == f"comments-service site allow {SITE} {origin}"
    assert "Access-Control-Allow-Credentials" not in response.headers
    assert "widgets" not in told
    assert row_counts(core) == before


@pytest.mark.parametrize("origin", ["null", "", "https://a b", "file://"])
def test_what_is_no_origin_is_refused_and_can_not_be_allowed(app: Flask, origin: str) -> None:
    told = view(app, origin=origin).get_json()
    assert told["code"] == "origin_not_allowed"
    assert "detail" not in told


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", f"/submit/{SITE}/rating"),
        ("POST", f"/api/v1/sites/{SITE}/comments"),
        ("PUT", f"/api/v1/sites/{SITE}/rating"),
        ("DELETE", f"/api/v1/sites/{SITE}/rating"),
        ("POST", f"/api/v1/sites/{SITE}/challenge"),
    ],
)
def test_another_origin_may_write_nowhere(
    app: Flask, core: Core, reader: Reader, method: str, path: str
) -> None:
    before = row_counts(core)

    for origin in ("https://evil.example", "null"):
        response = reader.send(method, path, data="{}", headers={"Origin": origin})
        assert (response.status_code, response.get_json()["code"]) == (403, "origin_not_allowed")

    assert row_counts(core) == before


def ask_leave(app: Flask, origin: str) -> TestResponse:
    """Send what a browser sends before a script's PUT."""
    headers = {"Origin": origin, "Access-Control-Request-Method": "PUT"}
    return app.test_client().options(f"/api/v1/sites/{SITE}/rating", headers=headers)


def test_scripts_of_an_allowed_page_may_use_the_json_interface(app: Flask) -> None:
    response = ask_leave(app, ORIGIN)

    assert response.status_code == 204
    assert response.headers.getlist("Access-Control-Allow-Origin") == [ORIGIN]
    assert "PUT" in response.headers["Access-Control-Allow-Methods"]
    assert "Access-Control-Allow-Credentials" not in response.headers


@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
def test_scripts_of_another_page_may_not(app: Flask, origin: str) -> None:
    response = ask_leave(app, origin)

    assert (response.status_code, response.get_json()["code"]) == (403, "origin_not_allowed")
    assert "Access-Control-Allow-Methods" not in response.headers


def test_the_own_origin_is_allowed(app: Flask, make_app: MakeApp) -> None:
    public = make_app(public_url="https://BìnhLuận.example:443/")
    seen = "https://xn--bnhlun-wva4502d.example"

    assert view(app, origin="http://localhost").status_code == 200
    assert view(app, origin=seen, base_url=seen).status_code == 200
    assert view(public, origin=seen).status_code == 200
    assert view(public, origin="http://localhost").status_code == 403


def test_a_server_that_names_no_origin_is_answered(app: Flask) -> None:
    response = view(app, origin=None)

    assert response.status_code == 200
    assert "Access-Control-Allow-Origin" not in response.headers


def test_an_origin_of_one_site_is_not_another_sites(app: Flask, core: Core) -> None:
    add_site(app, "other")
    with core.db.write() as session:
        sites.allow(sites.get(session, "other"), "https://other.example")

    assert view(app, origin="https://other.example", site="other").status_code == 200
    assert view(app, origin="https://other.example").status_code == 403


def test_addresses_of_one_article_are_one_page(reader: Reader) -> None:
    reader.page = f"{ORIGIN}{PAGE}?utm_source=x&id=5&fbclid=y#top"

    assert reader.view()["page"] == f"{PAGE}?id=5"


def test_statements_are_as_many_for_three_comments_as_for_three_hundred(
    core: Core, reader: Reader
) -> None:
    # Counters ask once a second, however many readers do.
    steady = ("rating", "comments")
    write_comments(core, 3)
    reader.rate(5)
    reader.view(*WIDGETS)  # the day's first view does more
    with counted_statements(core) as every:
        reader.view(*WIDGETS)
    with counted_statements(core) as few:
        reader.view(*steady)
    write_comments(core, 297)
    with counted_statements(core) as many:
        html = reader.view(*steady)["widgets"]["comments"]

    assert "(300)" in html
    assert len(few) == len(many)
    assert max(len(few), len(every)) <= 30


def test_drawing_alone_writes_nothing(core: Core, reader: Reader) -> None:
    write_comments(core, 3)

    with counted_statements(core) as statements:
        reader.view(*WIDGETS, count=False)

    assert {statement.split()[0] for statement in statements} == {"SELECT"}
    assert len(statements) <= 15


def test_the_visitor_is_known_by_the_token_that_is_sent(reader: Reader) -> None:
    reader.rate(4)

    assert "Bạn đã đánh giá 4 sao" in reader.view("rating")["widgets"]["rating"]
    assert "Bạn đã đánh giá" not in Reader(reader.app).view("rating")["widgets"]["rating"]
