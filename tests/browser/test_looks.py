"""The widgets in every look that a reader or a webmaster may ask for."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewContext
from tests.browser.hosts import COMMENTS, COUNTERS, RATING, open_host
from tests.browser.looks import SCHEMES, expect_no_violations
from tests.browser.pages import LONG, WRONG_CODE, Comments, Rating
from tests.browser.running import Demo

# axe takes a page without a ground of its own for white.
HEAD = """<style>
  :root { color-scheme: light dark }
  body { background: Canvas; color: CanvasText }
</style>"""
PAGE = f'page="/tin-tuc/{LONG}"'
BODY = "<main><h1>Bài</h1>{}</main>".format(
    (RATING + COMMENTS + COUNTERS).replace("<comments-service", f"<comments-service {PAGE}")
)


def open_widgets(page: Page, demo: Demo, *, tag: str = "", head: str = HEAD) -> None:
    open_host(page, demo, BODY, head=head, tag=tag)
    expect(page.locator(".cs-comments")).to_be_visible()


def fill_and_fail(page: Page) -> None:
    """Bring the forms into the state with errors, told in Vietnamese or not."""
    form = page.locator(".cs-comments form")
    form.locator("textarea").fill("…")
    expect(form.get_by_role("img")).to_be_visible()
    form.locator("[name=answer]").fill(WRONG_CODE)
    form.locator("button[type=submit].cs-button").last.click()
    expect(form.locator(".cs-error").first).to_be_visible()
    page.locator(".cs-rating form button.cs-button").click()
    expect(page.locator(".cs-rating .cs-error")).to_be_visible()


@pytest.mark.parametrize("scheme", SCHEMES)
def test_forced_colours(page: Page, demo: Demo, scheme: str) -> None:
    page.emulate_media(forced_colors="active", color_scheme=scheme)
    open_widgets(page, demo)
    fill_and_fail(page)
    expect_no_violations(page)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("theme", ["auto", "civic", "press", "plain"])
def test_theme(page: Page, demo: Demo, theme: str, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)
    open_widgets(page, demo, tag=f'data-theme="{theme}"')
    fill_and_fail(page)
    expect_no_violations(page)


@pytest.mark.parametrize("theme", ["auto", "civic", "press", "plain"])
def test_button_can_be_told_from_its_text(page: Page, demo: Demo, theme: str) -> None:
    open_widgets(page, demo, tag=f'data-theme="{theme}"')
    colours = "e => [getComputedStyle(e).color, getComputedStyle(e).backgroundColor]"
    text, ground = Rating(page).rate.evaluate(colours)
    assert text != ground


@pytest.mark.parametrize("theme", ["light", "dark", "dark press"])
def test_named_scheme_is_kept_whatever_the_reader_has(page: Page, demo: Demo, theme: str) -> None:
    named = theme.split(maxsplit=1)[0]
    ground = {"light": "white", "dark": "black"}[named]
    page.emulate_media(color_scheme="dark" if named == "light" else "light")
    head = f"<style>body {{ background: {ground} }} h1 {{ color: gray }}</style>"
    open_widgets(page, demo, tag=f'data-theme="{theme}"', head=head)
    expect_no_violations(page)


def test_light_page_stays_legible_for_a_reader_with_a_dark_scheme(page: Page, demo: Demo) -> None:
    page.emulate_media(color_scheme="dark")
    open_widgets(page, demo, head="<style>:root { color-scheme: light; background: white }</style>")
    expect_no_violations(page)


@pytest.mark.parametrize("width", [1280, 320])
def test_right_to_left(page: Page, demo: Demo, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    open_widgets(page, demo, tag='data-lang="ar"')
    for box in page.locator(".cs-root").all():
        expect(box).to_have_attribute("dir", "rtl")
        expect(box).to_have_attribute("lang", "ar")
        expect(box).to_have_css("direction", "rtl")
    fill_and_fail(page)
    expect_no_violations(page)
    assert page.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.parametrize("widget", ["rating", "comments", "counters"])
def test_right_to_left_frame(page: Page, demo: Demo, widget: str) -> None:
    page.set_viewport_size({"width": 320, "height": 800})
    page.goto(f"{demo.frame(widget, LONG)}&lang=ar")
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    expect_no_violations(page)
    assert page.evaluate("document.documentElement.scrollWidth") == 320


def test_frames_in_their_page(page: Page, demo: Demo) -> None:
    open_host(page, demo, BODY, head=HEAD, tag='data-mode="frame"')
    for widget in ("rating", "comments", "counters"):
        frame = page.locator(f"[widget={widget}] iframe")
        frame.scroll_into_view_if_needed()
        expect(frame).not_to_have_attribute("title", widget)
    expect_no_violations(page)


def test_print(page: Page, demo: Demo) -> None:
    page.goto(demo.article(LONG))
    comments = Comments(page, demo)
    expect(comments.text).to_be_visible()
    page.emulate_media(media="print")
    for item in comments.items.all():
        expect(item.locator(".cs-text")).to_be_visible()
    for hidden in ("form", ".cs-order", ".cs-more", ".cs-comment-foot", ".cs-subtitle"):
        assert page.locator(f".cs-root {hidden}").count()
        expect(page.locator(f".cs-root {hidden}").filter(visible=True)).to_have_count(0)
    expect(Rating(page).root.locator(".cs-rating-summary")).to_be_visible()


def test_nothing_moves_by_itself(new_context: NewContext, demo: Demo) -> None:
    page = new_context(reduced_motion="no-preference").new_page()
    page.goto(demo.article(LONG))
    Comments(page, demo).fill("Lan", "Cảm ơn xã.")
    moving = """
      [document, ...[...document.querySelectorAll("*")].map((each) => each.shadowRoot)]
        .filter(Boolean).flatMap((root) => root.getAnimations()).length
    """
    assert page.evaluate(moving) == 0
