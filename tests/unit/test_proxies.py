"""Whose X-Forwarded-For and X-Forwarded-Proto are believed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import Client
from werkzeug.wrappers import Request, Response

from comments_service.config import ConfigError
from comments_service.proxies import TrustedProxies, parse_networks

OURS = ("127.0.0.1", "10.0.0.0/8", "fd00::/8")
READER = "203.0.113.7"


@Request.application
def _tell(request: Request) -> Response:
    return Response(f"{request.scheme} {request.environ['REMOTE_ADDR']}")


def _asked(peer: str, networks: tuple[str, ...] = OURS, **headers: str) -> str:
    client = Client(TrustedProxies(_tell, parse_networks(networks)))
    names = {name.replace("_", "-"): text for name, text in headers.items()}
    return client.get("/", headers=names, environ_overrides={"REMOTE_ADDR": peer}).text


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        # A reader who writes the header is still who they are.
        (READER, "198.51.100.1", READER),
        (READER, "127.0.0.1", READER),
        ("::ffff:203.0.113.7", "198.51.100.1", "::ffff:203.0.113.7"),
        # One proxy of ours wrote the last hop; what stands before it is the reader's own tale.
        ("127.0.0.1", READER, READER),
        ("127.0.0.1", f"198.51.100.1, {READER}", READER),
        ("127.0.0.1", f"127.0.0.1, {READER}", READER),
        # A chain of ours is walked back to its first foreign hop.
        ("127.0.0.1", f"198.51.100.1, {READER}, 10.1.2.3", READER),
        ("10.9.9.9", f"{READER},10.1.2.3,10.4.5.6", READER),
        ("fd00::1", "2001:db8::7, fd12::3", "2001:db8::7"),
        ("::ffff:127.0.0.1", READER, READER),
        # Some proxies write the port too.
        ("127.0.0.1", f"{READER}:51234", READER),
        ("127.0.0.1", f"{READER}:51234, 10.1.2.3:443", READER),
        ("127.0.0.1", "[2001:db8::7]:51234", "2001:db8::7"),
        ("127.0.0.1", "[2001:db8::7]", "2001:db8::7"),
        # Nobody but ours: the first of them.
        ("127.0.0.1", "10.1.2.3, 10.4.5.6", "10.1.2.3"),
        # Rubbish is not walked past, and nothing is made of it.
        ("127.0.0.1", f"{READER}, unknown", "unknown"),
        ("127.0.0.1", "x" * 50_000, "x" * 64),
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", " , ,", "127.0.0.1"),
        ("", READER, ""),
    ],
)
def test_the_reader_is_who_a_proxy_of_ours_says(peer: str, forwarded: str, address: str) -> None:
    assert _asked(peer, X_Forwarded_For=forwarded) == f"http {address}"


def test_without_proxies_nobody_is_believed() -> None:
    told = _asked("127.0.0.1", (), X_Forwarded_For=READER, X_Forwarded_Proto="https")
    assert told == "http 127.0.0.1"


@pytest.mark.parametrize(
    ("peer", "proto", "scheme"),
    [
        ("127.0.0.1", "https", "https"),
        ("127.0.0.1", "http", "http"),
        ("127.0.0.1", "javascript", "http"),
        ("127.0.0.1", "", "http"),
        (READER, "https", "http"),
    ],
)
def test_the_scheme_is_what_a_proxy_of_ours_says(peer: str, proto: str, scheme: str) -> None:
    assert _asked(peer, X_Forwarded_Proto=proto) == f"{scheme} {peer}"


header_texts = st.text(st.characters(min_codepoint=32, max_codepoint=126))


@given(header_texts, header_texts)
def test_any_header_is_answered(forwarded: str, proto: str) -> None:
    assert _asked("10.0.0.1", X_Forwarded_For=forwarded, X_Forwarded_Proto=proto)
    assert _asked(READER, X_Forwarded_For=forwarded, X_Forwarded_Proto=proto) == f"http {READER}"


@pytest.mark.parametrize("text", ["nginx", "10.0.0.1/8", "10.0.0.0/33", "", "*"])
def test_what_is_no_network_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="COMMENTS_TRUSTED_PROXIES"):
        parse_networks([text])
