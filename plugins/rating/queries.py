"""All SQL of the rating."""

import datetime
from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from comments_service.api import insert

from .models import STARS, Total, Vote


def counts(session: Session, page_id: int) -> tuple[int, ...]:
    """Return how many votes the page has of one star, two stars, … five stars."""
    total = session.get(Total, page_id)
    if total is None:
        return (0,) * len(STARS)
    return tuple(getattr(total, f"n{stars}") for stars in STARS)


def vote_of(session: Session, page_id: int, visitor: str) -> Vote | None:
    return session.scalar(sa.select(Vote).where(Vote.page_id == page_id, Vote.visitor == visitor))


def lock_total(session: Session, page_id: int) -> Total:
    """Return the page's totals, held against other writers until the transaction ends."""
    zeros = {f"n{stars}": 0 for stars in STARS}
    fresh = insert(session, Total).values(page_id=page_id, **zeros)
    session.execute(fresh.on_conflict_do_nothing())
    return session.scalars(sa.select(Total).where(Total.page_id == page_id).with_for_update()).one()


def add_votes(
    session: Session, page_id: int, votes: Iterable[tuple[str, int]], at: datetime.datetime
) -> None:
    """Insert votes of visitors who have none on the page yet, as (visitor, stars)."""
    rows = [
        {"page_id": page_id, "visitor": visitor, "stars": stars, "created_at": at, "updated_at": at}
        for visitor, stars in votes
    ]
    session.execute(sa.insert(Vote), rows)


def recount(session: Session, page_id: int) -> Sequence[int]:
    """Return what `counts` should be, from the votes themselves."""
    found = dict(
        session.execute(
            sa.select(Vote.stars, sa.func.count())
            .where(Vote.page_id == page_id)
            .group_by(Vote.stars)
        ).all()
    )
    return tuple(found.get(stars, 0) for stars in STARS)
