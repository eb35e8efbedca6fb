"""The best rated pages of a site, as its widget lists them."""

import dataclasses
from collections.abc import Sequence
from typing import Final

from comments_service.api import PageContext, page_address

from . import service
from .service import Tally

LENGTH: Final = 10


@dataclasses.dataclass(frozen=True)
class BestPage(Tally):
    title: str
    address: str | None
    """None if the site has no origin."""


def pages(context: PageContext, threshold: int) -> Sequence[BestPage]:
    """Return up to LENGTH pages, the best first; of how many votes, `service.best` says."""
    site = context.site
    found = service.best(context.session, site.id, limit=LENGTH, threshold=threshold)
    return [BestPage(counts, page.title, page_address(site, page.key)) for page, counts in found]
