"""Views of the demonstration site, and what its predecessor had counted."""

import collections
import datetime

from comments_service.api import DemoSite

from . import queries
from .models import Day, Hour, PageDay, PageTotal, SiteTotal
from .periods import local_hour

SETTINGS = {
    "offset": "3184308",
    "offset_day": "2025-06-30",
    "offset_source": "Cổng thông tin điện tử cũ",
    "since": "2012-05-01",
    "fields": "online,today,yesterday,week,month,total,page",
}
VIEWS_PER_PAGE = (180, 950)
# What is new is read most; then fewer and fewer.
SHARES = (0.5, 0.25, 0.15, 0.1)
VIEWS_PER_VISIT = 3


def seed(demo_site: DemoSite) -> None:
    site = demo_site.site
    site.settings = {**site.settings, "counters": SETTINGS}
    hours: collections.Counter[tuple[datetime.date, int]] = collections.Counter()
    page_days: dict[tuple[int, datetime.date], int] = {}
    for demo_page in demo_site.pages:
        views = demo_site.random.randint(*VIEWS_PER_PAGE)
        for later, share in enumerate(SHARES):
            moment = demo_page.published + datetime.timedelta(days=later)
            if moment <= demo_site.now:
                day, hour = local_hour(moment, site.time_zone)
                hours[day, hour] += int(views * share)
                page_days[demo_page.page.id, day] = int(views * share)
    _add(demo_site, hours, page_days)


def _add(
    demo_site: DemoSite,
    hours: collections.Counter[tuple[datetime.date, int]],
    page_days: dict[tuple[int, datetime.date], int],
) -> None:
    session, site_id = demo_site.session, demo_site.site.id
    both = ("views", "visits")
    for (day, hour), views in sorted(hours.items()):
        sums = {"views": views, "visits": views // VIEWS_PER_VISIT}
        queries.add(session, SiteTotal, [{"site_id": site_id, **sums}], both)
        queries.add(session, Day, [{"site_id": site_id, "day": day, **sums}], both)
        queries.add(session, Hour, [{"site_id": site_id, "day": day, "hour": hour, **sums}], both)
    for (page_id, day), views in sorted(page_days.items()):
        queries.add(session, PageTotal, [{"page_id": page_id, "views": views}], ("views",))
        row = {"page_id": page_id, "day": day, "views": views}
        queries.add(session, PageDay, [row], ("views",))
