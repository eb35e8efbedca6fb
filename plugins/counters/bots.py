"""Who is no reader: crawlers, scripts, and whoever doesn't say what they are."""

import functools
import re

from crawleruseragents import CRAWLER_USER_AGENTS_DATA  # type: ignore[import-untyped]

REMEMBERED = 4096
"""User agents whose answer is kept: a site's readers share a few thousand of them."""

# The list has these for link previews, and by them would take readers for bots: a build of Android
# on millions of phones, and the browsers within two apps.
PEOPLE = frozenset({r"AP3A\.240617\.008", "MetaIAB Facebook", "Viber"})
# Programs that the list does not know: command-line tools, and libraries that fetch for an app.
TOOLS = (r"^Dalvik/", r"CFNetwork/", r"^Faraday v", r"^GuzzleHttp", "PowerShell/", r"\bSiege/")
# Browsers say what they run on; only programs give nothing but a name and a version.
_ONE_WORD = re.compile(r"\S*")
_TEXT_BROWSER = re.compile(r"(?:w3m|lynx|e?links)\b", re.IGNORECASE)
# Of the sizes that were tried, the fastest: one expression for all takes more than twice as long.
_AT_ONCE = 100


@functools.lru_cache(REMEMBERED)
def is_bot(user_agent: str) -> bool:
    """Tell whether a program is behind `user_agent`, going by its own words."""
    user_agent = user_agent.strip()
    if _ONE_WORD.fullmatch(user_agent):
        return not _TEXT_BROWSER.match(user_agent)
    return any(pattern.search(user_agent) for pattern in _patterns())


@functools.cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    known = [each["pattern"] for each in CRAWLER_USER_AGENTS_DATA]
    wanted = [*TOOLS, *(pattern for pattern in known if pattern not in PEOPLE)]
    return tuple(
        re.compile("|".join(wanted[start : start + _AT_ONCE]))
        for start in range(0, len(wanted), _AT_ONCE)
    )
