"""All SQL of the counters."""

import datetime
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from comments_service.api import Base, insert

from .models import Day, PageTotal, Presence, SiteTotal


def add_view(
    session: Session, site_id: int, page_id: int, day: datetime.date, views: int = 1
) -> None:
    _add(session, SiteTotal, {"site_id": site_id}, views)
    _add(session, Day, {"site_id": site_id, "day": day}, views)
    _add(session, PageTotal, {"page_id": page_id}, views)


def _add(session: Session, table: type[Base], key: Mapping[str, Any], views: int) -> None:
    statement = insert(session, table).values(**key, views=views)
    column = sa.inspect(table).columns["views"]
    session.execute(
        statement.on_conflict_do_update(index_elements=list(key), set_={"views": column + views})
    )


def see(session: Session, site_id: int, reader: bytes, now: datetime.datetime) -> None:
    """Note that `reader` is here now."""
    statement = insert(session, Presence).values(site_id=site_id, reader=reader, seen_at=now)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=[Presence.site_id, Presence.reader], set_={"seen_at": now}
        )
    )


def forget(session: Session, site_id: int, before: datetime.datetime) -> None:
    """Forget the readers who were last seen before then."""
    session.execute(
        sa.delete(Presence).where(Presence.site_id == site_id, Presence.seen_at < before)
    )


def site_views(session: Session, site_id: int) -> int:
    return session.scalar(sa.select(SiteTotal.views).where(SiteTotal.site_id == site_id)) or 0


def day_views(session: Session, site_id: int, day: datetime.date) -> int:
    found = session.scalar(sa.select(Day.views).where(Day.site_id == site_id, Day.day == day))
    return found or 0


def page_views(session: Session, page_id: int) -> int:
    return session.scalar(sa.select(PageTotal.views).where(PageTotal.page_id == page_id)) or 0


def online(session: Session, site_id: int, since: datetime.datetime) -> int:
    statement = (
        sa.select(sa.func.count())
        .select_from(Presence)
        .where(Presence.site_id == site_id, Presence.seen_at >= since)
    )
    return session.scalars(statement).one()
