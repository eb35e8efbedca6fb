"""What nobody should send: refused with a stable code, never a failure of ours, nothing stored."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.test import TestResponse

from comments_service import pages
from comments_service.core import Core
from comments_service.models import Page
from comments_service.testing import PAGE, SITE, Reader, row_counts

# No store makes a difference to what is asked, said and refused here.
STORES = ("sqlite",)

COMMENTS = f"/api/v1/sites/{SITE}/comments"
RATING = f"/api/v1/sites/{SITE}/rating"
CHALLENGE = f"/api/v1/sites/{SITE}/challenge"
COUNTERS = f"/api/v1/sites/{SITE}/counters"
JSON_VIEWS = [
    ("POST", "/api/v1/view"),
    ("POST", COMMENTS),
    ("PUT", f"{RATING}?page={PAGE}"),
    ("DELETE", f"{RATING}?page={PAGE}"),
    ("POST", CHALLENGE),
]
READS = [COMMENTS, RATING, COUNTERS, f"/embed/{SITE}/rating", f"/include/{SITE}/rating"]

NO_OBJECT = [
    b"",
    b"{",
    b"null",
    b"5",
    b"NaN",
    b'"text"',
    b"[]",
    b'[{"site":"portal"}]',
    b"\xff\xfe\x00",
    b'{"site":"\xff"}',
    b"{'site':'portal'}",
    b'{"site":NaN}',
    b'{"a":' + b"[" * 4000 + b"]" * 4000 + b"}",
    b'{"a":' + b"[" * 900 + rb'"\u0000"' + b"]" * 900 + b"}",
    b"[" * 100_000,
    b'{"a":' * 40_000,
    b'{"a":' + b"9" * 5000 + b"}",
    rb'{"name":"a\u0000b"}',
    rb'{"a\u0000":1}',
    rb'{"name":"\ud800"}',
    rb'{"deep":[[{"x":"\udfff"}]]}',
]


def assert_problem(response: TestResponse, status: int, code: str) -> None:
    assert (response.status_code, response.mimetype) == (status, "application/problem+json")
    assert response.get_json()["code"] == code
    assert response.get_json()["status"] == status
    assert response.get_json()["title"]
    assert response.headers["Cache-Control"] == "no-store"


@pytest.fixture
def unchanged(core: Core) -> Iterator[None]:
    """Nothing is stored by the test."""
    before = row_counts(core)
    yield
    assert row_counts(core) == before


@pytest.mark.usefixtures("unchanged")
def test_a_body_that_is_no_object_is_malformed(reader: Reader) -> None:
    for method, path in JSON_VIEWS:
        for body in NO_OBJECT:
            response = reader.send(method, path, data=body)
            assert_problem(response, 400, "malformed")


@pytest.mark.usefixtures("unchanged")
def test_a_body_of_ten_megabytes_is_too_large(reader: Reader) -> None:
    large = b'{"a":"' + b"x" * 10_000_000 + b'"}'
    for method, path in JSON_VIEWS:
        assert_problem(reader.send(method, path, data=large), 413, "too_large")
    form = reader.send("POST", f"/submit/{SITE}/comment", data={"text": "x" * 10_000_000})
    assert_problem(form, 413, "too_large")


UNKNOWN_SITES = ["nobody", "PORTAL", "x" * 65, "x" * 5000, "%00", "por%00tal", "%FF", "é", "'--"]


@pytest.mark.usefixtures("unchanged")
def test_an_unknown_site_is_told_at_every_address(reader: Reader) -> None:
    for site in UNKNOWN_SITES:
        for path in (*READS, f"{COMMENTS}/1"):
            response = reader.send("GET", path.replace(SITE, site) + f"?page={PAGE}")
            assert_problem(response, 404, "unknown_site")
        for path in (COMMENTS, CHALLENGE, f"/submit/{SITE}/rating"):
            response = reader.send("POST", path.replace(SITE, site), data=b"{}")
            assert_problem(response, 404, "unknown_site")


@pytest.mark.usefixtures("unchanged")
def test_an_unknown_site_is_told_to_the_script(reader: Reader) -> None:
    for site in ("", "nobody", "x" * 5000, None):
        body = json.dumps({"site": site, "page": PAGE, "widgets": []})
        assert_problem(reader.send("POST", "/api/v1/view", data=body), 404, "unknown_site")


BAD_PAGES = ["", " ", "%00", "/a%00b", "/" + "a" * 3000, "a" * 3000, "http://[", "https://[::"]


@pytest.mark.usefixtures("unchanged")
def test_a_bad_page_is_told_at_every_address(reader: Reader) -> None:
    for page in BAD_PAGES:
        for path in (*READS, f"{COMMENTS}/1"):
            response = reader.send("GET", f"{path}?page={page}")
            assert_problem(response, 422, "validation")
            assert response.get_json()["errors"][0]["field"] == "page"
    for path in READS:
        assert_problem(reader.send("GET", path), 422, "validation")


@pytest.mark.usefixtures("unchanged")
def test_a_bad_page_in_a_body_is_told(reader: Reader) -> None:
    for page in ("", None, "/" + "a" * 3000, "http://["):
        body = {"site": SITE, "page": page, "widgets": [], "kind": "comment"}
        for path in ("/api/v1/view", COMMENTS, CHALLENGE):
            assert_problem(reader.send("POST", path, data=json.dumps(body)), 422, "validation")
        form = reader.send("POST", f"/submit/{SITE}/comment", data={"page": page or ""})
        assert_problem(form, 422, "validation")


def test_a_page_key_of_the_greatest_length_is_kept(reader: Reader) -> None:
    reader.page = "/" + "ầ" * 2047

    assert reader.view("counters")["page"] == reader.page


WRONG: list[Any] = [5, 1.5, -1, True, [], ["a"], {}, {"a": "b"}, 10**30]


@pytest.mark.usefixtures("unchanged")
def test_texts_of_another_type_are_told_by_name(reader: Reader) -> None:
    fields = {"/api/v1/view": ["site", "page", "lang", "visitor"], CHALLENGE: ["page", "kind"]}
    for path, names in fields.items():
        for name in names:
            for wrong in WRONG:
                body = {"site": SITE, "page": PAGE, "widgets": [], "kind": "comment", name: wrong}
                response = reader.send("POST", path, data=json.dumps(body))
                assert_problem(response, 422, "validation")
                assert response.get_json()["errors"][0]["field"] == name


def test_a_title_is_a_text_and_cut_to_fit(core: Core, reader: Reader) -> None:
    body = {"site": SITE, "page": PAGE, "widgets": [], "title": ["x"]}
    reader.submit("rating", stars="4")

    response = reader.send("POST", "/api/v1/view", data=json.dumps(body))
    reader.view(title="ầ" * 5000)

    assert_problem(response, 422, "validation")
    with core.db.read() as session:
        assert session.scalars(sa.select(Page.title)).all() == ["ầ" * pages.TITLE_LENGTH]


def test_choices_of_another_type_are_left_out(reader: Reader) -> None:
    for query in (*WRONG, None, "x", {"cursor": [1], "sort": {}, "reply_to": 5}):
        assert reader.view("comments", query=query, count=False)["widgets"]["comments"]


def test_choices_that_make_no_sense_are_left_out(reader: Reader) -> None:
    plain = reader.view("comments")["widgets"]["comments"].count("<form")
    for choice in ("-1", "0", "abc", "٣", "9" * 5000, str(2**31), str(2**63), "é\u202e" * 99):
        query = {"reply_to": choice, "cursor": choice, "sort": choice}
        html = reader.view("comments", query=query)["widgets"]["comments"]
        assert html.count("<form") == plain, choice


@pytest.mark.usefixtures("unchanged")
def test_an_unknown_kind_is_told(reader: Reader) -> None:
    for kind in ("nothing", "comments", "%00", "x" * 5000):
        assert_problem(reader.send("POST", f"/submit/{SITE}/{kind}"), 404, "unknown_kind")
    for name in ("", "nothing", "x" * 5000):
        body = json.dumps({"page": PAGE, "kind": name})
        assert_problem(reader.send("POST", CHALLENGE, data=body), 404, "unknown_kind")


@pytest.mark.usefixtures("unchanged")
def test_an_unknown_widget_is_told(reader: Reader) -> None:
    for door in ("embed", "include"):
        for widget in ("nothing", "captcha", "core", "%00", "x" * 5000):
            path = f"/{door}/{SITE}/{widget}?page={PAGE}"
            assert_problem(reader.send("GET", path), 404, "unknown_widget")


@pytest.mark.usefixtures("unchanged")
def test_another_method_is_told_which_ones_there_are(reader: Reader) -> None:
    for method in ("PATCH", "TRACE", "BREW", "DELETE"):
        for path in ("/api/v1/view", COMMENTS, COUNTERS, "/embed.js", f"/submit/{SITE}/rating"):
            response = reader.send(method, path)
            assert_problem(response, 405, "method_not_allowed")
            assert response.headers["Allow"]


def test_an_unknown_address_is_told_as_the_asker_reads(app: Flask) -> None:
    client = app.test_client()
    browser = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}

    program = client.get("/api/v1/nothing", headers=browser)
    person = client.get("/nothing", headers=browser)

    assert_problem(program, 404, "not_found")
    assert (person.status_code, person.mimetype) == (404, "text/html")
    assert "<h1" in person.text


def test_a_refusal_escapes_what_it_repeats(app: Flask) -> None:
    response = app.test_client().get(
        f"/embed/{SITE}/rating?page={PAGE}",
        headers={"Accept": "text/html", "Origin": "https://<script>alert(1)</script>"},
    )

    assert response.status_code == 403
    assert "<script>" not in response.text


@pytest.mark.usefixtures("unchanged")
def test_forms_with_bytes_that_are_no_text_are_refused(reader: Reader) -> None:
    for text in (b"a\x00b", b"\x00"):
        response = reader.comment(text=text)  # type: ignore[arg-type]
        assert response.status_code in {413, 422}


@pytest.mark.usefixtures("unchanged")
def test_forms_in_another_shape_are_refused(reader: Reader) -> None:
    bodies = [
        ("application/x-www-form-urlencoded", b"page=%2Fa&stars=%FF%FE&t=%00"),
        ("application/x-www-form-urlencoded", b"&".join(b"a=1" for _ in range(5000))),
        ("multipart/form-data; boundary=x", b"--x\r\nnonsense"),
        ("multipart/form-data", b"--x\r\n"),
        ("multipart/form-data; boundary=" + "x" * 300, b"--" + b"x" * 300),
        ("application/json", b'{"page":"/a","stars":"5"}'),
        ("text/plain", b"page=/a"),
        ("nonsense", b"\xff" * 100),
    ]
    for content_type, body in bodies:
        response = reader.send(
            "POST", f"/submit/{SITE}/rating", data=body, content_type=content_type
        )
        assert 400 <= response.status_code < 500, content_type


def test_headers_of_any_kind_are_borne(app: Flask) -> None:
    for name in ("User-Agent", "Cookie", "Accept", "Accept-Language", "X-Forwarded-For", "Range"):
        for value in ("", "x" * 9000, "\xff\xfe", ",;=", "comments-portal=\xff", "en;q=x", "\x1f"):
            response = app.test_client().get(
                f"/embed/{SITE}/rating?page={PAGE}", headers={name: value}
            )
            assert response.status_code == 200, (name, value)


def test_an_address_that_is_none_is_borne(app: Flask) -> None:
    for address in ("", "unix:", "not an address", "fe80::1%eth0", "::ffff:203.0.113.7"):
        assert Reader(app, address=address).view("counters")["widgets"]["counters"]
