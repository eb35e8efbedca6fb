"""Rating an article, in the portal's own page."""

from playwright.sync_api import Page, expect

from tests.browser.pages import LONG, Rating, tab_to
from tests.browser.running import Demo

TOKEN = "comments-service:visitor:dongsen"


def changed(votes: list[int], changes: dict[int, int]) -> list[int]:
    return [n + changes.get(stars, 0) for stars, n in enumerate(votes, start=1)]


def test_four_stars_by_keyboard_alone(page: Page, demo: Demo) -> None:
    page.goto(demo.article(LONG))
    rating = Rating(page)
    votes = rating.votes()
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url))

    tab_to(page, rating.star(1))
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    expect(rating.star(4)).to_be_checked()
    tab_to(page, rating.rate)
    # Whoever only looks through the stars has not voted.
    assert sent == []
    page.keyboard.press("Enter")

    expect(rating.status).to_have_text("Cảm ơn bạn. Đã ghi nhận đánh giá.")
    expect(rating.status).to_be_focused()
    expect(rating.legend).to_have_text("Bạn đã đánh giá 4 sao")
    rating.expect_votes(changed(votes, {4: 1}))
    assert sent == [f"{demo.service}/submit/dongsen/rating"]


def test_a_rating_is_remembered_changed_and_withdrawn(page: Page, demo: Demo) -> None:
    page.goto(demo.article(LONG))
    rating = Rating(page)
    votes = rating.votes()
    assert page.evaluate("localStorage.length") == 0
    rating.star(4).check()
    rating.rate.click()
    expect(rating.legend).to_have_text("Bạn đã đánh giá 4 sao")
    assert page.evaluate("Object.keys(localStorage)") == [TOKEN]

    page.reload()
    expect(rating.legend).to_have_text("Bạn đã đánh giá 4 sao")
    expect(rating.star(4)).to_be_checked()
    rating.expect_votes(changed(votes, {4: 1}))

    rating.star(2).check()
    rating.change.click()
    expect(rating.legend).to_have_text("Bạn đã đánh giá 2 sao")
    rating.expect_votes(changed(votes, {2: 1}))

    rating.withdraw.click()
    expect(rating.status).to_have_text("Đã rút lại đánh giá của bạn.")
    expect(rating.status).to_be_focused()
    expect(rating.legend).to_have_text("Đánh giá của bạn")
    rating.expect_votes(votes)


def test_a_form_without_a_star_says_what_is_missing(page: Page, demo: Demo) -> None:
    page.goto(demo.article(LONG))
    rating = Rating(page)
    votes = rating.votes()
    rating.rate.click()
    expect(rating.root.get_by_text("Vui lòng chọn từ một đến năm sao.")).to_be_visible()
    expect(rating.star(1)).to_be_focused()
    rating.expect_votes(votes)
