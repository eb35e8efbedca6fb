"""Hosts that aren't what they seem."""
# ruff: noqa: RUF001 (letters that look like others)

import pytest
from comments_service.plugins.links import hosts
from comments_service.plugins.links.plugin import PROTECTED
from hypothesis import given
from hypothesis import strategies as st

BANK = "vietcombank.com.vn"
LOOK_ALIKES = [
    "vietcombank.com.vn.evil.top",
    "vietcombank-com-vn.top",
    "vietcombank.top",
    "vietcombank-online.xyz",
    "vietcombankonline.com",
    "vietc0mbank.com.vn",
    "v1etcombank.vn",
    "vietcornbank.vn",
    "vietcombamk.com",
    "vietcobmank.com",
    "vietcombnk.com.vn",
    "vietcoombank.com.vn",
    "viеtсоmbаnk.com.vn",
    "viétcombank.vn",
    "xn--vietcombnk-6qi.com.vn",
    "login.vietcombank.example.net",
]
OTHERS = [
    "vietcombank.com.vn",
    "www.vietcombank.com.vn",
    "vcb-digibank.vietcombank.com.vn",
    "vietinbank.vn",
    "bank.com.vn",
    "example.vn",
    "thachson.hatinh.gov.vn",
    "vietcombank.gov.vn",
    "combank.lk",
]


@pytest.mark.parametrize("host", LOOK_ALIKES)
def test_a_look_alike_is_known(host: str) -> None:
    assert hosts.imitates(host, BANK, by_name=True)


@pytest.mark.parametrize("host", OTHERS)
def test_others_are_not_taken_for_one(host: str) -> None:
    assert not hosts.imitates(host, BANK, by_name=True)


@pytest.mark.parametrize(
    ("host", "is_like"),
    [
        ("thachson.hatinh.gov.vn.evil.top", True),
        ("thachson-hatinh-gov-vn.top", True),
        ("thạchsơn-hatinh-gov-vn.top", True),
        ("hatihn.gov.vn", False),
        ("hatinh-gov.vn", True),
        ("xn--hatnh-1sa.gov.vn", True),
        ("hatinh.vn", False),
        ("baohatinh.vn", False),
        ("huongson.hatinh.gov.vn", False),
    ],
)
def test_a_site_has_look_alikes_of_its_whole_host_only(host: str, is_like: bool) -> None:  # noqa: FBT001
    assert hosts.imitates(host, "thachson.hatinh.gov.vn", by_name=False) is is_like


@pytest.mark.parametrize("host", PROTECTED)
def test_protected_hosts_are_not_like_each_other(host: str) -> None:
    assert not [each for each in PROTECTED if hosts.imitates(host, each, by_name=True)]


@pytest.mark.parametrize(
    ("host", "is_mixed", "is_international", "is_number"),
    [
        ("example.vn", False, False, False),
        ("pаypal.com", True, True, False),
        ("xn--pypal-4ve.com", True, True, False),
        ("аррӏе.com", False, True, False),
        ("tiếngviệt.vn", False, True, False),
        ("日本ニュースnews.jp", False, True, False),
        ("127.0.0.1", False, False, True),
        ("0x7f.1", False, False, True),
        ("2130706433", False, False, True),
        ("[::1]", False, False, True),
        ("24h.com.vn", False, False, False),
        ("xn--\ud83d\ude00", False, True, False),
    ],
)
def test_what_a_host_tells(
    host: str,
    is_mixed: bool,  # noqa: FBT001
    is_international: bool,  # noqa: FBT001
    is_number: bool,  # noqa: FBT001
) -> None:
    told = (hosts.mixes_scripts(host), hosts.is_international(host), hosts.is_number(host))
    assert told == (is_mixed, is_international, is_number)


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_host_is_taken(one: str, other: str) -> None:
    assert isinstance(hosts.imitates(one, other, by_name=True), bool)
    assert hosts.skeleton(one.casefold()) == hosts.skeleton(one)
    hosts.mixes_scripts(one)


NAME = st.text(st.sampled_from("abcdefghk"), min_size=9, max_size=20)


@given(NAME, st.integers(0, 8), st.sampled_from("xyz"))
def test_one_changed_letter_makes_a_look_alike(name: str, place: int, letter: str) -> None:
    changed = name[:place] + letter + name[place + 1 :]
    for other in (changed, name[:place] + letter + name[place:]):
        assert hosts.imitates(f"{other}.com", f"{name}.com", by_name=True)
