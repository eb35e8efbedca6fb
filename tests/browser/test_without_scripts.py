"""With scripts off: the portal's links lead to documents of plain forms."""

import re

import pytest
from playwright.sync_api import Page, Response, expect

from tests.browser.conftest import NewContext
from tests.browser.pages import EMPTY, LONG, WRONG_CODE, Comments, Counters, Dashboard, Rating
from tests.browser.running import Demo


@pytest.fixture
def plain(new_context: NewContext) -> Page:
    """Open a tab of a reader who has scripts switched off."""
    return new_context(java_script_enabled=False).new_page()


@pytest.fixture
def statuses(plain: Page) -> list[tuple[str, int]]:
    """Collect method and status of every document of the service."""
    seen: list[tuple[str, int]] = []

    def note(response: Response) -> None:
        if response.request.is_navigation_request():
            seen.append((response.request.method, response.status))

    plain.on("response", note)
    return seen


@pytest.fixture(autouse=True)
def no_complaint(plain: Page) -> None:
    """See that the browser finds nothing wrong in any document."""

    def refuse(text: str) -> None:
        # The browser notes every refusal's status, the document is shown all the same.
        assert "status of 422" in text, text

    plain.on("console", lambda message: refuse(message.text))
    plain.on("pageerror", lambda error: refuse(error.message))


def test_rating(plain: Page, statuses: list[tuple[str, int]], demo: Demo) -> None:
    plain.goto(demo.article(LONG))
    plain.get_by_role("link", name="Mở phần đánh giá trong trang riêng").click()
    rating = Rating(plain)
    votes = rating.votes()
    statuses.clear()
    rating.star(5).check()
    rating.rate.click()

    votes[4] += 1
    expect(rating.status).to_have_text("Cảm ơn bạn. Đã ghi nhận đánh giá.")
    expect(rating.legend).to_have_text("Bạn đã đánh giá 5 sao")
    rating.expect_votes(votes)
    assert statuses == [("POST", 303), ("GET", 200)]
    plain.reload()
    assert statuses[2:] == [("GET", 200)]
    rating.expect_votes(votes)

    rating.withdraw.click()
    votes[4] -= 1
    expect(rating.legend).to_have_text("Đánh giá của bạn")
    rating.expect_votes(votes)


def test_commenting(
    plain: Page, statuses: list[tuple[str, int]], demo: Demo, dashboard: Dashboard
) -> None:
    plain.goto(demo.article(EMPTY))
    plain.get_by_role("link", name="Mở phần bình luận trong trang riêng").click()
    comments = Comments(plain, demo)
    comments.fill("Cô Bảy", "Xe buýt có chỗ để xe lăn không?")
    comments.code.fill(WRONG_CODE)
    image = comments.image.get_attribute("src")
    statuses.clear()
    comments.submit.click()
    expect(comments.code).to_have_accessible_description(re.compile("Mã xác thực không đúng."))
    expect(comments.text).to_have_value("Xe buýt có chỗ để xe lăn không?")
    expect(comments.name).to_have_value("Cô Bảy")
    expect(comments.image).not_to_have_attribute("src", str(image))

    comments.solve()
    comments.submit.click()
    expect(comments.status).to_contain_text("đang chờ duyệt")
    assert statuses == [("POST", 422), ("POST", 303), ("GET", 200)]
    plain.reload()
    dashboard.open()
    expect(dashboard.entry("Cô Bảy")).to_have_count(1)


def test_replying(plain: Page, demo: Demo, dashboard: Dashboard) -> None:
    plain.goto(demo.frame("comments", LONG))
    comments = Comments(plain, demo)
    answered = comments.items.nth(1)
    link = answered.get_by_role("link", name="Trả lời")
    title = str(link.get_attribute("aria-label"))
    link.click()
    expect(answered.get_by_role("heading", name=title)).to_be_visible()
    expect(answered.locator("form")).to_have_count(1)
    comments.send("Chú Ba", "Đúng vậy.")

    dashboard.open()
    dashboard.approve("Chú Ba")
    plain.goto(demo.frame("comments", LONG))
    told = title.replace("Trả lời", "trả lời")
    expect(comments.by("Chú Ba").locator(".cs-answers")).to_have_text(told)


def test_reading_on(plain: Page, demo: Demo) -> None:
    plain.goto(demo.frame("comments", LONG))
    comments = Comments(plain, demo)
    seen = comments.ids()
    while comments.more.count():
        comments.follow(comments.more)
        seen += comments.ids()
    assert len(seen) == len(set(seen)) == comments.total()


def test_statistics(plain: Page, demo: Demo) -> None:
    plain.goto(demo.article(EMPTY))
    plain.get_by_role("link", name="Mở số liệu truy cập trong trang riêng").click()
    assert Counters(plain).total() == demo.counters(EMPTY)["total"]
