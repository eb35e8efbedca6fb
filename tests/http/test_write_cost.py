"""What a write costs: as many statements on a full page as on an empty one."""

import datetime
import json
from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa
from flask import Flask

from comments_service import pages
from comments_service.core import Core
from comments_service.db import Base
from comments_service.models import Envelope, Status
from comments_service.testing import PAGE, Reader, add_site, counted_statements

LONG_AGO = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
SIZES = (0, 100, 10_000)
TEXTS = (
    "Đường liên thôn sau mưa lớn vẫn còn đọng nước trước cổng trường mầm non.",
    "Lịch tiếp dân tháng này đã đổi sang sáng thứ năm, mong xã báo cho bà con biết sớm.",
    "Cảm ơn các cô ở trạm y tế đã tiêm phòng chu đáo cho các cháu.",
    "Chợ phiên họp sớm hơn mọi năm, đoạn qua cầu treo rất khó gửi xe.",
)


@pytest.fixture
def readers(app: Flask) -> Iterator[Reader]:
    """Readers of a site that publishes at once, each from another address."""
    add_site(app, "open", comments={"hold": "no"})
    return (Reader(app, site="open", address=f"203.0.{n}.7") for n in range(100))


def fill(core: Core, size: int) -> None:
    """Bring the page up to so many comments."""
    comment = Base.metadata.tables["comments_comment"]
    with core.db.write() as session:
        page = session.scalars(sa.select(pages.Page).where(pages.Page.key == PAGE)).one()
        first = session.scalar(sa.select(sa.func.max(Envelope.id))) or 0
        before = session.scalars(sa.select(sa.func.count()).select_from(comment)).one()
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
                [{**common, **content, "id": n, "thread_id": n, "text": f"{n}"} for n in ids],
            )
            if session.get_bind().dialect.name == "postgresql":
                session.execute(
                    sa.text("SELECT setval('core_submission_id_seq', :id)"), {"id": ids[-1]}
                )


def comment(reader: Reader, text: str) -> tuple[str, str, str]:
    body = {"page": PAGE, "name": "Lan", "text": text, **reader.solve("comment")}
    return "POST", f"/api/v1/sites/{reader.site}/comments", json.dumps(body)


def rating(reader: Reader, text: str) -> tuple[str, str, str]:
    stars = len(text) % 5 + 1
    path = f"/api/v1/sites/{reader.site}/rating?page={PAGE}"
    return "PUT", path, json.dumps({"stars": stars})


Make = Callable[[Reader, str], tuple[str, str, str]]


@pytest.mark.parametrize(("make", "status", "most"), [(comment, 201, 16), (rating, 200, 13)])
def test_a_write_takes_as_many_statements_however_much_is_on_the_page(
    core: Core, readers: Iterator[Reader], make: Make, status: int, most: int
) -> None:
    counts = []
    for size, text in zip((None, *SIZES), TEXTS, strict=True):
        # The first makes the page's row, and the salt of the day.
        if size is not None:
            fill(core, size)
        reader = next(readers)
        method, path, body = make(reader, text)
        with counted_statements(core) as statements:
            assert reader.send(method, path, data=body).status_code == status
        counts.append(len(statements))
    assert counts[1:] == [counts[-1]] * len(SIZES)
    assert counts[-1] <= most
