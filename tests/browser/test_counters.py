"""The statistics of the site."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import NewContext
from tests.browser.hosts import settle, views
from tests.browser.pages import LONG, Counters
from tests.browser.running import Demo


def reader(new_context: NewContext, browser_name: str) -> Page:
    """Open a tab of a reader who is nobody else."""
    return new_context(user_agent=f"Mozilla/5.0 ({browser_name})").new_page()


def test_another_reader_raises_online_and_the_totals(new_context: NewContext, demo: Demo) -> None:
    names = ["Online", "Hôm nay", "Trang này"]

    def open_as(browser_name: str) -> list[int]:
        page = reader(new_context, browser_name)
        settle(page)
        page.goto(demo.article(LONG))
        counters = Counters(page)
        return [counters.total(), *map(counters.figure, names)]

    first = open_as("Firefox")
    assert open_as("Opera") == [figure + 1 for figure in first]
    assert first[0] > 3_184_308


def test_each_load_counts_once(page: Page, demo: Demo) -> None:
    counters = Counters(page)
    before = demo.counters(LONG)
    for loads in (1, 2, 3):
        settle(page)
        page.goto(demo.article(LONG)) if loads == 1 else page.reload()
        expect(counters.root).to_be_visible()
        now = demo.counters(LONG)
        assert now["total"] == before["total"] + loads == counters.total()
        assert now["this_page"] == before["this_page"] + loads


def test_the_host_that_led_here_is_told_once(page: Page, demo: Demo) -> None:
    told = views(page)
    page.goto(demo.article(LONG), referer="https://tinh.example/secret?q=1")
    expect(Counters(page).root).to_be_visible()
    page.evaluate("window.CommentsService.refresh('/another')")
    settle(page)
    assert [each.get("referrer") for each in told] == ["tinh.example", None]


def test_a_reload_is_the_same_reader(page: Page, demo: Demo) -> None:
    page.goto(demo.article(LONG))
    online = Counters(page).figure("Online")
    page.reload()
    assert Counters(page).figure("Online") == online
