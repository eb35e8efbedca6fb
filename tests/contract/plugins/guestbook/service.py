"""The rules of the guestbook: which entries are shown, and what is kept of one."""

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from . import queries
from .models import Entry

SHOWN = 20


def newest(session: Session, page_id: int | None) -> Sequence[Entry]:
    """Return the page's newest entries; none for a page that nobody signed."""
    return [] if page_id is None else queries.newest(session, page_id, SHOWN)


def sign(session: Session, page_id: int, fields: Mapping[str, Any], now: datetime.datetime) -> None:
    session.add(
        Entry(page_id=page_id, name=fields["name"], message=fields["message"], created_at=now)
    )
