"""All SQL of the comments."""

import dataclasses
import datetime
import enum
import functools
from collections.abc import Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from comments_service.api import Page, Site, made_once, table

from .models import Comment, Total

# What runs with every page or comment is made once, of tables rather than entities, and goes to the
# session's connection: to put it together would take longer than to run it.
_COMMENT = table(Comment).c
_TOTAL = table(Total).c
_ADD = sa.insert(table(Comment))


@made_once
def _add_to_total(insert: Any) -> Any:  # noqa: ANN401 (two dialects' Insert)
    fresh = insert(table(Total))
    return fresh.on_conflict_do_update(
        index_elements=["page_id"], set_={"public": _TOTAL.public + fresh.excluded.public}
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
    answers: str | None
    """The name of whom it answers, unless that one is gone."""


_ANSWERED = table(Comment).alias("answered")
_PUBLIC = (
    sa.select(*(_COMMENT[name] for name in Public._fields[:-1]), _ANSWERED.c.name)
    .outerjoin_from(
        table(Comment),
        _ANSWERED,
        sa.and_(_ANSWERED.c.id == _COMMENT.parent_id, _ANSWERED.c.is_public.is_(True)),
    )
    .where(_COMMENT.page_id == sa.bindparam("page_id"), _COMMENT.is_public.is_(True))
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
    found = [
        Public._make(row) for row in session.connection().execute(statement, asked | here).all()
    ]
    return found[::-1] if backwards else found


# Read with every page that is drawn: to put it together takes longer than to run it.
@functools.cache
def _walk(order: Order, *, has_place: bool, backwards: bool) -> sa.Select[*tuple[Any, ...]]:
    # Reading backwards turns both directions round.
    threads_down = (order is Order.NEWEST) != backwards
    thread_at, thread_id = _COMMENT.thread_at, _COMMENT.thread_id
    statement = _PUBLIC.order_by(
        thread_at.desc() if threads_down else thread_at.asc(),
        thread_id.desc() if threads_down else thread_id.asc(),
        _COMMENT.id.desc() if backwards else _COMMENT.id.asc(),
    ).limit(sa.bindparam("limit"))
    if not has_place:
        return statement
    return statement.where(_beyond(threads_down=threads_down, down=backwards))


def _beyond(*, threads_down: bool, down: bool) -> sa.ColumnElement[bool]:
    """Tell of a comment whether it is beyond the position that the parameters name."""
    thread = sa.tuple_(_COMMENT.thread_at, _COMMENT.thread_id)
    here = sa.tuple_(
        sa.bindparam("thread_at", type_=_COMMENT.thread_at.type),
        sa.bindparam("thread_id", type_=_COMMENT.thread_id.type),
    )
    id_ = sa.bindparam("id", type_=_COMMENT.id.type)
    same_thread = _COMMENT.id < id_ if down else _COMMENT.id > id_
    # The first condition of each is what an index can begin its walk with.
    if threads_down:
        return sa.and_(thread <= here, sa.or_(thread < here, same_thread))
    return sa.and_(thread >= here, sa.or_(thread > here, same_thread))


_ONE = _PUBLIC.where(_COMMENT.id == sa.bindparam("comment_id"))


def public(session: Session, page_id: int, comment_id: int) -> Public | None:
    """Return the page's public comment `comment_id`."""
    asked = {"page_id": page_id, "comment_id": comment_id}
    found = session.connection().execute(_ONE, asked).first()
    return Public._make(found) if found else None


def by_ids(session: Session, ids: Sequence[int]) -> Sequence[Comment]:
    return session.scalars(sa.select(Comment).where(Comment.id.in_(ids))).all()


_TOTAL_OF_PAGE = sa.select(_TOTAL.public).where(_TOTAL.page_id == sa.bindparam("page_id"))


def total(session: Session, page_id: int) -> int:
    """Return how many public comments the page has."""
    return session.connection().scalar(_TOTAL_OF_PAGE, {"page_id": page_id}) or 0


def add(session: Session, **columns: object) -> None:
    """Insert one comment."""
    session.connection().execute(_ADD, columns)


def add_to_total(session: Session, page_id: int, n: int) -> None:
    session.connection().execute(_add_to_total(session), {"page_id": page_id, "public": n})


# --- Proof --------------------------------------------------------------------------------------


class Wrong(NamedTuple):
    """A page whose total is not what its comments say."""

    site: str
    page: str
    difference: int
    """Total less recount."""


def pages_and_comments(session: Session, site: Site | None) -> tuple[int, int]:
    """Return how many pages have public comments, and how many those are."""
    row = session.execute(
        sa.select(sa.func.count(sa.distinct(Comment.page_id)), sa.func.count())
        .join(Page, Page.id == Comment.page_id)
        .where(Comment.is_public.is_(True), _of(site))
    ).one()
    return row[0], row[1]


def wrong_totals(session: Session, site: Site | None) -> Sequence[Wrong]:
    """Recount everything, in one statement: one moment, whoever comments meanwhile."""
    both = sa.union_all(
        sa.select(Total.page_id, Total.public.label("n")),
        sa.select(Comment.page_id, -sa.func.count())
        .where(Comment.is_public.is_(True))
        .group_by(Comment.page_id),
    ).subquery()
    difference = sa.func.sum(both.c.n)
    rows = session.execute(
        sa.select(Site.key, Page.key, difference)
        .join_from(both, Page, Page.id == both.c.page_id)
        .join(Site, Site.id == Page.site_id)
        .where(_of(site))
        .group_by(Site.key, Page.key)
        .having(difference != 0)
        .order_by(Site.key, Page.key)
    )
    return [Wrong(row[0], row[1], int(row[2])) for row in rows]


def _of(site: Site | None) -> sa.ColumnElement[bool]:
    return Page.site_id == site.id if site else sa.true()
