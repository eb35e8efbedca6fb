"""All SQL of the fingerprints: each a walk along an index, for a bounded number of rows.

What judging asks is made once, names columns of tables, not of entities, and goes to the
session's connection: else putting it together would take longer than running it.
"""

import datetime
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from comments_service.api import Envelope, table

from .likeness import BANDS
from .models import Fingerprint

LOOKED_AT: Final = 8
"""The newest of each band that are compared: in a wave they are its own."""

_FINGERPRINT = Fingerprint.__table__.c
_ENVELOPE = Envelope.__table__.c
_MOMENT = _FINGERPRINT.created_at.type
_SITE = _FINGERPRINT.site_id == sa.bindparam("site_id")
_LATELY = _FINGERPRINT.created_at >= sa.bindparam("since", type_=_MOMENT)


def _union(selects: Sequence[sa.Select[*tuple[Any, ...]]]) -> sa.CompoundSelect[*tuple[Any, ...]]:
    # SQLite takes an order and a limit within a union only in a select of its own.
    return sa.union_all(*(sa.select(each.subquery()) for each in selects))


_NUMBERS = _union(
    [
        sa.select(_FINGERPRINT.submission_id)
        .where(_SITE, band == sa.bindparam(f"value{i}"), _LATELY)
        .order_by(_FINGERPRINT.created_at.desc())
        .limit(LOOKED_AT)
        for i, band in enumerate(
            (_FINGERPRINT.band0, _FINGERPRINT.band1, _FINGERPRINT.band2, _FINGERPRINT.band3)
        )
    ]
)

# Each row is read once, though most of a text's like are found by several bands.
_LIKE = sa.select(_FINGERPRINT.likeness, _FINGERPRINT.cluster).where(
    _FINGERPRINT.submission_id.in_(_NUMBERS)
)

# One question of all that was before, because each costs more than its rows do.
_BEFORE = _union(
    [
        _LIKE.add_columns(
            sa.cast(sa.null(), _ENVELOPE.page_id.type).label("page_id"),
            sa.literal("text").label("by"),
        ),
        *(
            sa.select(
                _FINGERPRINT.exact,
                sa.cast(sa.null(), _FINGERPRINT.cluster.type).label("cluster"),
                _ENVELOPE.page_id,
                sa.literal(what).label("by"),
            )
            .join(Envelope.__table__, _ENVELOPE.id == _FINGERPRINT.submission_id)
            .where(
                _SITE,
                column == sa.bindparam(what),
                _FINGERPRINT.created_at >= sa.bindparam("sent_since", type_=_MOMENT),
            )
            .order_by(_FINGERPRINT.created_at.desc())
            .limit(sa.bindparam("limit", type_=sa.Integer))
            for what, column in (
                ("visitor", _FINGERPRINT.visitor),
                ("network", _FINGERPRINT.network),
            )
        ),
    ]
)

_WAVE = sa.select(sa.func.count()).select_from(
    sa.select(_FINGERPRINT.submission_id)
    .where(_SITE, _FINGERPRINT.cluster == sa.bindparam("cluster"), _LATELY)
    .limit(sa.bindparam("limit", type_=sa.Integer))
    .subquery()
)

_ADD = sa.insert(table(Fingerprint))
# Chosen once, before anything is deleted: a plan that asks again for each row would find others.
_OLDEST = (
    sa.select(_FINGERPRINT.submission_id)
    .where(_FINGERPRINT.created_at < sa.bindparam("before", type_=_MOMENT))
    .order_by(_FINGERPRINT.created_at)
    .limit(sa.bindparam("most", type_=sa.Integer))
    # Those that another writer is deleting are its own affair.
    .with_for_update(skip_locked=True)
    .cte("oldest")
    .prefix_with("MATERIALIZED", dialect="postgresql")
)
_OLD = sa.delete(table(Fingerprint)).where(
    _FINGERPRINT.submission_id.in_(sa.select(_OLDEST.c.submission_id))
)


Like = tuple[tuple[bytes, str], ...]
"""(Compact sketch, cluster) of submissions whose text may be like another's."""


class Before(NamedTuple):
    """What was there before a submission."""

    like: Like
    by_visitor: Sequence[tuple[bytes, int]]
    """(Exact hash, page) of what the visitor sent lately."""
    by_network: Sequence[tuple[bytes, int]]


def before(
    session: Session,
    site_id: int,
    bands: Sequence[int] | None,
    since: datetime.datetime,
    *,
    visitor: str,
    network: str,
    sent_since: datetime.datetime,
    limit: int,
) -> Before:
    """Return what came before a submission with these bands; of what was sent, `limit` of each.

    `bands`: None for a text too short to have its like.
    """
    asked = {
        "site_id": site_id,
        "since": since,
        **_values(bands or [None] * BANDS),
        "visitor": visitor,
        "network": network,
        "sent_since": sent_since,
        "limit": limit,
    }
    rows = session.connection().execute(_BEFORE, asked).all()
    return Before(
        tuple((hashed, cluster) for hashed, cluster, _, by in rows if by == "text"),
        [(hashed, page_id) for hashed, _, page_id, by in rows if by == "visitor"],
        [(hashed, page_id) for hashed, _, page_id, by in rows if by == "network"],
    )


def like(session: Session, site_id: int, bands: Sequence[int], since: datetime.datetime) -> Like:
    """Return the submissions that may be like one with these bands."""
    asked = {"site_id": site_id, "since": since, **_values(bands)}
    rows = session.connection().execute(_LIKE, asked).all()
    return tuple((hashed, cluster) for hashed, cluster in rows)


def _values(bands: Sequence[int | None]) -> dict[str, int | None]:
    return {f"value{i}": value for i, value in enumerate(bands)}


def in_wave(
    session: Session, site_id: int, cluster: str, since: datetime.datetime, limit: int
) -> int:
    """Return how many of the cluster there are, `limit` at most."""
    asked = {"site_id": site_id, "cluster": cluster, "since": since, "limit": limit}
    return session.connection().scalars(_WAVE, asked).one()


def delete_old(session: Session, before: datetime.datetime, most: int) -> None:
    """Delete those from before then, the oldest first, `most` of them."""
    session.connection().execute(_OLD, {"before": before, "most": most})


def add(session: Session, bands: Sequence[int] | None, **columns: object) -> None:
    """Insert one fingerprint; `bands` is None for a text too short to have its like."""
    of_text = {f"band{i}": value for i, value in enumerate(bands or [None] * BANDS)}
    session.connection().execute(_ADD, columns | of_text)
