"""All SQL of the comments."""

import dataclasses
import datetime
import enum
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from comments_service.api import made_once, table

from .models import Comment, Total

# What runs with every comment is made once, of tables rather than entities, and goes to the
# session's connection: to put it together would take longer than to run it.
_ADD = sa.insert(table(Comment))


@made_once
def _add_to_total(insert: Any) -> Any:  # noqa: ANN401 (two dialects' Insert)
    fresh = insert(table(Total))
    return fresh.on_conflict_do_update(
        index_elements=["page_id"], set_={"public": Total.public + fresh.excluded.public}
    )


class Order(enum.StrEnum):
    """In which order threads stand; replies always follow their thread, oldest first."""

    NEWEST = "newest"
    OLDEST = "oldest"


@dataclasses.dataclass(frozen=True)
class Position:
    """The place of one comment within a page's order."""

    thread_at: datetime.datetime
    thread_id: int
    id: int


def walk(
    session: Session,
    page_id: int,
    order: Order,
    limit: int,
    *,
    after: Position | None = None,
    before: Position | None = None,
) -> Sequence[Comment]:
    """Return up to `limit` public comments in `order`, next to a position, else from the start."""
    backwards = before is not None
    newest = order is Order.NEWEST
    # Reading backwards turns both directions round.
    threads_down = newest != backwards
    statement = sa.select(Comment).where(Comment.page_id == page_id, Comment.is_public.is_(True))
    place = before or after
    if place is not None:
        statement = statement.where(_beyond(place, threads_down=threads_down, down=backwards))
    thread_at, thread_id = Comment.thread_at, Comment.thread_id
    statement = statement.order_by(
        thread_at.desc() if threads_down else thread_at.asc(),
        thread_id.desc() if threads_down else thread_id.asc(),
        Comment.id.desc() if backwards else Comment.id.asc(),
    ).limit(limit)
    found = session.scalars(statement).all()
    return found[::-1] if backwards else found


def _beyond(place: Position, *, threads_down: bool, down: bool) -> sa.ColumnElement[bool]:
    thread = sa.tuple_(Comment.thread_at, Comment.thread_id)
    here = sa.tuple_(sa.literal(place.thread_at, Comment.thread_at.type), place.thread_id)
    same_thread = Comment.id < place.id if down else Comment.id > place.id
    # The first condition of each is what an index can begin its walk with.
    if threads_down:
        return sa.and_(thread <= here, sa.or_(thread < here, same_thread))
    return sa.and_(thread >= here, sa.or_(thread > here, same_thread))


def public(session: Session, page_id: int, comment_id: int) -> Comment | None:
    """Return the page's public comment `comment_id`."""
    return session.scalar(
        sa.select(Comment).where(
            Comment.id == comment_id, Comment.page_id == page_id, Comment.is_public.is_(True)
        )
    )


def public_names(session: Session, page_id: int, ids: Sequence[int]) -> Mapping[int, str]:
    """Return the authors of those of `ids` that are public."""
    rows = session.execute(
        sa.select(Comment.id, Comment.name).where(
            Comment.id.in_(ids), Comment.page_id == page_id, Comment.is_public.is_(True)
        )
    )
    return dict(rows.all())


def by_ids(session: Session, ids: Sequence[int]) -> Sequence[Comment]:
    return session.scalars(sa.select(Comment).where(Comment.id.in_(ids))).all()


def total(session: Session, page_id: int) -> int:
    """Return how many public comments the page has."""
    return session.scalar(sa.select(Total.public).where(Total.page_id == page_id)) or 0


def add(session: Session, **columns: object) -> None:
    """Insert one comment."""
    session.connection().execute(_ADD, columns)


def add_to_total(session: Session, page_id: int, n: int) -> None:
    session.connection().execute(_add_to_total(session), {"page_id": page_id, "public": n})


def recount(session: Session, page_id: int) -> int:
    """Return what `total` should be, from the comments themselves."""
    return session.scalars(
        sa.select(sa.func.count())
        .select_from(Comment)
        .where(Comment.page_id == page_id, Comment.is_public.is_(True))
    ).one()
