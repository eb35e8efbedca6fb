"""Places for widgets that a page's own script adds, moves and takes away."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.hosts import RATING, open_host, settle, views
from tests.browser.running import Demo, until

DIV = '<div data-comments-service="{}"></div>'
ADD = "html => document.body.insertAdjacentHTML('beforeend', html)"


@pytest.fixture
def host(page: Page, demo: Demo) -> Page:
    """Show a page with the rating, in an element of our own."""
    open_host(page, demo, RATING)
    expect(page.locator(".cs-rating")).to_be_visible()
    return page


@pytest.mark.parametrize(
    "around", ["{}", "<section><p>Tin</p>{}</section>"], ids=["by-itself", "within-another"]
)
def test_a_div_that_comes_later_is_drawn_at_once(host: Page, around: str) -> None:
    asked = views(host)
    host.evaluate(ADD, around.format(DIV.format("counters")))
    expect(host.locator("div .cs-counters")).to_be_visible()
    assert [(view["widgets"], view["count"]) for view in asked] == [(["counters"], False)]


def test_divs_that_come_together_are_asked_for_together(host: Page) -> None:
    asked = views(host)
    host.evaluate(ADD, DIV.format("counters") + "Tin" + DIV.format("comments"))
    expect(host.locator("div .cs-comments")).to_be_visible()
    assert [view["widgets"] for view in asked] == [["counters", "comments"]]


def test_a_div_that_is_moved_or_comes_back_keeps_what_is_typed(host: Page) -> None:
    host.evaluate(ADD, DIV.format("comments"))
    host.locator("div textarea").fill("Đang viết dở")
    asked = views(host)
    host.evaluate("document.body.prepend(document.querySelector('div'))")
    settle(host)
    host.evaluate("window.kept = document.querySelector('div'); kept.remove()")
    settle(host)
    host.evaluate("document.body.append(kept)")
    settle(host)
    expect(host.locator("div textarea")).to_have_value("Đang viết dở")
    assert asked == []


def test_a_div_that_has_gone_is_forgotten(host: Page) -> None:
    host.evaluate(ADD, DIV.format("counters"))
    expect(host.locator("div .cs-counters")).to_be_visible()
    asked = views(host)
    host.evaluate("window.kept = new WeakRef(document.querySelector('div')); kept.deref().remove()")
    host.evaluate("history.pushState(null, '', '/khac')")
    expect(host.locator("input[name=page]").first).to_have_value("/khac")
    assert [view["widgets"] for view in asked] == [["rating"]]
    debugger = host.context.new_cdp_session(host)

    def is_forgotten() -> bool:
        debugger.send("HeapProfiler.collectGarbage")
        return bool(host.evaluate("kept.deref() === undefined"))

    until(is_forgotten, "the element is garbage")


def test_what_has_no_widget_in_it_asks_nothing(host: Page) -> None:
    asked = views(host)
    host.evaluate(ADD, "Tin<p>Tin</p><svg></svg><!-- Tin -->")
    settle(host)
    assert asked == []
