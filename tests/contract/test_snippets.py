"""What `site snippet` prints for webmasters to paste."""

import re
from pathlib import Path

import pytest
from flask import Flask

from comments_service.paths import CHECKOUT
from comments_service.testing import SITE, MakeApp, add_site, element, elements

from .conftest import RunCommand

# No store makes a difference to what is asked, said and refused here.
STORES = ("sqlite",)

URL = "https://comments.example.vn"
KINDS = [
    "html",
    "elements",
    "further",
    "pinned",
    "frame",
    "noscript",
    "nginx",
    "php",
    "wordpress",
    "joomla",
    "dnn",
    "sharepoint",
    "sharepoint-classic",
    "nukeviet",
    "hugo",
]
WITH_SCRIPT = set(KINDS) - {"frame", "noscript", "nginx", "php", "sharepoint"}
# What these include is drawn by the server; the script beside it is the webmaster's choice.
TAKES_SCRIPT_TOO = {"nginx", "php"}
WITH_FRAMES = {"frame", "sharepoint"}

assert CHECKOUT is not None
NGINX: Path = CHECKOUT / "docs" / "deploy" / "nginx-ssi.conf"


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    app = make_app()
    add_site(app)
    return app


@pytest.fixture
def printed(app: Flask, run_command: RunCommand, kind: str) -> str:
    """Return what is printed for one kind of site."""
    code, output = run_command("site", "snippet", SITE, "--for", kind, public_url=URL, locale="en")
    assert code == 0, output
    return output


def test_all_are_printed_with_headings_in_order(app: Flask, run_command: RunCommand) -> None:
    code, output = run_command("site", "snippet", SITE, public_url=URL)
    assert code == 0
    assert re.findall(r"(?m)^== ([a-z-]+): .+$", output) == KINDS


@pytest.mark.parametrize("kind", KINDS)
def test_a_snippet_has_the_policy_of_its_door(printed: str, kind: str) -> None:
    policies = re.findall(r"(?m)^Content-Security-Policy: (.*)$", printed)
    if kind in WITH_SCRIPT:
        assert policies == [f"script-src {URL}; connect-src {URL}"]
        assert "/embed." in printed
    elif kind in TAKES_SCRIPT_TOO:
        assert policies == [f"script-src {URL}; connect-src {URL}"]
        assert "<script" not in printed
    elif kind in WITH_FRAMES:
        assert policies == [f"frame-src {URL}"]
        assert "<script" not in printed
    else:
        assert policies == []
        assert "<script" not in printed


@pytest.mark.parametrize("kind", KINDS)
def test_a_snippet_is_whole(printed: str) -> None:
    assert SITE in printed
    assert URL in printed
    assert "&lt;" not in printed
    assert "&#" not in printed
    assert not re.search(r"(?m) $", printed)


@pytest.mark.parametrize("kind", ["html"])
def test_the_plain_one_is_one_line(printed: str) -> None:
    assert printed.splitlines()[-1] == (
        f'<script async src="{URL}/embed.js" data-site="{SITE}"'
        ' data-widgets="rating,comments,counters"></script>'
    )


@pytest.mark.parametrize("kind", ["elements"])
def test_elements_keep_their_height_free(printed: str) -> None:
    for widget in ("rating", "comments", "counters"):
        assert "min-height:" in element(printed, widget=widget)["style"]


@pytest.mark.parametrize("kind", ["further"])
def test_further_widgets_stand_apart(printed: str) -> None:
    widgets = [has["widget"] for tag, has in elements(printed) if tag == "comments-service"]
    assert widgets == ["rating-best"]


@pytest.mark.parametrize("kind", ["pinned"])
def test_the_pinned_script_is_there_and_what_it_says(app: Flask, printed: str) -> None:
    script = next(has for tag, has in elements(printed) if tag == "script")
    asset = app.extensions["comments_service_assets"].script
    assert script["integrity"] == asset.integrity
    assert script["crossorigin"] == "anonymous"
    assert app.test_client().get(script["src"].removeprefix(URL)).status_code == 200


@pytest.mark.parametrize("kind", sorted(WITH_FRAMES))
def test_every_frame_has_a_title_and_an_address_that_answers(app: Flask, printed: str) -> None:
    frames = [has for tag, has in elements(printed) if tag == "iframe"]
    assert [frame["title"] for frame in frames] == ["Đánh giá", "Bình luận", "Thống kê"]
    for frame in frames:
        assert frame["loading"] == "lazy"
        assert frame["width"] == "100%"
        assert app.test_client().get(frame["src"].removeprefix(URL)).status_code == 200


@pytest.mark.parametrize("kind", ["nginx"])
def test_nginx_is_told_what_the_tested_example_says(printed: str) -> None:
    example = [line.strip() for line in NGINX.read_text().splitlines()]
    told = printed.partition("proxy_cache_path")
    lines = (told[1] + told[2]).splitlines()
    wanted = [line.strip() for line in lines if line and not line.startswith("#")]
    assert [line for line in wanted if line not in example] == []


@pytest.mark.parametrize("kind", ["php"])
def test_php_says_for_whom_it_asks_and_waits_once(printed: str) -> None:
    assert "X-Forwarded-For: {$_SERVER['REMOTE_ADDR']}" in printed
    assert "COMMENTS_TRUSTED_PROXIES" in printed
    assert printed.count("CURLOPT_TIMEOUT_MS => 500,") == 1
    assert printed.count("curl_multi_init()") == 1


def test_an_address_on_the_command_line_is_enough(app: Flask, run_command: RunCommand) -> None:
    code, output = run_command("site", "snippet", SITE, "--for", "html", "--url", f"{URL}/")
    assert code == 0
    assert f'src="{URL}/embed.js"' in output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((SITE,), "Set COMMENTS_PUBLIC_URL, or add --url https://"),
        ((SITE, "--url", "comments.example.vn"), "comments.example.vn is no origin"),
        (("protal", "--url", URL), f"There is no site protal. Known: {SITE}."),
        (
            (SITE, "--url", URL, "--for", "wordpres"),
            "wordpres is not a known snippet. Did you mean wordpress?",
        ),
    ],
)
def test_what_can_not_be_is_refused(
    app: Flask, run_command: RunCommand, words: tuple[str, ...], said: str
) -> None:
    code, output = run_command("site", "snippet", *words)
    assert code == 1
    assert output.startswith("Error: ")
    assert said in output


def test_a_plugin_that_is_not_loaded_is_not_offered(app: Flask, run_command: RunCommand) -> None:
    words = ("site", "snippet", SITE, "--for", "html")
    _code, output = run_command(*words, public_url=URL, plugins="counters,rating")
    assert 'data-widgets="rating,counters"' in output
    _code, output = run_command("site", "snippet", SITE, public_url=URL, plugins="counters")
    assert "== further" not in output
    assert "rating" not in output
