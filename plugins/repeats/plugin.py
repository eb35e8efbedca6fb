"""Holds what was there before: texts sent again, waves of nearly the same, floods."""

import dataclasses
import datetime
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from flask_babel import gettext
from sqlalchemy.orm import Session

from comments_service.api import Draft, Envelope, Plugin, Verdict, clock, impl, lazy_gettext

from . import service
from .service import Finding, Rules, Sign

DAYS_MAX = 30
FORGOTTEN_EVERY = datetime.timedelta(seconds=10)
"""So often at most, old fingerprints are deleted where a submission is stored."""


@dataclasses.dataclass(frozen=True)
class RepeatsSettings:
    days: int = 3
    """For so long the fingerprints of submissions are kept."""

    def __post_init__(self) -> None:
        if not 1 <= self.days <= DAYS_MAX:
            raise ValueError(f"COMMENTS_REPEATS_DAYS goes from 1 to {DAYS_MAX}.")


@dataclasses.dataclass(frozen=True)
class RepeatsSiteSettings(Rules):
    hours: int = 48
    """Texts are compared with those of so many hours."""
    few: int = 2
    """As many earlier texts of one wave, and the next is held."""
    many: int = 5
    """As many, and the next is spam."""
    minutes: int = 10
    """What one sender sends is counted for so many minutes."""
    posts: int = 5
    """As many earlier ones from one visitor, and the next is held."""
    network_posts: int = 250
    """As many from one network, and the next is held. Two hundred may share an office's one."""

    def __post_init__(self) -> None:
        if min(dataclasses.astuple(self)) < 1:
            raise ValueError("repeats: every setting goes from 1.")
        if self.hours > DAYS_MAX * 24 or self.minutes > self.hours * 60:
            raise ValueError(f"repeats.hours goes to {DAYS_MAX * 24}, repeats.minutes to as long.")
        if max(self.many, self.posts, self.network_posts) > 1000:  # noqa: PLR2004 (read each time)
            raise ValueError("repeats.many, repeats.posts and repeats.network_posts go to 1000.")
        if self.few > self.many:
            raise ValueError("repeats.few can't be more than repeats.many.")


# Each sign's sentence for moderators.
WORDS: Mapping[Sign, Callable[[Finding, Rules], str]] = {
    Sign.AGAIN: lambda _finding, rules: gettext(
        "The same text was sent on this page in the last %(minutes)s minutes.",
        minutes=rules.minutes,
    ),
    Sign.WAVE: lambda finding, rules: gettext(
        "Nearly the same text was sent %(number)s times or more in %(hours)s hours.",
        number=finding.number,
        hours=rules.hours,
    ),
    Sign.VISITOR_FLOODS: lambda finding, rules: gettext(
        "This visitor sent %(number)s or more in %(minutes)s minutes.",
        number=finding.number,
        minutes=rules.minutes,
    ),
    Sign.NETWORK_FLOODS: lambda finding, rules: gettext(
        "This network sent %(number)s or more in %(minutes)s minutes.",
        number=finding.number,
        minutes=rules.minutes,
    ),
}


class Repeats(Plugin):
    name = "repeats"
    title = lazy_gettext("Repetitions")
    settings_class = RepeatsSettings
    settings: RepeatsSettings
    site_settings_class = RepeatsSiteSettings

    def __init__(self, folder: Path, settings: Any, instance: Path) -> None:  # noqa: ANN401 (as Plugin)
        super().__init__(folder, settings, instance)
        self._forgetting = clock.Occasion(FORGOTTEN_EVERY)

    # First, because of two waves that filters name the first counts: what texts have in common says
    # more than where their links lead, which a program changes from one to the next.
    @impl(tryfirst=True)
    def judge(self, session: Session, draft: Draft) -> Verdict | None:
        rules: Rules = self.site_settings(draft.site)
        opinion = service.inspect(session, draft, rules)
        if not opinion.findings:
            return None
        return Verdict(
            opinion.outcome,
            " ".join(WORDS[finding.sign](finding, rules) for finding in opinion.findings),
            cluster=opinion.cluster,
        )

    @impl
    def submission_stored(self, session: Session, draft: Draft, envelope: Envelope) -> None:
        service.keep(session, draft, envelope, self.site_settings(draft.site))
        if self._forgetting.is_due(draft.now):
            service.forget(session, draft.now, self.settings.days)


plugin = Repeats
