"""Comments of the demonstration site's readers."""

import datetime
import json
from pathlib import Path
from typing import Any

from comments_service.api import DemoPage, DemoSite, Envelope, Status

from . import service

THREADS = Path(__file__).with_name("demo_threads.json")
# The newest few of each page wait for the moderator who tries the dashboard.
HELD_PER_PAGE = 6
LONGEST_SILENCE = datetime.timedelta(hours=9)


def seed(demo_site: DemoSite) -> None:
    threads = json.loads(THREADS.read_text())["threads"]
    for demo_page in demo_site.pages:
        _seed_page(demo_site, demo_page, [t for t in threads if t["topic"] == demo_page.topic])


def _seed_page(demo_site: DemoSite, demo_page: DemoPage, threads: list[dict[str, Any]]) -> None:
    # Spread over the time since the article appeared, more at first than later.
    span = demo_site.now - demo_page.published
    shares = sorted(demo_site.random.random() ** 2 for _ in threads)
    for index, (thread, share) in enumerate(zip(threads, shares, strict=True)):
        at = demo_page.published + span * share
        is_new = index >= len(threads) - HELD_PER_PAGE
        parent = _add(demo_site, demo_page, thread, at, Status.HELD if is_new else Status.PUBLISHED)
        if is_new:
            continue
        for reply in thread["replies"]:
            at = min(at + LONGEST_SILENCE * demo_site.random.random(), demo_site.now)
            _add(demo_site, demo_page, reply, at, Status.PUBLISHED, parent)


def _add(
    demo_site: DemoSite,
    demo_page: DemoPage,
    said: dict[str, Any],
    at: datetime.datetime,
    status: Status,
    parent: int | None = None,
) -> int:
    envelope = Envelope(
        site_id=demo_site.site.id,
        page_id=demo_page.page.id,
        kind="comment",
        visitor=f"{demo_site.random.getrandbits(128):032x}",
        status=status,
        created_at=at,
    )
    demo_site.session.add(envelope)
    demo_site.session.flush()
    fields = {"name": said["name"], "email": "", "text": said["text"], "parent": parent}
    service.add(demo_site.session, envelope, demo_page.page, fields)
    demo_site.session.flush()
    return envelope.id
