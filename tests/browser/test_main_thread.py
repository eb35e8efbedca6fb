"""What drawing the widgets leaves undone until a reader comes near."""

from playwright.sync_api import Page, expect

from tests.browser.pages import LONG, Comments
from tests.browser.running import Demo

IS_LAID_OUT = "element => element.checkVisibility({ contentVisibilityAuto: true })"


def test_comments_are_laid_out_when_a_reader_comes_near(page: Page, demo: Demo) -> None:
    page.goto(demo.article(LONG))
    comments = Comments(page, demo)
    expect(comments.items).not_to_have_count(0)
    last = comments.items.last.locator("article")
    link = last.get_by_role("link")
    assert not link.evaluate(IS_LAID_OUT)
    estimated = last.bounding_box()
    assert estimated
    assert estimated["height"] > 0

    last.scroll_into_view_if_needed()
    page.wait_for_function(IS_LAID_OUT, arg=link.element_handle())
    expect(last).to_be_in_viewport()


def test_the_focus_reaches_what_was_not_laid_out(page: Page, demo: Demo) -> None:
    page.goto(demo.article(LONG))
    link = Comments(page, demo).items.last.get_by_role("link")
    link.focus()
    expect(link).to_be_in_viewport()
    assert link.evaluate(IS_LAID_OUT)


def test_a_frame_knows_its_height_from_the_first(page: Page, demo: Demo) -> None:
    page.goto(demo.frame("comments", LONG))
    links = page.locator(".cs-comment article a")
    expect(links).not_to_have_count(0)
    assert all(link.evaluate(IS_LAID_OUT) for link in links.all())
