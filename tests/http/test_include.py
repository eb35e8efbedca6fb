"""The include door: the bare fragment, for the portal's own server to put into its page."""

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from comments_service.core import Core
from comments_service.testing import (
    PAGE,
    SITE,
    MakeApp,
    Reader,
    add_site,
    elements,
    row_counts,
)

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


def test_it_counts_nothing(app: Flask, core: Core) -> None:
    before = row_counts(core)

    for widget in WIDGETS:
        include(app, widget)

    assert row_counts(core) == before


def test_an_unknown_widget_is_told(app: Flask) -> None:
    response = include(app, "nothing")

    assert (response.status_code, response.get_json()["code"]) == (404, "unknown_widget")
    assert response.headers["Cache-Control"] == "no-store"
