"""Host pages with oddities of their own: the widgets come all the same."""

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.hosts import settle
from tests.browser.pages import LONG, Comments
from tests.browser.running import Demo, until

RATING = '<comments-service widget="rating"></comments-service>'


def open_host(page: Page, demo: Demo, body: str, *, head: str = "") -> None:
    page.goto(f"{demo.portal}/404")
    page.set_content(
        f"""<!doctype html><html lang="vi"><head><title>Bài</title>{head}</head><body>{body}
        <script async src="{demo.service}/embed.js" data-site="dongsen"></script></body></html>"""
    )


@pytest.mark.parametrize(
    "head",
    [
        '<link rel="canonical" href="http://[">',
        '<meta http-equiv="Content-Security-Policy" content="trusted-types other">',
    ],
    ids=["canonical-address-that-is-none", "policy-that-allows-none-of-ours"],
)
def test_odd_head_is_borne(page: Page, demo: Demo, head: str) -> None:
    open_host(page, demo, RATING, head=head)
    expect(page.locator(".cs-rating")).to_be_visible()


def test_place_without_a_widget_harms_no_other(page: Page, demo: Demo) -> None:
    open_host(page, demo, f"<comments-service>Tự trả lời</comments-service>{RATING}")
    expect(page.locator(".cs-rating")).to_be_visible()
    expect(page.get_by_text("Tự trả lời")).to_be_visible()


def test_refresh_leaves_focus_and_place_alone(page: Page, demo: Demo) -> None:
    page.goto(demo.article(LONG))
    link = page.get_by_role("link", name="Trang chủ").first
    expect(page.locator(".cs-rating")).to_be_attached()
    link.focus()
    with page.expect_response("**/api/v1/view"):
        page.evaluate("CommentsService.refresh()")
    settle(page)
    expect(page.locator(".cs-rating")).to_be_attached()
    expect(link).to_be_focused()
    assert page.evaluate("scrollY") == 0


def test_refresh_while_a_form_is_sent_takes_no_thanks_away(page: Page, demo: Demo) -> None:
    page.goto(demo.article(LONG))
    comments = Comments(page, demo)
    comments.fill("Chị Tươi", "Cảm ơn xã đã sửa đường.")
    comments.solve()
    held: list[Route] = []
    page.route("**/submit/**", lambda route: held.append(route))  # noqa: PLW0108 (Playwright asks for the signature)
    comments.submit.click()
    until(lambda: held or settle(page), "the form is sent")
    with page.expect_response("**/api/v1/view"):
        page.evaluate("CommentsService.refresh()")

    held[0].continue_()

    expect(comments.status).to_contain_text("đang chờ duyệt")
    expect(comments.text).to_have_value("")


def test_later_of_two_pages_wins_whichever_is_answered_first(page: Page, demo: Demo) -> None:
    page.goto(demo.article(LONG))
    expect(page.locator(".cs-rating")).to_be_attached()
    held: list[Route] = []

    def hold_the_old(route: Route) -> None:
        if '"/old"' in (route.request.post_data or ""):
            held.append(route)
        else:
            route.continue_()

    page.route("**/api/v1/view", hold_the_old)
    page.evaluate("CommentsService.refresh('/old')")
    page.evaluate("CommentsService.refresh('/new')")
    shown = page.locator(".cs-rating input[name=page]")
    expect(shown).to_have_value("/new")
    with page.expect_response("**/api/v1/view"):
        held[0].continue_()
    settle(page)
    expect(shown).to_have_value("/new")


def test_scripts_of_the_page_may_use_the_json_interface(page: Page, demo: Demo) -> None:
    page.goto(demo.article(LONG))
    count = page.evaluate(
        """async (address) => {
          const rate = (stars) => fetch(address, {
            method: "PUT",
            headers: { "Content-Type": "application/json" },
            body: JSON.stringify({ stars }),
          });
          return (await (await rate(5)).json()).count;
        }""",
        f"{demo.service}/api/v1/sites/dongsen/rating?page=/json",
    )
    assert count == 1
