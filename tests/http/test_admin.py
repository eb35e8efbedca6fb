"""The dashboard: who gets in, what they see, what they decide."""

import pytest
import sqlalchemy as sa
from flask import Flask

from comments_service.core import Core
from comments_service.models import Decision, Envelope, Status
from comments_service.testing import (
    SITE,
    Dashboard,
    MakeApp,
    Reader,
    add_site,
    elements,
    row_counts,
)

# What a store makes a difference to is in test_queue.py.
STORES = ("sqlite",)

PASSWORD = Dashboard.PASSWORD
ROUTES = ("/admin/", "/admin/history")
ACTIONS = {
    "approve": Status.PUBLISHED,
    "reject": Status.REJECTED,
    "spam": Status.SPAM,
    "delete": Status.DELETED,
}


@pytest.fixture
def stranger(app: Flask) -> Dashboard:
    """Return a browser that has not logged in."""
    return Dashboard(app, address="198.51.100.2")


def send_comments(app: Flask, n: int) -> list[int]:
    """Send held comments; return their ids."""
    reader = Reader(app)
    for number in range(n):
        assert reader.comment(name=f"Người {number}", text=f"Ý kiến {number}").status_code == 202
    core: Core = app.extensions["comments_service"]
    with core.db.read() as session:
        return list(session.scalars(sa.select(Envelope.id).order_by(Envelope.id)))


def statuses(core: Core) -> dict[int, Status]:
    with core.db.read() as session:
        return dict(session.execute(sa.select(Envelope.id, Envelope.status)).all())


def trail(core: Core) -> list[tuple[str, int, str, str]]:
    with core.db.read() as session:
        return [
            (each.moderator_name, each.submission_id, each.before, each.after)
            for each in session.scalars(sa.select(Decision).order_by(Decision.id))
        ]


def is_in(dashboard: Dashboard) -> bool:
    return dashboard.get("/admin/").status_code == 200


def test_the_right_password_opens_the_queue(core: Core, stranger: Dashboard) -> None:
    core.accounts.save("thu", PASSWORD)

    response = stranger.log_in("thu", PASSWORD)

    assert (response.status_code, response.location) == (303, "/admin/")
    assert is_in(stranger)


def test_refusals_do_not_tell_who_has_an_account(core: Core, stranger: Dashboard) -> None:
    core.accounts.save("thu", PASSWORD)
    wrong = [("thu", "another password"), ("mai", PASSWORD), ("mai", "x"), ("thu", "x" * 5000)]

    answers = [stranger.log_in(name, password) for name, password in wrong]

    assert {answer.status_code for answer in answers} == {401}
    assert "Tên đăng nhập hoặc mật khẩu không đúng." in answers[0].text
    bodies = {
        without_tokens(answer.text).replace(f'value="{name}"', "")
        for answer, (name, _) in zip(answers, wrong, strict=True)
    }
    assert len(bodies) == 1
    assert not is_in(stranger)


def without_tokens(html: str) -> str:
    for tag, has in elements(html):
        if tag == "input" and has.get("name") == "csrf_token":
            html = html.replace(has["value"], "")
    return html


@pytest.mark.parametrize(
    ("name", "password"), [("", ""), ("thu", ""), ("", PASSWORD), ("\0", "\0")]
)
def test_half_a_login_is_none(core: Core, stranger: Dashboard, name: str, password: str) -> None:
    core.accounts.save("thu", PASSWORD)

    assert stranger.log_in(name, password).status_code == 401


def test_every_form_needs_its_token(app: Flask, dashboard: Dashboard, core: Core) -> None:
    ids = send_comments(app, 1)
    before = row_counts(core)
    rules = [
        rule.rule
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("admin.") and "POST" in (rule.methods or ())
    ]

    for rule in rules:
        for token in ({}, {"csrf_token": "x"}):
            response = dashboard.client.post(rule, data={"one": f"delete:{ids[0]}", **token})
            assert response.status_code == 400, rule
            assert "csrf" in response.text, rule

    assert len(rules) >= 4
    assert is_in(dashboard)
    assert row_counts(core) == before
    assert statuses(core) == {ids[0]: Status.HELD}


def test_another_browsers_token_is_refused(app: Flask, core: Core, dashboard: Dashboard) -> None:
    foreign = elements(Dashboard(app).get("/admin/login").text)
    token = next(has["value"] for _, has in foreign if has.get("name") == "csrf_token")

    response = dashboard.client.post("/admin/logout", data={"csrf_token": token})

    assert response.status_code == 400
    assert is_in(dashboard)


def test_who_has_not_logged_in_is_sent_to(app: Flask, core: Core, stranger: Dashboard) -> None:
    ids = send_comments(app, 1)

    answers = [stranger.get(path) for path in ROUTES]
    answers += [stranger.decide("approve", *ids), stranger.post("/admin/logout")]

    assert {(each.status_code, each.location) for each in answers} == {(303, "/admin/login")}
    assert statuses(core) == {ids[0]: Status.HELD}


def test_logging_out_ends_the_session_in_every_browser(app: Flask, dashboard: Dashboard) -> None:
    other = Dashboard(app)
    other.log_in()

    dashboard.post("/admin/logout")

    assert not is_in(dashboard)
    assert not is_in(other)


def test_a_copied_cookie_is_worth_nothing_after_logging_out(
    app: Flask, dashboard: Dashboard
) -> None:
    cookie = dashboard.client.get_cookie("comments-admin", path="/admin")
    assert cookie is not None

    dashboard.post("/admin/logout")
    thief = app.test_client()
    thief.set_cookie("comments-admin", cookie.value, path="/admin")

    assert thief.get("/admin/").status_code == 303


def test_a_new_password_ends_every_session(core: Core, dashboard: Dashboard) -> None:
    core.accounts.save(Dashboard.NAME, "quite another password")

    assert not is_in(dashboard)
    assert dashboard.log_in().status_code == 401
    assert dashboard.log_in(password="quite another password").status_code == 303


@pytest.mark.parametrize("cookie", ["x", "e30.x.y", "\xff", "." * 4000])
def test_a_forged_cookie_opens_nothing(app: Flask, cookie: str) -> None:
    client = app.test_client()

    response = client.get("/admin/", headers={"Cookie": f"comments-admin={cookie}"})

    assert response.status_code == 303


def limited_app(make_app: MakeApp, **limits: str) -> Flask:
    app = make_app(**limits)
    app.extensions["comments_service"].accounts.save("thu", PASSWORD)
    return app


def test_tries_from_one_network_are_limited(make_app: MakeApp) -> None:
    app = limited_app(make_app, limit_login="3/minute")
    guesses = [Dashboard(app, f"2001:db8::{n}").log_in(f"name-{n}", "x" * 12) for n in range(4)]

    assert [each.status_code for each in guesses] == [401, 401, 401, 429]
    assert 0 < int(guesses[-1].headers["Retry-After"]) <= 60
    assert guesses[-1].mimetype == "text/html"


def test_tries_at_one_name_are_limited(make_app: MakeApp) -> None:
    app = limited_app(make_app, limit_login_name="3/minute")
    names = ["thu", "THU", " thu\u200b ", "thu"]
    guesses = [
        Dashboard(app, f"198.51.100.{n}").log_in(name, "x" * 12) for n, name in enumerate(names)
    ]

    assert [each.status_code for each in guesses] == [401, 401, 401, 429]
    assert Dashboard(app, "198.51.100.9").log_in("mai", "x" * 12).status_code == 401


def test_the_language_can_be_switched(dashboard: Dashboard) -> None:
    assert '<html lang="vi">' in dashboard.get("/admin/").text

    dashboard.post("/admin/language", language="en")
    english = dashboard.get("/admin/").text
    dashboard.post("/admin/language", language="xx")

    assert '<html lang="en">' in english
    assert "Moderation" in english
    assert '<html lang="en">' in dashboard.get("/admin/").text


def test_the_language_outlives_the_session(dashboard: Dashboard) -> None:
    dashboard.post("/admin/language", language="en")
    dashboard.post("/admin/logout")

    assert '<html lang="en">' in dashboard.get("/admin/login").text


def test_the_operators_language_is_the_first(make_app: MakeApp) -> None:
    assert '<html lang="en">' in Dashboard(make_app(locale="en")).get("/admin/login").text


def test_the_queue_shows_what_waits_oldest_first(app: Flask, dashboard: Dashboard) -> None:
    send_comments(app, 3)

    html = dashboard.get("/admin/").text

    places = [html.index(f'dir="auto">Ý kiến {number}<') for number in range(3)]
    assert places == sorted(places)
    assert "<bdi>Người 0</bdi>" in html
    assert "Cổng thông tin" in html


def test_the_queue_shows_text_as_text(app: Flask, dashboard: Dashboard) -> None:
    Reader(app).comment(name="<b>x</b>", text="<script>alert(1)</script>")

    html = dashboard.get("/admin/").text

    assert "&lt;script&gt;" in html
    assert "<script>alert" not in html
    assert "<b>x" not in html


def test_an_unknown_status_is_what_waits(app: Flask, dashboard: Dashboard) -> None:
    send_comments(app, 1)

    for status in ("", "nothing", "%00", "x" * 3000):
        assert "Ý kiến 0" in dashboard.get(f"/admin/?status={status}").text


@pytest.mark.parametrize("action", list(ACTIONS))
def test_one_comment_is_decided_on(
    app: Flask, core: Core, dashboard: Dashboard, action: str
) -> None:
    first, second = send_comments(app, 2)

    response = dashboard.post("/admin/decide", one=f"{action}:{first}")

    after = ACTIONS[action]
    assert response.status_code == 303
    assert statuses(core) == {first: after, second: Status.HELD}
    assert trail(core) == [(Dashboard.NAME, first, "held", after.value)]
    assert "Ý kiến 0" not in dashboard.get("/admin/").text
    assert "Ý kiến 0" in dashboard.get(f"/admin/?status={after}").text


def test_many_comments_are_decided_on_together(
    app: Flask, core: Core, dashboard: Dashboard
) -> None:
    ids = send_comments(app, 3)

    dashboard.decide("approve", *ids)

    assert set(statuses(core).values()) == {Status.PUBLISHED}
    assert trail(core) == [(Dashboard.NAME, each, "held", "published") for each in ids]
    assert "3 mục: Đã duyệt." in dashboard.get("/admin/").text


def test_a_decision_can_be_changed_and_each_is_kept(
    app: Flask, core: Core, dashboard: Dashboard
) -> None:
    [number] = send_comments(app, 1)

    for action in ("approve", "spam", "approve", "approve"):
        dashboard.decide(action, number)

    steps = [(before, after) for _, _, before, after in trail(core)]
    assert steps == [("held", "published"), ("published", "spam"), ("spam", "published")]
    history = dashboard.get("/admin/history").text
    assert history.count(f"<td>{Dashboard.NAME}</td>") == 3


UNKNOWN_IDS = ["0", "-1", "999999999", "9" * 30, "abc", "", "٣", "1.5", "\0", "1 OR 1=1"]


def test_decisions_on_nothing_do_no_harm(app: Flask, core: Core, dashboard: Dashboard) -> None:
    send_comments(app, 1)
    before = row_counts(core), statuses(core)

    for number in UNKNOWN_IDS:
        assert dashboard.post("/admin/decide", one=f"delete:{number}").status_code == 303
        assert dashboard.post("/admin/decide", all="delete", id=[number]).status_code == 303
    for action in ("", "destroy", "HELD", "delete:", ":1"):
        assert dashboard.post("/admin/decide", one=action).status_code == 303
        assert dashboard.post("/admin/decide", all=action).status_code == 303

    assert (row_counts(core), statuses(core)) == before


def test_the_cookie_is_kept_from_scripts_and_other_sites(
    core: Core, app: Flask, make_app: MakeApp
) -> None:
    core.accounts.save("thu", PASSWORD)
    public = make_app(public_url="https://comments.example")

    plain = cookie_attributes(Dashboard(app))
    secure = cookie_attributes(Dashboard(public))

    assert {"HttpOnly", "SameSite=Lax", "Path=/admin"} <= plain
    assert "Secure" not in plain
    assert {"HttpOnly", "SameSite=Lax", "Path=/admin", "Secure"} <= secure


def cookie_attributes(dashboard: Dashboard) -> set[str]:
    [cookie] = dashboard.get("/admin/login").headers.getlist("Set-Cookie")
    return set(cookie.split("; ")[1:])


def test_its_pages_are_kept_and_framed_by_nobody(dashboard: Dashboard) -> None:
    for path in (*ROUTES, "/admin/login"):
        response = dashboard.get(path)
        assert response.headers["Cache-Control"] == "no-store", path
        assert response.content_security_policy.frame_ancestors == "'none'", path
        assert response.headers["X-Frame-Options"] == "DENY", path
        assert response.headers["X-Content-Type-Options"] == "nosniff", path


def test_its_files_are_there(app: Flask) -> None:
    html = app.test_client().get("/admin/login").text
    links = [has["href"] for tag, has in elements(html) if has.get("rel") == "stylesheet"]
    scripts = [has["src"] for tag, has in elements(html) if tag == "script"]

    for path in (*links, *scripts):
        with app.test_client().get(path) as response:
            assert response.status_code == 200, path


def test_looking_changes_nothing(app: Flask, core: Core, dashboard: Dashboard) -> None:
    ids = send_comments(app, 1)
    before = row_counts(core), statuses(core)
    rules = [
        rule.rule
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("admin.") and not rule.arguments
    ]

    for rule in rules:
        query = {"one": f"delete:{ids[0]}", "all": "delete", "id": ids[0], "language": "en"}
        assert dashboard.client.get(rule, query_string=query).status_code in {200, 405}, rule

    assert (row_counts(core), statuses(core)) == before
    assert is_in(dashboard)


def test_comments_of_every_site_wait_in_one_queue(app: Flask, dashboard: Dashboard) -> None:
    add_site(app, "other")
    Reader(app, site=SITE).comment(text="Từ cổng một")
    Reader(app, site="other").comment(text="Từ cổng hai")

    html = dashboard.get("/admin/").text

    assert "Từ cổng một" in html
    assert "Từ cổng hai" in html
