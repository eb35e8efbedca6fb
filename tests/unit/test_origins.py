"""Origins: kept as a browser will write them, or refused."""

import pytest

from comments_service.origins import BadOrigin, parse_origin


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("https://www.example.vn", "https://www.example.vn"),
        ("https://www.example.vn/", "https://www.example.vn"),
        (" HTTPS://WWW.Example.VN ", "https://www.example.vn"),
        ("https://example.vn:443", "https://example.vn"),
        ("http://example.vn:80", "http://example.vn"),
        ("http://example.vn:8080", "http://example.vn:8080"),
        ("http://comments_service:8000", "http://comments_service:8000"),
        ("http://[::1]:8001", "http://[::1]:8001"),
        ("https://đồngsen.vn", "https://xn--ngsen-4ya0444c.vn"),
    ],
)
def test_origin_is_kept_as_a_browser_writes_it(written: str, kept: str) -> None:
    assert parse_origin(written) == kept


@pytest.mark.parametrize(
    "written",
    [
        "",
        "example.vn",
        "ftp://example.vn",
        "https://",
        "https://example.vn/path",
        "https://example.vn?query",
        "https://user@example.vn",
        "https://example.vn:99999",
        "https://a b.vn",
        "https://a.vn; script-src *",
        "https://*.example.vn",
        "https://[::1",
        "null",
    ],
)
def test_what_is_no_origin_is_refused(written: str) -> None:
    with pytest.raises(BadOrigin, match="is no origin"):
        parse_origin(written)
