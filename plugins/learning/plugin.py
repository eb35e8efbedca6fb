"""A filter that learns on each site from what its moderators publish and what they call spam."""

import dataclasses
import functools
from typing import TYPE_CHECKING

from babel import Locale
from babel.numbers import format_percent
from flask_babel import get_locale, gettext
from sqlalchemy.orm import Session

from comments_service.api import Draft, Judged, Outcome, Plugin, Verdict, impl, lazy_gettext

from . import models  # noqa: F401 (its tables are known from the start)

if TYPE_CHECKING:
    from .service import Memory, Opinion

PERCENT = 100
PERMILLE = 1000
NEARLY_SURE = 0.999


@dataclasses.dataclass(frozen=True)
class LearningSettings:
    sites: int = 50
    """Sites whose knowledge a process keeps in memory, a megabyte each."""

    def __post_init__(self) -> None:
        if self.sites < 1:
            raise ValueError("COMMENTS_LEARNING_SITES is at least 1.")


@dataclasses.dataclass(frozen=True)
class LearningSiteSettings:
    at_least: int = 20
    """Comments of each label to learn before anything is said."""
    hold_above: int = 80
    """Percent from which a comment waits for a moderator."""
    spam_above: int = 98
    """Percent from which it is spam; 100: never."""
    accept_below: int = 0
    """Percent below which it is published even where comments wait; 0: never."""

    def __post_init__(self) -> None:
        if self.at_least < 1:
            raise ValueError("learning.at_least is at least 1.")
        if not 0 <= self.accept_below <= self.hold_above <= self.spam_above <= PERCENT:
            raise ValueError(
                "learning.accept_below, hold_above and spam_above are percents, in this order."
            )

    def outcome(self, score: float) -> Outcome | None:
        percent = PERCENT * score
        if percent >= self.spam_above and self.spam_above < PERCENT:
            return Outcome.SPAM
        if percent >= self.hold_above and self.hold_above < PERCENT:
            return Outcome.HOLD
        if percent < self.accept_below:
            return Outcome.ACCEPT
        return None


class Learning(Plugin):
    name = "learning"
    title = lazy_gettext("Learned from decisions")
    settings_class = LearningSettings
    site_settings_class = LearningSiteSettings

    settings: LearningSettings

    @functools.cached_property
    def _memory(self) -> "Memory":
        from . import service  # noqa: PLC0415 (loads numpy)

        return service.Memory(self.settings.sites)

    @impl
    def judge(self, session: Session, draft: Draft) -> Verdict | None:
        settings: LearningSiteSettings = self.site_settings(draft.site)
        from . import service  # noqa: PLC0415 (loads numpy)

        counts = self._memory.counts(session, draft.site.id)
        opinion = service.judge(counts, draft.author, draft.text, at_least=settings.at_least)
        outcome = settings.outcome(opinion.score) if opinion else None
        if opinion is None or outcome is None:
            return None
        return Verdict(outcome, reason(opinion), score=opinion.score)

    @impl
    def submission_decided(self, session: Session, judged: Judged) -> None:
        from . import service  # noqa: PLC0415 (loads numpy)

        service.learn(session, judged)


def reason(opinion: "Opinion") -> str:
    """Explain the score with words of the comment itself."""
    told: str = gettext(
        "Learned from %(wanted)s published comments and %(unwanted)s of spam:"
        " %(percent)s likely to be spam.",
        wanted=opinion.counts.wanted,
        unwanted=opinion.counts.unwanted,
        percent=_percent(round(PERMILLE * min(opinion.score, NEARLY_SURE)), get_locale()),
    )
    pieces = ", ".join(f"“{piece}”" for piece in opinion.pieces())
    if pieces:
        told += " " + gettext("What counted most: %(pieces)s.", pieces=pieces)
    return told


# Putting a number in words takes longer than finding it; there are only so many.
@functools.lru_cache(PERMILLE)
def _percent(permille: int, locale: Locale | None) -> str:
    return str(format_percent(permille / PERMILLE, "#0.#%", locale=locale or Locale("en")))


plugin = Learning
