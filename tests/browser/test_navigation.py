"""Pages that become others without being loaded anew, and those that nobody sees yet."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import NewContext
from tests.browser.hosts import COMMENTS, COUNTERS, RATING, open_host, settle, views
from tests.browser.pages import EMPTY, LONG, ONE_LINE, Comments, Rating
from tests.browser.running import Demo

FROM_MEMORY = "dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))"
PUSH = "address => history.pushState(null, '', address)"

HIDDEN = """
window.isHidden = true;
Object.defineProperty(document, "hidden", { get: () => window.isHidden });
"""


def shown_page(page: Page, widget: str = "rating") -> Locator:
    return page.locator(f"comments-service[widget={widget}] input[name=page]").first


@pytest.fixture
def host(page: Page, demo: Demo) -> Page:
    """Show a page with all widgets and without a canonical address."""
    open_host(page, demo, RATING + COMMENTS + COUNTERS)
    expect(page.locator(".cs-counters")).to_be_visible()
    return page


def test_another_address_is_another_page_and_counted(host: Page, demo: Demo) -> None:
    expect(Comments(host, demo).items).to_have_count(0)
    before = demo.counters(LONG)
    asked = views(host)
    host.evaluate(PUSH, f"/tin-tuc/{LONG}")
    expect(Comments(host, demo).items).not_to_have_count(0)
    expect(shown_page(host)).to_have_value(f"/tin-tuc/{LONG}")
    assert [(view["page"], view["count"]) for view in asked] == [(demo.article(LONG), True)]
    assert sorted(asked[0]["widgets"]) == ["comments", "counters", "rating"]
    assert demo.counters(LONG)["this_page"] == before["this_page"] + 1


def test_each_return_to_a_page_counts(host: Page) -> None:
    asked = views(host)
    for address in ("/mot", "/hai", "/mot"):
        host.evaluate(PUSH, address)
        expect(shown_page(host)).to_have_value(address)
    host.evaluate("history.back()")
    expect(shown_page(host)).to_have_value("/hai")
    assert [view["count"] for view in asked] == [True] * 4


def test_another_fragment_is_the_same_page(host: Page) -> None:
    asked = views(host)
    host.evaluate(PUSH, "#binh-luan")
    host.evaluate("location.hash = 'dau-trang'")
    host.evaluate("history.replaceState({ seen: true }, '')")
    settle(host)
    assert asked == []


def test_an_address_that_is_tidied_is_the_same_page(page: Page, demo: Demo) -> None:
    open_host(page, demo, COMMENTS)
    field = page.locator("textarea")
    page.evaluate(PUSH, "/bai?fbclid=1&id=7&utm_source=zalo")
    expect(shown_page(page, "comments")).to_have_value("/bai?id=7")
    field.fill("Đang viết dở")
    asked = views(page)
    page.evaluate("history.replaceState(null, '', '/bai?id=7')")
    settle(page)
    assert asked == []
    expect(field).to_have_value("Đang viết dở")


def test_an_element_that_was_put_away_shows_the_page_it_comes_back_to(host: Page) -> None:
    host.evaluate("window.kept = document.querySelector('[widget=rating]'); kept.remove()")
    host.evaluate(PUSH, "/hai")
    expect(shown_page(host, "comments")).to_have_value("/hai")
    host.evaluate("document.body.append(kept)")
    expect(shown_page(host)).to_have_value("/hai")


def test_another_canonical_address_is_another_page(page: Page, demo: Demo) -> None:
    link = f'<link rel="canonical" href="{demo.article(ONE_LINE)}">'
    open_host(page, demo, RATING, head=link)
    expect(shown_page(page)).to_have_value(f"/tin-tuc/{ONE_LINE}")
    asked = views(page)
    page.evaluate(PUSH, "?trang=2")
    settle(page)
    assert asked == []

    canonical = "document.querySelector('[rel=canonical]')"
    page.evaluate(f"address => {{ {canonical}.href = address }}", demo.article(EMPTY))
    expect(shown_page(page)).to_have_value(f"/tin-tuc/{EMPTY}")
    page.evaluate(f"{canonical}.remove()")
    expect(shown_page(page)).to_have_value("/404?trang=2")
    assert [view["count"] for view in asked] == [True, True]


def test_an_element_that_comes_later_is_drawn_and_not_counted(page: Page, demo: Demo) -> None:
    open_host(page, demo, RATING)
    expect(shown_page(page)).to_be_attached()
    asked = views(page)
    page.evaluate("html => document.body.insertAdjacentHTML('beforeend', html)", COMMENTS)
    expect(Comments(page, demo).root).to_be_visible()
    assert [(view["widgets"], view["count"]) for view in asked] == [(["comments"], False)]


def test_an_element_made_before_the_address_changes_counts_once(host: Page) -> None:
    asked = views(host)
    host.evaluate(
        """html => {
          history.pushState(null, "", "/lam-lai");
          document.querySelector("[widget=rating]").outerHTML = html;
        }""",
        RATING,
    )
    expect(shown_page(host)).to_have_value("/lam-lai")
    expect(shown_page(host, "comments")).to_have_value("/lam-lai")
    assert [view["count"] for view in asked] == [True, False]


def test_an_element_that_has_gone_is_forgotten(host: Page) -> None:
    asked = views(host)
    host.evaluate("document.querySelector('[widget=comments]').remove()")
    host.evaluate(PUSH, "/mot-minh")
    expect(shown_page(host)).to_have_value("/mot-minh")
    assert [sorted(view["widgets"]) for view in asked] == [["counters", "rating"]]


def test_two_threads_on_one_page(page: Page, demo: Demo) -> None:
    asked = views(page)
    thread = '<comments-service widget="comments" page="/tin-tuc/{}"></comments-service>'
    open_host(page, demo, thread.format(LONG) + thread.format(EMPTY))
    threads = page.locator(".cs-comments")
    expect(threads).to_have_count(2)
    expect(threads.nth(0).locator(".cs-comment")).not_to_have_count(0)
    expect(threads.nth(1).locator(".cs-comment")).to_have_count(0)
    assert sorted(view["page"] for view in asked) == [f"/tin-tuc/{slug}" for slug in (LONG, EMPTY)]
    page.evaluate(PUSH, "/dia-chi-khac")
    settle(page)
    assert len(asked) == 2


def test_a_page_from_memory_is_counted_and_keeps_what_is_typed(host: Page, demo: Demo) -> None:
    comments = Comments(host, demo)
    comments.fill("Lan", "Đang viết dở")
    asked = views(host)
    with host.expect_response("**/api/v1/view"):
        host.evaluate(FROM_MEMORY)
    settle(host)
    expect(comments.text).to_have_value("Đang viết dở")
    expect(comments.name).to_have_value("Lan")
    assert [view["count"] for view in asked] == [True]


def test_a_page_that_nobody_sees_yet_asks_nothing(page: Page, demo: Demo) -> None:
    page.add_init_script(HIDDEN)
    asked = views(page)
    page.goto(demo.article(LONG), wait_until="networkidle")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    settle(page)
    assert asked == []

    page.evaluate("isHidden = false; document.dispatchEvent(new Event('visibilitychange'))")
    expect(Rating(page).root).to_be_visible()
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    settle(page)
    assert [view["count"] for view in asked] == [True]


def test_a_reader_who_wants_no_tracking_is_counted_as_nobody(
    new_context: NewContext, demo: Demo
) -> None:
    def open_as(browser_name: str, **options: object) -> None:
        context = new_context(user_agent=f"Mozilla/5.0 ({browser_name})", **options)
        page = context.new_page()
        page.goto(demo.article(LONG))
        expect(page.locator(".cs-counters")).to_be_visible()

    before = demo.counters(LONG)
    open_as("Privacy", extra_http_headers={"Sec-GPC": "1"})
    private = demo.counters(LONG)
    open_as("Privacy")
    public = demo.counters(LONG)

    for figure in ("total", "today", "this_page"):
        assert [private[figure], public[figure]] == [before[figure] + 1, before[figure] + 2]
    assert private["online"] == before["online"]
    assert public["online"] == before["online"] + 1
