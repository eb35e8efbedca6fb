"""The frame door: a widget as a document of its own, in a browser without scripts."""

from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from comments_service import outcomes
from comments_service.core import Core
from comments_service.testing import (
    BROWSER,
    ORIGIN,
    PAGE,
    SITE,
    Frame,
    MakeApp,
    Reader,
    element,
    elements,
    row_counts,
)

# No store makes a difference to what is asked, said and refused here.
STORES = ("sqlite",)

WIDGETS = ("rating", "comments", "counters")


def ancestors(response: TestResponse) -> str | None:
    policy: str | None = response.content_security_policy.frame_ancestors
    return policy


def votes(core: Core) -> int:
    return row_counts(core)["rating_vote"]


@pytest.mark.parametrize("widget", WIDGETS)
def test_a_widget_is_a_whole_document(app: Flask, widget: str) -> None:
    response = Frame(app, widget).open()

    assert response.mimetype == "text/html"
    assert response.text.startswith("<!doctype html>")
    assert element(response.text, lang="vi")["dir"] == "ltr"
    assert "Cổng thông tin</title>" in response.text
    assert f"cs-{widget}" in response.text
    scripts = [attributes for tag, attributes in elements(response.text) if tag == "script"]
    ours = app.extensions["comments_service_assets"].frame_script.hash
    assert [each for each in scripts if each.get("type") != "application/ld+json"] == [
        {"async": "", "src": f"/frame.{ours}.js"}
    ]
    # The comments' form has a code to read, for one reader alone.
    kept = "no-store" if widget == "comments" else "private, no-cache"
    assert response.headers["Cache-Control"] == kept


def test_its_style_sheet_is_there(app: Flask) -> None:
    html = Frame(app, "rating").open().text

    sheet = app.test_client().get(element(html, rel="stylesheet")["href"])

    assert (sheet.status_code, sheet.mimetype) == (200, "text/css")


@pytest.mark.parametrize("widget", WIDGETS)
def test_only_the_sites_own_pages_may_frame_it(app: Flask, widget: str) -> None:
    response = Frame(app, widget).open()

    assert ancestors(response) == f"'self' {ORIGIN}"
    assert "X-Frame-Options" not in response.headers


@pytest.mark.parametrize(
    "path",
    [
        "/admin/login",
        "/nowhere",
        "/embed/nobody/rating?page=/a",
        f"/include/{SITE}/rating?page=/a",
        "/demo/",
    ],
)
def test_nothing_else_may_be_framed(app: Flask, path: str) -> None:
    response = app.test_client().get(path, headers={"Accept": "text/html"})

    assert response.mimetype == "text/html"
    assert ancestors(response) == "'none'"
    assert response.headers["X-Frame-Options"] == "DENY"


def test_every_document_runs_no_foreign_script(app: Flask) -> None:
    policy = Frame(app, "comments").open().content_security_policy

    assert policy.default_src == "'none'"
    assert policy.script_src == policy.form_action == "'self'"
    assert policy.base_uri == "'none'"


def test_a_form_is_thanked_for_after_a_redirect(app: Flask, core: Core) -> None:
    frame = Frame(app, "rating")
    frame.open()

    sent = frame.send(stars="4")
    thanks = frame.follow(sent)

    assert sent.status_code == 303
    assert thanks.status_code == 200
    assert "Cảm ơn bạn. Đã ghi nhận đánh giá." in thanks.text
    assert "Bạn đã đánh giá 4 sao" in thanks.text
    assert votes(core) == 1


def test_reloading_the_thanks_sends_nothing_again(app: Flask, core: Core) -> None:
    frame = Frame(app, "rating")
    frame.open()
    sent = frame.send(stars="4")
    before = row_counts(core)

    frame.follow(sent)
    frame.follow(sent)

    assert row_counts(core) == before


THANKS = 'class="cs-done"'


def outcome_of(response: TestResponse) -> str:
    """Return what the address tells that `response` redirects to."""
    [outcome] = parse_qs(urlsplit(response.location).query)["outcome"]
    return outcome


@pytest.mark.parametrize("outcome", ["rated", "withdrawn", "é", "x.y.z", "." * 3000])
def test_nobody_is_thanked_by_a_strangers_link(app: Flask, outcome: str) -> None:
    response = Frame(app, "rating").open(outcome=outcome)

    assert response.status_code == 200
    assert THANKS not in response.text


def test_thanks_are_of_one_widget_and_page(app: Flask) -> None:
    frame = Frame(app, "rating")
    frame.open()
    outcome = outcome_of(frame.send(stars="4"))

    assert THANKS in frame.open(outcome=outcome).text
    assert THANKS not in frame.open(outcome=outcome, page="/khac").text
    assert THANKS not in Frame(app, "comments").open(outcome=outcome).text


def test_thanks_are_of_now(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    frame = Frame(app, "rating")
    frame.open()
    sent = frame.send(stars="4")
    monkeypatch.setattr(outcomes, "SECONDS", -1)

    assert THANKS not in frame.follow(sent).text


def test_a_second_rating_of_the_same_browser_replaces_the_first(app: Flask, core: Core) -> None:
    frame = Frame(app, "rating")
    for stars in ("4", "2"):
        frame.open()
        frame.follow(frame.send(stars=stars))

    assert "Bạn đã đánh giá 2 sao" in frame.html
    assert votes(core) == 1


def test_another_browser_is_another_visitor(app: Flask, core: Core) -> None:
    for _ in range(2):
        frame = Frame(app, "rating")
        frame.open()
        frame.send(stars="4")

    assert votes(core) == 2


def visitor_cookie(app: Flask, base_url: str) -> set[str]:
    frame = Frame(app, "rating", base_url=base_url)
    frame.open()
    [cookie] = frame.send(stars="4").headers.getlist("Set-Cookie")
    name, *attributes = cookie.split("; ")
    assert name.startswith(f"comments-{SITE}=")
    return set(attributes)


def test_the_visitor_cookie_works_in_a_foreign_frame(app: Flask) -> None:
    attributes = visitor_cookie(app, "https://comments.example")

    assert {"HttpOnly", "SameSite=None", "Secure", "Partitioned"} <= attributes


def test_the_visitor_cookie_without_https_is_lax(app: Flask) -> None:
    attributes = visitor_cookie(app, "http://comments.example")

    assert {"HttpOnly", "SameSite=Lax"} <= attributes
    assert not {"Secure", "Partitioned", "SameSite=None"} & attributes


def test_looking_sets_no_cookie(app: Flask) -> None:
    assert "Set-Cookie" not in Frame(app, "rating").open().headers


def test_what_was_typed_stays_beside_what_is_wrong(app: Flask, core: Core) -> None:
    frame = Frame(app, "comments")
    frame.open()
    before = row_counts(core)

    response = frame.send(name="Lan", email="không phải địa chỉ", text="Một\nhai", answer="x")

    bad = element(frame.html, name="email")
    assert response.status_code == 422
    assert element(frame.html, name="name")["value"] == "Lan"
    assert bad["value"] == "không phải địa chỉ"
    assert "Một\nhai</textarea>" in frame.html
    assert bad["aria-invalid"] == "true"
    assert "cs-email-error" in bad["aria-describedby"].split()
    assert element(frame.html, id="cs-email-error")
    assert row_counts(core) == before


def test_the_first_bad_field_has_the_focus(app: Flask) -> None:
    frame = Frame(app, "comments")
    frame.open()

    frame.send(name="", email="x", text="Hay", answer="x")

    focused = [has.get("name") for _, has in elements(frame.html) if "autofocus" in has]
    assert focused == ["name"]


def test_an_error_document_is_framed_by_the_same_pages(app: Flask) -> None:
    frame = Frame(app, "comments")
    frame.open()

    response = frame.send()

    assert response.status_code == 422
    assert ancestors(response) == f"'self' {ORIGIN}"
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("widget", ["nothing", "captcha", "core", "..%2Frating"])
def test_an_unknown_widget_is_a_page_that_says_so(app: Flask, widget: str) -> None:
    response = app.test_client().get(
        f"/embed/{SITE}/{widget}?page={PAGE}", headers={"Accept": "text/html"}
    )

    assert response.status_code == 404
    assert response.mimetype == "text/html"


def test_a_form_of_another_kind_or_site_is_refused(app: Flask, core: Core, reader: Reader) -> None:
    comments = reader.view("comments", count=False)["widgets"]["comments"]
    foreign = element(comments, name="t")["value"]
    before = row_counts(core)

    for token in (foreign, "", "x", foreign[:-3], "é" * 5000):
        response = reader.submit("rating", stars="4", t=token)
        assert response.status_code == 422, token
        html = response.get_json()["widgets"]["rating"]
        assert "Biểu mẫu đã mở quá lâu. Vui lòng gửi lại." in html, token

    assert row_counts(core) == before


def test_addresses_are_those_that_browsers_reach(make_app: MakeApp, app: Flask) -> None:
    public = make_app(public_url="https://comments.example/")
    html = public.test_client().get(f"/embed/{SITE}/comments?page={PAGE}").text

    assert element(html, method="post")["action"] == (
        f"https://comments.example/submit/{SITE}/comment"
    )


def test_a_refusal_is_seen_in_the_frame_too(app: Flask) -> None:
    address = f"/embed/{SITE}/nothing?page={PAGE}"
    response = app.test_client().get(address, headers={"Accept": "text/html"})
    assert response.status_code == 404
    assert f"frame-ancestors 'self' {ORIGIN}" in response.headers["Content-Security-Policy"]
    assert "X-Frame-Options" not in response.headers


def test_a_frame_can_be_shown_without_being_counted(app: Flask) -> None:
    address = f"/embed/{SITE}/counters?page={PAGE}"
    for query, total in (("&count=off", 0), ("", 1), ("&count=off", 1)):
        app.test_client().get(address + query, headers={"User-Agent": BROWSER})
        counted = app.test_client().get(f"/api/v1/sites/{SITE}/counters?page={PAGE}").get_json()
        assert counted["total"] == total


def test_a_stranger_names_no_page(app: Flask) -> None:
    told = {"site": SITE, "page": PAGE, "widgets": []}
    client = app.test_client()
    Reader(app).rate(5)
    client.post("/api/v1/view", json={**told, "title": "Rẻ nhất"})
    client.post("/api/v1/view", json={**told, "title": "Bài"}, headers={"Origin": ORIGIN})
    assert "<title>Bài" in client.get(f"/embed/{SITE}/rating?page={PAGE}").text
