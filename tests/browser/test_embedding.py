"""One line in the portal's page, and what it costs the reader."""

from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import ConsoleMessage, Page, expect

from tests.browser.hosts import settle
from tests.browser.pages import LONG, ONE_LINE, Comments, Counters, Rating
from tests.browser.running import Demo

Request = tuple[str, str]
"""Method and address."""


@pytest.fixture
def requests(page: Page) -> list[Request]:
    """Collect every request of the page, preflights too: the browser tells its debugger of them."""
    seen: list[Request] = []

    def note(event: dict[str, Any]) -> None:
        seen.append((event["request"]["method"], event["request"]["url"]))

    debugger = page.context.new_cdp_session(page)
    debugger.on("Network.requestWillBeSent", note)
    debugger.send("Network.enable")
    return seen


@pytest.fixture
def console(page: Page) -> list[str]:
    """Collect what the console tells."""
    seen: list[str] = []

    def note(message: ConsoleMessage) -> None:
        seen.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: seen.append(error.message))
    return seen


def to(address: str, requests: list[Request]) -> list[Request]:
    host = urlsplit(address).netloc
    return [request for request in requests if urlsplit(request[1]).netloc == host]


def test_portal_and_service_are_two_sites(page: Page, demo: Demo) -> None:
    page.goto(demo.article(LONG))
    script = page.locator("script[data-site]").get_attribute("src")
    assert urlsplit(page.url).hostname == "localhost"
    assert urlsplit(str(script)).hostname == "127.0.0.1"
    assert str(script).startswith(demo.service)


def test_widgets_stand_where_the_line_stands(page: Page, demo: Demo) -> None:
    page.goto(demo.article(ONE_LINE))
    place = ".reply > script + comments-service[widget=rating] + comments-service[widget=comments]"
    expect(page.locator(place).locator(".cs-comments")).to_be_visible()
    expect(page.locator(".reply > script + comments-service .cs-rating")).to_be_visible()
    expect(page.locator("div[data-comments-service] .cs-counters")).to_be_visible()


def test_a_cold_load_asks_the_service_twice_and_nobody_else(
    page: Page, demo: Demo, requests: list[Request], console: list[str]
) -> None:
    page.goto(demo.article(ONE_LINE))
    expect(Comments(page, demo).root).to_be_visible()
    expect(Counters(page).root).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert to(demo.service, requests) == [
        ("GET", f"{demo.service}/embed.js"),
        ("POST", f"{demo.service}/api/v1/view"),
    ]
    assert len(requests) == 2 + len(to(demo.portal, requests))
    assert page.context.cookies() == []
    assert console == []


def test_writing_needs_no_preflight_and_no_cookie(
    page: Page, demo: Demo, requests: list[Request], console: list[str]
) -> None:
    page.goto(demo.article(ONE_LINE))
    rating, comments = Rating(page), Comments(page, demo)
    rating.star(3).check()
    rating.rate.click()
    expect(rating.legend).to_have_text("Bạn đã đánh giá 3 sao")
    comments.send("Tâm", "Ngày hội rất vui.")
    assert to(demo.service, requests)[2:] == [
        ("POST", f"{demo.service}/submit/dongsen/rating"),
        ("POST", f"{demo.service}/api/v1/sites/dongsen/challenge"),
        ("POST", f"{demo.service}/submit/dongsen/comment"),
    ]
    assert page.context.cookies() == []
    assert console == []


def test_a_reader_who_opted_out_is_not_counted(page: Page, demo: Demo) -> None:
    settle(page)
    page.goto(demo.article(LONG))
    total = Counters(page).total()
    page.evaluate("CommentsService.optOut(true)")
    settle(page)
    page.reload()
    assert Counters(page).total() == total
    page.evaluate("CommentsService.optOut(false)")
    settle(page)
    page.reload()
    assert Counters(page).total() == total + 1


def test_the_host_page_hears_what_happens(page: Page, demo: Demo) -> None:
    page.goto(demo.article(LONG))
    # A widget is ready as soon as it is visible: none of the first drawing is heard below.
    for widget in ("rating", "comments", "counters"):
        expect(page.locator(f".cs-{widget}")).to_be_visible()
    page.evaluate(
        """() => {
            window.heard = [];
            for (const type of ["ready", "submitted"]) {
              CommentsService.on(type, (event) => heard.push([type, event.detail.widget]));
            }
            CommentsService.refresh();
        }"""
    )
    page.wait_for_function("heard.length === 3")
    rating = Rating(page)
    rating.star(3).check()
    rating.rate.click()
    expect(rating.status).to_be_visible()
    heard = page.evaluate("heard")
    assert sorted(heard[:3]) == [["ready", name] for name in ("comments", "counters", "rating")]
    assert heard[3:] == [["submitted", "rating"]]
