"""What the addresses of a comment are held for."""

import dataclasses
import datetime

import pytest
from comments_service.plugins.links import service
from comments_service.plugins.links.plugin import PROTECTED, LinksSiteSettings
from comments_service.plugins.links.service import Rules, Sign
from hypothesis import given
from hypothesis import strategies as st

from comments_service.api import Draft, Site, Standing

NOW = datetime.datetime(2025, 9, 2, 8, tzinfo=datetime.UTC)
KNOWN = Standing(approved=3, since=NOW - datetime.timedelta(days=30))
DRAFT = Draft(
    site=Site(origins=["https://portal.example"]),
    page_key="/a",
    page_id=1,
    page_url=None,
    kind="comment",
    author="Lan",
    email="",
    text="Bài viết rất hay.",
    visitor="v",
    standing=Standing(),
    networks=["n"],
    user_agent="",
    locale="vi",
    now=NOW,
)
RULES = Rules(2, 0, 1, ("baochinhphu.vn",), PROTECTED, ("portal.example",))


def signs(**changes: object) -> list[Sign]:
    draft = dataclasses.replace(DRAFT, **changes)  # type: ignore[arg-type]
    return [finding.sign for finding in service.inspect(draft, RULES).findings]


def test_nothing_is_said_of_a_text_without_addresses() -> None:
    opinion = service.inspect(DRAFT, RULES)
    assert (opinion.findings, opinion.cluster) == ([], None)


@pytest.mark.parametrize(
    ("text", "of_new", "of_known"),
    [
        ("abc.test/x abc.com", [Sign.TOO_MANY_FOR_NEW], []),
        ("a.com b.com c.com", [Sign.TOO_MANY], [Sign.TOO_MANY]),
        ("https://portal.example/a www.portal.example/b https://media.baochinhphu.vn", [], []),
        ("lan@abc.com", [], []),
    ],
)
def test_addresses_are_counted_by_what_the_visitor_may(
    text: str, of_new: list[Sign], of_known: list[Sign]
) -> None:
    assert signs(text=text) == of_new
    assert signs(text=text, standing=KNOWN) == of_known


@pytest.mark.parametrize(
    ("standing", "is_new"),
    [
        (Standing(), True),
        (Standing(approved=0, refused=4, since=NOW - datetime.timedelta(days=90)), True),
        (Standing(approved=1, since=NOW - datetime.timedelta(hours=23)), True),
        (Standing(approved=1, since=NOW - datetime.timedelta(hours=24)), False),
    ],
)
def test_who_is_new(standing: Standing, is_new: bool) -> None:  # noqa: FBT001
    assert service.is_new(dataclasses.replace(DRAFT, standing=standing), RULES) is is_new


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("https://portal.example@evil.test/", Sign.USER),
        ("https://evil.test@portal.example/", Sign.USER),
        ("http://203.0.113.9/x", Sign.NUMBER),
        ("https://tiếngviệt.vn", Sign.INTERNATIONAL),
        ("https://xn--bcher-kva.example", Sign.INTERNATIONAL),
        ("https://p\u0430ypal.com", Sign.MIXED),
        ("https://portal.example.evil.test/", Sign.IMITATES),
        ("dichvucong-gov.vn", Sign.IMITATES),
        ("javascript:alert(1)", Sign.PROGRAM),
        ("data:text/html;base64,AAAA", Sign.PROGRAM),
        ("[url=abc]x[/url]", Sign.MARKUP),
        ('<a href="/x">x</a>', Sign.MARKUP),
    ],
)
def test_even_one_whom_the_site_knows_is_held_for(text: str, sign: Sign) -> None:
    assert signs(text=text, standing=KNOWN) == [sign]


@pytest.mark.parametrize("text", ["JavaScript: một ngôn ngữ", "data: text", "<b>đậm</b>", "[1]"])
def test_talk_of_such_things_is_none(text: str) -> None:
    assert signs(text=text) == []


@pytest.mark.parametrize(
    ("author", "found"),
    [
        ("Nhà cái abc.com", [Sign.NAME]),
        ("https://abc.com", [Sign.NAME]),
        ("T.S. Lan", []),
        ("Cổng portal.example", []),
        ("vietc0mbank.vn", [Sign.NAME, Sign.IMITATES]),
    ],
)
def test_a_name_is_no_address(author: str, found: list[Sign]) -> None:
    assert signs(author=author, standing=KNOWN) == found


def test_the_host_of_the_email_address_is_looked_at() -> None:
    assert signs(email="lan@gmail.com") == []
    assert signs(email="hotro@vietcombank-online.top") == [Sign.IMITATES]
    assert signs(email="lan@\u0430bc.com") == [Sign.MIXED]


def test_those_who_advertise_one_domain_are_one_wave() -> None:
    texts = ["Hay https://abc.xyz/1", "Xem www.abc.xyz nhé", "abc[.]xyz/x", "def.com"]
    drafts = [dataclasses.replace(DRAFT, text=text, visitor=text) for text in texts]
    waves = [service.inspect(draft, RULES).cluster for draft in drafts]
    assert len(set(waves[:3])) == 1
    assert waves[3] not in {None, waves[0]}
    assert len(waves[0] or "") == 16


@given(st.text(max_size=400), st.text(max_size=80), st.text(max_size=60))
def test_any_text_is_judged(text: str, author: str, email: str) -> None:
    draft = dataclasses.replace(DRAFT, text=text, author=author, email=email)
    assert isinstance(service.inspect(draft, RULES), service.Opinion)


@pytest.mark.parametrize(
    "wrong", [{"max": -1}, {"allow": ("https://a.vn",)}, {"protected": ("a",)}]
)
def test_settings_that_can_not_be_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="links"):
        LinksSiteSettings(**wrong)  # type: ignore[arg-type]
