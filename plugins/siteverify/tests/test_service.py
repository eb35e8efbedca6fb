"""What a vendor is asked about a token, and what is made of its answers."""

import dataclasses
import json
from typing import Any

import pytest
from comments_service.plugins.siteverify import service
from comments_service.plugins.siteverify.service import ACTION, READERS_FAULTS, Account
from hypothesis import given
from hypothesis import strategies as st

from comments_service import remote

from .conftest import HOST, ODD_ANSWERS, SECRET, SITE_KEY, VENDORS, VendorsDouble

NONCE = "a-nonce"
HOSTS = {HOST, "comments.example"}

every_vendor = pytest.mark.parametrize("vendor", VENDORS)


def account(double: VendorsDouble, vendor: str = "turnstile", **changes: object) -> Account:
    mine = Account(
        vendor=service.VENDORS[vendor],
        site_key=SITE_KEY,
        secret=SECRET,
        verify_url=f"{double.url}/{vendor}",
        script_url="",
        timeout_s=5,
    )
    return dataclasses.replace(mine, **changes)  # type: ignore[arg-type]


def is_genuine(mine: Account, token: str) -> bool:
    return service.is_genuine(mine, token, nonce=NONCE, hosts=HOSTS)


@every_vendor
def test_a_token_is_good_once(double: VendorsDouble, vendor: str) -> None:
    token = double.solve(action=ACTION, cdata=NONCE)

    assert is_genuine(account(double, vendor), token)
    assert not is_genuine(account(double, vendor), token)


@pytest.mark.parametrize(
    ("vendor", "sent"),
    [("turnstile", {}), ("hcaptcha", {"sitekey": SITE_KEY}), ("recaptcha", {})],
)
def test_the_reader_s_address_is_not_sent(
    double: VendorsDouble, vendor: str, sent: dict[str, str]
) -> None:
    token = double.solve(action=ACTION, cdata=NONCE)
    is_genuine(account(double, vendor), token)

    [request] = double.asked
    assert request.form.to_dict() == {"secret": SECRET, "response": token, **sent}


@every_vendor
@pytest.mark.parametrize("token", ["a-made-up-token", "x" * 2048])
def test_a_made_up_token_is_wrong(double: VendorsDouble, vendor: str, token: str) -> None:
    assert not is_genuine(account(double, vendor), token)
    assert len(double.asked) == 1


@every_vendor
@pytest.mark.parametrize("token", ["", "x" * 4097, "with space", "not-ascii-é", "a\nb", "a\x00b"])
def test_what_can_be_no_token_is_not_sent(double: VendorsDouble, vendor: str, token: str) -> None:
    assert not is_genuine(account(double, vendor), token)
    assert double.asked == []


def test_a_token_of_turnstile_is_shorter(double: VendorsDouble) -> None:
    token = "x" * 2049
    assert not is_genuine(account(double, "turnstile"), token)
    assert double.asked == []


@every_vendor
def test_a_token_of_a_strange_page_is_wrong(double: VendorsDouble, vendor: str) -> None:
    token = double.solve(action=ACTION, cdata=NONCE, hostname="evil.example")
    assert not is_genuine(account(double, vendor), token)


@every_vendor
def test_a_token_of_our_own_frame_is_right(double: VendorsDouble, vendor: str) -> None:
    token = double.solve(action=ACTION, cdata=NONCE, hostname="Comments.example")
    assert is_genuine(account(double, vendor), token)


@pytest.mark.parametrize(
    "claims", [{}, {"action": ACTION}, {"cdata": NONCE}, {"action": "login", "cdata": NONCE}]
)
def test_turnstile_says_for_what_a_token_was_made(
    double: VendorsDouble, claims: dict[str, str]
) -> None:
    assert not is_genuine(account(double, "turnstile"), double.solve(**claims))


@every_vendor
@pytest.mark.parametrize("token", ODD_ANSWERS)
def test_an_answer_that_is_none_is_neither_right_nor_wrong(
    double: VendorsDouble, vendor: str, token: str
) -> None:
    with pytest.raises(remote.BadAnswer):
        is_genuine(account(double, vendor), token)
    assert len(double.asked) == 1


@pytest.mark.parametrize("token", ["slow", "drip"])
def test_nobody_waits_for_longer_than_set(double: VendorsDouble, token: str) -> None:
    with pytest.raises(remote.NoAnswer):
        is_genuine(account(double, timeout_s=0.1), token)


@every_vendor
def test_a_wrong_secret_is_our_fault_and_not_the_reader_s(
    double: VendorsDouble, vendor: str
) -> None:
    token = double.solve(action=ACTION, cdata=NONCE)
    with pytest.raises(remote.BadAnswer, match="invalid-input-secret") as failure:
        is_genuine(account(double, vendor, secret="another"), token)
    assert "another" not in str(failure.value)
    assert token not in str(failure.value)


def test_a_secret_is_not_shown() -> None:
    assert SECRET not in repr(account(VendorsDouble()))


codes = st.sampled_from(sorted(READERS_FAULTS)) | st.text() | st.integers() | st.none()


@given(st.lists(codes) | codes)
def test_only_what_the_reader_is_guilty_of_is_wrong(named: object) -> None:
    body = json.dumps({"success": False, "error-codes": named}).encode()
    vendor = service.VENDORS["turnstile"]
    is_guilty = isinstance(named, list) and named and set(named) <= READERS_FAULTS
    try:
        assert service.understand(vendor, body, nonce=NONCE, hosts=HOSTS) is False
    except remote.BadAnswer:
        assert not is_guilty
    else:
        assert is_guilty


json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(),
    lambda each: st.lists(each) | st.dictionaries(st.text(), each),
    max_leaves=4,
)


@given(
    vendor=st.sampled_from(VENDORS),
    said=st.dictionaries(
        st.sampled_from(["success", "hostname", "action", "cdata", "error-codes"]),
        json_values | st.sampled_from([HOST, ACTION, NONCE]),
    ),
)
def test_nothing_but_all_that_is_asked_for_is_right(vendor: str, said: dict[str, Any]) -> None:
    kind = service.VENDORS[vendor]
    try:
        is_right = service.understand(kind, json.dumps(said).encode(), nonce=NONCE, hosts=HOSTS)
    except remote.BadAnswer:
        return
    if is_right:
        assert said["success"] is True
        assert said["hostname"].lower() in HOSTS
        assert not kind.is_bound or (said["action"], said["cdata"]) == (ACTION, NONCE)


@given(st.binary())
def test_any_bytes_are_understood_or_refused(body: bytes) -> None:
    try:
        service.understand(service.VENDORS["hcaptcha"], body, nonce=NONCE, hosts=HOSTS)
    except remote.BadAnswer:
        return
