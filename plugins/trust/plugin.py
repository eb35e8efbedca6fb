"""Lets readers whom the moderators have come to know publish at once."""

import dataclasses

from flask_babel import gettext

from comments_service.api import Draft, Outcome, Plugin, Verdict, impl, lazy_gettext


@dataclasses.dataclass(frozen=True)
class TrustSiteSettings:
    after: int = 0
    """Publish at once after so many approved submissions of the same visitor; 0: nobody's."""

    def __post_init__(self) -> None:
        if self.after < 0:
            raise ValueError("trust.after goes from 0.")


class Trust(Plugin):
    name = "trust"
    title = lazy_gettext("Trusted visitors")
    site_settings_class = TrustSiteSettings

    @impl
    def judge(self, draft: Draft) -> Verdict | None:
        settings: TrustSiteSettings = self.site_settings(draft.site)
        standing = draft.standing
        if not settings.after or standing.approved < settings.after or standing.refused:
            return None
        reason = gettext(
            "%(count)s submissions of this visitor were approved, none was refused.",
            count=standing.approved,
        )
        return Verdict(Outcome.ACCEPT, reason)


plugin = Trust
