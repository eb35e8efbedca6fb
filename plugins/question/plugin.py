"""Challenge by a question of the site's own, answered in a word."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from comments_service.api import Challenge, ChallengeProvider, Plugin, Rung, Site, Unavailable

from . import service
from .service import Question


@dataclasses.dataclass(frozen=True)
class QuestionSiteSettings:
    questions: str = ""
    """One a line, like: 1 + 2 = ? = 3 | ba; empty: none is asked."""

    def __post_init__(self) -> None:
        try:
            service.parse(self.questions)
        except ValueError as error:
            raise ValueError(f"question.questions: {error}") from None


class TextQuestion(ChallengeProvider):
    name = "question"
    template = "question/challenge.html"
    rung = Rung.PERSON

    def __init__(self, plugin: Plugin) -> None:
        self._plugin = plugin

    def _questions(self, site: Site) -> tuple[Question, ...]:
        return service.parse(self._plugin.site_settings(site).questions)

    def is_offered(self, site: Site, locale: str) -> bool:
        # The questions are written in the site's language, and in no other.
        return locale == site.locale and bool(self._questions(site))

    def variant(self, site: Site, locale: str, hardness: int) -> str:
        del locale, hardness
        return service.digest(self._questions(site))

    def present(self, challenge: Challenge) -> Mapping[str, Any]:
        questions = self._questions(challenge.site)
        asked = service.draw(questions, challenge.secret)
        return {"question": asked.text, "has_others": len(questions) > 1}

    def check(self, challenge: Challenge, answer: Mapping[str, str]) -> bool:
        questions = self._questions(challenge.site)
        if service.digest(questions) != challenge.variant:
            # The list was changed meanwhile: nobody knows what this reader was asked.
            raise Unavailable
        return service.draw(questions, challenge.secret).accepts(answer.get("answer", ""))


class QuestionPlugin(Plugin):
    name = "question"
    site_settings_class = QuestionSiteSettings

    @property
    def challenge_providers(self) -> tuple[ChallengeProvider, ...]:
        return (TextQuestion(self),)


plugin = QuestionPlugin
