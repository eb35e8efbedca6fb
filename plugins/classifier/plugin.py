"""Asks a classifier of the operator's own about a submission."""

import dataclasses
import logging

from flask_babel import gettext

from comments_service.api import Draft, Outcome, Plugin, Verdict, impl, lazy_gettext, remote

from . import service

log = logging.getLogger(__name__)

LONGEST_SECONDS = 10


@dataclasses.dataclass(frozen=True)
class ClassifierSettings:
    url: str = ""
    """Where the classifier is asked; empty: nobody is."""
    token: str = dataclasses.field(default="", repr=False)
    """Sent as `Authorization: Bearer …`; empty: not sent."""
    timeout: int = 3
    """Seconds that a reader waits for the classifier at most."""
    on_failure: str = "hold"
    """What becomes of a submission that the classifier says nothing of: hold or ignore."""

    def __post_init__(self) -> None:
        if self.url and not remote.is_address(self.url):
            raise ValueError("COMMENTS_CLASSIFIER_URL is like https://classifier.example.vn/judge.")
        if not (self.token.isascii() and self.token.isprintable()):
            raise ValueError("COMMENTS_CLASSIFIER_TOKEN holds what no HTTP header can.")
        if not 1 <= self.timeout <= LONGEST_SECONDS:
            raise ValueError(
                f"COMMENTS_CLASSIFIER_TIMEOUT goes from 1 to {LONGEST_SECONDS} seconds."
            )
        if self.on_failure not in ("hold", "ignore"):
            raise ValueError("COMMENTS_CLASSIFIER_ON_FAILURE is hold or ignore.")


class ClassifierPlugin(Plugin):
    name = "classifier"
    title = lazy_gettext("Classifier")
    settings_class = ClassifierSettings
    settings: ClassifierSettings

    @impl
    def consult(self, draft: Draft) -> Verdict | None:
        s = self.settings
        if not s.url:
            return None
        classifier = service.Classifier(url=s.url, token=s.token, timeout_s=s.timeout)
        try:
            finding = service.ask(draft, classifier)
        except remote.Failure as failure:
            log.warning("no verdict from the classifier: %s", failure)
            return self._without_finding(failure)
        if finding.reason:
            reason = gettext("The classifier says: %(reason)s", reason=finding.reason)
        else:
            reason = gettext("The classifier gives no reason.")
        return Verdict(finding.outcome, reason, finding.score)

    def _without_finding(self, failure: remote.Failure) -> Verdict | None:
        if self.settings.on_failure == "ignore":
            return None
        if isinstance(failure, remote.NoAnswer):
            reason = gettext(
                "The classifier could not be reached within %(seconds)s seconds.",
                seconds=self.settings.timeout,
            )
        else:
            reason = gettext("The classifier's answer can't be used; see the service's log.")
        return Verdict(Outcome.HOLD, reason)


plugin = ClassifierPlugin
