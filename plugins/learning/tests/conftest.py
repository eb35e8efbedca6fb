import dataclasses
import itertools
from collections.abc import Callable

import pytest
from flask import Flask

from comments_service import clock, pages, sites
from comments_service.core import Core
from comments_service.models import Envelope, Site, Status
from comments_service.testing import SITE, MakeApp, Reader, add_site
from comments_service.verdicts import Judged

OTHER = "other"
numbers = itertools.count()


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    """Make the service with this filter and the comments that it judges, and two sites."""
    app = make_app(plugins="comments,captcha,learning", limit_read="100000/minute")
    add_site(app)
    add_site(app, OTHER)
    return app


@pytest.fixture
def core(app: Flask) -> Core:
    core: Core = app.extensions["comments_service"]
    return core


@pytest.fixture
def portal(core: Core) -> Site:
    with core.db.read() as session:
        return sites.get(session, SITE)


@pytest.fixture
def other(core: Core) -> Site:
    with core.db.read() as session:
        return sites.get(session, OTHER)


@dataclasses.dataclass(frozen=True)
class Comment:
    """A stored comment, before anybody has decided on it."""

    site: Site
    id: int
    author: str
    text: str

    def judged(self, after: Status, *, before: Status = Status.HELD, text: str = "") -> Judged:
        return Judged(
            site=self.site,
            submission_id=self.id,
            kind="comment",
            author=self.author,
            text=text or self.text,
            visitor="",
            before=before,
            after=after,
        )


Store = Callable[..., Comment]


@pytest.fixture
def store(core: Core) -> Store:
    def store(site: Site, text: str, author: str = "Lan") -> Comment:
        with core.db.write() as session:
            page = pages.ensure(session, site, "/bai", title="", now=clock.now())
            envelope = Envelope(
                site_id=site.id,
                page_id=page.id,
                kind="comment",
                visitor="",
                status=Status.HELD,
                created_at=clock.now(),
            )
            session.add(envelope)
            session.flush()
            return Comment(site, envelope.id, author, text)

    return store


@pytest.fixture
def other_reader(app: Flask) -> Reader:
    return Reader(app, site=OTHER)
