"""Crawlers and tools are known by their user agents, and no reader is taken for one."""

from pathlib import Path

import pytest
from comments_service.plugins.counters.bots import REMEMBERED, is_bot
from crawleruseragents import CRAWLER_USER_AGENTS_DATA

# What readers of Vietnamese portals carry: browsers, apps with a browser within, old phones,
# televisions, handsets with keys. Composed in the forms in which these name themselves, one a line.
PEOPLE = (Path(__file__).parent / "data" / "people.txt").read_text().splitlines()
CRAWLERS = [agent for each in CRAWLER_USER_AGENTS_DATA for agent in each.get("instances", [])]


def test_nearly_every_known_crawler_is_a_bot() -> None:
    assert len(CRAWLERS) > 2000
    missed = [agent for agent in CRAWLERS if not is_bot(agent)]
    assert len(missed) <= 0.01 * len(CRAWLERS), missed


def test_no_reader_is_a_bot() -> None:
    assert len(set(PEOPLE)) >= 500
    assert [agent for agent in PEOPLE if is_bot(agent)] == []


@pytest.mark.parametrize(
    "family",
    ["Zalo", "coc_coc_browser", "FBAN", "FB_IAB", "Orca-Android", "Messenger", "Instagram",
     "BytedanceWebview", "SamsungBrowser", "UCBrowser", "OPR/", "Opera Mini", "Edg/", "MSIE 6.0",
     "FxiOS", "CriOS", "SMART-TV", "Web0S", "KAIOS", "MIDP", "Android 2.3", "iPhone OS 18"],
)  # fmt: skip
def test_readers_of_every_kind_are_among_them(family: str) -> None:
    assert any(family in agent for agent in PEOPLE)


@pytest.mark.parametrize(
    "agent",
    [
        "", " ", "-", "Mozilla/5.0", "test", "curl/8.5.0", "Wget/1.24.5", "HTTPie/3.2.2",
        "python-requests/2.32.3", "python-httpx/0.28.1", "Python-urllib/3.11", "Java/17.0.1",
        "Go-http-client/2.0", "okhttp/4.12.0", "node", "undici", "axios/1.7.2",
        "PostmanRuntime/7.39.0", "insomnia/9.2.0", "libwww-perl/6.77", "aria2/1.37.0", "xh/0.22.2",
        "GuzzleHttp/7 curl/8.5.0 PHP/8.3.6", "Faraday v2.9.0", "ApacheBench/2.3", "k6/0.51.0",
        "Mozilla/5.0 (unknown-x86_64-linux-gnu) Siege/4.0.7",
        "Mozilla/5.0 (Windows NT; Windows NT 10.0; vi-VN) WindowsPowerShell/5.1.19041.4291",
        "Dalvik/2.1.0 (Linux; U; Android 13; SM-A536E Build/TP1A.220624.014)",
        "Zalo/500 CFNetwork/1485 Darwin/23.1.0", "Viber", "Viber/13.1", "comments-service",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 HeadlessChrome/126.0.0.0 Safari/537.36",
    ],
)  # fmt: skip
def test_nobody_and_command_line_tools_are_bots(agent: str) -> None:
    assert is_bot(agent)


@pytest.mark.parametrize("agent", ["w3m/0.5.3", "Lynx/2.9.0", "Links", "ELinks/0.17"])
def test_browsers_of_text_are_readers(agent: str) -> None:
    assert not is_bot(agent)


def test_no_more_is_remembered_than_was_meant() -> None:
    for number in range(REMEMBERED + 10):
        is_bot(f"Forged {number}")

    assert is_bot.cache_info().currsize == REMEMBERED
