"""Addresses in comments: which become links, and that nothing else ever does."""

import re
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

import pytest
from comments_service.plugins.comments.links import with_links
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

from comments_service.testing import Dashboard, Reader, elements

# No store makes a difference to what is a link.
STORES = ("sqlite",)

LINKS = [
    ("Xem https://xa.example.vn/tin nhé", "https://xa.example.vn/tin"),
    ("(http://example.vn).", "http://example.vn"),
    ("“https://example.vn/bài-viết.”", "https://example.vn/bài-viết"),
    ("https://vi.wikipedia.org/wiki/Hồ_(nước)!", "https://vi.wikipedia.org/wiki/Hồ_(nước)"),
    ("HTTPS://EXAMPLE.VN:8443/?a=1&b=%27#c", "HTTPS://EXAMPLE.VN:8443/?a=1&b=%27#c"),
    ("https://xn--bcher-kva.example/", "https://xn--bcher-kva.example/"),
    ("https://example.vn/@ai/1", "https://example.vn/@ai/1"),
    # The link is what is seen as one, and leads there.
    ("https://evil.example\\.example.vn/", "https://evil.example"),
    ("https://example.vn:port/", "https://example.vn"),
]
TEXTS = [
    "https://paypal.com@evil.example/",
    "https://paypal.com:443@evil.example/",
    "https://a:b@evil.example/",
    "https://example.vn\\@evil.example/",
    "https://\u0440\u0430ypal.com/",
    "https://tiếngviệt.vn/",
    "http://2130706433/",
    "http://127.0.0.1/",
    "http://0x7f.0x1/",
    "http://[::1]/",
    "http://localhost/",
    "http://router/",
    "https://",
    "example.vn www.example.vn lan@example.vn",
    "//example.vn/a",
    "ftp://example.vn/ mailto:lan@example.vn tel:113",
    "javascript:alert(1) data:text/html,x vbscript:x",
    "javascript://example.vn/%0aalert(1)",
    "xhttps://example.vn",
]


def found(html: str) -> list[dict[str, str]]:
    return [has for tag, has in elements(html) if tag == "a" and "nofollow" in has.get("rel", "")]


def drawn(reader: Reader, door: str) -> str:
    if door == "script":
        return str(reader.view("comments")["widgets"]["comments"])
    query = {"page": reader.page}
    return reader.send("GET", f"/{door}/{reader.site}/comments", query_string=query).text


class _Read(HTMLParser):
    """Reads rendered text as a browser does."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text = ""
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(str(html))
        self.close()

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)


@pytest.mark.parametrize("door", ["script", "embed", "include"])
def test_an_address_is_a_link_at_every_door(open_reader: Reader, door: str) -> None:
    open_reader.comment("Xem https://example.vn/a?b=1&c=2 và https://evil.example@example.vn/")

    expected = {
        "href": "https://example.vn/a?b=1&c=2",
        "rel": "nofollow ugc noopener",
        "dir": "ltr",
    }
    # In a frame, the reader's window is the one around it.
    top = {"target": "_top"} if door == "embed" else {}
    assert found(drawn(open_reader, door)) == [{**expected, **top}]


def test_json_and_the_dashboard_keep_plain_text(
    open_reader: Reader, reader: Reader, dashboard: Dashboard
) -> None:
    text = "Xem https://example.vn/a nhé"
    open_reader.comment(text)
    reader.comment(text)

    path = f"/api/v1/sites/{open_reader.site}/comments?page={open_reader.page}"
    assert open_reader.send("GET", path).get_json()["comments"][0]["text"] == text
    queue = dashboard.get("/admin/").text
    assert text in queue
    assert found(queue) == []


def test_a_name_is_never_a_link(open_reader: Reader) -> None:
    open_reader.comment(name="https://example.vn/")

    assert found(drawn(open_reader, "script")) == []


@pytest.mark.parametrize(("text", "address"), LINKS)
def test_what_leads_where_it_seems_is_a_link(text: str, address: str) -> None:
    read = _Read(with_links(text))

    assert [attributes["href"] for _, attributes in read.tags] == [address]
    assert read.text == text


@pytest.mark.parametrize("text", TEXTS)
def test_what_may_lead_elsewhere_stays_text(text: str) -> None:
    read = _Read(with_links(text))

    assert (read.tags, read.text) == ([], text)


pieces = st.sampled_from(
    [
        *("https://", "http://", "HTTPS://", "javascript:", "//", "example.vn", "xn--a.vn"),
        *"@:/?#&=\\.,()[]{}<>\"'`“”éườ\u0645",
        *(" ", "\n", "\u2028", "\u0430", "%22", "&quot;", "&#34;", "&lt", "{0}", "%s"),
        *("onclick=", "<b>", "</a>", "<!--", "-->"),
    ]
)
texts = st.lists(pieces, max_size=25).map("".join) | st.text(
    st.characters(exclude_categories=["Cs", "Cc"]), max_size=60
)


@settings(max_examples=600, deadline=None)
@given(text=texts)
def test_a_reader_sees_what_was_typed_and_nothing_is_injected(text: str) -> None:
    read = _Read(with_links(text))

    assert read.text == text
    for tag, attributes in read.tags:
        address = str(attributes.pop("href"))
        assert (tag, attributes) == ("a", {"rel": "nofollow ugc noopener", "dir": "ltr"})
        assert address in text
        parts: Any = urlsplit(address)
        assert parts.scheme in {"http", "https"}
        assert (parts.username, parts.password) == (None, None)
        assert re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", parts.hostname)


def test_a_long_text_of_addresses_is_drawn_as_readily(app: Flask, open_reader: Reader) -> None:
    for text in ("http://" * 700, "(http://a.vn/(" * 350, "https://a.vn,.," * 330):
        assert open_reader.comment(text).status_code == 200
        assert _Read(with_links(text)).text == text
