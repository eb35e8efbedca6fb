"""Pages that the browser itself keeps in memory, or makes ready before they are asked for."""

import http.server
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import ARGUMENTS, DESKTOP
from tests.browser.hosts import settle, views
from tests.browser.pages import EMPTY, LONG, Counters
from tests.browser.running import Demo, until

# The whole browser: the engine alone remembers no pages.
CHROMIUM = "chromium"
NOTE_RETURN = "addEventListener('pageshow', (event) => { window.persisted = event.persisted })"

START = """<!doctype html><title>Bắt đầu</title><a href="{0}">Bài</a>
<script type="speculationrules">
  {{"prerender": [{{"urls": ["{0}"], "eagerness": "immediate"}}]}}
</script>
<script>
  fetch("/go").then(() => document.querySelector("a").click());
</script>"""
OF_THE_CONNECTION = {"connection", "proxy-connection", "accept-encoding", "content-encoding"}
OF_THE_BODY = {"content-length", "transfer-encoding"}


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Open a tab in a browser that keeps the pages left in memory, which Playwright's does not."""
    remembering = browser.browser_type.launch(
        executable_path=shutil.which(CHROMIUM),
        args=ARGUMENTS,
        ignore_default_args=["--disable-back-forward-cache"],
    )
    yield remembering.new_page(locale="vi-VN", viewport=DESKTOP)
    remembering.close()


def test_a_page_that_returns_from_memory_is_viewed_anew(page: Page, demo: Demo) -> None:
    page.add_init_script(NOTE_RETURN)
    page.goto(demo.article(LONG))
    figure = page.locator(".cs-counters-figure")
    total, before = Counters(page).total(), figure.inner_text()
    asked = views(page)
    page.goto(f"{demo.portal}/404")
    settle(page)
    page.go_back(wait_until="commit")
    page.wait_for_function("window.persisted === true")
    expect(figure).not_to_have_text(before)
    assert Counters(page).total() == total + 1
    assert [view["count"] for view in asked] == [True]


class Proxy(http.server.ThreadingHTTPServer):
    """Stands between a browser and the demonstration; notes what is asked for, and in what order.

    Pages that DevTools watches are not prerendered: so no Playwright here.
    """

    def __init__(self, portal: str, article: str) -> None:
        super().__init__(("127.0.0.1", 0), Passing)
        self.start, self.go_on = f"{portal}/start", f"{portal}/go"
        self.page = START.format(article).encode()
        self.seen: list[tuple[str, str | None]] = []
        self.may_go = threading.Event()


class Passing(http.server.BaseHTTPRequestHandler):
    server: Proxy

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path == self.server.start:
            self.answer(200, {"Content-Type": "text/html; charset=utf-8"}, self.server.page)
        elif self.path == self.server.go_on:
            self.server.may_go.wait(20)
            self.answer(204, {}, b"")
        elif "//localhost:" in self.path or "//127.0.0.1:" in self.path:
            self.server.seen.append((self.path, self.headers.get("Sec-Purpose")))
            passed = {k: v for k, v in self.headers.items() if k.lower() not in OF_THE_CONNECTION}
            # Not every machine finds localhost at ::1, or only there.
            address = self.path.replace("//localhost:", "//127.0.0.1:")
            told = httpx.request(
                self.command,
                address,
                headers=passed,
                content=body,
                timeout=30,
                trust_env=False,
            )
            self.answer(told.status_code, dict(told.headers), told.content)
        else:
            self.answer(404, {}, b"")  # What the browser asks its maker for.

    def do_POST(self) -> None:
        self.do_GET()

    def answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            if name.lower() not in OF_THE_CONNECTION | OF_THE_BODY:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def browsing(proxy: Proxy, profile: Path) -> Iterator[None]:
    threading.Thread(target=proxy.serve_forever, daemon=True).start()
    command = [
        CHROMIUM,
        *ARGUMENTS,
        "--headless=new",
        f"--proxy-server=http://127.0.0.1:{proxy.server_port}",
        "--proxy-bypass-list=<-loopback>",
        "--remote-debugging-port=0",  # Without it, a headless browser ends at once.
        f"--user-data-dir={profile}",
        proxy.start,
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603 (our own command)
    try:
        yield
    finally:
        process.terminate()
        process.wait(20)
        proxy.shutdown()
        proxy.server_close()


def test_a_prerendered_page_is_viewed_when_it_is_shown(demo: Demo, tmp_path: Path) -> None:
    before = demo.counters(EMPTY)["this_page"]
    article, script, view = (
        demo.article(EMPTY),
        f"{demo.service}/embed.js",
        f"{demo.service}/api/v1/view",
    )
    proxy = Proxy(demo.portal, article)
    with browsing(proxy, tmp_path):
        until(lambda: script in dict(proxy.seen), "the page is made ready")
        made_ready = list(proxy.seen)
        proxy.may_go.set()
        until(lambda: view in dict(proxy.seen), "the page is viewed")
        until(lambda: demo.counters(EMPTY)["this_page"] > before, "the view is counted")
    assert view not in dict(made_ready)
    assert dict(made_ready)[article] == dict(made_ready)[script] == "prefetch;prerender"
    # It was shown as it was made ready, and asked for nothing before that.
    addresses = [address for address, _ in proxy.seen]
    assert [addresses.count(address) for address in (article, script, view)] == [1, 1, 1]
    assert dict(proxy.seen)[view] is None
    assert demo.counters(EMPTY)["this_page"] == before + 1
