"""The three vendors over HTTP: a challenge of theirs, the page with their widget, their answers."""

import json
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from comments_service.plugins.siteverify.service import ACTION
from flask import Flask
from werkzeug.test import TestResponse

from comments_service import create_app, sites
from comments_service.config import ConfigError
from comments_service.models import Envelope
from comments_service.testing import ORIGIN, SECRET_KEY, SITE, MakeApp, Reader, add_site, element

from .conftest import ODD_ANSWERS, SECRET, SITE_KEY, VENDORS, VendorsDouble

# No store makes a difference to what is asked, said and refused here.
STORES = ("sqlite",)

every_vendor = pytest.mark.parametrize("vendor", VENDORS)
OWN_URL = "https://comments.example"


def make(make_app: MakeApp, double: VendorsDouble, *vendors: str, **texts: str) -> Flask:
    """Make a service with accounts at `vendors`, whose server is the double."""
    for vendor in vendors:
        texts[f"siteverify_{vendor}_site_key"] = SITE_KEY
        texts[f"siteverify_{vendor}_secret"] = SECRET
        texts[f"siteverify_{vendor}_verify_url"] = f"{double.url}/{vendor}"
    app = make_app(**{"plugins": "comments,siteverify", "public_url": OWN_URL, **texts})
    add_site(app, comments={"hold": "no"})
    return app


def ask(app: Flask, *, works: str = "1") -> dict[str, Any]:
    reader = Reader(app)
    body = {"page": reader.page, "kind": "comment", "lang": "vi", "works": works}
    response = reader.send("POST", f"/api/v1/sites/{SITE}/challenge", data=json.dumps(body))
    told: dict[str, Any] = response.get_json()
    return told


def send(app: Flask, asked: dict[str, Any], answer: str) -> TestResponse:
    reader = Reader(app)
    body = {"page": reader.page, "lang": "vi", "name": "Lan", "text": "Một lời."}
    solved = {"challenge": asked["challenge"], "answer": answer}
    path = f"/api/v1/sites/{SITE}/comments"
    return reader.send("POST", path, data=json.dumps({**body, **solved}))


def solve(double: VendorsDouble, asked: dict[str, Any], hostname: str = "comments.example") -> str:
    return double.solve(action=ACTION, cdata=asked.get("cdata", ""), hostname=hostname)


def statuses(app: Flask) -> list[str]:
    with app.extensions["comments_service"].db.read() as session:
        return [str(status) for status in session.scalars(sa.select(Envelope.status))]


def page_of(app: Flask, asked: dict[str, Any]) -> TestResponse:
    return app.test_client().get(asked["url"], base_url=OWN_URL)


@every_vendor
def test_a_solved_widget_lets_a_comment_through(
    make_app: MakeApp, double: VendorsDouble, vendor: str
) -> None:
    app = make(make_app, double, vendor)
    asked = ask(app)

    assert asked["provider"] == vendor
    assert send(app, asked, solve(double, asked)).status_code == 201
    assert statuses(app) == ["published"]


@every_vendor
def test_a_widget_in_the_site_s_own_page_does_too(
    make_app: MakeApp, double: VendorsDouble, vendor: str
) -> None:
    app = make(make_app, double, vendor)
    asked = ask(app)

    assert send(app, asked, solve(double, asked, "portal.example")).status_code == 201


@every_vendor
def test_what_is_wrong_is_refused(make_app: MakeApp, double: VendorsDouble, vendor: str) -> None:
    app = make(make_app, double, vendor)
    used = solve(double, asked := ask(app))
    send(app, asked, used)
    strange = solve(double, asked := ask(app), "evil.example")

    assert send(app, asked, strange).status_code == 422
    assert send(app, ask(app), used).status_code == 422
    assert send(app, ask(app), "made-up").status_code == 422
    assert send(app, ask(app), "").status_code == 422
    assert statuses(app) == ["published"]


def test_a_token_of_turnstile_is_good_for_its_own_challenge(
    make_app: MakeApp, double: VendorsDouble
) -> None:
    app = make(make_app, double, "turnstile")
    token = solve(double, ask(app))

    assert send(app, ask(app), token).status_code == 422


@pytest.mark.parametrize("token", [*ODD_ANSWERS, "slow", "drip"])
def test_where_the_vendor_can_not_tell_a_moderator_looks(
    make_app: MakeApp, double: VendorsDouble, token: str
) -> None:
    app = make(make_app, double, "turnstile", siteverify_timeout="1")

    assert send(app, ask(app), token).status_code == 202
    assert statuses(app) == ["held"]


def test_a_wrong_secret_is_told_to_the_operator_and_holds(
    make_app: MakeApp, double: VendorsDouble, caplog: pytest.LogCaptureFixture
) -> None:
    app = make(make_app, double, "hcaptcha")
    wrong = make_app(
        plugins="comments,siteverify",
        siteverify_hcaptcha_site_key=SITE_KEY,
        siteverify_hcaptcha_secret="an-old-secret",
        siteverify_hcaptcha_verify_url=f"{double.url}/hcaptcha",
    )
    token = solve(double, asked := ask(app))

    assert send(wrong, asked, token).status_code == 202
    assert "hcaptcha refuses: invalid-input-secret" in caplog.text
    assert "an-old-secret" not in caplog.text
    assert token not in caplog.text


def test_without_keys_there_is_no_challenge(make_app: MakeApp, double: VendorsDouble) -> None:
    app = make(make_app, double)

    assert ask(app)["provider"] == "nothing"
    for vendor in VENDORS:
        assert app.test_client().get(f"/challenge/{vendor}?site={SITE}&nonce=a").status_code == 404
    assert double.asked == []


def test_a_service_that_does_not_know_its_own_address_asks_nobody(
    make_app: MakeApp, double: VendorsDouble
) -> None:
    app = make(make_app, double, "turnstile", public_url="")

    assert ask(app)["provider"] == "nothing"


def test_a_browser_without_scripts_is_not_asked(make_app: MakeApp, double: VendorsDouble) -> None:
    app = make(make_app, double, *VENDORS)
    assert ask(app, works="")["provider"] == "nothing"


def test_the_site_chooses_among_several(make_app: MakeApp, double: VendorsDouble) -> None:
    app = make(make_app, double, *VENDORS)
    core = app.extensions["comments_service"]
    with core.db.write() as session:
        sites.set_setting(core.plugins, sites.get(session, SITE), "core.person", "recaptcha")

    assert ask(app)["provider"] == "recaptcha"


# --- The page with the widget -----------------------------------------------------------------

REAL = {
    "turnstile": "https://challenges.cloudflare.com",
    "hcaptcha": "https://hcaptcha.com https://*.hcaptcha.com",
    "recaptcha": "https://www.google.com/recaptcha/",
}


@every_vendor
def test_the_form_names_the_page_with_the_widget(
    make_app: MakeApp, double: VendorsDouble, vendor: str
) -> None:
    asked = ask(make(make_app, double, vendor))

    address = element(asked["html"], role="group")["data-cs-vendor"]
    assert address == asked["url"]
    assert address.startswith(f"/challenge/{vendor}?site={SITE}&nonce=")
    assert element(asked["html"], name="answer") == {
        "type": "hidden",
        "name": "answer",
        "value": "",
    }
    assert SECRET not in json.dumps(asked)


@every_vendor
def test_the_page_lets_the_vendor_s_script_run_and_the_site_s_pages_frame_it(
    make_app: MakeApp, double: VendorsDouble, vendor: str
) -> None:
    app = make(make_app, double, vendor)
    response = page_of(app, ask(app))

    policy = dict(
        directive.strip().split(" ", 1)
        for directive in response.headers["Content-Security-Policy"].split(";")
    )
    assert response.status_code == 200
    assert REAL[vendor] in policy["script-src"]
    assert "'unsafe-inline'" not in policy["script-src"]
    assert "'unsafe-eval'" not in policy["script-src"]
    assert REAL[vendor] in policy["frame-src"]
    assert policy["default-src"] == "'none'"
    assert policy["frame-ancestors"] == ORIGIN
    assert "X-Frame-Options" not in response.headers
    # The vendor sees whose service it is, and not which page its reader is on.
    assert response.headers["Referrer-Policy"] == "strict-origin"


@every_vendor
def test_the_page_holds_what_the_widget_is_told(
    make_app: MakeApp, double: VendorsDouble, vendor: str
) -> None:
    app = make(make_app, double, vendor)
    asked = ask(app)
    html = page_of(app, asked).text

    told = element(html, id="challenge")
    assert told["data-sitekey"] == SITE_KEY
    assert told["data-nonce"] == asked.get("cdata", told["data-nonce"])
    assert told["data-script"].startswith("https://")
    assert "render=explicit&onload=drawChallenge" in told["data-script"]
    assert ("hl=vi" in told["data-script"]) == (vendor != "turnstile")
    assert SECRET not in html
    assert "<title>Kiểm tra bạn là người thật</title>" in html
    for file in ("page.css", "page.js"):
        with app.test_client().get(f"/challenge/files/{file}") as response:
            assert response.status_code == 200


def test_another_script_is_allowed_where_it_is(make_app: MakeApp, double: VendorsDouble) -> None:
    texts = {"siteverify_recaptcha_script_url": "https://www.recaptcha.net/recaptcha/api.js?v=2"}
    app = make(make_app, double, "recaptcha", **texts)
    response = page_of(app, ask(app))

    assert "https://www.recaptcha.net" in response.headers["Content-Security-Policy"]
    script = element(response.text, id="challenge")["data-script"]
    assert script.startswith("https://www.recaptcha.net/recaptcha/api.js?v=2&render=explicit")


def test_other_pages_allow_no_vendor(make_app: MakeApp, double: VendorsDouble) -> None:
    app = make(make_app, double, *VENDORS)
    policy = app.test_client().get(f"/embed/{SITE}/comments?page=/a").headers
    assert "cloudflare" not in policy["Content-Security-Policy"]


@pytest.mark.parametrize(
    "query",
    ["", f"site={SITE}", f"site={SITE}&nonce=", f"site={SITE}&nonce=a%22b", "site=none&nonce=a"],
)
def test_a_page_for_nobody_is_not_found(
    make_app: MakeApp, double: VendorsDouble, query: str
) -> None:
    app = make(make_app, double, "turnstile")
    assert app.test_client().get(f"/challenge/turnstile?{query}").status_code == 404


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        ({"siteverify_turnstile_secret": "abc"}, "TURNSTILE_SITE_KEY and .*_SECRET go together"),
        ({"siteverify_hcaptcha_site_key": "abc"}, "HCAPTCHA_SITE_KEY and .*_SECRET go together"),
        ({"siteverify_recaptcha_verify_url": "x"}, "RECAPTCHA_VERIFY_URL is like https://"),
        ({"siteverify_recaptcha_script_url": "x"}, "RECAPTCHA_SCRIPT_URL is like https://"),
        ({"siteverify_timeout": "11"}, "COMMENTS_SITEVERIFY_TIMEOUT goes from 1 to 10"),
    ],
)
def test_settings_that_can_not_work_are_refused(
    tmp_path: Path, texts: dict[str, str], said: str
) -> None:
    with pytest.raises(ConfigError, match=said):
        create_app({"instance": str(tmp_path), "secret_key": SECRET_KEY, **texts})
