"""Makes the demonstration site, and lets every plugin fill it."""

import random

import sqlalchemy as sa

from comments_service import clock, hooks, pages, sites
from comments_service.context import DemoPage, DemoSite
from comments_service.core import Core
from comments_service.demo.portal.articles import ARTICLES
from comments_service.models import Site

SITE_KEY = "dongsen"
SITE_NAME = "Xã Đồng Sen"
# The same data at every start: what one person saw, another can look for.
SEED = 3184308


def seed(core: Core, origins: list[str]) -> None:
    """Make the demonstration site if it isn't there; let pages of `origins` embed it."""
    with core.db.write() as session:
        site = session.scalar(sa.select(Site).where(Site.key == SITE_KEY))
        if site is None:
            site = sites.add(session, SITE_KEY, name=SITE_NAME, origins=origins)
            now = clock.now()
            demo_pages = [
                DemoPage(
                    page=pages.ensure(
                        session,
                        site,
                        f"/tin-tuc/{article.slug}",
                        title=article.title,
                        now=article.published,
                    ),
                    topic=article.topic,
                    published=article.published,
                )
                for article in ARTICLES
            ]
            demo_site = DemoSite(session, site, demo_pages, random.Random(SEED), now)  # noqa: S311 (sample data)
            manager = core.plugins.manager
            for _plugin, call in hooks.implementations(manager, "seed_demo", demo_site=demo_site):
                call()
        for origin in origins:
            sites.allow(site, origin)
