"""What a page view costs a reader: the bytes that go over the wire, compressed as they go."""

import base64
import gzip
import hashlib
import json

import brotli
import pytest
from flask import Flask
from werkzeug.test import TestResponse

from comments_service.assets import Asset
from comments_service.testing import ORIGIN, PAGE, SITE, Reader, add_site

SCRIPT_BYTES = 5_000
FIRST_VIEW_BYTES = 20_000
# A comment of about 300 characters, as portals get them; each one different.
SENTENCE = (
    "đường liên thôn sau mưa lớn vẫn còn đọng nước trước cổng trường mầm non bà con mong sớm "
    "nạo vét rãnh thoát nước và lắp thêm đèn chiếu sáng cho các cháu đi học buổi sớm được an toàn"
)
WORDS = SENTENCE.split()
SHOWN = 20
PATIENT = {"few": "1000", "many": "1000", "posts": "1000"}


def get(app: Flask, path: str, encoding: str) -> TestResponse:
    return app.test_client().get(path, headers={"Accept-Encoding": encoding})


@pytest.fixture
def busy_page(app: Flask) -> Flask:
    """Fill a page with more comments than are shown at once."""
    # One reader says the same in many turns: no filter is to wonder.
    add_site(app, "open", comments={"hold": "no"}, repeats=PATIENT, core={"attack_posts": "0"})
    reader = Reader(app, site="open")
    for number in range(SHOWN + 5):
        turned = WORDS[number % len(WORDS) :] + WORDS[: number % len(WORDS)]
        text = " ".join(turned + turned[number % 7 : 20 + number % 7])
        assert reader.comment(text, name=f"Bạn đọc {number}").status_code == 200
    return app


def first_view(app: Flask, encoding: str) -> TestResponse:
    body = {"site": "open", "page": PAGE, "widgets": ["rating", "comments", "counters"]}
    return app.test_client().post(
        "/api/v1/view",
        data=json.dumps(body),
        headers={"Origin": ORIGIN, "Accept-Encoding": encoding},
    )


def test_the_script_is_light(app: Flask) -> None:
    served = get(app, "/embed.js", "gzip, deflate, br, zstd")
    assert served.headers["Content-Encoding"] == "br"
    assert len(served.data) <= SCRIPT_BYTES


def test_a_first_page_view_is_light(busy_page: Flask) -> None:
    script = get(busy_page, "/embed.js", "br")
    view = first_view(busy_page, "br")
    assert view.headers["Content-Encoding"] == "br"
    drawn = json.loads(brotli.decompress(view.data))["widgets"]["comments"]
    assert drawn.count("<article>") == SHOWN
    assert len(script.data) + len(view.data) <= FIRST_VIEW_BYTES


@pytest.mark.parametrize("path", ["/embed.js", "/frame.{frame}.js", "/widgets.{style}.css"])
def test_every_encoding_holds_the_same_file(app: Flask, path: str) -> None:
    files = app.extensions["comments_service_assets"]
    path = path.format(frame=files.frame_script.hash, style=files.style.hash)
    plain = get(app, path, "identity")
    assert "Content-Encoding" not in plain.headers
    assert brotli.decompress(get(app, path, "br").data) == plain.data
    assert gzip.decompress(get(app, path, "gzip").data) == plain.data
    for encoding in ("identity", "br", "gzip"):
        assert "Accept-Encoding" in get(app, path, encoding).vary


def test_each_encoding_is_known_again_by_its_own_tag(app: Flask) -> None:
    tags = {get(app, "/embed.js", each).headers["ETag"] for each in ("identity", "br", "gzip")}
    assert len(tags) == 3


def test_the_integrity_is_that_of_the_file(app: Flask) -> None:
    script: Asset = app.extensions["comments_service_assets"].script
    served = get(app, f"/embed.{script.hash}.js", "identity")
    digest = base64.b64encode(hashlib.sha384(served.data).digest()).decode()
    assert script.integrity == f"sha384-{digest}"


def test_what_is_sent_to_a_frame_is_compressed_too(app: Flask) -> None:
    frame = get(app, f"/embed/{SITE}/comments?page={PAGE}", "gzip")
    assert frame.headers["Content-Encoding"] == "gzip"
    assert b"cs-comments" in gzip.decompress(frame.data)
