"""Pages with as many comments as a test of costs asks for."""

import datetime

import sqlalchemy as sa

from comments_service.core import Core
from comments_service.db import Base
from comments_service.models import Envelope, Page, Status
from comments_service.testing import PAGE

LONG_AGO = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)


def fill(core: Core, size: int, *, page_key: str = PAGE) -> None:
    """Bring the page up to so many comments."""
    comment = Base.metadata.tables["comments_comment"]
    with core.db.write() as session:
        page = session.scalars(sa.select(Page).where(Page.key == page_key)).one()
        first = session.scalar(sa.select(sa.func.max(Envelope.id))) or 0
        before = session.scalars(
            sa.select(sa.func.count()).where(comment.c.page_id == page.id)
        ).one()
        ids = range(first + 1, first + 1 + size - before)
        # So many at once would be an attack.
        common = {"page_id": page.id, "created_at": LONG_AGO}
        envelope = {"site_id": page.site_id, "kind": "comment", "status": Status.PUBLISHED}
        content = {"thread_at": LONG_AGO, "is_public": True, "email": "", "name": "Lan"}
        if ids:
            session.execute(
                sa.insert(Envelope),
                [{**common, **envelope, "id": n, "visitor": f"{n:032}"} for n in ids],
            )
            session.execute(
                sa.insert(comment),
                [{**common, **content, **_place(n, ids[0]), "text": f"{n}"} for n in ids],
            )
            if session.get_bind().dialect.name == "postgresql":
                session.execute(
                    sa.text("SELECT setval('core_submission_id_seq', :id)"), {"id": ids[-1]}
                )


def _place(n: int, first: int) -> dict[str, int | None]:
    """Make each fourth an answer to the one before."""
    parent = n - 1 if n > first and n % 4 == 0 else None
    return {"id": n, "thread_id": parent or n, "parent_id": parent}
