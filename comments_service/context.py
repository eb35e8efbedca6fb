"""What plugins are given: the page to draw, the page view to count, the demonstration to fill."""

import dataclasses
import datetime
import enum
import random
from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from comments_service import pages
from comments_service.models import Page, Site


class Door(enum.StrEnum):
    """The way by which a widget reaches its reader."""

    SCRIPT = "script"
    """Into the host page, by embed.js."""
    FRAME = "frame"
    """A document of its own, which works without scripts."""
    INCLUDE = "include"
    """A fragment for the portal's own server; cached for everybody, so without forms."""
    API = "api"


@dataclasses.dataclass(frozen=True)
class PageContext:
    """One page of one site, as one reader sees it now."""

    session: Session
    site: Site
    page_key: str
    page: Page | None
    """None while nothing was ever counted or written there."""
    visitor: str | None
    """The visitor's id, for a browser that wrote before."""
    network: str
    """The reader's network; it may limit, it never identifies, and it is stored only hashed."""
    user_agent: str
    accept_language: str
    """The languages that the reader's browser prefers, as its header says them."""
    is_private: bool
    """The reader's browser asks not to be followed (Sec-GPC, DNT)."""
    locale: str
    door: Door
    query: Mapping[str, str]
    """The reader's choices within the widget: order, cursor, comment to answer."""
    now: datetime.datetime
    told_title: str = ""
    """What the portal's server calls the page, for this answer alone: anybody could ask so."""

    @property
    def title(self) -> str:
        """What the page is called; empty if nobody has said."""
        return (self.page.title if self.page else "") or self.told_title

    @property
    def is_indexed(self) -> bool:
        """Search engines read what is drawn: not what embed.js puts into its page."""
        return self.door in (Door.FRAME, Door.INCLUDE)

    @property
    def page_id(self) -> int | None:
        return self.page.id if self.page else None

    @property
    def page_url(self) -> str | None:
        """The page's address at the site's first origin; None for a key that is no address."""
        return pages.address(self.site, self.page_key)

    def refreshed(self, visitor: str | None) -> "PageContext":
        """Return the page as it is after a write by `visitor`."""
        # A row once made is never made anew.
        page = self.page or pages.find(self.session, self.site, self.page_key)
        return dataclasses.replace(self, page=page, visitor=visitor)


@dataclasses.dataclass(frozen=True)
class PageView:
    """One opening of a page by a reader."""

    site: Site
    page_key: str
    page_title: str
    """What the portal's own page calls itself; empty if nobody of the site's said it."""
    network: str
    user_agent: str
    accept_language: str
    referrer: str
    """The other site's host from which the reader came; empty if none is known."""
    is_private: bool
    """The reader asks not to be followed: count the view, keep nothing that tells readers apart."""
    id: str
    """Its sender's name for this opening, the same if it is sent again; empty: it has none."""
    now: datetime.datetime


@dataclasses.dataclass(frozen=True)
class DemoPage:
    """One article of the demonstration portal."""

    page: Page
    topic: str
    """What it is about, one word: by it a plugin finds what to say there."""
    published: datetime.datetime


@dataclasses.dataclass(frozen=True)
class DemoSite:
    """The demonstration site, its articles, and a source of chance that always draws the same."""

    session: Session
    site: Site
    pages: Sequence[DemoPage]
    random: random.Random
    now: datetime.datetime
