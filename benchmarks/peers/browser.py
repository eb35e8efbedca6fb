"""What a reader with a cheap phone on a slow network waits for, in Chromium."""

import contextlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from benchmarks.peers import portal, waline
from benchmarks.peers.data import SETS
from benchmarks.peers.measures import Bench
from benchmarks.peers.ours import SITE
from benchmarks.peers.results import Figures
from benchmarks.peers.systems import ROOTS, SHOWN, System

SLOWER = 4
"""The processor, by so much."""
NETWORK = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 1.6e6 / 8,
    "uploadThroughput": 0.75e6 / 8,
}
"""Slow 4G: milliseconds, bytes per second."""
SCREEN = {"width": 412, "height": 823}
PATIENCE_MS = 60_000
QUIET_MS = 1_500
"""So long after the comments are there, late shifts and requests are waited for."""
NOBODY = "the page alone"
WATCH = Path(__file__).with_name("browser.js").read_text()

# As `comments-service site snippet` prints it, with the heights that keep the page from jumping.
OURS = """
<comments-service widget="rating" style="display:block;min-height:26rem"></comments-service>
<comments-service widget="comments" style="display:block;min-height:100vh"></comments-service>
<comments-service widget="counters" style="display:block;min-height:19rem"></comments-service>
<script async src="{url}/embed.js" data-site="{site}" data-page="{path}"></script>"""
ISSO = (
    """<script async src="{url}/js/embed.min.js" data-isso="{url}/" data-isso-sorting="newest"
    data-isso-max-comments-top="{roots}" data-isso-max-comments-nested="inf"></script>""",
    '<section id="isso-thread" data-isso-id="{path}" data-title="Bài"></section>',
)
WALINE = (
    '<link rel="stylesheet" href="/waline/waline.css">',
    """<div id="waline"></div>
<script type="module">
  import {{ init }} from "/waline/waline.js";
  init({{ el: "#waline", serverURL: "{url}", path: "{path}", pageSize: {roots}, lang: "en" }});
</script>""",
)
TAGS = {"comments-service": ("", OURS), "Isso": ISSO, "Waline": WALINE}
COMMENTS = {
    "comments-service": ".cs-comment",
    "Isso": ".isso-comment",
    "Waline": ".wl-card-item",
    NOBODY: "footer",
}
"""By these selectors the comments are counted; in open shadow roots too."""


def measure(bench: Bench) -> None:
    """Open the article once with each system's comments, and with an empty cache."""
    with _chromium() as browser:
        portal.publish(_file(NOBODY), portal.article("", ""))
        bench.results.add("browser", NOBODY, "", _open(browser, bench.portal.url, NOBODY, 1))
        for system in bench.systems:
            with bench.databases.running(system, SETS["A"]) as service:
                portal.publish(_file(system.name), _article(system, service.url))
                figures = _open(browser, bench.portal.url, system.name, SHOWN)
                bench.results.add("browser", system.name, "", figures)


def publish_clients() -> None:
    """Let the portal serve what its pages load from itself."""
    portal.publish_folder("waline", waline.MODULES / "@waline" / "client" / "dist")


def _file(name: str) -> str:
    return f"{name.replace(' ', '-')}.html"


def _article(system: System, url: str) -> bytes:
    values = {"url": url, "site": SITE, "path": SETS["A"].paths[0], "roots": ROOTS}
    return portal.article(*(part.format(**values) for part in TAGS[system.name]))


@contextlib.contextmanager
def _chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-background-networking"]
        # The engine alone: the whole browser's own windows would take the processor meanwhile.
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium-headless-shell"), args=arguments
        )
        try:
            yield browser
        finally:
            browser.close()


def _open(browser: Browser, portal_url: str, name: str, comments: int) -> Figures:
    context = browser.new_context(viewport=SCREEN)  # type: ignore[arg-type]
    page = context.new_page()
    network = _Network(context.new_cdp_session(page), f"{portal_url}/{_file(name)}")
    page.add_init_script(WATCH + f"watch({json.dumps(COMMENTS[name])}, {comments});")
    page.goto(network.article, wait_until="commit")
    page.wait_for_function("window.benchmark.visible !== null", timeout=PATIENCE_MS)
    page.wait_for_timeout(QUIET_MS)
    figures = {**_told(page), **network.figures()}
    context.close()
    return figures


def _told(page: Page) -> Figures:
    told: dict[str, float] = page.evaluate("window.benchmark")
    return {"visible": told["visible"], "shift": told["shift"]}


class _Network:
    """What a page loads beside itself, over a slowed connection on a slowed processor."""

    def __init__(self, session: CDPSession, article: str) -> None:
        self.article = article
        self._session = session
        self._own: set[str] = set()
        self._bytes: dict[str, float] = {}
        session.send("Network.enable")
        session.send("Performance.enable")
        session.send("Network.setCacheDisabled", {"cacheDisabled": True})
        session.send("Network.emulateNetworkConditions", NETWORK)
        session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        session.on("Network.requestWillBeSent", self._begin)
        session.on("Network.loadingFinished", self._end)

    def _begin(self, event: dict[str, Any]) -> None:
        url: str = event["request"]["url"]
        if url == self.article or not url.startswith("http"):
            self._own.add(event["requestId"])
        else:
            self._bytes.setdefault(event["requestId"], 0)

    def _end(self, event: dict[str, Any]) -> None:
        if event["requestId"] not in self._own:
            self._bytes[event["requestId"]] = event["encodedDataLength"]

    def figures(self) -> Figures:
        metrics = self._session.send("Performance.getMetrics")["metrics"]
        by_name = {each["name"]: each["value"] for each in metrics}
        return {
            "bytes": sum(self._bytes.values()),
            "requests": float(len(self._bytes)),
            "main_thread": 1000 * by_name["TaskDuration"],
        }
