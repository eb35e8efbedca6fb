"""What plugins are given to fill the demonstration site."""

import dataclasses
import datetime
import random
from collections.abc import Sequence

from sqlalchemy.orm import Session

from comments_service.models import Page, Site


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
