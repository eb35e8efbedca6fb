"""When the service fails, the host page stands, and the webmaster is told once why."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.pages import LONG
from tests.browser.running import Demo
from tests.ports import free_port


@pytest.fixture
def warnings(page: Page) -> list[str]:
    """Collect the warnings in the console, and fail at an error that a script did not catch."""
    seen: list[str] = []
    page.on(
        "console", lambda message: seen.append(message.text) if message.type == "warning" else None
    )
    page.on("pageerror", lambda error: seen.append(f"not caught: {error.message}"))
    return seen


def open_host(
    page: Page, demo: Demo, *, portal: str = "", site: str = 'data-site="dongsen"', port: int = 0
) -> None:
    """Show a page that embeds the rating."""
    service = f"http://127.0.0.1:{port}" if port else demo.service
    page.goto(f"{portal or demo.portal}/404")
    page.set_content(
        f"""<!doctype html><title>Bài</title><h1>Tin trong xã</h1>
        <comments-service widget="rating"><a href="/danh-gia">Đánh giá</a></comments-service>
        <script>
          document.addEventListener("comments-service:error", () => (window.failed = true));
        </script>
        <script async src="{service}/embed.js" {site}></script>"""
    )


def expect_untouched(page: Page) -> None:
    expect(page.get_by_role("heading", name="Tin trong xã")).to_be_visible()
    expect(page.get_by_role("link", name="Đánh giá")).to_be_visible()


def fails(route: Route) -> None:
    route.fulfill(status=500, body="<h1>500</h1>")


def talks_rubbish(route: Route) -> None:
    route.fulfill(body="<!doctype html><title>Đăng nhập Wi-Fi</title>")


def talks_other_json(route: Route) -> None:
    route.fulfill(body='{"widgets": null}', headers={"Access-Control-Allow-Origin": "*"})


def is_silent(route: Route) -> None:
    route.abort()


@pytest.mark.parametrize("service", [fails, talks_rubbish, talks_other_json, is_silent])
def test_the_page_stands_when_the_service(
    page: Page, demo: Demo, warnings: list[str], service: Callable[[Route], None]
) -> None:
    page.route("**/api/v1/view", service)
    open_host(page, demo)
    page.wait_for_function("window.failed")
    expect_untouched(page)
    assert len(warnings) == 1
    assert warnings[0].startswith("comments-service (dongsen): ")


def test_the_page_stands_when_the_script_is_not_there(
    page: Page, demo: Demo, warnings: list[str]
) -> None:
    open_host(page, demo, port=free_port())
    expect_untouched(page)
    assert warnings == []


def test_a_page_that_may_not_embed_is_told_the_mending_command(
    page: Page, demo: Demo, warnings: list[str]
) -> None:
    stranger = demo.portal.replace("localhost", "stranger.localhost")
    open_host(page, demo, portal=stranger)
    page.wait_for_function("window.failed")
    expect_untouched(page)
    assert len(warnings) == 1
    assert f"comments-service site allow dongsen {stranger}" in warnings[0]


def test_a_site_that_does_not_exist(page: Page, demo: Demo, warnings: list[str]) -> None:
    open_host(page, demo, site='data-site="dongsenn"')
    page.wait_for_function("window.failed")
    expect_untouched(page)
    assert warnings == ["comments-service (dongsenn): Không có cổng thông tin nào mang mã này."]


def test_a_line_without_a_site(page: Page, demo: Demo, warnings: list[str]) -> None:
    with page.expect_console_message():
        open_host(page, demo, site="")
    page.wait_for_load_state()
    expect_untouched(page)
    assert warnings == ["comments-service: the script tag needs data-site"]


def test_a_form_that_cannot_be_sent_keeps_what_was_typed(page: Page, demo: Demo) -> None:
    page.goto(demo.article(LONG))
    page.route("**/submit/**", is_silent)
    page.get_by_role("radio", name="4 sao").check()
    page.get_by_role("button", name="Gửi đánh giá").click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_role("radio", name="4 sao")).to_be_checked()
    page.unroute("**/submit/**")
    page.get_by_role("button", name="Gửi đánh giá").click()
    expect(page.get_by_text("Bạn đã đánh giá 4 sao")).to_be_visible()
