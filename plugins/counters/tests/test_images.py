"""The counters where no script may run: picture, text, badge, and the pixel that counts."""

from collections.abc import Mapping
from xml.etree import ElementTree as ET

import pytest
from comments_service.plugins.counters import layout, views_images
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from comments_service import sites
from comments_service.core import Core
from comments_service.testing import ORIGIN, PAGE, SITE, MakeApp, Reader, add_site, row_counts

from .conftest import Flush

# No store makes a difference to how figures are drawn.
STORES = ("sqlite",)

SVG = f"/api/v1/sites/{SITE}/counters.svg"
TEXT = f"/api/v1/sites/{SITE}/counters.txt"
BADGE = f"/api/v1/sites/{SITE}/badge.svg"
PIXEL = f"/count/{SITE}.gif"
NAMES = "{http://www.w3.org/2000/svg}"


def get(
    app: Flask,
    path: str,
    address: str = "203.0.113.7",
    headers: Mapping[str, str] | None = None,
    **query: str,
) -> TestResponse:
    """Ask as a browser asks for an image: without Origin."""
    agent = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"}
    return app.test_client().get(
        path,
        query_string=query,
        headers={**agent, **(headers or {})},
        environ_overrides={"REMOTE_ADDR": address},
    )


def drawn(response: TestResponse) -> ET.Element:
    assert (response.status_code, response.mimetype) == (200, "image/svg+xml")
    return ET.fromstring(response.text)  # noqa: S314 (our own answer)


def words(svg: ET.Element) -> list[str]:
    return [element.text or "" for element in svg.iter(f"{NAMES}text")]


def text_of(svg: ET.Element, name: str) -> str:
    return svg.findtext(f"{NAMES}{name}") or ""


def counted(app: Flask, page: str = PAGE) -> tuple[int, int]:
    """Return the views of the site and of the page."""
    told = Reader(app).send("GET", f"/api/v1/sites/{SITE}/counters?page={page}").get_json()
    return told["total"], told["this_page"]


# --- Picture and text -------------------------------------------------------------------------


def test_the_picture_shows_the_figures_that_are_asked_for(app: Flask, reader: Reader) -> None:
    reader.view()
    reader.view()

    svg = drawn(get(app, SVG, page=PAGE, fields="total, page,online"))

    assert words(svg) == ["Tổng lượt truy cập", "2", "Trang này", "2", "Online", "1"]


def test_numbers_are_written_as_the_language_does(core: Core, app: Flask) -> None:
    with core.db.write() as session:
        site = sites.get(session, SITE)
        sites.set_setting(core.plugins, site, "counters.offset", "3184308")
        sites.set_setting(core.plugins, site, "counters.since", "2012-05-01")

    asked = {"fields": "total,since"}

    assert words(drawn(get(app, SVG, **asked)))[1::2] == ["3.184.308", "01/05/2012"]
    assert words(drawn(get(app, SVG, lang="en", **asked)))[1::2] == ["3,184,308", "May 1, 2012"]
    assert get(app, TEXT, **asked).text == ("Tổng lượt truy cập: 3.184.308\nTính từ: 01/05/2012\n")


def test_without_a_choice_it_is_what_the_widget_shows(core: Core, app: Flask) -> None:
    with core.db.write() as session:
        sites.set_setting(core.plugins, sites.get(session, SITE), "counters.fields", "today,page")

    assert words(drawn(get(app, SVG, page=PAGE))) == ["Hôm nay", "0", "Trang này", "0"]
    # Nobody said which page.
    assert words(drawn(get(app, SVG))) == ["Hôm nay", "0"]
    assert words(drawn(get(app, SVG, fields="nothing,,<script>"))) == ["Hôm nay", "0"]


def test_a_field_without_value_is_left_out(app: Flask) -> None:
    assert get(app, TEXT, fields="since,today").text == "Hôm nay: 0\n"


def test_the_picture_speaks_to_screen_readers(app: Flask) -> None:
    svg = drawn(get(app, SVG, fields="online,today", lang="vi"))

    assert svg.get("role") == "img"
    named = (svg.get("aria-labelledby") or "").split()
    assert [svg.find(f"{NAMES}{name}[@id='{name}']") is not None for name in named] == [True, True]
    assert text_of(svg, "title") == "Thống kê"
    assert text_of(svg, "desc") == "Online: 1; Hôm nay: 0"


@pytest.mark.parametrize(
    ("theme", "is_light", "is_dark", "asks"),
    [
        ("auto", True, True, True),
        ("light", True, False, False),
        ("dark", False, True, False),
        ("</style><script>", True, True, True),
    ],
)
@pytest.mark.parametrize("path", [SVG, BADGE])
def test_light_and_dark(
    app: Flask, path: str, theme: str, is_light: object, is_dark: object, asks: object
) -> None:
    style = text_of(drawn(get(app, path, theme=theme)), "style")

    assert ("fill: #ffffff" in style) is is_light
    assert ("fill: #161b26" in style) is is_dark
    assert ("prefers-color-scheme: dark" in style) is asks
    assert style.count("{") == style.count("}")


def test_who_writes_from_the_right_reads_from_the_right(app: Flask) -> None:
    def places(lang: str) -> tuple[str | None, list[float]]:
        svg = drawn(get(app, SVG, lang=lang, fields="today"))
        return svg.get("direction"), [float(e.get("x", 0)) for e in svg.iter(f"{NAMES}text")]

    assert places("vi")[0] == "ltr"
    assert places("vi")[1] == sorted(places("vi")[1])
    assert places("ar")[0] == "rtl"
    assert places("ar")[1] == sorted(places("ar")[1], reverse=True)


def test_looking_counts_nothing(app: Flask, core: Core) -> None:
    before = row_counts(core)

    for path in (SVG, TEXT, BADGE):
        get(app, path, page="/chua-ai-xem")

    assert counted(app) == (0, 0)
    assert row_counts(core) == before


@pytest.mark.parametrize("path", [SVG, TEXT])
def test_figures_are_everybodys_for_a_moment(app: Flask, path: str) -> None:
    response = get(app, path)

    assert response.headers["Cache-Control"] == "public, max-age=30"
    assert "Set-Cookie" not in response.headers


@pytest.mark.parametrize("path", [SVG, BADGE])
def test_a_picture_opened_by_itself_runs_nothing(app: Flask, path: str) -> None:
    response = get(app, path)

    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Cross-Origin-Resource-Policy"] == "cross-origin"


@pytest.mark.parametrize("path", [SVG, TEXT, BADGE, PIXEL])
def test_an_unknown_site_is_refused(app: Flask, path: str) -> None:
    response = get(app, path.replace(SITE, "nobody"))

    assert (response.status_code, response.get_json()["code"]) == (404, "unknown_site")


@pytest.mark.parametrize("path", [SVG, TEXT, BADGE, PIXEL])
def test_a_page_that_is_none_is_refused(app: Flask, path: str) -> None:
    response = get(app, path, page="x" * 3000)

    assert (response.status_code, response.get_json()["code"]) == (422, "validation")


labels = st.text(st.characters(exclude_categories=["C"]), min_size=1, max_size=40)
rows = st.lists(st.tuples(labels, st.integers(0, 10**12).map(str)), max_size=12)


@given(rows, st.booleans())
def test_a_table_holds_its_lines(rows: list[tuple[str, str]], from_right: object) -> None:
    table = layout.table(rows, from_right=bool(from_right))

    middles = [line.y for line in table.lines]
    assert [(line.label, line.value) for line in table.lines] == rows
    assert middles == sorted(set(middles))
    assert all(0 < y < table.height for y in middles)
    assert {0 < table.start < table.width, 0 < table.end < table.width} == {True}
    for label, value in rows:
        space = abs(table.end - table.start)
        assert layout.text_width(label) + layout.text_width(value) < space


# --- Badge ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "word", "protocol"),
    [
        ("203.0.113.7", "IPv4", "IPv4"),
        ("::ffff:203.0.113.7", "IPv4", "IPv4"),
        ("2001:db8::7", "IPv6 ready", "IPv6"),
        ("::1", "IPv6 ready", "IPv6"),
        ("fe80::7%eth0", "IPv6 ready", "IPv6"),
        # A Unix socket's peer has no address.
        ("", "IP", "IP"),
    ],
)
def test_the_badge_says_how_this_reader_came(
    app: Flask, address: str, word: str, protocol: str
) -> None:
    response = get(app, BADGE, address)
    svg = drawn(response)

    assert words(svg) == [word]
    assert text_of(svg, "title") == word
    assert text_of(svg, "desc") == f"Bạn đang kết nối qua {protocol}."
    assert response.headers["Cache-Control"] == "no-store"
    if address:
        assert address not in response.text


def test_the_badge_believes_the_operators_proxies_alone(make_app: MakeApp) -> None:
    app = make_app(plugins="counters", trusted_proxies="127.0.0.1")
    add_site(app)
    forwarded = {"X-Forwarded-For": "2001:db8::7"}

    assert words(drawn(get(app, BADGE, "127.0.0.1", forwarded))) == ["IPv6 ready"]
    assert words(drawn(get(app, BADGE, "203.0.113.7", forwarded))) == ["IPv4"]


# --- Pixel ------------------------------------------------------------------------------------


def test_the_pixel_counts_and_shows_nothing(app: Flask, flush: Flush) -> None:
    response = get(app, PIXEL, page=PAGE)

    assert (response.status_code, response.mimetype) == (200, "image/gif")
    assert response.data[:10] == b"GIF89a\x01\x00\x01\x00"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "Set-Cookie" not in response.headers
    flush()
    assert counted(app) == (1, 1)


def test_the_page_that_shows_the_pixel_needs_no_name(app: Flask, flush: Flush) -> None:
    get(app, PIXEL, headers={"Referer": f"{ORIGIN}{PAGE}?utm_source=zalo"})
    get(app, PIXEL, headers={"Referer": f"{ORIGIN}/khac"}, page=PAGE)
    flush()

    assert counted(app) == (2, 2)


@pytest.mark.parametrize(
    "headers",
    [
        {"Referer": f"https://evil.example{PAGE}"},
        {"Referer": f"{ORIGIN}.evil.example{PAGE}"},
        {"Referer": "https://[::1"},
        {"Referer": PAGE},
        {"Sec-Purpose": "prefetch"},
        {"Sec-Purpose": "prefetch;prerender"},
        {"Purpose": "prefetch"},
        {"X-Moz": "prefetch"},
        {"X-Purpose": "preview"},
        {"Sec-Fetch-Dest": "document"},
        {"User-Agent": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"},
        {"User-Agent": "curl/8.5.0"},
        {"User-Agent": ""},
    ],
)
def test_nobody_who_reads_is_not_counted(app: Flask, flush: Flush, headers: dict[str, str]) -> None:
    response = get(app, PIXEL, headers=headers, page=PAGE)
    flush()

    assert (response.status_code, response.data) == (200, views_images.PIXEL)
    assert counted(app) == (0, 0)


def test_a_pixel_that_nobody_placed_counts_nothing(app: Flask, flush: Flush) -> None:
    assert get(app, PIXEL).status_code == 200
    assert app.test_client().head(PIXEL, query_string={"page": PAGE}).status_code == 200
    flush()

    assert counted(app) == (0, 0)


@pytest.mark.parametrize(
    ("address", "door", "shown"),
    [
        ("2001:db8::7", "script", "<strong>IPv6 ready</strong> · Bạn đang kết nối qua IPv6."),
        ("::ffff:203.0.113.7", "embed", ">Bạn đang kết nối qua IPv4."),
        ("", "embed", ""),
        # Kept for everybody, and asked for by the portal's server.
        ("2001:db8::7", "include", ""),
    ],
)
def test_the_badge_within_the_widget(app: Flask, address: str, door: str, shown: str) -> None:
    core: Core = app.extensions["comments_service"]
    with core.db.write() as session:
        sites.set_setting(core.plugins, sites.get(session, SITE), "counters.badge", "yes")
    reader = Reader(app, address=address)

    if door == "script":
        html = reader.view("counters")["widgets"]["counters"]
    else:
        html = reader.client.get(
            f"/{door}/{SITE}/counters?page={PAGE}&lang=vi",
            environ_overrides={"REMOTE_ADDR": address},
        ).text

    assert "cs-counters-list" in html
    assert ("cs-counters-badge" in html) == bool(shown)
    assert shown in html


def test_without_being_asked_for_there_is_no_badge(app: Flask) -> None:
    assert "cs-counters-badge" not in Reader(app).view("counters")["widgets"]["counters"]
