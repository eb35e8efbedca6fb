"""The portal's own server puts the widgets into its page."""

from playwright.sync_api import Page, expect

from comments_service.demo.portal import create_portal
from comments_service.demo.seeding import SITE_KEY
from tests.browser.hosts import settle
from tests.browser.pages import INCLUDED, Comments, Counters, Rating
from tests.browser.running import Demo, get, until
from tests.ports import free_port


def test_the_comments_are_in_the_served_page(page: Page, demo: Demo) -> None:
    page.goto(demo.article(INCLUDED))
    comments = Comments(page, demo)
    shown = comments.root.locator(".cs-text").first.inner_text()

    wanted = (
        f'Bình luận <span class="cs-muted">({comments.total()})</span>',
        shown.partition("\n")[0],
        "lượt đánh giá",
        "lượt truy cập",
    )

    def is_whole() -> bool:
        served = get(demo.article(INCLUDED)).text
        return all(each in served for each in wanted)

    # The portal waits for each fragment for half a second, and does without it then.
    until(is_whole, "a page with all its fragments")


def test_the_served_page_counts_nobody(demo: Demo) -> None:
    before = demo.counters(INCLUDED)
    get(demo.article(INCLUDED)).raise_for_status()
    assert demo.counters(INCLUDED)["total"] == before["total"]


def test_with_scripts_it_can_be_used_and_counts_once(page: Page, demo: Demo) -> None:
    settle(page)
    before = demo.counters(INCLUDED)
    page.goto(demo.article(INCLUDED))
    comments, rating = Comments(page, demo), Rating(page)
    comments.fill("Lan", "Cảm ơn.")
    rating.star(4).check()
    rating.rate.click()
    expect(rating.legend).to_have_text("Bạn đã đánh giá 4 sao")
    assert demo.counters(INCLUDED)["total"] == before["total"] + 1 == Counters(page).total()


def test_the_portal_stands_without_the_service() -> None:
    portal = create_portal(free_port(), SITE_KEY)
    answer = portal.test_client().get(f"/tin-tuc/{INCLUDED}")
    assert answer.status_code == 200
    assert "Mời bạn đọc gửi ý kiến" in answer.text
    assert "Mở phần đánh giá trong trang riêng" in answer.text
