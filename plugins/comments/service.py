"""The rules of the comments: threads, pages of them, and what becomes public."""

import base64
import binascii
import dataclasses
import datetime
import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from comments_service.api import Envelope, Page, Refused, Status, Summary, lazy_gettext

from . import queries
from .queries import Order, Position, Public

PAGE_LENGTH = 20
PAGE_LENGTH_MAX = 100
CURSOR_LENGTH = 200
ID_MAX = 2**31 - 1
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
MICROSECOND = datetime.timedelta(microseconds=1)

GONE = lazy_gettext("The comment you are answering is no longer there.")


@dataclasses.dataclass(frozen=True)
class Cursor:
    """From where to read on: after a position, or before it."""

    position: Position
    backwards: bool

    def text(self) -> str:
        place = self.position
        at = (place.thread_at - EPOCH) // MICROSECOND
        values = [int(self.backwards), at, place.thread_id, place.id]
        return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")

    @classmethod
    def parse(cls, text: str) -> "Cursor | None":
        """Return the cursor in `text`, or None for anything that isn't one."""
        try:
            padded = text[:CURSOR_LENGTH] + "=" * (-len(text) % 4)
            backwards, at, thread_id, comment_id = json.loads(base64.urlsafe_b64decode(padded))
            moment = EPOCH + at * MICROSECOND
            if not all(type(n) is int and 0 < n <= ID_MAX for n in (thread_id, comment_id)):
                return None
        except (ValueError, TypeError, OverflowError, OSError, binascii.Error, RecursionError):
            return None
        return cls(Position(moment, thread_id, comment_id), backwards=bool(backwards))


@dataclasses.dataclass(frozen=True)
class Slice:
    """One page of a thread, and the cursors of its neighbours."""

    comments: Sequence[Public]
    total: int
    order: Order
    previous: str | None
    next: str | None
    """Cursors of the neighbouring slices, towards the start and the end of the order."""


def answerable(session: Session, page_id: int | None, text: str) -> int:
    """Return the id in `text` if the page has a public comment with it, else 0."""
    is_id = text.isascii() and text.isdecimal() and len(text) <= len(str(ID_MAX))
    if not is_id or page_id is None or int(text) > ID_MAX:
        return 0
    return int(text) if queries.public(session, page_id, int(text)) else 0


def parse_order(text: str) -> Order:
    return Order(text) if text in list(Order) else Order.NEWEST


def read(
    session: Session,
    page_id: int | None,
    *,
    order: Order,
    cursor: Cursor | None = None,
    limit: int = PAGE_LENGTH,
) -> Slice:
    """Return a slice of the page's public comments; an empty one for a page that has none."""
    if page_id is None:
        return Slice([], 0, order, None, None)
    backwards = cursor is not None and cursor.backwards
    place = cursor.position if cursor else None
    # One more than shown tells whether there is a next slice.
    found = queries.walk(
        session,
        page_id,
        order,
        limit + 1,
        after=None if backwards else place,
        before=place if backwards else None,
    )
    more = len(found) > limit
    comments = (found[1:] if backwards else found[:limit]) if more else found
    has_previous = more if backwards else cursor is not None
    has_next = bool(comments) if backwards else more
    return Slice(
        comments=comments,
        total=queries.total(session, page_id),
        order=order,
        previous=_cursor(comments[0], backwards=True) if comments and has_previous else None,
        next=_cursor(comments[-1], backwards=False) if comments and has_next else None,
    )


def _cursor(comment: Public, *, backwards: bool) -> str:
    position = Position(comment.thread_at, comment.thread_id, comment.id)
    return Cursor(position, backwards).text()


def add(session: Session, envelope: Envelope, page: Page, fields: Mapping[str, Any]) -> None:
    """Store the comment of `envelope`, public or not as that says."""
    parent = None
    if fields["parent"] is not None:
        parent = queries.public(session, page.id, fields["parent"])
        if parent is None:
            raise Refused("parent", GONE)
    is_public = envelope.status is Status.PUBLISHED
    queries.add(
        session,
        id=envelope.id,
        page_id=page.id,
        thread_id=parent.thread_id if parent else envelope.id,
        thread_at=parent.thread_at if parent else envelope.created_at,
        parent_id=parent.id if parent else None,
        is_public=is_public,
        name=fields["name"],
        email=fields["email"] or "",
        text=fields["text"],
        created_at=envelope.created_at,
    )
    if is_public:
        queries.add_to_total(session, page.id, 1)


def set_public(session: Session, comment_id: int, *, is_public: bool) -> None:
    """Show or hide the comment, and count it accordingly."""
    [comment] = queries.by_ids(session, [comment_id])
    if comment.is_public is not is_public:
        comment.is_public = is_public
        queries.add_to_total(session, comment.page_id, 1 if is_public else -1)


def summaries(session: Session, ids: Sequence[int]) -> dict[int, Summary]:
    return {each.id: Summary(each.name, each.text) for each in queries.by_ids(session, ids)}
