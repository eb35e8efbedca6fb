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
    """What the page is called; its key while nobody has said."""
    address: str | None
    """None for a page whose key is no address."""


def pages(context: PageContext, threshold: int) -> Sequence[BestPage]:
    """Return up to LENGTH pages that have at least `threshold` votes, the best first."""
    site = context.site
    found = service.best(context.session, site.id, limit=LENGTH, threshold=threshold)
    return [
        BestPage(counts, page.title or page.key, page_address(site, page.key))
        for page, counts in found
    ]
