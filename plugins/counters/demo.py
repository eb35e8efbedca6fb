"""Views of the demonstration site, and what its predecessor had counted."""

from comments_service.api import DemoSite

from . import queries, service

OFFSET = 3_184_308
SINCE = "2012-05-01"
VIEWS_PER_PAGE = (180, 950)


def seed(demo_site: DemoSite) -> None:
    site = demo_site.site
    mine = {"offset": str(OFFSET), "since": SINCE}
    site.settings = {**site.settings, "counters": mine}
    for demo_page in demo_site.pages:
        views = demo_site.random.randint(*VIEWS_PER_PAGE)
        day = service.local_day(site, demo_page.published)
        queries.add_view(demo_site.session, site.id, demo_page.page.id, day, views)
