"""Page keys: which article an address means."""

import contextlib

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from comments_service.pages import BadPageKey, normalise

LENGTH = 2048
FOUND_AT = "https://dongsen.example.vn"


@pytest.mark.parametrize(
    ("address", "key"),
    [
        # The origin goes: a portal moves, its articles stay.
        (f"{FOUND_AT}/tin-tuc/bai-1", "/tin-tuc/bai-1"),
        ("http://dongsen.example.vn:8080/tin-tuc/bai-1", "/tin-tuc/bai-1"),
        ("http://lan:secret@[2001:db8::1]:80/bai", "/bai"),
        ("/tin-tuc/bai-1", "/tin-tuc/bai-1"),
        (FOUND_AT, "/"),
        (f"{FOUND_AT}/", "/"),
        (f"{FOUND_AT}?id=7", "/?id=7"),
        (f"  {FOUND_AT}/bai \n", "/bai"),
        # So does the fragment.
        (f"{FOUND_AT}/bai#binh-luan", "/bai"),
        ("/bai?id=7#", "/bai?id=7"),
        # The query chooses the article; only tracking goes.
        ("/index.php?nv=news&op=bai-1", "/index.php?nv=news&op=bai-1"),
        ("/bai?utm_source=zalo&utm_medium=social", "/bai"),
        ("/bai?UTM_Source=zalo", "/bai"),
        ("/bai?utm%5Fsource=zalo", "/bai"),
        ("/bai?fbclid=IwAR0x", "/bai"),
        ("/bai?gclid=1&msclkid=2", "/bai"),
        ("/bai?id=7&zarsrc=30", "/bai?id=7"),
        ("/bai?zarsrc=30&id=7&fbclid=x&page=2", "/bai?id=7&page=2"),
        ("/bai?utm", "/bai?utm"),
        ("/bai?q=utm_source", "/bai?q=utm_source"),
        ("/bai?", "/bai"),
        # What stays is as it was written, tracking or not.
        ("/bai?ten=a%20b%2Fc&preview", "/bai?ten=a%20b%2Fc&preview"),
        ("/bai?ten=a%20b%2Fc&preview&fbclid=x", "/bai?ten=a%20b%2Fc&preview"),
        # But letters beyond ASCII are one, whether a browser escaped them or a portal did not.
        ("/tin-t%E1%BB%A9c?ten=Th%e1%ba%a1ch%20S%C6%A1n", "/tin-tức?ten=Thạch%20Sơn"),
        ("/tin-tức?ten=Thạch%20Sơn", "/tin-tức?ten=Thạch%20Sơn"),
        ("/bai?next=/a/b&utm_source=x&rubbish=%ff", "/bai?next=/a/b&rubbish=%ff"),
        # Two slashes make no host.
        (f"{FOUND_AT}//tin-tuc/bai-1", "/tin-tuc/bai-1"),
        ("//tin-tuc/bai-1", "/tin-tuc/bai-1"),
        ("///[?id=7", "/[?id=7"),
        ("/tin//bai", "/tin//bai"),
        # Anything else is a key of the site's own.
        ("bai-1", "bai-1"),
        (" node:42 ", "node:42"),
        ("ftp://example.vn/x?utm_source=y", "ftp://example.vn/x?utm_source=y"),
        ("Bài số 1", "Bài số 1"),
    ],
)
def test_an_address_means_one_article(address: str, key: str) -> None:
    assert normalise(address) == key


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "   ",
        "\n",
        "/" + "a" * LENGTH,
        "a" * (LENGTH + 1),
        "/bai\x00",
        "/bai\ud800",
        "http://[",
        "https://[not-an-address]/bai",
    ],
)
def test_what_names_no_page_is_refused(raw: str) -> None:
    with pytest.raises(BadPageKey):
        normalise(raw)


def test_the_longest_key_is_kept() -> None:
    assert normalise("/" + "a" * (LENGTH - 1)) == "/" + "a" * (LENGTH - 1)


pieces = st.sampled_from(
    [
        *"/?&#=% \x85\t[]@:é\x00",
        "//",
        "%20",
        "http://",
        "https://",
        "utm_x",
        "utm%5fa",
        "fbclid",
        "zarsrc=1",
        "id=7",
        "a" * 700,
    ]
)
addresses = st.one_of(st.text(max_size=80), st.lists(pieces, max_size=14).map("".join))


@given(addresses)
@example("http://x//host/bai")
@example("/a? #x")
@example("/a? utm_a=1")
def test_any_text_is_a_key_or_refused_and_a_key_stays_what_it_is(raw: str) -> None:
    with contextlib.suppress(BadPageKey):
        key = normalise(raw)
        assert 1 <= len(key) <= LENGTH
        # A form sends the key back as its page.
        assert normalise(key) == key


@given(st.lists(st.sampled_from(["id=7", "a", "b=%20", "c=+", "d=ă", "e="]), max_size=4))
def test_tracking_changes_no_key(query: list[str]) -> None:
    plain = "/bai?" + "&".join(query)
    assert normalise("/bai?" + "&".join([*query, "fbclid=x"])) == normalise(plain)
    assert normalise("/bai?" + "&".join(["utm_source=x", *query])) == normalise(plain)
