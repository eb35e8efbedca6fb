"""Whether a server could listen, told before it tries."""

import socket
from collections.abc import Iterator

import pytest

from comments_service.serving import PortTaken, check_port, is_wildcard, printable


@pytest.fixture(params=["127.0.0.1", "::1"])
def listener(request: pytest.FixtureRequest) -> Iterator[tuple[str, int]]:
    """Listen somewhere; return where."""
    family = socket.AF_INET6 if ":" in request.param else socket.AF_INET
    with socket.create_server((request.param, 0), family=family) as server:
        yield request.param, server.getsockname()[1]


def test_a_taken_port_is_named_with_a_way_out(listener: tuple[str, int]) -> None:
    host, port = listener
    with pytest.raises(PortTaken) as caught:
        check_port(host, port)
    assert f"Can't listen on {printable(host)}:{port}" in str(caught.value)
    assert "--port" in str(caught.value)


def test_all_addresses_need_the_port_on_each(listener: tuple[str, int]) -> None:
    _host, port = listener
    with pytest.raises(PortTaken, match=rf"\[::\]:{port}"):
        check_port("::", port)


def test_a_port_that_was_given_back_is_free() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    for host in ("127.0.0.1", "0.0.0.0", "::", "[::]", "localhost"):  # noqa: S104
        check_port(host, port)


@pytest.mark.parametrize(("host", "port"), [("192.0.2.1", 8000), ("127.0.0.1", 70_000), ("", -1)])
def test_what_is_no_place_of_this_machine_is_named(host: str, port: int) -> None:
    with pytest.raises(PortTaken, match=f":{port}"):
        check_port(host, port)


@pytest.mark.parametrize(
    ("host", "shown", "wildcard"),
    [
        ("127.0.0.1", "127.0.0.1", False),
        ("0.0.0.0", "0.0.0.0", True),  # noqa: S104
        ("::", "[::]", True),
        ("[::]", "[::]", True),
        ("[::1]", "[::1]", False),
        ("example.vn", "example.vn", False),
    ],
)
def test_an_address_as_it_stands_in_a_link(host: str, shown: str, wildcard: object) -> None:
    assert printable(host) == shown
    assert is_wildcard(host) is wildcard
