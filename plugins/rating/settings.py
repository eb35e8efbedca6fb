"""What each site may set of its ratings."""

import dataclasses

from . import search_engines
from .models import CRITERIA_MAX, STARS
from .service import Limits

BETWEEN = "|"


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(BETWEEN)) if text.strip() else ()


@dataclasses.dataclass(frozen=True)
class RatingSiteSettings:
    schema: str = ""
    """What every page of the site is about, in schema.org's word; empty: engines aren't told."""
    threshold: int = 1
    """From so many ratings on their mean and their spread are told; below, only their number."""
    free: int = 3
    """New voters of one network, page and day who are asked nothing."""
    crowd: int = 20
    """New voters of one neighbourhood, page and day before all of them go to quarantine."""
    labels: str = ""
    """Words for one to five in place of stars, the worst first, with | between; empty: stars."""
    criteria: str = ""
    """What else to rate beside the whole, with | between; empty: nothing."""

    def __post_init__(self) -> None:
        if self.schema and self.schema not in search_engines.TYPES:
            known = ", ".join(search_engines.TYPES)
            raise ValueError(
                f"rating.schema={self.schema!r} is nothing that Google shows ratings of."
                f" Choose among {known}; or leave it empty."
            )
        if self.threshold < 1:
            raise ValueError("rating.threshold goes from 1.")
        if not 0 <= self.free <= self.crowd or not self.crowd:
            raise ValueError("rating.free goes from 0 to rating.crowd, and that from 1.")
        if self.labels and (len(self.label_names) != len(STARS) or not all(self.label_names)):
            raise ValueError(
                "rating.labels has five words, the worst first: Bad | Poor | Fair | Good | Great."
            )
        if len(self.criteria_names) > CRITERIA_MAX or not all(self.criteria_names):
            raise ValueError(f"rating.criteria has at most {CRITERIA_MAX} names: Clear | Useful.")

    @property
    def label_names(self) -> tuple[str, ...]:
        return _names(self.labels)

    @property
    def criteria_names(self) -> tuple[str, ...]:
        return _names(self.criteria)

    @property
    def limits(self) -> Limits:
        return Limits(free=self.free, crowd=self.crowd)
