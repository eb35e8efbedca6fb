"""Asks Akismet whether a submission is spam."""

import dataclasses
import ipaddress
import logging

from flask_babel import gettext

from comments_service.api import Draft, Outcome, Plugin, Verdict, impl, remote

from . import service
from .service import Opinion

log = logging.getLogger(__name__)

LONGEST_SECONDS = 10


@dataclasses.dataclass(frozen=True)
class AkismetSettings:
    key: str = dataclasses.field(default="", repr=False)
    """The account's key; empty: nobody is asked."""
    user_ip: str = ""
    """Sent as the reader's address, which is not kept. Akismet demands one."""
    url: str = "https://rest.akismet.com/1.1/comment-check"
    timeout: int = 3
    """Seconds that a reader waits for Akismet at most."""
    on_failure: str = "hold"
    """What becomes of a submission that Akismet says nothing of: hold or ignore."""

    def __post_init__(self) -> None:
        if self.key and not self.user_ip:
            raise ValueError(
                "COMMENTS_AKISMET_USER_IP: Akismet judges nothing without an address of the"
                " reader, and the service keeps none. Write the one that it shall be told of"
                " every reader, for example 192.0.2.1, which is nobody's."
            )
        if self.user_ip and not _is_ip(self.user_ip):
            raise ValueError("COMMENTS_AKISMET_USER_IP is an IP address, for example 192.0.2.1.")
        if not remote.is_address(self.url):
            raise ValueError(
                "COMMENTS_AKISMET_URL is like https://rest.akismet.com/1.1/comment-check."
            )
        if not 1 <= self.timeout <= LONGEST_SECONDS:
            raise ValueError(f"COMMENTS_AKISMET_TIMEOUT goes from 1 to {LONGEST_SECONDS}.")
        if self.on_failure not in ("hold", "ignore"):
            raise ValueError("COMMENTS_AKISMET_ON_FAILURE is hold or ignore.")


def _is_ip(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


class Akismet(Plugin):
    name = "akismet"
    title = "Akismet"
    settings_class = AkismetSettings
    settings: AkismetSettings

    @impl
    def consult(self, draft: Draft) -> Verdict | None:
        if not self.settings.key:
            return None
        try:
            opinion = service.ask(draft, self._account)
        except remote.Failure as failure:
            log.warning("no verdict from Akismet: %s", failure)
            return self._without_opinion(failure)
        if opinion is Opinion.HAM:
            return None
        if opinion is Opinion.BLATANT:
            return Verdict(Outcome.SPAM, gettext("Akismet takes it for blatant spam."))
        return Verdict(Outcome.SPAM, gettext("Akismet takes it for spam."))

    @property
    def _account(self) -> service.Account:
        s = self.settings
        return service.Account(url=s.url, key=s.key, user_ip=s.user_ip, timeout_s=s.timeout)

    def _without_opinion(self, failure: remote.Failure) -> Verdict | None:
        if self.settings.on_failure == "ignore":
            return None
        if isinstance(failure, remote.NoAnswer):
            reason = gettext(
                "Akismet could not be reached within %(seconds)s seconds.",
                seconds=self.settings.timeout,
            )
        else:
            reason = gettext("Akismet gave no verdict; see the service's log.")
        return Verdict(Outcome.HOLD, reason)


plugin = Akismet
