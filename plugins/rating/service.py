"""The rules of the rating: one vote per visitor and page, which can be changed and withdrawn."""

import dataclasses
import datetime
from collections.abc import Sequence
from decimal import Decimal

from sqlalchemy.orm import Session

from . import queries
from .models import STARS, Total, Vote


@dataclasses.dataclass(frozen=True)
class Summary:
    """What a page's readers think of it, and what this one does."""

    counts: Sequence[int]
    """Votes of one star, two stars, … five stars."""
    mine: int | None

    @property
    def count(self) -> int:
        return sum(self.counts)

    @property
    def average(self) -> Decimal | None:
        """Mean of the stars, unrounded; None while nobody has rated."""
        if not self.count:
            return None
        stars = sum(stars * n for stars, n in zip(STARS, self.counts, strict=True))
        return Decimal(stars) / self.count

    @property
    def distribution(self) -> list[tuple[int, int, int]]:
        """(stars, votes, share in whole percent), five stars first."""
        pairs = zip(reversed(STARS), reversed(self.counts), strict=True)
        return [(stars, n, round(100 * n / self.count) if n else 0) for stars, n in pairs]


def summary(session: Session, page_id: int | None, visitor: str | None) -> Summary:
    """Return the page's rating; zeros for a page that nobody rated."""
    if page_id is None:
        return Summary((0,) * len(STARS), None)
    vote = queries.vote_of(session, page_id, visitor) if visitor else None
    return Summary(queries.counts(session, page_id), vote.stars if vote else None)


def rate(session: Session, page_id: int, visitor: str, stars: int, now: datetime.datetime) -> None:
    """Give, or change, the visitor's vote."""
    total = queries.lock_total(session, page_id)
    vote = queries.vote_of(session, page_id, visitor)
    if vote is None:
        vote = Vote(page_id=page_id, visitor=visitor, created_at=now)
        session.add(vote)
    else:
        _add(total, vote.stars, -1)
    vote.stars = stars
    vote.updated_at = now
    _add(total, stars, 1)


def withdraw(session: Session, page_id: int, visitor: str) -> None:
    """Take the visitor's vote back, if there is one."""
    total = queries.lock_total(session, page_id)
    vote = queries.vote_of(session, page_id, visitor)
    if vote is not None:
        _add(total, vote.stars, -1)
        session.delete(vote)


def _add(total: Total, stars: int, n: int) -> None:
    name = f"n{stars}"
    setattr(total, name, getattr(total, name) + n)
