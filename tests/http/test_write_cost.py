"""What a write costs: as many statements on a full page as on an empty one."""

import contextlib
import json
from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa
from flask import Flask

from comments_service import clock, page_views, pages, sites
from comments_service.core import Core
from comments_service.testing import PAGE, Reader, add_site, counted_statements
from tests.http.filling import fill

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


def comment(reader: Reader, text: str) -> tuple[str, str, str]:
    body = {"page": PAGE, "name": "Lan", "text": text, **reader.solve("comment")}
    return "POST", f"/api/v1/sites/{reader.site}/comments", json.dumps(body)


def rating(reader: Reader, text: str) -> tuple[str, str, str]:
    stars = len(text) % 5 + 1
    path = f"/api/v1/sites/{reader.site}/rating?page={PAGE}"
    return "PUT", path, json.dumps({"stars": stars})


Make = Callable[[Reader, str], tuple[str, str, str]]


@pytest.mark.parametrize(("make", "status", "most"), [(comment, 201, 14), (rating, 200, 10)])
def test_a_write_takes_as_many_statements_however_much_is_on_the_page(
    core: Core,
    readers: Iterator[Reader],
    make: Make,
    status: int,
    most: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # What is done every few seconds with a write would be counted where filling took so long.
    moment = clock.now()
    monkeypatch.setattr(clock, "now", lambda: moment)
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


def test_as_many_read_at_once_as_there_are_threads(core: Core) -> None:
    with contextlib.ExitStack() as reading:
        sessions = [reading.enter_context(core.db.read()) for _ in range(40)]
        assert [each.scalar(sa.select(1)) for each in sessions] == [1] * 40


def test_nobody_who_waits_to_write_holds_a_connection(
    core: Core, readers: Iterator[Reader]
) -> None:
    held = []
    pool = core.db.engine.pool
    assert isinstance(pool, sa.QueuePool)
    sa.event.listen(pool, "checkout", lambda *_: held.append(pool.checkedout()))
    sender = next(readers)
    statuses = [sender.comment().status_code, sender.comment(answer="wrong").status_code]
    # The last one is asked for a challenge, and that is noted.
    statuses += [Reader(sender.app, site=sender.site).rate(4).status_code for _ in range(4)]

    assert statuses == [200, 422, 200, 200, 200, 428]
    assert set(held) == {1}


def test_who_knows_a_title_is_not_kept_waiting_by_another_writer(
    core: Core, readers: Iterator[Reader], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_views, "NAMING_PATIENCE_S", 0)
    reader = next(readers)
    reader.rate(4)
    writer = sa.create_engine(core.db.engine.url, isolation_level="AUTOCOMMIT")
    with writer.connect() as connection:
        is_sqlite = connection.dialect.name == "sqlite"
        connection.exec_driver_sql("BEGIN IMMEDIATE" if is_sqlite else "BEGIN")
        connection.exec_driver_sql("UPDATE core_page SET version = version")
        told = reader.view("rating", title="Bài mới")
        connection.exec_driver_sql("ROLLBACK")
    writer.dispose()
    reader.view("rating", title="Bài sau")

    assert told["counted"] is True
    with core.db.read() as session:
        page = pages.find(session, sites.get(session, reader.site), PAGE)
    assert page is not None
    assert page.title == "Bài sau"
