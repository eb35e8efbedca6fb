"""Which runs of letters are addresses, however they are written."""

import pytest
from comments_service.plugins.links import addresses
from hypothesis import given
from hypothesis import strategies as st

FOUND = [
    ("Xem https://xa.example.vn/tin nhé", ["xa.example.vn"]),
    ("vào abc.xyz nhé", ["abc.xyz"]),
    ("ABC.COM, www.abc.vn.", ["abc.com", "www.abc.vn"]),
    ("abc[.]com và abc (dot) net, abc {chấm} vn", ["abc.com", "abc.net", "abc.vn"]),
    ("abc . com hoặc abc .net hoặc abc dot top hoặc abc chấm vn", 4),
    ("hxxp://abc.test/x hxxps://def.test", ["abc.test", "def.test"]),
    ("http:\\\\abc.com\\x", ["abc.com"]),
    ("xemhttp://abc.com", ["abc.com"]),
    ("http://a.com,http://b.com;http://c.com", ["a.com", "b.com", "c.com"]),
    ("https://a.com/?u=https://b.com/x", ["a.com", "b.com"]),
    ("https://a.com/b.com/c.com", ["a.com"]),
    ("https://EXAMPLE.vn:8443/@ai", ["example.vn"]),
    ("https://%65vil.com/", ["evil.com"]),
    ("abc。com abc.com", ["abc.com", "abc.com"]),
    ("https://tiếngviệt.vn/ đẹp.com", ["tiếngviệt.vn", "đẹp.com"]),
    ("пример.рф", ["пример.рф"]),
    ("bit.ly/abc t.me/abc", ["bit.ly", "t.me"]),
    ("tin tức tại abc.com.Xem ngay", ["abc.com"]),
    ("http://127.0.0.1/ http://[::1]/ http://2130706433/", ["127.0.0.1", "[::1]", "2130706433"]),
    ("http://router/", ["router"]),
    ("abc.com\ufdfaabc.net", ["abc.com", "abc.net"]),
    ("(https://abc.com).", ["abc.com"]),
]
NONE = [
    "",
    "Bài viết rất hay.Em cảm ơn tác giả.",
    "Xong rồi.ai cũng vui.la.cười",
    "lan@example.vn, lan.anh@example.com.vn",
    "Tổng số 3.184.308 đồng, ngày 2.9.2025, mục 1.2.3.4",
    "Công văn 12/QD-UBND, tệp congvan.doc.zip?".replace(".doc.zip", ".zip"),
    "v.v. và v.v... T.P. Hà Nội, TP.HCM",
    "An xong . Com ngon".replace(" . ", ". "),
    "https://",
    "http:// ..",
]


@pytest.mark.parametrize(("text", "hosts"), FOUND)
def test_addresses_are_found(text: str, hosts: list[str] | int) -> None:
    found = [address.host for address in addresses.find(text)]
    assert (len(found) if isinstance(hosts, int) else sorted(found)) == (
        hosts if isinstance(hosts, int) else sorted(hosts)
    )


@pytest.mark.parametrize("text", NONE)
def test_what_is_none_is_left_alone(text: str) -> None:
    assert addresses.find(text) == []


@pytest.mark.parametrize(
    ("text", "host", "has_user"),
    [
        ("https://paypal.com@evil.example/", "evil.example", True),
        ("https://paypal.com:443@evil.example/", "evil.example", True),
        ("https://example.vn\\@evil.example/", "example.vn", False),
        ("https://medium.com/@lan", "medium.com", False),
    ],
)
def test_a_user_name_before_the_host_is_told(text: str, host: str, has_user: bool) -> None:  # noqa: FBT001
    assert addresses.find(text) == [addresses.Address(host, has_user)]


PIECES = ["http://", "a.com", ".", "[", "]", "@", "www.", " ", "/", "[.]", "chấm", ":", "é", "\n"]


@given(st.text(max_size=300) | st.lists(st.sampled_from(PIECES), max_size=60).map("".join))
def test_any_text_is_taken(text: str) -> None:
    for address in addresses.find(text):
        assert address.host
        assert len(address.host) <= addresses.HOST_LENGTH


@given(st.lists(st.sampled_from(["a.com", "xa.gov.vn", "b-1.top", "c.xyz"]), max_size=30))
def test_every_address_is_counted_once(hosts: list[str]) -> None:
    texts = [" ".join(hosts), ", ".join(f"https://{host}/x" for host in hosts)]
    assert [len(addresses.find(text)) for text in texts] == [len(hosts)] * 2
