"""The rating as search engines ask for it: schema.org's AggregateRating."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from comments_service.api import PageContext

from .models import STARS
from .service import Summary

TYPES: Final = (
    "Book",
    "Course",
    "CreativeWorkSeason",
    "CreativeWorkSeries",
    "Episode",
    "Event",
    "Game",
    "LocalBusiness",
    "MediaObject",
    "Movie",
    "MusicPlaylist",
    "MusicRecording",
    "Organization",
    "Product",
    "Recipe",
    "SoftwareApplication",
)
"""Of what Google shows ratings, as its page on review snippets (Review, AggregateRating) says."""


def rated(context: PageContext, summary: Summary, type_: str) -> dict[str, Any] | None:
    """Return what the page is about, with its rating; None unless both have all they need."""
    if not (type_ and context.title and summary.is_told and summary.average):
        return None
    return {
        "@type": type_,
        "name": context.title,
        **({"url": context.page_url} if context.page_url else {}),
        "aggregateRating": {
            "@type": "AggregateRating",
            # As readers see it; a number of JSON has a point in every language.
            "ratingValue": float(summary.average.quantize(Decimal("0.1"), ROUND_HALF_UP)),
            "ratingCount": summary.count,
            "bestRating": max(STARS),
            "worstRating": min(STARS),
        },
    }
