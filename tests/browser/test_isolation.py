"""Host page and widgets side by side: neither's style nor markup gets into the other."""

import json
from typing import Any

from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import NewContext
from tests.browser.pages import LONG
from tests.browser.running import Demo

STYLES = """
root => [...root.querySelectorAll("*")].map((element) => {
  const style = getComputedStyle(element);
  const names = ["display", "fontSize", "fontFamily", "fontWeight", "lineHeight", "color",
    "textAlign", "textTransform", "letterSpacing", "whiteSpace", "visibility", "opacity"];
  return [element.localName, element.className, ...names.map((name) => style[name])];
})
"""

LOUD = """
* { all: unset !important; font-size: 40px !important; color: red !important }
:root { text-transform: uppercase; letter-spacing: 1em; text-align: right }
"""

HOSTILE = """
<p>Vẫn còn đọc được.</p>
<script>window.hacked = "script"</script>
<img src="x:" onerror="window.hacked = 'onerror'" alt="">
<svg onload="window.hacked = 'svg'"><script>window.hacked = "svg script"</script></svg>
<iframe srcdoc="<script>parent.hacked = 'srcdoc'</script>"></iframe>
<math><mtext><img src="x:" onerror="window.hacked = 'math'" alt=""></mtext></math>
<a class="trap" href="javascript:window.hacked = 'address'">Bấm vào đây</a>
<button class="trap" type="button" onclick="window.hacked = 'onclick'">Bấm vào đây</button>
<form action="//evil.example/" formaction="//evil.example/">
  <button class="trap" type="button" formaction="javascript:hacked = 'formaction'">Gửi</button>
</form>
<p style="position: fixed; inset: 0">Che hết</p>
<style>p { display: none !important }</style>
<link rel="stylesheet" href="//evil.example/evil.css">
<object data="//evil.example/"></object>
<comments-service widget="rating"></comments-service>
"""


def host_page(page: Page, demo: Demo, style: str = "") -> None:
    """Show a page of the portal's origin, with this style sheet and the comments."""
    page.goto(f"{demo.portal}/404")
    script = f'src="{demo.service}/embed.js" data-site="dongsen" data-count="off"'
    page.set_content(
        f"""<!doctype html><title>Bài</title><style>{style}</style>
        <comments-service widget="comments" page="/tin-tuc/{LONG}">Bình luận</comments-service>
        <script async {script}></script>"""
    )


def test_the_host_page_cannot_change_the_widgets(new_context: NewContext, demo: Demo) -> None:
    def styles(style: str) -> list[list[str]]:
        page = new_context().new_page()
        host_page(page, demo, style)
        expect(page.locator(".cs-comments")).to_be_visible()
        root = page.locator(".cs-root")
        told: list[list[str]] = root.evaluate(STYLES)
        return told

    plain = styles("")
    assert len(plain) > 100
    assert styles(LOUD) == plain


def test_the_host_page_may_set_what_is_offered(page: Page, demo: Demo) -> None:
    host_page(page, demo, "body { --cs-accent: rgb(1, 2, 3) } ::part(title) { font-style: italic }")
    expect(page.locator(".cs-comment-foot a").first).to_have_css("color", "rgb(1, 2, 3)")
    expect(page.locator(".cs-title")).to_have_css("font-style", "italic")


def test_the_widgets_cannot_change_the_host_page(page: Page, demo: Demo) -> None:
    page.goto(demo.article(LONG))
    expect(page.locator(".cs-comments")).to_be_visible()
    look = "document.styleSheets.length + document.adoptedStyleSheets.length"
    assert page.evaluate(look) == 1
    names = "Object.keys(window).filter((name) => /comment/i.test(name))"
    assert page.evaluate(names) == ["CommentsService"]


def answer_with(html: str) -> Any:  # noqa: ANN401 (Playwright's handler)
    told = {"page": "/", "lang": "vi", "widgets": {"comments": html}, "unknown": [], "css": ""}

    def answer(route: Route) -> None:
        route.fulfill(body=json.dumps(told), headers={"Access-Control-Allow-Origin": "*"})

    return answer


def test_hostile_html_from_the_service_runs_nothing(page: Page, demo: Demo) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.route("**/api/v1/view", answer_with(HOSTILE))
    host_page(page, demo)
    expect(page.get_by_text("Vẫn còn đọc được.")).to_be_visible()

    for trap in page.locator(".trap").all():
        trap.dispatch_event("click")
    elements, attributes = page.locator("comments-service").evaluate(
        """host => {
            const all = [...host.shadowRoot.querySelectorAll(".cs-root *")];
            const names = all.flatMap((element) => element.getAttributeNames());
            return [[...new Set(all.map((e) => e.localName))], [...new Set(names)]];
        }"""
    )
    assert sorted(elements) == ["a", "button", "canvas", "form", "p"]
    assert sorted(attributes) == ["alt", "aria-label", "class", "role", "type"]
    assert page.evaluate("window.hacked") is None
    assert not [address for address in asked if "evil" in address]


def test_fields_that_hide_attributes_hide_none_from_us(page: Page, demo: Demo) -> None:
    trap = "oncontentvisibilityautostatechange='window.hacked = 1' onclick='window.hacked = 1'"
    hidden = "<select name=attributes></select><input name=childNodes>"
    hostile = f"<form style='content-visibility: auto' {trap}>{hidden}</form><p>Vẫn còn.</p>"
    page.route("**/api/v1/view", answer_with(f"<p>Đã vẽ.</p>{hostile}"))
    host_page(page, demo)
    page.wait_for_function("window.CommentsService")
    for form in page.locator("comments-service form").all():
        form.dispatch_event("click")
    names = page.locator("comments-service").evaluate(
        "host => [...(host.shadowRoot || host).querySelectorAll('form')].flatMap("
        "(form) => Element.prototype.getAttributeNames.call(form))"
    )
    assert not [name for name in names if name.startswith("on")]
    assert page.evaluate("window.hacked") is None


def test_that_html_would_run_if_it_were_let_in(page: Page, demo: Demo) -> None:
    host_page(page, demo)
    page.evaluate("html => { document.body.innerHTML = html }", HOSTILE)
    page.wait_for_function("window.hacked !== undefined")
