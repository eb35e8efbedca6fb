"""Every state of the widgets and of the dashboard, for everybody and on every screen."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.looks import SMALL_TARGETS, expect_accessible, expect_good_looks
from tests.browser.pages import EMPTY, LONG, ONE_LINE, WRONG_CODE, Comments, Dashboard, Rating
from tests.browser.running import Demo


@pytest.mark.parametrize("slug", [LONG, EMPTY, ONE_LINE])
def test_article(page: Page, demo: Demo, slug: str) -> None:
    page.goto(demo.article(slug))
    expect(Comments(page, demo).root).to_be_visible()
    expect_good_looks(page)


def test_article_with_a_filled_form(page: Page, demo: Demo) -> None:
    page.goto(demo.article(EMPTY))
    Comments(page, demo).fill("Lan", "Cảm ơn xã.")
    expect_good_looks(page)


def test_article_after_an_error(page: Page, demo: Demo) -> None:
    page.goto(demo.article(EMPTY))
    comments = Comments(page, demo)
    comments.fill("", "")
    comments.email.fill("không phải địa chỉ")
    comments.code.fill(WRONG_CODE)
    comments.submit.click()
    expect(comments.root.locator(".cs-error")).to_have_count(3)
    Rating(page).rate.click()
    expect(Rating(page).root.locator(".cs-error")).to_be_visible()
    expect_good_looks(page)


def test_article_after_thanks(page: Page, demo: Demo) -> None:
    page.goto(demo.article(EMPTY))
    rating = Rating(page)
    rating.star(4).check()
    rating.rate.click()
    expect(rating.status).to_be_visible()
    Comments(page, demo).send("Lan", "Cảm ơn xã.")
    expect_good_looks(page)


def test_article_with_an_open_reply(page: Page, demo: Demo) -> None:
    page.goto(demo.article(LONG))
    comments = Comments(page, demo)
    comments.items.first.get_by_role("link", name="Trả lời").click()
    expect(comments.items.first.locator("form")).to_be_visible()
    comments.fill("Lan", "Đúng vậy.")
    expect_good_looks(page)


@pytest.mark.parametrize("widget", ["rating", "comments", "counters"])
def test_frame(page: Page, demo: Demo, widget: str) -> None:
    page.goto(demo.frame(widget, LONG))
    expect_good_looks(page)


def test_frame_after_an_error(page: Page, demo: Demo) -> None:
    page.goto(demo.frame("comments", EMPTY))
    comments = Comments(page, demo)
    comments.fill("Lan", "Cảm ơn xã.")
    comments.code.fill(WRONG_CODE)
    comments.submit.click()
    expect(comments.root.locator(".cs-error")).to_be_visible()
    expect_good_looks(page)


def test_login(page: Page, demo: Demo) -> None:
    page.goto(demo.dashboard)
    expect(page.get_by_role("heading", name="Đăng nhập")).to_be_visible()
    expect_good_looks(page)


def test_login_refused(page: Page, demo: Demo) -> None:
    page.goto(demo.dashboard)
    page.get_by_label("Tên đăng nhập").fill("admin")
    page.get_by_label("Mật khẩu").fill("sai")
    page.get_by_role("button", name="Đăng nhập").click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect_good_looks(page)


@pytest.mark.parametrize("view", ["Chờ duyệt", "Đã duyệt", "Nhật ký quyết định"])
def test_dashboard(dashboard: Dashboard, view: str) -> None:
    dashboard.open()
    # So that there is a decision to read, and the message about one.
    dashboard.page.get_by_role("button", name="Từ chối:").first.click()
    expect(dashboard.notice).to_be_visible()
    if view != "Chờ duyệt":
        dashboard.go(view)
    expect_good_looks(dashboard.page)


@pytest.mark.parametrize("period", ["Hôm nay", "30 ngày", "Năm nay"])
def test_statistics(dashboard: Dashboard, period: str) -> None:
    dashboard.open()
    dashboard.go("Thống kê")
    dashboard.page.get_by_role("link", name=period).click()
    for summary in dashboard.page.get_by_text("Xem dạng bảng").all():
        summary.click()
    expect_good_looks(dashboard.page)


def test_what_to_paste_into_a_page(dashboard: Dashboard) -> None:
    dashboard.open()
    dashboard.go("Nhúng vào trang")
    expect_good_looks(dashboard.page)
    dashboard.go("Xã Đồng Sen")
    expect_good_looks(dashboard.page)


def test_the_measure_finds_what_is_wrong(page: Page) -> None:
    page.set_content('<html lang="vi"><title>Bài</title><img src="x:"><button>.</button>')
    page.add_style_tag(content="button { all: unset } img { width: 999px; height: 9px }")
    with pytest.raises(AssertionError, match="image-alt"):
        expect_accessible(page)
    page.set_viewport_size({"width": 320, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") > 320
    assert len(page.evaluate(SMALL_TARGETS)) == 1
