"""The demonstration, a browser, and readers and a moderator in it."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from comments_service.demo.seeding import SITE_KEY
from tests.browser.pages import Dashboard
from tests.browser.running import Demo, running, until

MILLISECONDS = 20_000
# The same engine as the whole browser's, whose own windows would take two thirds of the processor.
CHROMIUM = "chromium-headless-shell"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Its own name says that nobody looks at it, and such a browser is not counted.
    "--user-agent=Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36",
]
DESKTOP = {"width": 1280, "height": 900}

NewContext = Callable[..., BrowserContext]


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """Run the demonstration for all tests of this process."""
    with running(tmp_path_factory.mktemp("demo") / "instance") as demo:
        # The first voice takes longest, and whoever asks for it waits only for a second.
        until(demo.speaks, "a voice")
        # All voters of these tests share one network.
        demo.set_site(SITE_KEY, rating__crowd="1000", rating__free="1000")
        yield demo


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=MILLISECONDS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which(CHROMIUM), args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def new_context(browser: Browser) -> Iterator[NewContext]:
    """Make contexts: browsers of people who share nothing."""
    made: list[BrowserContext] = []

    def make(**options: Any) -> BrowserContext:  # noqa: ANN401 (Playwright's own)
        context = browser.new_context(**{"locale": "vi-VN", "viewport": DESKTOP, **options})
        context.set_default_timeout(MILLISECONDS)
        made.append(context)
        return context

    yield make
    for context in made:
        context.close()


@pytest.fixture
def page(new_context: NewContext) -> Page:
    """Open a tab in the browser of a new reader."""
    return new_context().new_page()


@pytest.fixture
def told(page: Page) -> list[str]:
    """Collect what the console tells: every breach of a policy is told there."""
    seen: list[str] = []

    def note(text: str) -> None:
        # The address that these pages are shown at is nobody's, and its icon may come late.
        if not any(each in text for each in ("404 (Not Found)", "favicon", "emblem.svg")):
            seen.append(text)

    page.on("console", lambda message: note(message.text))
    page.on("pageerror", lambda error: note(error.message))
    return seen


@pytest.fixture(scope="session")
def logged_in(browser: Browser, demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Log in once, by the form; return the file with what the browser keeps."""
    kept = tmp_path_factory.mktemp("moderator") / "state.json"
    context = browser.new_context(locale="vi-VN")
    dashboard = Dashboard(context.new_page(), demo)
    dashboard.log_in()
    context.storage_state(path=kept)
    context.close()
    return kept


@pytest.fixture
def dashboard(new_context: NewContext, logged_in: Path, demo: Demo) -> Dashboard:
    """Show the dashboard to a moderator who has logged in."""
    return Dashboard(new_context(storage_state=logged_in).new_page(), demo)
