"""Writing, answering and reading comments in the portal's page, and deciding about them."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.pages import LONG, WRONG_CODE, Comments, Dashboard, Rating
from tests.browser.running import Demo


def expect_focus_inside(comments: Comments) -> None:
    """See the focus within the widget: whoever uses the keyboard goes on from there."""
    focused = "element => element.getRootNode().activeElement?.closest('.cs-comments') === element"
    assert comments.root.evaluate(focused)


def follow(comments: Comments, link: Locator) -> None:
    """Follow a link that swaps the list of comments."""
    comments.follow(link)
    expect_focus_inside(comments)


def test_from_a_wrong_code_to_the_published_comment(
    page: Page, demo: Demo, dashboard: Dashboard
) -> None:
    page.goto(demo.article(LONG))
    comments = Comments(page, demo)
    text = "Dải phân cách ở thôn 2 nên có đèn.\nBuổi tối khó thấy."
    comments.fill("Hoài Thương", text)
    comments.email.fill("hoai.thuong@example.vn")
    image = comments.image.get_attribute("src")
    total = comments.total()

    comments.code.fill(WRONG_CODE)
    comments.submit.click()
    expect(comments.code).to_have_accessible_description(re.compile("Mã xác thực không đúng."))
    expect(comments.code).to_be_focused()
    expect(comments.code).to_have_value("")
    expect(comments.text).to_have_value(text)
    expect(comments.name).to_have_value("Hoài Thương")
    expect(comments.email).to_have_value("hoai.thuong@example.vn")
    expect(comments.image).not_to_have_attribute("src", str(image))

    comments.solve()
    comments.submit.click()
    expect(comments.status).to_have_text("Cảm ơn bạn. Bình luận đã được gửi và đang chờ duyệt.")
    expect(comments.status).to_be_focused()
    expect(comments.text).to_have_value("")
    expect(comments.by("Hoài Thương")).to_have_count(0)
    assert comments.total() == total

    dashboard.open()
    expect(dashboard.entry("Hoài Thương")).to_contain_text("Buổi tối khó thấy.")
    dashboard.approve("Hoài Thương")
    expect(dashboard.entry("Hoài Thương")).to_have_count(0)

    page.reload()
    expect(comments.items.first).to_contain_text("Buổi tối khó thấy.")
    assert comments.total() == total + 1
    number = comments.ids()[0].removeprefix("cs-")

    dashboard.go("Nhật ký quyết định")
    decision = dashboard.page.get_by_role("row").filter(
        has=dashboard.page.get_by_role("cell", name=number, exact=True)
    )
    expect(decision.get_by_role("cell")).to_contain_text(
        ["", "admin", number, "Chờ duyệt", "Đã duyệt"]
    )


def test_another_image_keeps_what_was_typed(page: Page, demo: Demo) -> None:
    page.goto(demo.article(LONG))
    comments = Comments(page, demo)
    comments.fill("Lan", "Cảm ơn xã.")
    image = comments.image.get_attribute("src")
    comments.form.get_by_role("button", name="Đổi mã khác").click()
    expect(comments.image).not_to_have_attribute("src", str(image))
    expect(comments.text).to_have_value("Cảm ơn xã.")
    expect(comments.name).to_have_value("Lan")
    expect(comments.root.locator(".cs-error")).to_have_count(0)
    expect(comments.code).to_be_focused()


def test_enter_in_the_code_field_sends(page: Page, demo: Demo) -> None:
    page.goto(demo.article(LONG))
    comments = Comments(page, demo)
    comments.fill("Phím Enter", "Gửi bằng bàn phím.")
    comments.solve()
    comments.code.press("Enter")
    expect(comments.status).to_contain_text("đang chờ duyệt")


def test_a_wrong_code_in_a_reply_takes_the_focus(page: Page, demo: Demo) -> None:
    page.goto(demo.article(LONG))
    comments = Comments(page, demo)
    comments.items.first.get_by_role("link", name="Trả lời").click()
    expect(comments.items.first.locator("form")).to_be_visible()
    comments.fill("Lan", "Đúng vậy.")
    comments.code.fill(WRONG_CODE)
    comments.submit.click()
    expect(comments.code).to_have_accessible_description(re.compile("Mã xác thực không đúng."))
    expect(comments.code).to_be_focused()


def test_two_comments_rejected_at_once(page: Page, demo: Demo, dashboard: Dashboard) -> None:
    page.goto(demo.article(LONG))
    comments = Comments(page, demo)
    names = ["Quảng cáo một", "Quảng cáo hai"]
    for name in names:
        comments.send(name, "Mua ngay kẻo hết!")

    dashboard.open()
    for name in names:
        dashboard.page.get_by_label(f"Chọn mục của {name}").check()
    dashboard.bulk.get_by_role("button", name="Từ chối").click()
    expect(dashboard.notice).to_have_text("2 mục: Đã từ chối.")
    for name in names:
        expect(dashboard.entry(name)).to_have_count(0)
    dashboard.go("Đã từ chối")
    for name in names:
        expect(dashboard.entry(name)).to_be_visible()

    page.reload()
    expect(comments.items).not_to_have_count(0)
    for name in names:
        expect(comments.by(name)).to_have_count(0)


def test_nothing_is_decided_without_a_tick(dashboard: Dashboard) -> None:
    dashboard.open()
    waiting = dashboard.page.get_by_role("link", name="Chờ duyệt").inner_text()
    dashboard.bulk.get_by_role("button", name="Xóa").click()
    expect(dashboard.notice).to_have_text("Hãy chọn ít nhất một dòng rồi chọn thao tác.")
    expect(dashboard.page.get_by_role("link", name="Chờ duyệt")).to_have_text(waiting)


def test_one_tick_selects_every_row(dashboard: Dashboard) -> None:
    dashboard.open()
    dashboard.page.get_by_label("Chọn tất cả").check()
    rows = dashboard.page.locator("[name=id]")
    expect(dashboard.page.locator("[name=id]:checked")).to_have_count(rows.count())


def test_a_reply_opens_under_its_comment_and_keeps_what_was_typed(
    page: Page, demo: Demo, dashboard: Dashboard
) -> None:
    page.goto(demo.article(LONG))
    comments = Comments(page, demo)
    comments.text.fill("Tôi đồng ý.")
    comments.name.fill("Bác Sáu")
    answered = comments.items.nth(2)
    link = answered.get_by_role("link", name="Trả lời")
    title = str(link.get_attribute("aria-label"))
    link.click()

    heading = answered.get_by_role("heading", name=title)
    expect(heading).to_be_focused()
    expect(answered.locator("form")).to_have_count(1)
    expect(comments.form).to_have_count(1)
    expect(comments.text).to_have_value("Tôi đồng ý.")
    expect(comments.name).to_have_value("Bác Sáu")

    comments.send("Bác Sáu", "Tôi đồng ý.")
    dashboard.open()
    dashboard.approve("Bác Sáu")
    page.reload()
    reply = comments.by("Bác Sáu")
    expect(reply.locator(".cs-answers")).to_have_text(title.replace("Trả lời", "trả lời"))


def test_leaving_a_reply_keeps_what_was_typed(page: Page, demo: Demo) -> None:
    page.goto(demo.article(LONG))
    comments = Comments(page, demo)
    comments.items.first.get_by_role("link", name="Trả lời").click()
    expect(comments.items.locator("form")).to_have_count(1)
    comments.text.fill("Để tôi nghĩ thêm.")
    comments.root.get_by_role("link", name="Không trả lời nữa").click()
    expect(comments.items.locator("form")).to_have_count(0)
    expect(comments.text).to_have_value("Để tôi nghĩ thêm.")
    expect_focus_inside(comments)


def test_newest_and_oldest_first(page: Page, demo: Demo) -> None:
    page.goto(demo.article(LONG))
    comments = Comments(page, demo)
    threads = comments.root.locator(".cs-comment:not(.cs-reply) time")

    def times() -> list[str]:
        return [str(time.get_attribute("datetime")) for time in threads.all()]

    expect(comments.order("Mới nhất")).to_have_attribute("aria-current", "true")
    newest = times()
    assert newest == sorted(newest, reverse=True)
    follow(comments, comments.order("Cũ nhất"))
    expect(comments.order("Cũ nhất")).to_have_attribute("aria-current", "true")
    oldest = times()
    assert oldest == sorted(oldest)
    assert oldest[-1] < newest[-1]
    follow(comments, comments.order("Mới nhất"))
    assert times() == newest


def test_every_comment_is_reached_page_by_page(page: Page, demo: Demo) -> None:
    page.goto(demo.article(LONG))
    comments = Comments(page, demo)
    expect(comments.more).to_be_visible()
    seen = comments.ids()
    while comments.more.count():
        follow(comments, comments.more)
        seen += comments.ids()
    assert len(seen) == len(set(seen)) == comments.total()

    last = comments.ids()
    follow(comments, comments.root.get_by_role("link", name="Bình luận trước"))
    assert comments.ids() == seen[-len(last) - len(comments.ids()) : -len(last)]


def test_widgets_of_a_page_do_not_disturb_each_other(page: Page, demo: Demo) -> None:
    page.goto(demo.article(LONG))
    comments, rating = Comments(page, demo), Rating(page)
    comments.fill("Lan", "Chưa gửi.")
    rating.star(5).check()
    rating.rate.click()
    expect(rating.legend).to_have_text("Bạn đã đánh giá 5 sao")
    expect(comments.text).to_have_value("Chưa gửi.")
