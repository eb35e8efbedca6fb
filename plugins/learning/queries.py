"""All SQL of the learning filter; every statement is of one site."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from comments_service.api import Site, insert

from .models import Change, Example, Snapshot

_SITE: sa.BindParameter[int] = sa.bindparam("site_id")
_SNAPSHOT = Snapshot.__table__.c
_CHANGE = Change.__table__.c
# Asked for every comment: so it is put together once, names columns of tables, not of entities,
# and goes to the session's connection.
_STAMP = sa.select(
    sa.func.coalesce(
        sa.select(_SNAPSHOT.generation).where(_SNAPSHOT.site_id == _SITE).scalar_subquery(), 0
    ),
    sa.select(sa.func.count(_CHANGE.id)).where(_CHANGE.site_id == _SITE).scalar_subquery(),
)


class Stamp(NamedTuple):
    """Tells whether a site has learned anything since: the changes only grow in a generation."""

    generation: int
    changes: int


class Sums(NamedTuple):
    """A snapshot as it is stored."""

    generation: int
    wanted: int
    unwanted: int
    seen: bytes


class Stored(NamedTuple):
    """A change as it is stored."""

    id: int
    wanted: int
    unwanted: int
    buckets: bytes


def stamp(session: Session, site_id: int) -> Stamp:
    """Return both numbers of one moment, in one statement."""
    return Stamp(*session.connection().execute(_STAMP, {"site_id": site_id}).one())


def snapshot(session: Session, site_id: int) -> Sums | None:
    row = session.execute(
        sa.select(Snapshot.generation, Snapshot.wanted, Snapshot.unwanted, Snapshot.seen).where(
            Snapshot.site_id == site_id
        )
    ).one_or_none()
    return Sums(*row) if row else None


def changes(session: Session, site_id: int, known: Collection[int] = ()) -> Sequence[Stored]:
    """Return the site's changes but the `known`: transactions don't end in the order of ids."""
    query = sa.select(Change.id, Change.wanted, Change.unwanted, Change.buckets).where(
        Change.site_id == site_id
    )
    if known:
        query = query.where(Change.id.not_in(known))
    return [Stored(*row) for row in session.execute(query)]


def add_change(session: Session, site_id: int, wanted: int, unwanted: int, buckets: bytes) -> None:
    session.execute(
        sa.insert(Change).values(site_id=site_id, wanted=wanted, unwanted=unwanted, buckets=buckets)
    )


def example(session: Session, site_id: int, submission_id: int) -> tuple[bool, bytes] | None:
    """Return as what the submission is learned now, and its features."""
    row = session.execute(
        sa.select(Example.is_unwanted, Example.buckets).where(
            Example.site_id == site_id, Example.submission_id == submission_id
        )
    ).one_or_none()
    return (row[0], row[1]) if row else None


def remember(
    session: Session, site_id: int, submission_id: int, buckets: bytes, *, is_unwanted: bool
) -> None:
    session.execute(
        sa.insert(Example).values(
            submission_id=submission_id, site_id=site_id, is_unwanted=is_unwanted, buckets=buckets
        )
    )


def forget(session: Session, site_id: int, submission_id: int) -> None:
    session.execute(
        sa.delete(Example).where(Example.site_id == site_id, Example.submission_id == submission_id)
    )


def may_fold(session: Session, site_id: int) -> bool:
    """Take the right to fold the site's changes until the transaction ends, if nobody has it.

    Nobody waits here: moderators who decide on several sites at once would wait for each other.
    """
    found = session.scalar(
        sa.select(Site.id)
        .where(Site.id == site_id)
        .with_for_update(key_share=True, skip_locked=True)
    )
    return found is not None


def fold(session: Session, site_id: int, sums: Sums, folded: Collection[int]) -> None:
    """Store `sums` as the site's snapshot, and drop the changes that are in them now."""
    values = sums._asdict()
    fresh = insert(session, Snapshot).values(site_id=site_id, **values)
    session.execute(fresh.on_conflict_do_update(index_elements=[Snapshot.site_id], set_=values))
    session.execute(sa.delete(Change).where(Change.site_id == site_id, Change.id.in_(folded)))
