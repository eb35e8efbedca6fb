"""Pages of other makers than the demonstration's portal, at addresses of its origin."""

import json
from typing import Any

from playwright.sync_api import Page, Request

from comments_service.cache import MOMENT_SECONDS
from comments_service.demo.seeding import SITE_KEY
from tests.browser.running import Demo

RATING = '<comments-service widget="rating"></comments-service>'
COMMENTS = '<comments-service widget="comments"></comments-service>'
COUNTERS = '<comments-service widget="counters"></comments-service>'

ADDRESS = "/404"

SETTLED_MS = 1000 * MOMENT_SECONDS + 50
"""Longer than anything is put off, and than a figure may be told again."""


def open_host(
    page: Page,
    demo: Demo,
    body: str,
    *,
    head: str = "",
    site: str = SITE_KEY,
    tag: str = "",
    portal: str = "",
) -> None:
    """Show a page of the portal that has this in it, and the script whose tag says `tag` too."""
    page.goto(f"{portal or demo.portal}{ADDRESS}")
    page.set_content(
        f"""<!doctype html><html lang="vi"><head><title>Bài</title>{head}</head><body>{body}
        <script async src="{demo.service}/embed.js" data-site="{site}" {tag}></script>
        </body></html>"""
    )


def strict_head(demo: Demo) -> str:
    """Return a policy that allows the service's scripts and answers, and nothing else."""
    policy = (
        f"script-src {demo.service}; connect-src {demo.service}; default-src 'none';"
        " require-trusted-types-for 'script'"
    )
    return f'<meta http-equiv="Content-Security-Policy" content="{policy}">'


def views(page: Page) -> list[dict[str, Any]]:
    """Collect what the service is asked for from now on: a page's widgets, counted or not."""
    asked: list[dict[str, Any]] = []

    def note(request: Request) -> None:
        if request.url.endswith("/api/v1/view"):
            asked.append(json.loads(request.post_data or ""))

    page.on("request", note)
    return asked


def settle(page: Page) -> None:
    """Wait until what scripts have put off for a moment is done, and a new view's figures told."""
    # In two steps: what is put off in the first has its own time in the second.
    page.evaluate(
        "ms => new Promise((done) => setTimeout(() => setTimeout(done, ms / 2), ms / 2))",
        SETTLED_MS,
    )
