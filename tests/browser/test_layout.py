"""Nothing that stands in the page moves when the widgets come."""

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.hosts import open_host, settle
from tests.browser.pages import EMPTY, LONG, ONE_LINE
from tests.browser.running import Demo, until

WATCH = """
window.shifts = [];
new PerformanceObserver((list) => {
  for (const { value, sources } of list.getEntries()) {
    shifts.push([value, ...sources.map(({ node }) => node?.outerHTML?.slice(0, 80))]);
  }
}).observe({ type: "layout-shift", buffered: true });
"""

AT_THE_FOOT = "scrollY + innerHeight >= document.documentElement.scrollHeight - 1"

RESERVED = """
<h1>Tin trong xã</h1>
<div style="display: flex; flex-wrap: wrap; gap: 2rem">
  <comments-service widget="rating" style="display:block;flex:1 15rem;min-height:26rem">
  </comments-service>
  <comments-service widget="counters" style="display:block;flex:1 15rem;min-height:22rem">
  </comments-service>
</div>
<p>Đoạn văn đứng ngay bên dưới.</p>
"""


@pytest.fixture
def page(page: Page) -> Page:
    """Watch what moves in the page, from its beginning."""
    page.add_init_script(WATCH)
    return page


def shifts(page: Page) -> list[object]:
    settle(page)
    seen: list[object] = page.evaluate("shifts")
    return seen


def expect_widgets(page: Page, *names: str) -> None:
    for name in names:
        expect(page.locator(f".cs-{name}")).to_be_attached()


def read_to_the_foot(page: Page) -> None:
    """Go through the page the way a reader does."""
    for _ in range(40):
        page.mouse.wheel(0, 500)
        page.evaluate("new Promise(requestAnimationFrame)")
        if page.evaluate(AT_THE_FOOT):
            break
    settle(page)
    assert page.evaluate(AT_THE_FOOT)


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("slug", [LONG, EMPTY, ONE_LINE])
def test_article(page: Page, demo: Demo, slug: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(demo.article(slug))
    expect_widgets(page, "rating", "comments", "counters")
    read_to_the_foot(page)
    assert shifts(page) == []


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("slug", [LONG, EMPTY])
def test_reader_who_is_there_before_the_widgets(
    page: Page, demo: Demo, slug: str, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    held: list[Route] = []
    page.route("**/api/v1/view", lambda route: held.append(route))  # noqa: PLW0108 (Playwright asks for the signature)
    page.goto(demo.article(slug))
    until(lambda: held or settle(page), "the widgets are asked for")
    page.locator(".reply").first.evaluate("element => element.scrollIntoView()")
    settle(page)
    held[0].continue_()
    expect_widgets(page, "rating", "comments", "counters")
    assert shifts(page) == []


@pytest.mark.parametrize("width", [1280, 360])
def test_short_page_with_room_for_the_widgets(page: Page, demo: Demo, width: int) -> None:
    # High enough for all of it, whatever fonts the machine has.
    page.set_viewport_size({"width": width, "height": 1000})
    open_host(page, demo, RESERVED)
    expect_widgets(page, "rating", "counters")
    expect(page.get_by_text("Đoạn văn")).to_be_in_viewport()
    assert shifts(page) == []


def test_the_measure_sees_what_moves(page: Page, demo: Demo) -> None:
    held: list[Route] = []
    page.route("**/api/v1/view", lambda route: held.append(route))  # noqa: PLW0108 (Playwright asks for the signature)
    open_host(page, demo, RESERVED.replace("min-height", "max-width"))
    until(lambda: held or settle(page), "the widgets are asked for")
    held[0].continue_()
    expect_widgets(page, "rating")
    assert shifts(page) != []
