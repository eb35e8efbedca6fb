"""Banned readers, at every door: kept out, and told what everybody is told who waits."""

import json
import re
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from comments_service.plugins.bans import service
from comments_service.plugins.bans.service import Target
from flask import Flask
from werkzeug.test import TestResponse

from comments_service import clock
from comments_service.core import Core
from comments_service.models import Envelope, FilterVerdict, Site, Status
from comments_service.testing import (
    PAGE,
    SITE,
    Frame,
    Reader,
    counted_statements,
    element,
)

from .conftest import OPEN

NOTE = "Quấy rối nhiều lần"


def ban(core: Core, target: Target, site: str = SITE) -> int:
    with core.db.write() as session:
        site_id = session.scalars(sa.select(Site.id).where(Site.key == site)).one()
        made = service.ban(session, site_id, target, days=7, note=NOTE, by="thu", now=clock.now())
        return made.id


def statuses(core: Core) -> list[Status]:
    with core.db.read() as session:
        return list(session.scalars(sa.select(Envelope.status).order_by(Envelope.id)))


def reasons(core: Core) -> list[str]:
    with core.db.read() as session:
        mine = sa.select(FilterVerdict.reason).where(FilterVerdict.filter == "bans")
        return list(session.scalars(mine.order_by(FilterVerdict.id)))


def by_script(app: Flask, site: str) -> TestResponse:
    return Reader(app, site=site).comment(email="lan@example.com")


def by_api(app: Flask, site: str) -> TestResponse:
    reader = Reader(app, site=site)
    body = {"page": PAGE, "name": "Lan", "email": "lan@example.com", "text": "Hay.", "lang": "vi"}
    sent = {**body, **reader.solve("comment")}
    return reader.send("POST", f"/api/v1/sites/{site}/comments", data=json.dumps(sent))


def without_ids(text: str) -> str:
    """Return an answer without what differs from one comment to the next."""
    # Signed values with their pictures, page versions, numbers and times.
    text = re.sub(r"[\w+/=.-]{24,}", "…", text)
    return re.sub(r"\d+", "0", text)


@pytest.mark.parametrize("send", [by_script, by_api])
def test_the_answer_is_a_held_comments(
    app: Flask, core: Core, send: Callable[[Flask, str], TestResponse]
) -> None:
    held = send(app, SITE)
    ban(core, service.email("lan@example.com", core.keys.digest))
    banned = send(app, SITE)

    assert statuses(core) == [Status.HELD, Status.REJECTED]
    assert (held.status_code, banned.status_code) == (202, 202)
    assert without_ids(banned.text) == without_ids(held.text)
    assert set(banned.headers.keys()) == set(held.headers.keys())
    assert "chặn" not in banned.text


def test_the_frame_thanks_as_for_a_held_comment(app: Flask, core: Core) -> None:
    def send() -> tuple[TestResponse, TestResponse]:
        frame = Frame(app, "comments")
        frame.open()
        answer = Reader(app).answer_to(element(frame.html, name="challenge")["value"])
        sent = frame.send(name="Lan", email="lan@example.com", text="Từ khung", answer=answer)
        return sent, frame.follow(sent)

    held, thanks = send()
    ban(core, service.email("lan@example.com", core.keys.digest))
    banned, thanks_to_banned = send()

    assert statuses(core) == [Status.HELD, Status.REJECTED]
    assert (held.status_code, banned.status_code) == (303, 303)
    assert without_ids(banned.location) == without_ids(held.location)
    assert "đang chờ duyệt" in thanks_to_banned.text
    assert without_ids(thanks_to_banned.text) == without_ids(thanks.text)


def test_a_ban_costs_no_more_than_waiting(app: Flask, core: Core) -> None:
    reader = Reader(app)
    reader.comment()
    with counted_statements(core) as held:
        reader.comment("Lời thứ hai")
    ban(core, service.text("lời thứ"))
    # A new ban of a text is read once, for whoever comes next.
    Reader(app, address="198.51.100.9").comment("Việc khác")
    with counted_statements(core) as banned:
        reader.comment("Lời thứ ba")

    assert statuses(core)[1:] == [Status.HELD, Status.HELD, Status.REJECTED]
    # What the filter said of it is stored.
    assert len(banned) - len(held) == 1


@pytest.mark.parametrize("kind", ["visitor", "network", "neighbourhood", "email", "text"])
def test_each_kind_keeps_out_and_says_why(app: Flask, core: Core, kind: str) -> None:
    reader = Reader(app, site=OPEN)
    reader.comment("Trước")
    with core.db.read() as session:
        visitor = session.scalars(sa.select(Envelope.visitor)).one()
    digest = core.keys.digest
    targets = {
        "visitor": service.visitor(visitor),
        "network": service.network(reader.address, digest),
        "neighbourhood": service.network(f"{reader.address}/24", digest),
        "email": service.email("@example.com", digest),
        "text": service.text("vay*lãi"),
    }
    number = ban(core, targets[kind], OPEN)

    reader.comment("Vay ngay, lãi thấp", email="lan@example.com")
    other = Reader(app, site=OPEN, address="198.51.100.9")
    other.comment("Một người khác")
    Reader(app).comment("Vay ngay, lãi thấp", email="lan@example.com")

    assert statuses(core) == [Status.PUBLISHED, Status.REJECTED, Status.PUBLISHED, Status.HELD]
    [reason] = reasons(core)
    names = {"visitor": "người gửi", "email": "thư điện tử", "text": "nội dung"}
    assert reason == f"Lệnh chặn số {number}, {names.get(kind, 'mạng')}: {NOTE}"
    assert "Vay ngay" not in reader.view("comments")["widgets"]["comments"]


def test_an_ipv6_reader_is_known_by_each_of_their_networks(app: Flask, core: Core) -> None:
    reader = Reader(app, site=OPEN, address="2001:db8:1:2ff::7")
    ban(core, service.network("2001:db8:1:200::/56", core.keys.digest), OPEN)
    reader.comment()
    Reader(app, site=OPEN, address="2001:db8:1:300::7").comment()
    assert statuses(core) == [Status.REJECTED, Status.PUBLISHED]
