"""Keeps out whom and what a site's moderators have banned."""

import datetime
from pathlib import Path
from typing import Any

from flask_babel import gettext
from sqlalchemy.orm import Session

from comments_service.api import (
    Draft,
    Envelope,
    Outcome,
    Plugin,
    Verdict,
    clock,
    current_core,
    impl,
    lazy_gettext,
)

from . import service
from .commands import add, lift, list_
from .views import KIND_NAMES, blueprint

FORGOTTEN_EVERY = datetime.timedelta(minutes=1)
"""So often at most, old addresses are deleted where a submission is stored."""


class Bans(Plugin):
    name = "bans"
    title = lazy_gettext("Bans")
    blueprints = (blueprint,)
    dashboard_page = ("admin_bans.index", lazy_gettext("Bans"))
    submission_page = ("admin_bans.of_submission", lazy_gettext("Ban…"))
    commands = (list_, add, lift)

    def __init__(self, folder: Path, settings: Any, instance: Path) -> None:  # noqa: ANN401 (as Plugin)
        super().__init__(folder, settings, instance)
        self._texts = service.Texts()
        self._forgetting = clock.Occasion(FORGOTTEN_EVERY)

    @impl
    def judge(self, session: Session, draft: Draft) -> Verdict | None:
        known = service.judge(session, draft, current_core().keys.digest, self._texts)
        if known is None:
            return None
        reason = gettext(
            "Ban no. %(number)s, %(kind)s", number=known.id, kind=KIND_NAMES[known.kind]
        )
        return Verdict(Outcome.REJECT, f"{reason}: {known.note}" if known.note else reason)

    @impl
    def submission_stored(self, session: Session, draft: Draft, envelope: Envelope) -> None:
        if self._forgetting.is_due(draft.now):
            service.forget(session, draft.now)
        service.remember(session, draft, envelope, current_core().keys.digest)


plugin = Bans
