"""Views of the demonstration site, and what its predecessor had counted."""

import datetime

from comments_service.api import DemoSite, clock

from . import queries, sample
from .periods import ONE_DAY, Span, local_hour
from .queries import Seen

SETTINGS = {
    "offset": "3184308",
    "offset_day": "2025-06-30",
    "offset_source": "Cổng thông tin điện tử cũ",
    "since": "2012-05-01",
    "fields": "online,today,yesterday,week,month,total,page",
}
DAYS = 120
VIEWS = 24_000


def seed(demo_site: DemoSite) -> None:
    site, now = demo_site.site, demo_site.now
    site.settings = {**site.settings, "counters": SETTINGS}
    today, hour = local_hour(now, site.time_zone)
    count = len(demo_site.pages)
    pages = [
        sample.SamplePage(
            demo_page.page.id,
            clock.local_day(demo_page.published, site.time_zone),
            sample.popularity(number, count),
        )
        for number, demo_page in enumerate(demo_site.pages)
    ]
    visitors = sample.fill(
        demo_site.session,
        site,
        pages,
        Span(today - (DAYS - 1) * ONE_DAY, today),
        VIEWS,
        seed=demo_site.random.getrandbits(32),
        last_hours=hour,
    )
    _keep_visitors(demo_site, today, visitors)


def _keep_visitors(demo_site: DemoSite, today: datetime.date, count: int) -> None:
    """Keep today's visitors, as those who really come: each in a network of their own."""
    # None of them is still online.
    seen_at = demo_site.now - datetime.timedelta(hours=1)
    drawn = [demo_site.random.getrandbits(62) for _ in range(count)]
    seen = {visitor: Seen(visitor, today, seen_at, has_moved=False) for visitor in drawn}
    queries.keep_visitors(demo_site.session, demo_site.site.id, seen)
