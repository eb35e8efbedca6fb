"""Networks, which only limit; and visitor tokens, which nobody can make but the service."""

import ipaddress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from comments_service.identity import Keys, Visitors, network_of, widening

SECRET = "a key for these tests, and no others"


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.7/32"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::", "2001:db8:1:2::/64"),
        ("2001:DB8:1:3::", "2001:db8:1:3::/64"),
        ("::1", "::/64"),
        # The same person by two protocols of a dual-stack socket.
        ("::ffff:203.0.113.7", "203.0.113.7/32"),
        ("::ffff:cb00:7107", "203.0.113.7/32"),
        ("fe80::1%eth0", "fe80::/64"),
        ("fe80::1%", "fe80::/64"),
        ("", "unknown"),
        ("unix:", "unknown"),
        ("localhost", "unknown"),
        ("203.0.113.7:443", "unknown"),
        ("203.0.113.999", "unknown"),
        ("203.0.113.07", "unknown"),
        ("1" * 5000, "unknown"),
        ("%", "unknown"),
    ],
)
def test_an_address_is_cut_to_what_one_person_controls(address: str, network: str) -> None:
    assert network_of(address) == network


@given(st.ip_addresses())
def test_every_address_lies_in_its_network(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    network = ipaddress.ip_network(network_of(str(address)))
    mapped = getattr(address, "ipv4_mapped", None)
    assert (mapped or address) in network
    assert network.prefixlen == (32 if network.version == 4 else 64)


@given(st.ip_addresses())
@example(ipaddress.ip_address("2001:db8:0:1::7"))
@example(ipaddress.ip_address("::102:304:506:708"))
def test_networks_are_written_as_they_were_when_they_were_hashed(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    plain = getattr(address, "ipv4_mapped", None) or address
    lengths = (32, 24) if plain.version == 4 else (64, 56, 48)
    expected = [str(ipaddress.ip_network((plain, each), strict=False)) for each in lengths]
    assert list(widening(network_of(str(address)))) == expected


@given(st.text())
def test_any_text_has_a_network(text: str) -> None:
    assert network_of(text)


# --- Visitors ---------------------------------------------------------------------------------


@pytest.fixture
def visitors() -> Visitors:
    return Visitors(Keys(SECRET))


def test_a_token_is_read_on_its_own_site_alone(visitors: Visitors) -> None:
    visitor = visitors.new()
    token = visitors.token(1, visitor)
    assert visitors.read(1, token) == visitor
    assert visitors.read(2, token) is None
    assert visitors.read(11, token) is None


def test_every_visitor_is_another(visitors: Visitors) -> None:
    made = {visitors.new() for _ in range(100)}
    assert len(made) == 100
    assert {len(visitor) for visitor in made} == {32}


def test_a_token_of_another_service_is_nobodys(visitors: Visitors) -> None:
    other = Visitors(Keys("the key of another service altogether"))
    assert visitors.read(1, other.token(1, "a" * 32)) is None


@pytest.mark.parametrize("change", ["", "x", "-", " "])
def test_a_token_with_anything_after_it_is_nobodys(visitors: Visitors, change: str) -> None:
    token = visitors.token(1, "a" * 32) + change
    assert (visitors.read(1, token) is None) == bool(change)


@given(st.data())
def test_a_changed_token_is_nobodys(data: st.DataObject) -> None:
    visitors = Visitors(Keys(SECRET))
    token = visitors.token(1, "a" * 32)
    at = data.draw(st.integers(0, len(token) - 2))
    letter = data.draw(st.characters().filter(lambda c: c != token[at]))
    assert visitors.read(1, token[:at] + letter + token[at + 1 :]) is None


@given(st.text(st.characters()))
@example("\ud800")
def test_any_text_is_nobodys_token(text: str) -> None:
    assert Visitors(Keys(SECRET)).read(1, text) is None


def test_what_is_huge_or_no_text_is_nobodys(visitors: Visitors) -> None:
    assert visitors.read(1, visitors.token(1, "a" * 1_000_000)) is None
    serializer = visitors._serializer(1)  # noqa: SLF001 (a token as only an error of ours makes it)
    assert visitors.read(1, str(serializer.dumps(["a"]))) is None


def test_keys_of_two_purposes_have_nothing_in_common() -> None:
    keys = Keys(SECRET)
    assert keys.derive("visitor") != keys.derive("form")
    assert keys.derive("visitor") == Keys(SECRET).derive("visitor")
    assert keys.digest("limit", "203.0.113.7/32") != keys.digest("limit", "203.0.113.8/32")
    assert keys.digest("limit", "x") != keys.digest("login", "x")
    assert keys.digest("limit", "x") != Keys(SECRET + "!").digest("limit", "x")
