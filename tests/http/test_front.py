"""Page views answered in front of Flask: the same answers, counted and limited alike."""

import gc
import gzip
import json
import math
import re
import tracemalloc
from collections.abc import Iterable, Iterator
from io import BytesIO
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import brotli
import flask
import pytest
from flask import Flask
from jinja2 import ChoiceLoader, DictLoader, Template
from werkzeug.test import Client, TestResponse

from comments_service import cache, pages, sites
from comments_service.core import Core
from comments_service.models import Site
from comments_service.testing import (
    BROWSER,
    ORIGIN,
    PAGE,
    SITE,
    MakeApp,
    Reader,
    add_site,
    hidden_fields,
)

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse

# What a store makes a difference to is in test_kept.py.
STORES = ("sqlite",)

ASKED = {"site": SITE, "page": PAGE, "widgets": ["rating", "comments", "counters"]}


@pytest.fixture
def app(make_app: MakeApp, monkeypatch: pytest.MonkeyPatch) -> Flask:
    # However slow the machine is: nothing is over, and changes are seen at once.
    monkeypatch.setattr(cache, "MOMENT_SECONDS", math.inf)
    monkeypatch.setattr(cache, "LOOK_SECONDS", 0)
    app = make_app(cache_mb="8")
    add_site(app, comments={"hold": "no"})
    return app


@pytest.fixture
def by_flask(app: Flask) -> Iterator[list[str]]:
    """Note the paths of requests that the front leaves to Flask."""
    paths: list[str] = []

    def note(sender: Flask, **_: object) -> None:
        if sender is app:
            paths.append(flask.request.path)

    with flask.request_started.connected_to(note):
        yield paths


def view(app: Flask, body: object = ASKED, **headers: str) -> TestResponse:
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    return app.test_client(use_cookies=False).post(
        "/api/v1/view",
        data=text,
        content_type="text/plain",
        headers={"Origin": ORIGIN, "User-Agent": BROWSER, **headers},
    )


def without_time(answer: TestResponse) -> bytes:
    """Return the body without the tokens of forms: the second is in them."""
    return re.sub(rb'name=\\"t\\" value=\\"[^"]*"', b"", answer.data)


def headers_of(answer: TestResponse) -> dict[str, str]:
    return {name: value for name, value in answer.headers if name != "Date"}


def test_a_second_reader_is_answered_the_same_without_flask(
    app: Flask, by_flask: list[str]
) -> None:
    first = view(app, {**ASKED, "count": False})
    second = view(app, {**ASKED, "count": False})

    assert by_flask == ["/api/v1/view"]
    assert second.data == first.data
    assert headers_of(second) == headers_of(first)


PACKED = {"Accept-Encoding": "gzip, deflate, br, zstd"}


def test_a_browser_gets_it_compressed(app: Flask, by_flask: list[str]) -> None:
    first = view(app, {**ASKED, "count": False}, **PACKED)
    second = view(app, {**ASKED, "count": False}, **PACKED)
    plain = view(app, {**ASKED, "count": False})

    assert len(by_flask) == 1
    assert second.data == first.data
    assert headers_of(second) == headers_of(first)
    assert first.headers["Content-Encoding"] == "gzip"
    assert len(first.data) < len(plain.data) / 2
    assert gzip.decompress(first.data) == plain.data


@pytest.mark.parametrize(
    "accepted", ["", "identity", "gzip", "br", "deflate", "*", "br, gzip;q=0.5"]
)
def test_whatever_a_reader_unpacks_flask_packs_the_same(
    app: Flask, make_app: MakeApp, accepted: str
) -> None:
    # In it nothing is one reader's own, so the bytes are the same when they are packed too.
    asked = {**ASKED, "widgets": ["counters"], "count": False}
    headers = {"Accept-Encoding": accepted}
    expected = view(make_app(cache_mb="0"), asked, **headers)
    view(app, asked)

    answer = view(app, asked, **headers)

    assert headers_of(answer) == headers_of(expected)
    assert answer.data == expected.data


def test_every_view_is_counted(app: Flask, by_flask: list[str]) -> None:
    for _ in range(5):
        assert view(app).get_json()["counted"] is True
    view(app, {**ASKED, "count": False})

    assert len(by_flask) == 1
    path = f"/api/v1/sites/{SITE}/counters"
    assert app.test_client().get(path, query_string={"page": PAGE}).get_json()["total"] == 5


def test_a_view_that_is_sent_twice_is_counted_once(app: Flask) -> None:
    view(app)
    for _ in range(2):
        view(app, {**ASKED, "id": "one opening"})

    path = f"/api/v1/sites/{SITE}/counters"
    assert app.test_client().get(path, query_string={"page": PAGE}).get_json()["total"] == 2


def test_a_moment_passes(app: Flask, by_flask: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    view(app)
    monkeypatch.setattr(cache, "MOMENT_SECONDS", -1)

    view(app)

    assert len(by_flask) == 2


def test_when_a_moment_is_over_only_that_is_drawn(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = view(app)
    monkeypatch.setattr(cache, "MOMENT_SECONDS", -1)
    drawn: list[str] = []

    def note(sender: Flask, template: Template, **_: object) -> None:
        del sender
        drawn.append(str(template.name))

    with flask.template_rendered.connected_to(note):
        second = view(app)
    monkeypatch.setattr(cache, "MOMENT_SECONDS", math.inf)
    third = view(app, {**ASKED, "count": False})

    assert drawn == ["counters/widget.html"]
    assert headers_of(second) == headers_of(first)
    widgets = second.get_json()["widgets"]
    assert list(widgets) == ASKED["widgets"]
    assert widgets["counters"] != first.get_json()["widgets"]["counters"]
    assert third.get_json()["widgets"] == widgets


def test_a_page_that_is_not_kept_is_told_the_figures_of_the_moment(
    app: Flask, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader.rate(4)
    first = view(app).get_json()["widgets"]["counters"]
    drawn: list[str] = []

    def note(sender: Flask, template: Template, **_: object) -> None:
        del sender
        drawn.append(str(template.name))

    with flask.template_rendered.connected_to(note):
        other = view(app, {**ASKED, "page": "/khac"}).get_json()["widgets"]
        own = reader.view("counters")["widgets"]["counters"]
        monkeypatch.setattr(cache, "MOMENT_SECONDS", -1)
        later = view(app, {**ASKED, "page": "/khac-nua"}).get_json()["widgets"]

    assert list(other) == list(later) == ASKED["widgets"]
    assert other["counters"] == first
    assert len({first, own, later["counters"]}) == 3
    assert drawn.count("counters/widget.html") == 2


def test_an_old_figure_is_told_to_nobody(
    app: Flask, by_flask: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    monkeypatch.setattr(cache, "time", SimpleNamespace(monotonic=lambda: now))
    monkeypatch.setattr(cache, "MOMENT_SECONDS", 0.1)
    view(app)
    now += 60

    def meanwhile(sender: Flask, **_: object) -> None:
        if len(by_flask) == 2:
            view(sender)

    with flask.request_started.connected_to(meanwhile):
        view(app)

    assert len(by_flask) == 3


def test_reads_are_limited_together(make_app: MakeApp) -> None:
    app = make_app(cache_mb="8", limit_read="4/minute")
    add_site(app)

    statuses = [view(app, {**ASKED, "widgets": ["rating"]}).status_code for _ in range(6)]

    assert statuses == [200] * 4 + [429] * 2


ODD = [
    b"",
    b"[]",
    b"{",
    b'"text"',
    b"\xff\xfe",
    b"[" * 5000,
    b"[" * 450 + b"]" * 450,
    b'{"more":' + b"[" * 450 + b"]" * 450 + b"}",
    json.dumps({**ASKED, "count": False}).encode()[:-1]
    + b',"deep":'
    + b"[" * 900
    + rb'"\u0041"'
    + b"]" * 900
    + b"}",
    {**ASKED, "title": r"literally \u0000"},
    json.dumps(ASKED).encode("utf-16"),
    {},
    {**ASKED, "site": "unknown"},
    {**ASKED, "site": ["portal"]},
    {**ASKED, "page": ""},
    {**ASKED, "page": "x" * 3000},
    {**ASKED, "page": {"a": 1}},
    {**ASKED, "page": "https://portal.example/tin-tuc/mot-bai?utm_source=zalo"},
    {**ASKED, "page": "nul\x00"},
    {**ASKED, "title": 5},
    {**ASKED, "id": None},
    {**ASKED, "referrer": ["https://search.example"]},
    {**ASKED, "referrer": "https://search.example/?q=1"},
    {**ASKED, "lang": "xx,en"},
    {**ASKED, "lang": "fa"},
    {**ASKED, "widgets": []},
    {name: said for name, said in ASKED.items() if name != "widgets"},
    {**ASKED, "widgets": None},
    {**ASKED, "widgets": "rating"},
    {**ASKED, "widgets": ["rating", 5]},
    {**ASKED, "widgets": ["rating", "rating"]},
    {**ASKED, "widgets": ["rating", "invented"]},
    {**ASKED, "query": {"sort": "oldest"}},
    {**ASKED, "query": "x"},
    {**ASKED, "visitor": "forged"},
    {**ASKED, "visitor": 0},
    {**ASKED, "visitor": []},
    {**ASKED, "more": "than known"},
    {**ASKED, "more": "\ud800"},
    {**ASKED, "more": "x" * 20_000},
]
HEADERS: list[dict[str, str]] = [
    {},
    {"Origin": "https://elsewhere.example"},
    {"Sec-Purpose": "prefetch"},
    {"Cookie": "a=b"},
]


@pytest.mark.parametrize("headers", HEADERS, ids=str)
def test_whatever_is_asked_is_answered_as_flask_answers_it(
    app: Flask, make_app: MakeApp, headers: dict[str, str]
) -> None:
    alone = make_app(cache_mb="0")
    view(app, {**ASKED, "count": False})
    for odd in ODD:
        asked = {**odd, "count": False} if isinstance(odd, dict) else odd
        expected = view(alone, asked, **headers)
        for _ in range(2):
            answer = view(app, asked, **headers)
            assert answer.status_code == expected.status_code, odd
            assert without_time(answer) == without_time(expected), odd
            assert headers_of(answer) == headers_of(expected), odd


def test_nobody_is_told_how_somebody_else_names_the_service(app: Flask) -> None:
    def without_host(environ: dict[str, Any], start: "StartResponse") -> Iterable[bytes]:
        return app.wsgi_app({k: v for k, v in environ.items() if k != "HTTP_HOST"}, start)

    named = view(app, Host="None")
    nameless = Client(without_host).post("/api/v1/view", json=ASKED, headers={"Origin": ORIGIN})

    assert "http://None/" in named.text
    assert nameless.status_code == 200
    assert "http://None/" not in nameless.text


@pytest.mark.parametrize("length", ["no number", "-1", "9" * 5000], ids=len)
def test_a_body_of_odd_length_is_taken_as_flask_takes_it(
    app: Flask, make_app: MakeApp, length: str
) -> None:
    view(app)

    statuses = [
        each.test_client()
        .post("/api/v1/view", environ_overrides={"CONTENT_LENGTH": length, "wsgi.input": BytesIO()})
        .status_code
        for each in (app, make_app())
    ]

    assert statuses == [400, 400]


@pytest.mark.parametrize("left_out", ["QUERY_STRING", "PATH_INFO"])
def test_a_server_may_leave_out_what_is_empty(app: Flask, make_app: MakeApp, left_out: str) -> None:
    def ask(asked: Flask) -> TestResponse:
        def without(environ: dict[str, Any], start: "StartResponse") -> Iterable[bytes]:
            return asked.wsgi_app({k: v for k, v in environ.items() if k != left_out}, start)

        return Client(without).get("/include/portal/comments")

    told, expected = ask(app), ask(make_app())

    assert told.status_code == expected.status_code
    assert told.data == expected.data


def test_what_was_drawn_before_a_site_was_set_otherwise_is_not_kept(
    app: Flask, core: Core, monkeypatch: pytest.MonkeyPatch
) -> None:
    view(app)
    monkeypatch.setattr(cache, "LOOK_SECONDS", math.inf)
    drawn: list[str] = []

    def move(sender: Flask, **_: object) -> None:
        drawn.append(sender.name)
        if len(drawn) == 1:
            with core.db.write() as session:
                sites.get(session, SITE).origins = ["https://moved.example"]
            assert view(app).status_code == 403

    in_english = {**ASKED, "lang": "en"}
    with flask.template_rendered.connected_to(move):
        view(app, in_english)

    assert view(app, in_english).status_code == 403


def test_a_sites_settings_are_followed(app: Flask, core: Core, by_flask: list[str]) -> None:
    view(app)
    with core.db.write() as session:
        sites.get(session, SITE).origins = ["https://moved.example"]

    assert view(app).status_code == 403
    assert len(by_flask) == 2


@pytest.mark.parametrize("special", [{"Accept-Encoding": "br"}, {"Cookie": "a=b"}], ids=str)
def test_settings_are_followed_in_what_is_told_past_the_front(
    app: Flask, core: Core, special: dict[str, str]
) -> None:
    view(app)
    with core.db.write() as session:
        sites.set_setting(core.plugins, sites.get(session, SITE), "counters.fields", "today")

    told = view(app, {**ASKED, "page": "/khac"}, **special)
    if told.headers.get("Content-Encoding") == "br":
        told.data = brotli.decompress(told.data)

    assert "Hôm nay" in told.get_json()["widgets"]["counters"]
    assert "Hôm qua" not in told.get_json()["widgets"]["counters"]


def test_what_can_not_be_kept_draws_nothing_for_others(
    app: Flask, core: Core, by_flask: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with core.db.write() as session:
        # The counters tell each reader how they came.
        sites.set_setting(core.plugins, sites.get(session, SITE), "counters.badge", "yes")
    now = 1000.0
    monkeypatch.setattr(cache, "time", SimpleNamespace(monotonic=lambda: now))
    monkeypatch.setattr(cache, "MOMENT_SECONDS", 0.25)
    view(app, {**ASKED, "widgets": ["rating-best"]})
    now += 0.3

    view(app, {**ASKED, "page": "/khac", "widgets": ["rating-best", "counters"]})
    view(app, {**ASKED, "widgets": ["rating-best"]})

    assert len(by_flask) == 3


def test_a_site_that_is_gone_is_told_of_no_more(app: Flask, core: Core) -> None:
    view(app, {**ASKED, "count": False})
    with core.db.write() as session:
        session.delete(sites.get(session, SITE))

    assert view(app).status_code == 404


def test_a_page_is_titled_by_the_first_who_knows_its_title(
    app: Flask, core: Core, reader: Reader
) -> None:
    reader.submit("comment", name="Lan", text="Rất hay", **reader.solve("comment"))
    view(app)

    view(app, {**ASKED, "title": "Một bài"})

    with core.db.read() as session:
        site = sites.get(session, SITE)
        page = pages.find(session, site, PAGE)
        assert page is not None
        assert page.title == "Một bài"


def test_a_page_that_nobody_wrote_on_needs_no_title(app: Flask, by_flask: list[str]) -> None:
    for _ in range(2):
        view(app, {**ASKED, "title": "Một bài"})

    assert len(by_flask) == 1


def test_readers_who_wrote_get_their_own(app: Flask, reader: Reader) -> None:
    Reader(app).view("rating")
    reader.submit("rating", stars="4")

    assert "4" in reader.view("rating")["widgets"]["rating"].split("</legend>")[0]


def test_a_challenge_is_one_readers_own_whichever_template_draws_it(
    app: Flask, by_flask: list[str]
) -> None:
    drawing_one = DictLoader(
        {"rating/widget.html": '<form>{{ challenge("comment") | safe }}</form>'}
    )
    app.jinja_loader = ChoiceLoader([drawing_one, app.jinja_loader])  # type: ignore[list-item]

    challenges = {
        hidden_fields(view(app).get_json()["widgets"]["rating"])["challenge"] for _ in range(2)
    }

    assert len(challenges) == 2
    assert len(by_flask) == 2


def test_what_is_used_least_is_forgotten_first(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("comments_service.front.MEGABYTE", 20_000)
    app = make_app(cache_mb="1")
    add_site(app)
    paths: list[str] = []

    def note(sender: Flask, **_: object) -> None:
        paths.append(sender.name)

    pages_ = [f"/{n}" for n in range(20)]
    for page in pages_:
        view(app, {**ASKED, "widgets": ["rating"], "page": page, "count": False})
    with flask.request_started.connected_to(note):
        for page in reversed(pages_[-2:]):
            view(app, {**ASKED, "widgets": ["rating"], "page": page, "count": False})
        assert paths == []
        view(app, {**ASKED, "widgets": ["rating"], "page": pages_[0], "count": False})
    assert len(paths) == 1


def test_many_answers_share_what_their_site_is_set_to(app: Flask) -> None:
    def known() -> int:
        gc.collect()
        return sum(isinstance(each, Site) for each in gc.get_objects())

    before = known()
    for n in range(5):
        view(app, {**ASKED, "page": f"/{n}", "count": False})

    assert known() - before <= 1


def test_a_site_whose_settings_can_not_be_read_is_shown_the_rest(app: Flask, core: Core) -> None:
    with core.db.write() as session:
        sites.get(session, SITE).settings = {"counters": {"fields": "of an older version"}}

    answer = view(app, {**ASKED, "count": False})

    assert answer.status_code == 200
    assert "cs-comments" in answer.get_json()["widgets"]["comments"]


INCLUDE = f"/include/{SITE}/comments?page={PAGE}"


def include(app: Flask, path: str = INCLUDE, **headers: str) -> TestResponse:
    return app.test_client(use_cookies=False).get(path, headers=headers)


def test_an_include_is_told_again(app: Flask, by_flask: list[str]) -> None:
    first, second = include(app, **PACKED), include(app, **PACKED)
    plain = include(app)

    assert len(by_flask) == 1
    assert second.data == first.data
    assert headers_of(second) == headers_of(first)
    assert gzip.decompress(second.data) == plain.data


def test_an_include_that_is_known_is_not_sent_again(app: Flask, make_app: MakeApp) -> None:
    tag = include(app).headers["ETag"]

    for each in (app, make_app()):
        unchanged = include(each, **{"If-None-Match": tag})
        assert unchanged.status_code == 304
        assert unchanged.data == b""
        assert unchanged.headers["ETag"] == tag
    assert include(app, **{"If-None-Match": 'W/"another"'}).status_code == 200


def test_an_include_is_kept_even_if_the_first_who_asks_knows_it(
    app: Flask, make_app: MakeApp, by_flask: list[str]
) -> None:
    first = include(make_app(), **PACKED)
    unchanged = [include(app, **{"If-None-Match": first.headers["ETag"]}) for _ in range(2)]
    second = include(app, **PACKED)

    assert [each.status_code for each in unchanged] == [304, 304]
    assert len(by_flask) == 1
    assert headers_of(unchanged[1]) == headers_of(unchanged[0])
    assert second.data == first.data
    assert headers_of(second) == headers_of(first)


def test_an_include_that_is_asked_at_length_is_kept_for_nobody(
    app: Flask, by_flask: list[str]
) -> None:
    for length in (100, 100, 20_000, 20_000):
        assert include(app, f"{INCLUDE}&more={'x' * length}").status_code == 200

    assert len(by_flask) == 3


def test_what_is_kept_takes_no_more_memory_than_it_may(app: Flask) -> None:
    counters = INCLUDE.replace("/comments", "/counters")

    def ask(numbers: range) -> int:
        for number in numbers:
            include(app, f"{counters}&more={number:x<3500}")
        return tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    try:
        before = ask(range(40))
        # Without any limit they would be two megabytes.
        app.wsgi_app._app._cache._limit = 100_000  # type: ignore[attr-defined]  # noqa: SLF001
        after = ask(range(40, 340))
    finally:
        tracemalloc.stop()

    assert after - before < 1_000_000


def test_an_include_names_its_page_as_soon_as_that_has_a_title(app: Flask, reader: Reader) -> None:
    reader.comment()
    assert "headline" not in include(app).text

    view(app, {**ASKED, "title": "Một bài"})

    assert "headline" in include(app).text


FRAME = f"/embed/{SITE}/counters?page={PAGE}"


def frame(app: Flask, path: str = FRAME, **headers: str) -> TestResponse:
    return app.test_client(use_cookies=False).get(path, headers={"User-Agent": BROWSER, **headers})


def total(app: Flask) -> int:
    path = f"/api/v1/sites/{SITE}/counters"
    told = app.test_client().get(path, query_string={"page": PAGE}).get_json()
    return int(told["total"])


def test_a_frame_is_told_again_and_counted_each_time(app: Flask, by_flask: list[str]) -> None:
    first, second = frame(app), frame(app)

    assert len(by_flask) == 1
    assert second.data == first.data
    assert headers_of(second) == headers_of(first)
    # Neither an image's address is opened, nor what is asked for ahead, nor what is not to count.
    frame(app, **{"Sec-Fetch-Dest": "image"})
    frame(app, **{"Sec-Purpose": "prefetch"})
    for _ in range(2):
        frame(app, f"{FRAME}&count=off")
    assert total(app) == 2


def test_a_frame_that_is_known_is_not_sent_again(app: Flask, make_app: MakeApp) -> None:
    path = f"/embed/{SITE}/counters?page={PAGE}&count=off"
    tag = frame(app, path).headers["ETag"]

    for each in (app, make_app()):
        unchanged = frame(each, path, **{"If-None-Match": tag})
        assert unchanged.status_code == 304
        assert unchanged.data == b""
    assert frame(app, path, **{"If-None-Match": 'W/"another"'}).status_code == 200


def test_a_frame_for_one_reader_is_kept_for_nobody(app: Flask, by_flask: list[str]) -> None:
    comments = f"/embed/{SITE}/comments?page={PAGE}"
    rating = f"/embed/{SITE}/rating?page={PAGE}"
    browser = app.test_client()
    token = hidden_fields(browser.get(rating).text)
    by_flask.clear()

    # A code to read, an outcome, a form that is shown again, a reader who rated.
    for _ in range(2):
        assert "ETag" not in frame(app, comments).headers
    assert len(by_flask) == 2
    for _ in range(2):
        assert browser.post(f"/submit/{SITE}/rating", data=token).status_code == 422
    sent = browser.post(f"/submit/{SITE}/rating", data={**token, "stars": "4"})
    assert sent.status_code == 303
    for _ in range(2):
        assert "Cảm ơn" in browser.get(sent.headers["Location"]).text
        assert "Bạn đã đánh giá 4 sao" in browser.get(rating).text
    assert "Bạn đã đánh giá" not in frame(app, rating).text


@pytest.mark.parametrize("headers", [{"If-Match": '"a"'}, {"Range": "bytes=0-9"}], ids=str)
def test_an_include_on_conditions_is_as_flask_answers_it(
    app: Flask, make_app: MakeApp, headers: dict[str, str]
) -> None:
    expected = include(make_app(), **headers)
    include(app)
    assert include(app, **headers).status_code == expected.status_code


@pytest.mark.parametrize(
    "path",
    [
        f"{INCLUDE}&title=Mot+bai",
        f"{INCLUDE}&lang=en",
        f"{INCLUDE}&sort=oldest",
        f"/include/{SITE}/counters?page={PAGE}",
        f"/include/{SITE}/comments?address=/b%E1%BA%A3n+tin?a=1&b=2",
        f"/include/{SITE}/comments?page=",
        f"/include/{SITE}/invented?page={PAGE}",
        f"/include/unknown/comments?page={PAGE}",
        f"/include/{SITE}/comments",
    ],
)
def test_whatever_is_included_is_as_flask_includes_it(
    app: Flask, make_app: MakeApp, path: str
) -> None:
    expected = include(make_app(), path)
    for _ in range(2):
        answer = include(app, path)
        assert (answer.status_code, answer.data) == (expected.status_code, expected.data)
        assert headers_of(answer) == headers_of(expected)
