"""All SQL of the comments."""

import dataclasses
import datetime
import enum
import functools
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

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


class Public(NamedTuple):
    """What readers are shown of a comment."""

    id: int
    parent_id: int | None
    thread_id: int
    thread_at: datetime.datetime
    name: str
    text: str
    created_at: datetime.datetime


_PUBLIC = sa.select(*(sa.inspect(Comment).columns[name] for name in Public._fields)).where(
    Comment.page_id == sa.bindparam("page_id"), Comment.is_public.is_(True)
)


def walk(
    session: Session,
    page_id: int,
    order: Order,
    limit: int,
    *,
    after: Position | None = None,
    before: Position | None = None,
) -> list[Public]:
    """Return up to `limit` public comments in `order`, next to a position, else from the start."""
    backwards = before is not None
    place = before or after
    asked = {"page_id": page_id, "limit": limit}
    here = {} if place is None else dataclasses.asdict(place)
    statement = _walk(order, has_place=place is not None, backwards=backwards)
    found = [Public._make(row) for row in session.execute(statement, asked | here)]
    return found[::-1] if backwards else found


# Read with every page that is drawn: to put it together takes longer than to run it.
@functools.cache
def _walk(order: Order, *, has_place: bool, backwards: bool) -> sa.Select[*tuple[Any, ...]]:
    # Reading backwards turns both directions round.
    threads_down = (order is Order.NEWEST) != backwards
    thread_at, thread_id = Comment.thread_at, Comment.thread_id
    statement = _PUBLIC.order_by(
        thread_at.desc() if threads_down else thread_at.asc(),
        thread_id.desc() if threads_down else thread_id.asc(),
        Comment.id.desc() if backwards else Comment.id.asc(),
    ).limit(sa.bindparam("limit"))
    if not has_place:
        return statement
    return statement.where(_beyond(threads_down=threads_down, down=backwards))


def _beyond(*, threads_down: bool, down: bool) -> sa.ColumnElement[bool]:
    """Tell of a comment whether it is beyond the position that the parameters name."""
    thread = sa.tuple_(Comment.thread_at, Comment.thread_id)
    here = sa.tuple_(
        sa.bindparam("thread_at", type_=Comment.thread_at.type),
        sa.bindparam("thread_id", type_=Comment.thread_id.type),
    )
    id_ = sa.bindparam("id", type_=Comment.id.type)
    same_thread = Comment.id < id_ if down else Comment.id > id_
    # The first condition of each is what an index can begin its walk with.
    if threads_down:
        return sa.and_(thread <= here, sa.or_(thread < here, same_thread))
    return sa.and_(thread >= here, sa.or_(thread > here, same_thread))


def public(session: Session, page_id: int, comment_id: int) -> Public | None:
    """Return the page's public comment `comment_id`."""
    found = session.execute(_PUBLIC.where(Comment.id == comment_id), {"page_id": page_id}).first()
    return Public._make(found) if found else None


def public_names(session: Session, page_id: int, ids: Sequence[int]) -> Mapping[int, str]:
    """Return the authors of those of `ids` that are public."""
    if not ids:
        return {}
    rows = session.execute(
        sa.select(Comment.id, Comment.name).where(
            Comment.id.in_(ids), Comment.page_id == page_id, Comment.is_public.is_(True)
        )
    )
    return dict(rows.all())


def by_ids(session: Session, ids: Sequence[int]) -> Sequence[Comment]:
    return session.scalars(sa.select(Comment).where(Comment.id.in_(ids))).all()


_TOTAL = sa.select(Total.public).where(Total.page_id == sa.bindparam("page_id"))


def total(session: Session, page_id: int) -> int:
    """Return how many public comments the page has."""
    return session.scalar(_TOTAL, {"page_id": page_id}) or 0


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
