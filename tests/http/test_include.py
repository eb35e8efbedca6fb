"""The include door: the bare fragment, for the portal's own server to put into its page."""

import json
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from comments_service.core import Core
from comments_service.testing import (
    ORIGIN,
    PAGE,
    SITE,
    MakeApp,
    Reader,
    add_site,
    elements,
    linked_data,
    row_counts,
)

# No store makes a difference to what is asked, said and refused here.
STORES = ("sqlite",)

WIDGETS = ("rating", "comments", "counters")


def include(app: Flask, widget: str, *, site: str = SITE, **query: str) -> TestResponse:
    return app.test_client().get(f"/include/{site}/{widget}", query_string={"page": PAGE, **query})


def links(html: str) -> list[str]:
    return [has["href"] for tag, has in elements(html) if tag == "a"]


@pytest.mark.parametrize("widget", WIDGETS)
def test_a_widget_is_a_bare_fragment(app: Flask, widget: str) -> None:
    response = include(app, widget)

    assert response.status_code == 200
    assert "<html" not in response.text
    assert "<form" not in response.text
    assert "<script" not in response.text
    assert response.text.strip().startswith("<section")


def test_it_may_be_cached_for_everybody(app: Flask, make_app: MakeApp) -> None:
    response = include(make_app(public_url="https://comments.example"), "comments")

    assert response.headers["Cache-Control"] == "public, max-age=30"
    assert "Set-Cookie" not in response.headers
    assert "Cookie" not in response.vary


def test_links_to_whatever_host_was_named_are_not_cached(app: Flask) -> None:
    assert include(app, "comments").headers["Cache-Control"] == "no-store"


def test_the_text_of_comments_is_in_it(app: Flask) -> None:
    add_site(app, "open", comments={"hold": "no"})
    Reader(app, site="open").comment(text="Nội dung cho máy tìm kiếm")

    assert "Nội dung cho máy tìm kiếm" in include(app, "comments", site="open").text


@pytest.mark.parametrize("widget", WIDGETS)
def test_it_is_the_same_for_every_visitor(app: Flask, reader: Reader, widget: str) -> None:
    reader.rate(4)

    mine = include(app, widget, visitor=reader.visitor)
    anybodys = include(app, widget)

    assert mine.text == anybodys.text
    assert "Bạn đã đánh giá" not in mine.text


@pytest.mark.parametrize("widget", ["rating", "comments"])
def test_its_links_are_absolute(app: Flask, make_app: MakeApp, widget: str) -> None:
    public = make_app(public_url="https://comments.example")

    found = links(include(public, widget).text)

    assert found
    assert all(each.startswith("https://comments.example/embed/") for each in found)


def at_address(app: Flask, query: str) -> str:
    """Return what the portal's server is given that writes the page's address as it is."""
    return app.test_client().get(f"/include/open/comments?{query}").text


@pytest.mark.parametrize(
    "address",
    [
        "/a+b?x=1&y=2",
        "/a?q=%26&q=%2B+%20",
        "/a?x=1&address=/khac",
        "//a/b",
        "/a?lang=en&sort=oldest&page=/khac",
        "/%C4%91",
    ],
)
def test_a_page_may_be_named_by_its_address_as_it_is(app: Flask, address: str) -> None:
    add_site(app, "open", comments={"hold": "no"})
    reader = Reader(app, site="open", page=ORIGIN + address)
    reader.page = reader.view()["page"]
    reader.comment(text="Ở đúng trang này")

    html = at_address(app, f"lang=vi&address={address}")

    assert "Ở đúng trang này" in html
    assert "Bình luận" in html
    assert "Ở đúng trang này" not in at_address(app, "address=/khac")


@pytest.mark.parametrize("query", ["", "address=", "lang=vi"])
def test_without_a_page_it_is_refused(app: Flask, query: str) -> None:
    response = app.test_client().get(f"/include/{SITE}/comments?{query}")

    assert (response.status_code, response.get_json()["code"]) == (422, "validation")


@pytest.fixture
def rated(app: Flask) -> Reader:
    """Return a reader whose page has a rating and a comment, and no title."""
    add_site(app, "open", comments={"hold": "no"}, rating={"schema": "Recipe"})
    reader = Reader(app, site="open")
    reader.rate(4)
    reader.comment()
    return reader


def told(app: Flask, widget: str, **query: str) -> dict[str, Any]:
    """Return what a search engine is told by the portal's page."""
    [told] = linked_data(include(app, widget, site="open", **query).text)
    return told


def test_the_portal_may_say_what_its_page_is_called(app: Flask, rated: Reader) -> None:
    assert linked_data(include(app, "rating", site="open").text) == []
    assert "headline" not in told(app, "comments")

    assert told(app, "rating", title=" Bún\n bò ")["name"] == "Bún bò"
    assert told(app, "comments", title="Bún bò")["headline"] == "Bún bò"
    assert told(app, "comments", title="x" * 301)["headline"] == "x" * 300


def test_the_title_that_the_page_has_told_stays(app: Flask, rated: Reader) -> None:
    rated.view(title="Bún bò")

    assert told(app, "rating", title="Khác")["name"] == "Bún bò"


@pytest.mark.parametrize("page", [PAGE, "/chua-ai-mo"])
@pytest.mark.parametrize("door", ["include", "embed"])
def test_a_strangers_title_is_kept_nowhere(
    app: Flask, core: Core, rated: Reader, page: str, door: str
) -> None:
    before = row_counts(core)

    query = {"page": page, "title": "Rẻ nhất"}
    for widget in ("rating", "comments"):
        app.test_client().get(f"/{door}/open/{widget}", query_string=query)

    assert row_counts(core) == before
    for widget in ("rating", "comments"):
        assert "Rẻ nhất" not in json.dumps(linked_data(include(app, widget, site="open").text))
    assert "Rẻ nhất" not in app.test_client().get(f"/embed/open/rating?page={PAGE}").text


def test_a_frame_takes_no_title_from_its_address(app: Flask, rated: Reader) -> None:
    query = {"page": PAGE, "title": "Re nhat"}
    assert "Re nhat" not in app.test_client().get("/embed/open/rating", query_string=query).text


def test_a_title_in_the_pages_own_address_is_none(app: Flask, rated: Reader) -> None:
    rated.page = "/bai?title=Khac"
    rated.comment()

    [unnamed] = linked_data(at_address(app, "address=/bai?title=Khac"))
    [named] = linked_data(at_address(app, "title=B%C3%BAn+b%C3%B2&address=/bai?title=Khac"))

    assert "headline" not in unnamed
    assert named["headline"] == "Bún bò"


def test_it_counts_nothing(app: Flask, core: Core) -> None:
    before = row_counts(core)

    for widget in WIDGETS:
        include(app, widget)

    assert row_counts(core) == before


def test_an_unknown_widget_is_told(app: Flask) -> None:
    response = include(app, "nothing")

    assert (response.status_code, response.get_json()["code"]) == (404, "unknown_widget")
    assert response.headers["Cache-Control"] == "no-store"
