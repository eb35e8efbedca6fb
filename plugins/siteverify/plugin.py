"""Challenges of three vendors: Turnstile, hCaptcha and reCAPTCHA. None is set without its keys."""

import dataclasses
import logging
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from flask import url_for
from flask_babel import get_locale

from comments_service.api import (
    Challenge,
    ChallengeProvider,
    Plugin,
    Rung,
    Site,
    Unavailable,
    current_core,
    remote,
)

from . import service
from .service import VENDORS, Account
from .views import blueprint

log = logging.getLogger(__name__)

LONGEST_SECONDS = 10


@dataclasses.dataclass(frozen=True)
class SiteverifySettings:
    """Of each vendor: both keys, or neither; and its real addresses unless others are set."""

    turnstile_site_key: str = ""
    turnstile_secret: str = dataclasses.field(default="", repr=False)
    turnstile_verify_url: str = VENDORS["turnstile"].verify_url
    turnstile_script_url: str = VENDORS["turnstile"].script_url
    hcaptcha_site_key: str = ""
    hcaptcha_secret: str = dataclasses.field(default="", repr=False)
    hcaptcha_verify_url: str = VENDORS["hcaptcha"].verify_url
    hcaptcha_script_url: str = VENDORS["hcaptcha"].script_url
    recaptcha_site_key: str = ""
    recaptcha_secret: str = dataclasses.field(default="", repr=False)
    recaptcha_verify_url: str = VENDORS["recaptcha"].verify_url
    recaptcha_script_url: str = VENDORS["recaptcha"].script_url
    timeout: int = 5
    """Seconds that a reader waits for a vendor at most."""

    def __post_init__(self) -> None:
        for vendor in VENDORS:
            prefix = f"COMMENTS_SITEVERIFY_{vendor.upper()}"
            if bool(self.of(vendor, "site_key")) != bool(self.of(vendor, "secret")):
                raise ValueError(f"{prefix}_SITE_KEY and {prefix}_SECRET go together.")
            for name in ("verify_url", "script_url"):
                if not remote.is_address(self.of(vendor, name)):
                    raise ValueError(f"{prefix}_{name.upper()} is like https://example.com/path.")
        if not 1 <= self.timeout <= LONGEST_SECONDS:
            raise ValueError(f"COMMENTS_SITEVERIFY_TIMEOUT goes from 1 to {LONGEST_SECONDS}.")

    def of(self, vendor: str, name: str) -> str:
        return str(getattr(self, f"{vendor}_{name}"))

    @property
    def accounts(self) -> dict[str, Account]:
        """The operator's accounts, by the vendor's name."""
        return {
            name: Account(
                vendor=vendor,
                site_key=self.of(name, "site_key"),
                secret=self.of(name, "secret"),
                verify_url=self.of(name, "verify_url"),
                script_url=self.of(name, "script_url"),
                timeout_s=self.timeout,
            )
            for name, vendor in VENDORS.items()
            if self.of(name, "secret")
        }


class VendorChallenge(ChallengeProvider):
    """A widget of the vendor's in a frame; its token is the answer."""

    template = "siteverify/challenge.html"
    rung = Rung.PERSON
    needs_script = True
    is_remote = True

    def __init__(self, account: Account) -> None:
        self._account = account

    def is_offered(self, site: Site, locale: str) -> bool:
        del site, locale
        # What a request calls us is its sender's choice: a token of any page could be brought.
        return bool(current_core().settings.public_url)

    def present(self, challenge: Challenge) -> Mapping[str, Any]:
        address = url_for(
            "siteverify.page",
            vendor=self.name,
            site=challenge.site.key,
            nonce=challenge.nonce,
            lang=str(get_locale()),
        )
        told = {"url": address, "site_key": self._account.site_key}
        if self._account.vendor.is_bound:
            # For those who draw the widget themselves: it must be told these.
            told |= {"action": service.ACTION, "cdata": challenge.nonce}
        return told

    def check(self, challenge: Challenge, answer: Mapping[str, str]) -> bool:
        try:
            return service.is_genuine(
                self._account,
                answer.get("answer", ""),
                nonce=challenge.nonce,
                hosts=_hosts(challenge.site.origins),
            )
        except remote.Failure as failure:
            log.warning("%s did not check a token: %s", self.name, failure)
            raise Unavailable from None


def _hosts(origins: list[str]) -> set[str]:
    """Return where a widget may have been solved: in our own frame, or in the site's pages."""
    own = current_core().settings.public_url
    return {(urlsplit(url).hostname or "").lower() for url in [own, *origins]}


class Turnstile(VendorChallenge):
    name = "turnstile"


class HCaptcha(VendorChallenge):
    name = "hcaptcha"


class ReCaptcha(VendorChallenge):
    name = "recaptcha"


class Siteverify(Plugin):
    name = "siteverify"
    settings_class = SiteverifySettings
    settings: SiteverifySettings
    blueprints = (blueprint,)

    @property
    def challenge_providers(self) -> tuple[ChallengeProvider, ...]:
        return tuple(
            provider(account)
            for provider in (Turnstile, HCaptcha, ReCaptcha)
            if (account := self.settings.accounts.get(provider.name))
        )


plugin = Siteverify
