"""Waves and floods as they come in, and what moderators are told of them."""

import sqlalchemy as sa
from flask import Flask

from comments_service.core import Core
from comments_service.models import Envelope, FilterVerdict, Status
from comments_service.testing import Reader

from .conftest import OPEN

SPAM = "Vay tiền nhanh trong ngày không cần thế chấp, lãi suất chỉ từ một phần trăm mỗi tháng"
HONEST = [
    "Con đường liên thôn đi qua trường tiểu học đã hỏng từ mùa mưa năm ngoái mà chưa ai sửa.",
    "Cảm ơn các bác sĩ ở trạm y tế xã đã tận tình khám cho mẹ tôi hôm thứ bảy vừa rồi.",
    "Hay quá",
]


def statuses(core: Core) -> list[Status]:
    with core.db.read() as session:
        return list(session.scalars(sa.select(Envelope.status).order_by(Envelope.id)))


def reasons(core: Core) -> list[str]:
    with core.db.read() as session:
        mine = sa.select(FilterVerdict.reason).where(FilterVerdict.filter == "repeats")
        return list(session.scalars(mine.order_by(FilterVerdict.id)))


def test_a_wave_over_networks_and_pages_stops_and_honest_readers_pass(
    app: Flask, core: Core
) -> None:
    for i in range(8):
        reader = Reader(app, site=OPEN, page=f"/bai-{i}", address=f"203.0.113.{i}")
        reader.comment(f"{SPAM}, gọi 09{i}{i}{i}", name=f"Người {i}")
    assert statuses(core) == [Status.PUBLISHED] * 2 + [Status.HELD] * 3 + [Status.SPAM] * 3
    assert reasons(core)[0] == (
        "Nội dung gần giống thế này đã được gửi từ 2 lần trở lên trong 48 giờ."
    )
    with core.db.read() as session:
        waves = session.scalars(sa.select(Envelope.cluster).order_by(Envelope.id)).all()
    assert len(set(waves[2:])) == 1
    assert waves[2]
    for i, text in enumerate(HONEST):
        Reader(app, site=OPEN, address=f"198.51.100.{i}").comment(text)
    assert statuses(core)[8:] == [Status.PUBLISHED] * 3


def test_the_same_text_sent_twice_is_held(app: Flask, core: Core) -> None:
    reader = Reader(app, site=OPEN)
    reader.comment("Hay quá")
    reader.comment("Hay quá")
    reader.comment("Hay thật")
    assert statuses(core) == [Status.PUBLISHED, Status.HELD, Status.PUBLISHED]
    assert reasons(core) == ["Nội dung này vừa được gửi ở trang này trong 10 phút qua."]


def test_a_flood_of_one_visitor_is_held(app: Flask, core: Core) -> None:
    reader = Reader(app, site=OPEN)
    for i in range(6):
        reader.comment(f"Lời thứ {i}")
    assert statuses(core) == [Status.PUBLISHED] * 5 + [Status.HELD]
    assert reasons(core) == ["Người này đã gửi từ 5 lần trở lên trong 10 phút."]
