"""The page with a vendor's widget, framed by a site's page; the vendor is a double of ours."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from comments_service import sites
from comments_service.testing import SITE, MakeApp, add_site

VENDORS = {"turnstile": "turnstile", "hcaptcha": "hcaptcha", "recaptcha": "grecaptcha"}
# What such a script does: it puts a frame of its own into the page, and hears from it.
SCRIPT = """
const query = new URL(document.currentScript.src).searchParams;
const origin = new URL(document.currentScript.src).origin;
window[query.get("object")] = { render(place, told) {
  const frame = document.createElement("iframe");
  frame.src = `${origin}/widget`;
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

Serve = Callable[[Any], str]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Serve a WSGI application on a port of its own; return its address without the host."""
    with ExitStack() as running:

        def start(application: Any) -> str:  # noqa: ANN401 (any WSGI application)
            server = make_server("127.0.0.1", 0, application, threaded=True)
            thread = threading.Thread(target=server.serve_forever, args=[0.01])
            thread.start()
            running.callback(server.server_close)
            running.callback(thread.join)
            running.callback(server.shutdown)
            return str(server.port)

        yield start


@Request.application
def vendor_double(request: Request) -> Response:
    if request.path == "/api.js":
        return Response(SCRIPT, mimetype="text/javascript")
    if request.path == "/widget":
        return Response(WIDGET, mimetype="text/html")
    return Response(status=404)


@pytest.fixture(params=VENDORS)
def vendor(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def open_portal(make_app: MakeApp, serve: Serve, page: Page, vendor: str) -> Callable[[str], str]:
    """Open a portal's page that frames the vendor's widget; return the service's origin."""

    def start(script: str = "api.js") -> str:
        double = f"http://127.0.0.1:{serve(vendor_double)}"
        settings = {
            f"siteverify_{vendor}_site_key": "a-site-key",
            f"siteverify_{vendor}_secret": "a-secret",
            f"siteverify_{vendor}_script_url": f"{double}/{script}?object={VENDORS[vendor]}",
        }
        app = make_app(plugins="siteverify", **settings)
        service = f"http://127.0.0.1:{serve(app)}"
        src = f"{service}/challenge/{vendor}?site={SITE}&nonce=a-nonce&lang=vi"
        portal = Request.application(
            lambda _: Response(HOST_PAGE.format(src=src), mimetype="text/html")
        )
        origin = f"http://localhost:{serve(portal)}"
        add_site(app)
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


def test_a_widget_that_breaks_says_so(page: Page, open_portal: Callable[..., str]) -> None:
    open_portal()
    frame = page.frame_locator("iframe")
    frame.frame_locator("iframe").get_by_text("Break").click()
    expect(frame.get_by_role("alert")).to_contain_text("Không tải được phần kiểm tra.")


def test_a_script_that_does_not_come_says_so(page: Page, open_portal: Callable[..., str]) -> None:
    open_portal("missing.js")
    alert = page.frame_locator("iframe").get_by_role("alert")
    expect(alert).to_contain_text("Không tải được phần kiểm tra.")
