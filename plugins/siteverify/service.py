"""The protocol that three vendors share: a token from the reader's browser, and one question."""

import dataclasses
import json
import logging
import re
from collections.abc import Collection, Mapping
from typing import Any

from comments_service.api import remote

log = logging.getLogger(__name__)

ACTION = "comments-service"
"""What the widget is told that it is for, and what comes back with a token of ours."""
# What the reader's token can be guilty of. Every other code is about us, or the vendor.
READERS_FAULTS = frozenset(
    {
        "missing-input-response",
        "invalid-input-response",
        "timeout-or-duplicate",
        "invalid-or-already-seen-response",
        "already-seen-response",
        "expired-input-response",
    }
)
_CODE = re.compile(r"[a-z-]{1,64}")


@dataclasses.dataclass(frozen=True)
class Vendor:
    """In what one vendor differs from the others."""

    name: str
    verify_url: str
    script_url: str
    script_object: str
    """What the script calls itself in the page."""
    sources: Mapping[str, str]
    """From where its widget takes its parts, by directive of the page's policy."""
    takes_language: str = ""
    """The parameter of its script that names the language; empty: the widget is told."""
    longest_token: int = 4096
    sends_site_key: bool = False
    """Told the site key too, it refuses tokens that were made with another."""
    is_bound: bool = False
    """A token names the action and the challenge that its widget was told."""
    puzzle_height: int = 0
    """Pixels that its puzzle takes over the widget once it is touched; 0: it has none."""


VENDORS = {
    vendor.name: vendor
    for vendor in (
        Vendor(
            name="turnstile",
            verify_url="https://challenges.cloudflare.com/turnstile/v0/siteverify",
            script_url="https://challenges.cloudflare.com/turnstile/v0/api.js",
            script_object="turnstile",
            sources={
                "script_src": "https://challenges.cloudflare.com",
                "frame_src": "https://challenges.cloudflare.com",
            },
            longest_token=2048,
            is_bound=True,
        ),
        Vendor(
            name="hcaptcha",
            verify_url="https://api.hcaptcha.com/siteverify",
            script_url="https://js.hcaptcha.com/1/api.js",
            script_object="hcaptcha",
            sources=dict.fromkeys(
                ("script_src", "frame_src", "style_src", "connect_src"),
                "https://hcaptcha.com https://*.hcaptcha.com",
            ),
            takes_language="hl",
            sends_site_key=True,
            puzzle_height=620,
        ),
        Vendor(
            name="recaptcha",
            verify_url="https://www.google.com/recaptcha/api/siteverify",
            script_url="https://www.google.com/recaptcha/api.js",
            script_object="grecaptcha",
            sources={
                "script_src": "https://www.google.com/recaptcha/ https://www.gstatic.com/recaptcha/",
                "frame_src": (
                    "https://www.google.com/recaptcha/ https://recaptcha.google.com/recaptcha/"
                ),
                "connect_src": "https://www.google.com/recaptcha/",
                # It writes its styles into the page; there is nothing else of ours there.
                "style_src": "'unsafe-inline'",
            },
            takes_language="hl",
            puzzle_height=620,
        ),
    )
}


@dataclasses.dataclass(frozen=True)
class Account:
    """The operator's account with a vendor."""

    vendor: Vendor
    site_key: str
    secret: str = dataclasses.field(repr=False)
    verify_url: str
    script_url: str
    timeout_s: float


def is_genuine(account: Account, token: str, *, nonce: str, hosts: Collection[str]) -> bool:
    """Ask the vendor whether `token` is of a person, for the challenge `nonce` on one of `hosts`.

    Raises remote.Failure if the vendor does not say.
    """
    # What can be no token is not sent.
    is_plain = token.isascii() and token.isprintable() and " " not in token
    if not token or len(token) > account.vendor.longest_token or not is_plain:
        return False
    form = {"secret": account.secret, "response": token}
    if account.vendor.sends_site_key:
        form["sitekey"] = account.site_key
    answer = remote.post(account.verify_url, form=form, timeout_s=account.timeout_s)
    return understand(account.vendor, answer.body, nonce=nonce, hosts=hosts)


def understand(vendor: Vendor, body: bytes, *, nonce: str, hosts: Collection[str]) -> bool:
    """Return what the vendor's answer means; raise remote.BadAnswer if that can't be told."""
    said = _json_object(body)
    if said.get("success") is False:
        return _refused(vendor, said.get("error-codes"))
    if said.get("success") is not True:
        raise remote.BadAnswer("no success, true or false")
    host = said.get("hostname")
    if not isinstance(host, str) or host.lower() not in hosts:
        log.warning(
            "%s: a token of %s, which is no host of the site", vendor.name, ascii(host)[:80]
        )
        return False
    if vendor.is_bound:
        return (said.get("action"), said.get("cdata")) == (ACTION, nonce)
    return True


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        raise remote.BadAnswer("no JSON") from None
    if not isinstance(said, dict):
        raise remote.BadAnswer("no JSON object")
    return said


def _refused(vendor: Vendor, codes: Any) -> bool:  # noqa: ANN401 (any JSON)
    """Return False if the token is at fault; raise remote.BadAnswer if we are, or the vendor."""
    named = codes if isinstance(codes, list) else []
    known = [code for code in named if isinstance(code, str) and _CODE.fullmatch(code)]
    if known and len(known) == len(named) and set(known) <= READERS_FAULTS:
        return False
    raise remote.BadAnswer(f"{vendor.name} refuses: {', '.join(known) or 'without a code'}")
