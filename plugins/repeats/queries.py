"""All SQL of the fingerprints: each a walk along an index, for a bounded number of rows.

The statements are made once: to build them anew would take longer than to run them.
"""

import datetime
from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from comments_service.api import Envelope

from .models import Fingerprint

LOOKED_AT: Final = 16
"""The newest of each band that are compared: in a wave they are its own."""
DELETED_AT_ONCE: Final = 20

_MOMENT = Fingerprint.created_at.type
_SITE = Fingerprint.site_id == sa.bindparam("site_id")
_LATELY = Fingerprint.created_at >= sa.bindparam("since", type_=_MOMENT)


def _union(selects: Sequence[sa.Select[*tuple[Any, ...]]]) -> sa.CompoundSelect[*tuple[Any, ...]]:
    # SQLite takes an order and a limit within a union only in a select of its own.
    return sa.union_all(*(sa.select(each.subquery()) for each in selects))


_LIKE = _union(
    [
        sa.select(Fingerprint.likeness, Fingerprint.cluster)
        .where(_SITE, band == sa.bindparam(f"value{i}"), _LATELY)
        .order_by(Fingerprint.created_at.desc())
        .limit(LOOKED_AT)
        for i, band in enumerate(
            (Fingerprint.band0, Fingerprint.band1, Fingerprint.band2, Fingerprint.band3)
        )
    ]
)

_SENT = _union(
    [
        sa.select(sa.literal(what).label("by"), Fingerprint.exact, Envelope.page_id)
        .join(Envelope, Envelope.id == Fingerprint.submission_id)
        .where(_SITE, column == sa.bindparam(what), _LATELY)
        .order_by(Fingerprint.created_at.desc())
        .limit(sa.bindparam("limit", type_=sa.Integer))
        for what, column in (("visitor", Fingerprint.visitor), ("network", Fingerprint.network))
    ]
)

_WAVE = sa.select(sa.func.count()).select_from(
    sa.select(Fingerprint.submission_id)
    .where(_SITE, Fingerprint.cluster == sa.bindparam("cluster"), _LATELY)
    .limit(sa.bindparam("limit", type_=sa.Integer))
    .subquery()
)

_OLD = sa.delete(Fingerprint).where(
    Fingerprint.submission_id.in_(
        sa.select(Fingerprint.submission_id)
        .where(Fingerprint.created_at < sa.bindparam("before", type_=_MOMENT))
        .order_by(Fingerprint.created_at)
        .limit(DELETED_AT_ONCE)
        # Those that another writer is deleting are its own affair.
        .with_for_update(skip_locked=True)
    )
)


def like(
    session: Session, site_id: int, bands: Sequence[int], since: datetime.datetime
) -> set[tuple[bytes, str]]:
    """Return (compact sketch, cluster) of texts that may be like one with these bands."""
    values = {f"value{i}": value for i, value in enumerate(bands)}
    rows = session.execute(_LIKE, {"site_id": site_id, "since": since, **values}).all()
    return {(likeness, cluster) for likeness, cluster in rows}


def in_wave(
    session: Session, site_id: int, cluster: str, since: datetime.datetime, limit: int
) -> int:
    """Return how many of the cluster there are, `limit` at most."""
    asked = {"site_id": site_id, "cluster": cluster, "since": since, "limit": limit}
    return session.scalars(_WAVE, asked).one()


def sent(
    session: Session,
    site_id: int,
    visitor: str,
    network: str,
    since: datetime.datetime,
    limit: int,
) -> Sequence[tuple[str, bytes, int]]:
    """Return what the visitor, and what the network, sent lately, `limit` of each at most.

    As ("visitor" or "network", exact hash, page).
    """
    asked = {
        "site_id": site_id,
        "visitor": visitor,
        "network": network,
        "since": since,
        "limit": limit,
    }
    return [(by, exact, page_id) for by, exact, page_id in session.execute(_SENT, asked).all()]


def delete_old(session: Session, before: datetime.datetime) -> None:
    """Delete some of those from before then; more than come in at one time."""
    session.execute(_OLD, {"before": before}, execution_options={"synchronize_session": False})
