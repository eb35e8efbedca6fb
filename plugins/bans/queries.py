"""All SQL of the bans."""

import datetime
import itertools
from collections.abc import Sequence
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from comments_service.api import Envelope, Site, Trace, network_of, table, widening

from .models import Ban, Kind, Sender


class Known(NamedTuple):
    """What judging needs of a ban."""

    id: int
    kind: Kind
    value: str
    note: str
    ends_at: datetime.datetime | None


class Stamp(NamedTuple):
    """Tells whether a site's bans of texts have changed: they are made and lifted, never deleted.

    How many ever were, how many of them were lifted, and when the newest was made.
    """

    made: int
    lifted: int
    newest: datetime.datetime | None


# What runs with every submission is made once, names columns of the table, not of the entity, and
# goes to the session's connection. Its lists are of fixed length, with nothing (None) in the rest:
# for others SQLAlchemy would write the statement anew.
_BAN = Ban.__table__.c
_SITE = _BAN.site_id == sa.bindparam("site_id")
_ACTIVE = sa.and_(
    _BAN.lifted_at.is_(None),
    sa.or_(_BAN.ends_at.is_(None), _BAN.ends_at > sa.bindparam("now", type_=_BAN.ends_at.type)),
)
_KNOWN = sa.select(_BAN.id, _BAN.kind, _BAN.value, _BAN.note, _BAN.ends_at)
_BY_ID = _KNOWN.where(_BAN.id == sa.bindparam("id"))
_TEXTS = _KNOWN.where(_SITE, _ACTIVE, _BAN.kind == Kind.TEXT).order_by(_BAN.id)

_SENDERS = (Kind.VISITOR, Kind.NETWORK, Kind.EMAIL)
_NETWORKS = [f"network{n}" for n, _level in enumerate(widening(network_of("::")))]
_EMAILS = ["email", "domain"]
_OF_SENDER = (
    sa.select(sa.func.min(_BAN.id))
    .where(
        _SITE,
        _ACTIVE,
        # No two kinds have a value in common, and so the index is searched for each value.
        _BAN.kind.in_([sa.literal(kind, _BAN.kind.type) for kind in _SENDERS]),
        _BAN.value.in_([sa.bindparam(name) for name in ("visitor", *_NETWORKS, *_EMAILS)]),
    )
    .scalar_subquery()
)
_ADD_SENDER = sa.insert(table(Sender))
_OLD_SENDERS = sa.delete(table(Sender)).where(
    table(Sender).c.created_at < sa.bindparam("before", type_=table(Sender).c.created_at.type)
)
_OF_SENDER_AND_STAMP = sa.select(
    _OF_SENDER, sa.func.count(), sa.func.count(_BAN.lifted_at), sa.func.max(_BAN.created_at)
).where(_SITE, _BAN.kind == Kind.TEXT)


def of_sender(
    session: Session,
    site_id: int,
    now: datetime.datetime,
    *,
    visitor: str,
    networks: Sequence[str],
    emails: Sequence[str],
) -> tuple[int | None, Stamp]:
    """Return the number of the site's first active ban of any of these, and the stamp."""
    asked = {
        "site_id": site_id,
        "now": now,
        "visitor": visitor,
        **dict(itertools.zip_longest(_NETWORKS, networks[: len(_NETWORKS)])),
        **dict(itertools.zip_longest(_EMAILS, emails)),
    }
    number, *stamp = session.connection().execute(_OF_SENDER_AND_STAMP, asked).one()
    return number, Stamp(*stamp)


def known(session: Session, ban_id: int) -> Known:
    return Known(*session.execute(_BY_ID, {"id": ban_id}).one())


def texts(session: Session, site_id: int, now: datetime.datetime) -> Sequence[Known]:
    """Return the site's active bans of texts."""
    return [Known(*row) for row in session.execute(_TEXTS, {"site_id": site_id, "now": now})]


def lock_site(session: Session, site_id: int) -> None:
    """Let nobody else ban on this site until the transaction ends; rows may refer to it."""
    session.execute(sa.select(Site.id).where(Site.id == site_id).with_for_update(key_share=True))


def same(
    session: Session, site_id: int, kind: Kind, value: str, now: datetime.datetime
) -> int | None:
    """Return the number of the active ban of just this, if there is one."""
    wanted = sa.select(Ban.id).where(_SITE, _ACTIVE, Ban.kind == kind, Ban.value == value)
    return session.scalars(wanted, {"site_id": site_id, "now": now}).first()


def by_id(session: Session, ban_id: int) -> Ban | None:
    return session.scalar(sa.select(Ban).where(Ban.id == ban_id).with_for_update())


def page(
    session: Session, site: Site | None, now: datetime.datetime, *, start: int, limit: int
) -> Sequence[tuple[Ban, Site]]:
    """Return bans with their sites, of one site or of all: the active first, then the newest."""
    rows = session.execute(
        sa.select(Ban, Site)
        .join(Site, Site.id == Ban.site_id)
        .where(Ban.site_id == site.id if site else sa.true())
        .order_by(sa.case((_ACTIVE, 0), else_=1), Ban.id.desc())
        .offset(start)
        .limit(limit),
        {"now": now},
    )
    return [(ban, of) for ban, of in rows]


def active(
    session: Session, site: Site | None, now: datetime.datetime
) -> Sequence[tuple[Ban, Site]]:
    """Return the bans in force with their sites, of one site or of all."""
    rows = session.execute(
        sa.select(Ban, Site)
        .join(Site, Site.id == Ban.site_id)
        .where(_ACTIVE, Ban.site_id == site.id if site else sa.true())
        .order_by(Ban.id),
        {"now": now},
    )
    return [(ban, of) for ban, of in rows]


def submission(session: Session, submission_id: int) -> tuple[Envelope, Site] | None:
    row = session.execute(
        sa.select(Envelope, Site)
        .join(Site, Site.id == Envelope.site_id)
        .where(Envelope.id == submission_id)
    ).first()
    return (row[0], row[1]) if row else None


def networks_of(
    session: Session, submission_id: int, since: datetime.datetime
) -> Sequence[str] | None:
    """Return from where the submission came, if its trace is not older than `since`."""
    return session.scalar(
        sa.select(Trace.networks).where(
            Trace.submission_id == submission_id, Trace.created_at >= since
        )
    )


def email_of(session: Session, submission_id: int, since: datetime.datetime) -> str | None:
    return session.scalar(
        sa.select(Sender.email).where(
            Sender.submission_id == submission_id, Sender.created_at >= since
        )
    )


def add_sender(
    session: Session, submission_id: int, email: str, created_at: datetime.datetime
) -> None:
    sender = {"submission_id": submission_id, "email": email, "created_at": created_at}
    session.connection().execute(_ADD_SENDER, sender)


def forget_senders(session: Session, before: datetime.datetime) -> None:
    session.connection().execute(_OLD_SENDERS, {"before": before})
