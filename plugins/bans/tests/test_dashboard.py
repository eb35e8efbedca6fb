"""The bans' pages in the dashboard."""

import datetime

import pytest
import sqlalchemy as sa
from comments_service.plugins.bans import service
from comments_service.plugins.bans.models import Ban, Kind
from flask import Flask

from comments_service import clock
from comments_service.core import Core
from comments_service.models import Envelope, Site, Status, Trace
from comments_service.testing import SITE, Dashboard, Reader, element, elements, row_counts

from .conftest import OPEN

# What a store makes a difference to is in test_service.py and test_http.py.
STORES = ("sqlite",)

DAY = datetime.timedelta(days=1)
TYPED = {"site": SITE, "kind": "email", "value": "lan@example.com", "days": "7", "note": "Quấy rối"}


def bans(core: Core) -> list[Ban]:
    with core.db.read() as session:
        return list(session.scalars(sa.select(Ban).order_by(Ban.id)))


def submissions(core: Core) -> list[Envelope]:
    with core.db.read() as session:
        return list(session.scalars(sa.select(Envelope).order_by(Envelope.id)))


def address(submission: int) -> str:
    return f"/admin/bans/submission?submission={submission}"


def offered(html: str) -> set[str]:
    return {
        has["value"] for tag, has in elements(html) if tag == "input" and has.get("name") == "kind"
    }


def add(core: Core, site: str = SITE, *, text: str, age: datetime.timedelta = 0 * DAY) -> int:
    with core.db.write() as session:
        site_id = session.scalars(sa.select(Site.id).where(Site.key == site)).one()
        target = service.text(text)
        now = clock.now() - age
        return service.ban(session, site_id, target, days=7, note="", by="mai", now=now).id


@pytest.mark.parametrize("days", ["1", "7", "30", "forever"])
def test_a_ban_of_what_was_typed(core: Core, dashboard: Dashboard, days: str) -> None:
    before = clock.now()
    response = dashboard.post("/admin/bans/add", **{**TYPED, "days": days})

    assert (response.status_code, response.location) == (303, "/admin/bans/")
    [ban] = bans(core)
    assert (ban.kind, ban.note, ban.created_by) == (Kind.EMAIL, "Quấy rối", Dashboard.NAME)
    assert ban.value == core.keys.digest("email", "lan@example.com")
    if days == "forever":
        assert ban.ends_at is None
    else:
        assert ban.ends_at is not None
        assert ban.ends_at - ban.created_at == int(days) * DAY
        assert before <= ban.created_at <= clock.now()
    page = dashboard.get("/admin/bans/").text
    assert f"Lệnh chặn số {ban.id} đã có hiệu lực." in page
    assert "Quấy rối" in page
    assert "lan@example.com" not in page


@pytest.mark.parametrize(
    ("kind", "value", "told"),
    [
        ("network", "203.0.113.0/25", "IPv4 /32 hoặc /24; IPv6 /64, /56 hoặc /48"),
        ("network", "lan@example.com", "203.0.113.7"),
        ("email", "lan", "@example.com cho cả tên miền"),
        ("email", "", "@example.com cho cả tên miền"),
        ("text", "*", "ít nhất 2 chữ cái"),
        ("text", "a" * 201, "tối đa 200 ký tự"),
        ("text", "a" * 300, "254"),
        ("text", "\0", ""),
    ],
)
def test_what_cant_be_banned_is_told_beside_the_field(
    core: Core, dashboard: Dashboard, kind: str, value: str, told: str
) -> None:
    response = dashboard.post("/admin/bans/add", **{**TYPED, "kind": kind, "value": value})

    assert response.status_code == 422
    error = element(response.text, role="alert")
    field = element(response.text, name="value")
    assert error["id"] in field["aria-describedby"].split()
    assert field["aria-invalid"] == "true"
    assert told in response.text
    if "\0" not in value:
        assert field["value"] == value
    assert element(response.text, name="kind", value=kind).get("checked") == ""
    assert element(response.text, name="note")["value"] == "Quấy rối"
    assert bans(core) == []


@pytest.mark.parametrize(
    "wrong", [{"days": "2"}, {"days": ""}, {"kind": "visitor"}, {"kind": ""}, {"site": "nobody"}]
)
def test_a_choice_that_was_not_offered_is_none(
    core: Core, dashboard: Dashboard, wrong: dict[str, str]
) -> None:
    assert dashboard.post("/admin/bans/add", **{**TYPED, **wrong}).status_code == 422
    assert bans(core) == []


def test_the_same_ban_twice_names_the_first(core: Core, dashboard: Dashboard) -> None:
    dashboard.post("/admin/bans/add", **TYPED)
    response = dashboard.post("/admin/bans/add", **TYPED)
    [ban] = bans(core)
    assert response.status_code == 422
    assert f"Lệnh chặn số {ban.id} đang áp dụng" in response.text


def test_a_typed_network_meets_its_readers(app: Flask, core: Core, dashboard: Dashboard) -> None:
    dashboard.post("/admin/bans/add", **{**TYPED, "kind": "network", "value": "203.0.113.0/24"})
    Reader(app).comment()
    assert [each.status for each in submissions(core)] == [Status.REJECTED]
    queue = dashboard.get("/admin/?status=rejected").text
    assert "Lệnh chặn số 1, mạng: Quấy rối" in queue


@pytest.mark.parametrize(
    ("choice", "kind", "scope"),
    [
        ("visitor", Kind.VISITOR, ""),
        ("network0", Kind.NETWORK, "/64"),
        ("network1", Kind.NETWORK, "/56"),
        ("network2", Kind.NETWORK, "/48"),
        ("email", Kind.EMAIL, ""),
        ("text", Kind.TEXT, ""),
    ],
)
def test_a_ban_for_one_submission(
    app: Flask, core: Core, dashboard: Dashboard, choice: str, kind: Kind, scope: str
) -> None:
    reader = Reader(app, address="2001:db8:1:2::7")
    words = {"text": "Vay tiền, lãi thấp", "email": "lan@example.com"}
    reader.comment(**words)
    [envelope] = submissions(core)
    assert address(envelope.id) in dashboard.get("/admin/").text
    page = dashboard.get(address(envelope.id)).text
    assert "Vay tiền, lãi thấp" in page
    assert "Lan" in page
    assert offered(page) == {"visitor", "network0", "network1", "network2", "email", "text"}

    sent = {"kind": choice, "value": "vay*lãi", "days": "1", "note": ""}
    response = dashboard.post(address(envelope.id), **sent)

    assert (response.status_code, response.location) == (303, "/admin/")
    assert "Lệnh chặn số 1 đã có hiệu lực." in dashboard.get("/admin/").text
    [ban] = bans(core)
    assert (ban.kind, ban.scope) == (kind, scope)
    reader.comment(**words)
    assert [each.status for each in submissions(core)] == [Status.HELD, Status.REJECTED]


def test_ipv4_has_a_network_and_a_neighbourhood(
    app: Flask, core: Core, dashboard: Dashboard
) -> None:
    Reader(app).comment()
    page = dashboard.get(address(submissions(core)[0].id)).text
    assert offered(page) == {"visitor", "network0", "network1", "text"}
    assert "(/32)" in page
    assert "(/24)" in page


def test_after_30_days_where_it_came_from_is_no_choice(
    app: Flask, core: Core, dashboard: Dashboard
) -> None:
    Reader(app).comment(email="lan@example.com")
    [envelope] = submissions(core)
    with core.db.write() as session:
        session.execute(sa.update(Trace).values(created_at=clock.now() - 31 * DAY))
    page = dashboard.get(address(envelope.id)).text
    assert offered(page) == {"visitor", "email", "text"}
    assert "chỉ được lưu 30 ngày" in page

    with core.db.write() as session:
        session.execute(sa.delete(Trace))
    assert offered(dashboard.get(address(envelope.id)).text) == {"visitor", "email", "text"}
    sent = {"kind": "network0", "value": "", "days": "1", "note": ""}
    assert dashboard.post(address(envelope.id), **sent).status_code == 422
    assert bans(core) == []


def test_a_text_ban_needs_its_words(app: Flask, core: Core, dashboard: Dashboard) -> None:
    Reader(app).comment()
    sent = {"kind": "text", "value": "", "days": "1", "note": ""}
    response = dashboard.post(address(submissions(core)[0].id), **sent)
    assert response.status_code == 422
    assert element(response.text, name="value")["aria-invalid"] == "true"


def test_the_list_has_the_active_first_and_filters(core: Core, dashboard: Dashboard) -> None:
    ended = add(core, text="từ cũ", age=8 * DAY)
    first = add(core, text="từ một")
    elsewhere = add(core, OPEN, text="từ hai")
    lifted = add(core, text="từ ba")
    dashboard.post(f"/admin/bans/{lifted}/lift")

    page = dashboard.get("/admin/bans/").text
    places = [page.index(f"<h2>Lệnh chặn số {n},") for n in (elsewhere, first, lifted, ended)]
    assert places == sorted(places)
    assert "Đã hết hạn lúc" in page
    assert f"{Dashboard.NAME} đã bỏ chặn lúc" in page
    buttons = [has for tag, has in elements(page) if tag == "button" and "Bỏ chặn" in str(has)]
    assert len(buttons) == 2
    mine = dashboard.get(f"/admin/bans/?site={OPEN}").text
    assert "từ hai" in mine
    assert "từ một" not in mine


def test_a_long_list_goes_on(core: Core, dashboard: Dashboard) -> None:
    for i in range(101):
        add(core, text=f"từ số {i}")
    page = dashboard.get("/admin/bans/").text
    assert page.count("<h2>") == 100
    assert "?start=100" in page
    assert dashboard.get("/admin/bans/?start=100").text.count("<h2>") == 1
    assert dashboard.get("/admin/bans/?start=999999999").text.count("<h2>") == 0


def test_lifting_lets_in_again(app: Flask, core: Core, dashboard: Dashboard) -> None:
    number = add(core, text="hữu ích")
    reader = Reader(app)
    reader.comment()
    response = dashboard.post(f"/admin/bans/{number}/lift?site={SITE}")
    assert (response.status_code, response.location) == (303, f"/admin/bans/?site={SITE}")
    assert f"Đã bỏ lệnh chặn số {number}." in dashboard.get(response.location).text
    reader.comment("Bài viết hữu ích quá.")
    assert [each.status for each in submissions(core)] == [Status.REJECTED, Status.HELD]
    [ban] = bans(core)
    dashboard.post(f"/admin/bans/{number}/lift")
    assert "đã hết hiệu lực từ trước" in dashboard.get("/admin/bans/").text
    assert [each.lifted_at for each in bans(core)] == [ban.lifted_at]


@pytest.mark.parametrize(
    "path",
    [
        address(999),
        "/admin/bans/submission",
        "/admin/bans/submission?submission=x",
        "/admin/bans/submission?submission=99999999999999999999",
        "/admin/bans/submission?submission=%00",
        "/admin/bans/?site=nobody",
        "/admin/bans/?site=%00",
    ],
)
def test_what_is_not_there_is_not_found(dashboard: Dashboard, path: str) -> None:
    assert dashboard.get(path).status_code == 404


def test_what_is_not_there_cant_be_changed(core: Core, dashboard: Dashboard) -> None:
    assert dashboard.post(address(999), kind="visitor", days="1").status_code == 404
    for number in ("999", "2147483648", "99999999999999999999", "x", "-1"):
        assert dashboard.post(f"/admin/bans/{number}/lift").status_code == 404
    assert bans(core) == []


def test_reading_changes_nothing(app: Flask, core: Core, dashboard: Dashboard) -> None:
    Reader(app).comment()
    number = add(core, text="từ một")
    before = row_counts(core)
    for path in ("/", "/add", f"/submission?submission={submissions(core)[0].id}"):
        assert dashboard.get(f"/admin/bans{path}").status_code == 200
    assert dashboard.get(f"/admin/bans/{number}/lift").status_code in (404, 405)
    assert row_counts(core) == before
    assert [each.lifted_at for each in bans(core)] == [None]


def test_only_moderators_with_their_token_get_in(
    app: Flask, core: Core, dashboard: Dashboard
) -> None:
    Reader(app).comment()
    number = add(core, text="từ một")
    of_submission = address(submissions(core)[0].id)
    posts = ("/admin/bans/add", of_submission, f"/admin/bans/{number}/lift")
    stranger = Dashboard(app, address="198.51.100.2")
    for path in ("/admin/bans/", "/admin/bans/add", of_submission):
        assert stranger.get(path).location == "/admin/login"
    for path in posts:
        assert stranger.post(path, **TYPED).location == "/admin/login"
        assert dashboard.client.post(path, data=TYPED).status_code == 400
    assert [each.lifted_at for each in bans(core)] == [None]


def test_the_pages_are_in_english_too(app: Flask, core: Core, dashboard: Dashboard) -> None:
    Reader(app).comment()
    dashboard.post("/admin/language", language="en")
    assert "New ban" in dashboard.get("/admin/bans/").text
    assert "1 day" in dashboard.get("/admin/bans/add").text
    assert "The exact network (/32)" in dashboard.get(address(submissions(core)[0].id)).text


def test_the_style_sheet_is_there(dashboard: Dashboard) -> None:
    sheets = [
        has["href"]
        for tag, has in elements(dashboard.get("/admin/bans/").text)
        if tag == "link" and has.get("rel") == "stylesheet"
    ]
    assert len(sheets) == 2
    for sheet in sheets:
        with dashboard.get(sheet) as response:
            assert (response.status_code, response.mimetype) == (200, "text/css")
