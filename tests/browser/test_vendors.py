"""The page with a vendor's widget, framed by a site's page; the vendor is a double of ours."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from comments_service.plugins.siteverify.service import ACTION
from playwright.sync_api import Page, expect
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from comments_service import sites
from comments_service.testing import SITE, MakeApp, add_site
from tests.ports import free_port

# No store makes a difference to what is asked, said and refused here.
STORES = ("sqlite",)

VENDORS = {"turnstile": "turnstile", "hcaptcha": "hcaptcha", "recaptcha": "grecaptcha"}
# What such a script does: it puts a frame of its own into the page, and hears from it.
SCRIPT = """
const query = new URL(document.currentScript.src).searchParams;
const origin = new URL(document.currentScript.src).origin;
window[query.get("object")] = { render(place, told) {
  const frame = document.createElement("iframe");
  frame.src = `${origin}/widget?cdata=${told.cData}`;
  frame.height = 60;
  place.append(frame);
  window.asked = JSON.parse(JSON.stringify(told));
  addEventListener("message", (event) => {
    if (event.origin !== origin) return;
    if (event.data === "expired") told["expired-callback"]();
    else if (event.data === "broken") told["error-callback"]("300010");
    else told.callback(event.data);
  });
} };
window[query.get("onload")]();
"""
WIDGET = """<!doctype html><title>Widget</title>
<button onclick="parent.postMessage('a-token', '*')">I am human</button>
<button onclick="parent.postMessage('expired', '*')">Wait</button>
<button onclick="parent.postMessage('broken', '*')">Break</button>"""
HOST_PAGE = """<!doctype html><title>Portal</title><script>
window.told = [];
addEventListener("message", (event) =>
  told.push({{ origin: event.origin, ...event.data.commentsService }}));
</script><iframe src="{src}" width="400" height="700"></iframe>"""

# A page that leaves it to embed.js, under a policy that names the service alone.
EMBEDDING_PAGE = f"""<!doctype html><html lang="vi"><title>Bài</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src {{service}};
  connect-src {{service}}; frame-src {{service}}; require-trusted-types-for 'script'">
<body><script async src="{{service}}/embed.js" data-site="{SITE}"
  data-widgets="comments"></script>"""

Serve = Callable[..., str]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Serve a WSGI application on a port of its own; return its address without the host."""
    with ExitStack() as running:

        def start(application: Any, port: int = 0) -> str:  # noqa: ANN401 (any WSGI application)
            server = make_server("127.0.0.1", port, application, threaded=True)
            thread = threading.Thread(target=server.serve_forever, args=[0.01])
            thread.start()
            running.callback(server.server_close)
            running.callback(thread.join)
            running.callback(server.shutdown)
            return str(server.port)

        yield start


class VendorDouble:
    """Serves script and widget, and takes back the one token that the widget gives."""

    def __init__(self) -> None:
        self._cdata = ""

    @Request.application
    def __call__(self, request: Request) -> Response:
        if request.path == "/api.js":
            return Response(SCRIPT, mimetype="text/javascript")
        if request.path == "/widget":
            self._cdata = request.args["cdata"]
            return Response(WIDGET, mimetype="text/html")
        if request.path == "/siteverify":
            told = {"success": True, "hostname": "127.0.0.1", "action": ACTION}
            refused = {"success": False, "error-codes": ["invalid-input-response"]}
            is_given = request.form["response"] == "a-token"
            said = {**told, "cdata": self._cdata} if is_given else refused
            return Response(json.dumps(said), mimetype="application/json")
        return Response(status=404)


@pytest.fixture(params=VENDORS)
def vendor(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def open_portal(make_app: MakeApp, serve: Serve, page: Page, vendor: str) -> Callable[[str], str]:
    """Open a portal's page that has the vendor's widget; return the service's origin."""

    def start(script: str = "api.js", html: str = HOST_PAGE) -> str:
        double = f"http://127.0.0.1:{serve(VendorDouble())}"
        settings = {
            f"siteverify_{vendor}_site_key": "a-site-key",
            f"siteverify_{vendor}_secret": "a-secret",
            f"siteverify_{vendor}_script_url": f"{double}/{script}?object={VENDORS[vendor]}",
            f"siteverify_{vendor}_verify_url": f"{double}/siteverify",
        }
        port = free_port()
        service = f"http://127.0.0.1:{port}"
        app = make_app(plugins="comments,siteverify", public_url=service, **settings)
        serve(app, port)
        src = f"{service}/challenge/{vendor}?site={SITE}&nonce=a-nonce&lang=vi"
        portal = Request.application(
            lambda _: Response(html.format(src=src, service=service), mimetype="text/html")
        )
        origin = f"http://localhost:{serve(portal)}"
        add_site(app, comments={"hold": "no"})
        core = app.extensions["comments_service"]
        with core.db.write() as session:
            sites.get(session, SITE).origins = ["https://elsewhere.example", origin]
        page.goto(origin)
        return service

    return start


def told(page: Page) -> list[dict[str, Any]]:
    messages: list[dict[str, Any]] = page.evaluate("told")
    return messages


def wait_for_answer(page: Page, answer: str) -> None:
    page.wait_for_function("answer => told.some((each) => each.answer === answer)", arg=answer)


def test_a_solved_widget_is_told_to_the_portal_s_page(
    page: Page, open_portal: Callable[..., str]
) -> None:
    service = open_portal()
    frame = page.frame_locator("iframe")
    frame.frame_locator("iframe").get_by_text("I am human").click()

    wait_for_answer(page, "a-token")
    assert {message["origin"] for message in told(page)} == {service}
    asked = page.frames[1].evaluate("asked")
    assert asked["sitekey"] == "a-site-key"
    assert (asked["action"], asked["cData"]) == ("comments-service", "a-nonce")
    assert (asked["language"], asked["theme"]) == ("vi", "light")
    # The frame's name for those who hear the page, and its height.
    assert told(page)[0]["title"] == "Kiểm tra bạn là người thật"
    assert told(page)[0]["height"] >= 0


def test_a_token_that_ran_out_is_taken_back(page: Page, open_portal: Callable[..., str]) -> None:
    open_portal()
    widget = page.frame_locator("iframe").frame_locator("iframe")
    widget.get_by_text("I am human").click()
    wait_for_answer(page, "a-token")
    widget.get_by_text("Wait").click()
    wait_for_answer(page, "")


@pytest.mark.parametrize("vendor", ["hcaptcha", "recaptcha"], indirect=True)
def test_a_puzzle_has_room_until_it_is_solved(page: Page, open_portal: Callable[..., str]) -> None:
    open_portal()
    widget = page.frame_locator("iframe").frame_locator("iframe")
    widget.get_by_text("I am human").focus()
    page.wait_for_function("told.some((each) => each.height >= 600)")
    widget.get_by_text("I am human").click()
    page.wait_for_function("told.findLast((each) => each.height).height < 200")


# What is seen where it fails is the same for all of them.
@pytest.mark.parametrize("vendor", ["turnstile"], indirect=True)
def test_a_widget_that_breaks_says_so(page: Page, open_portal: Callable[..., str]) -> None:
    open_portal()
    frame = page.frame_locator("iframe")
    frame.frame_locator("iframe").get_by_text("Break").click()
    expect(frame.get_by_role("alert")).to_contain_text("Không tải được phần kiểm tra.")


@pytest.mark.parametrize("vendor", ["turnstile"], indirect=True)
def test_a_script_that_does_not_come_says_so(page: Page, open_portal: Callable[..., str]) -> None:
    open_portal("missing.js")
    alert = page.frame_locator("iframe").get_by_role("alert")
    expect(alert).to_contain_text("Không tải được phần kiểm tra.")


def test_a_comment_with_a_vendor_s_answer(page: Page, open_portal: Callable[..., str]) -> None:
    open_portal(html=EMBEDDING_PAGE)
    form = page.locator(".cs-comments form")
    form.get_by_label("Nội dung bình luận").fill("Cảm ơn xã.")
    form.get_by_label("Họ và tên").fill("Lan")
    group = form.get_by_role("group", name="Kiểm tra bạn là người thật")
    frame = group.frame_locator("iframe")
    button = form.get_by_role("button", name="Gửi bình luận")

    # Whoever sends it unsolved is told, and keeps what was typed.
    expect(frame.frame_locator("iframe").get_by_text("I am human")).to_be_visible()
    button.click()
    expect(form.locator("#cs-answer-error")).to_be_focused()
    expect(group).to_have_accessible_description("Mã xác thực không đúng.")
    expect(form.get_by_label("Nội dung bình luận")).to_have_value("Cảm ơn xã.")

    frame.frame_locator("iframe").get_by_text("I am human").click()
    expect(form.locator("[name=answer]")).to_have_value("a-token")
    button.click()
    expect(page.get_by_role("status")).to_have_text("Cảm ơn bạn. Bình luận đã được đăng.")
    expect(page.get_by_role("heading", name="Lan", exact=True)).to_be_visible()
