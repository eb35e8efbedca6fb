"""All SQL of the guestbook."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from .models import Entry


def newest(session: Session, page_id: int, limit: int) -> Sequence[Entry]:
    statement = sa.select(Entry).where(Entry.page_id == page_id)
    return session.scalars(statement.order_by(Entry.id.desc()).limit(limit)).all()
