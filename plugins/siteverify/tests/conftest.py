"""A double of the three vendors on this machine, speaking siteverify as they document it."""

import json
from collections.abc import Iterator

import pytest
from werkzeug.wrappers import Request, Response

from comments_service.testing import Double, listening

VENDORS = ["turnstile", "hcaptcha", "recaptcha"]
SITE_KEY = "a-site-key"
SECRET = "the-vendors-secret"
HOST = "portal.example"
ODD_ANSWERS = {
    "garbage": Response("<html>Maintenance</html>"),
    "list": Response("[true]"),
    "word": Response('{"success": "true", "hostname": "portal.example"}'),
    "long": Response('{"success": true}' + " " * 65_536),
    "500": Response('{"success": true}', status=500),
    "redirect": Response(status=307, headers={"Location": "/turnstile"}),
    "internal": Response('{"success": false, "error-codes": ["internal-error"]}'),
    "bad": Response('{"success": false, "error-codes": ["bad-request"]}'),
    "codeless": Response('{"success": false}'),
}


class VendorsDouble(Double):
    """Gives out tokens and takes each back once."""

    def __init__(self) -> None:
        super().__init__()
        self._tokens: dict[str, dict[str, str]] = {}
        self._used: set[str] = set()

    def solve(self, *, action: str = "", cdata: str = "", hostname: str = HOST) -> str:
        """Do what a reader does in the widget; return the token that its page is given."""
        token = f"a-token-{len(self._tokens)}"
        claims = {"hostname": hostname, "action": action, "cdata": cdata}
        self._tokens[token] = {name: value for name, value in claims.items() if value}
        return token

    def respond(self, request: Request) -> Response:
        token = request.form.get("response", "")
        if token == "slow":
            self.is_over.wait()
        if token == "drip":
            return Response(self.drip())
        if token in ODD_ANSWERS:
            return ODD_ANSWERS[token]
        code = self._fault(request.path.strip("/"), request.form.get("secret"), token)
        if code:
            return Response(json.dumps({"success": False, "error-codes": [code]}))
        self._used.add(token)
        told = {"success": True, "challenge_ts": "2026-11-22T10:00:00Z", **self._tokens[token]}
        return Response(json.dumps(told))

    def _fault(self, vendor: str, secret: str | None, token: str) -> str:
        if not secret:
            return "missing-input-secret"
        if secret != SECRET:
            return "invalid-input-secret"
        if not token:
            return "missing-input-response"
        if token in self._used:
            is_hcaptcha = vendor == "hcaptcha"
            return "invalid-or-already-seen-response" if is_hcaptcha else "timeout-or-duplicate"
        return "" if token in self._tokens else "invalid-input-response"


@pytest.fixture
def double() -> Iterator[VendorsDouble]:
    with listening(VendorsDouble()) as double:
        yield double
