"""Challenge by work: the reader's browser computes in the background, and nobody types anything."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from comments_service.api import Challenge, ChallengeProvider, Plugin, Rung, Site

from . import service


@dataclasses.dataclass(frozen=True)
class WorkSettings:
    keys: int = 256
    """Keys that a browser derives on average for a reader of whom nothing speaks ill."""

    def __post_init__(self) -> None:
        if not 1 <= self.keys <= service.MOST_KEYS:
            raise ValueError(f"COMMENTS_WORK_KEYS goes from 1 to {service.MOST_KEYS}.")


class WorkChallenge(ChallengeProvider):
    name = "work"
    template = "work/challenge.html"
    rung = Rung.WORK
    needs_script = True

    def __init__(self, keys: int) -> None:
        self._keys = keys

    def variant(self, site: Site, locale: str, hardness: int) -> str:
        del site, locale
        return str(min(hardness, service.HARDEST))

    def present(self, challenge: Challenge) -> Mapping[str, Any]:
        keys = self._keys << int(challenge.variant)
        return {"altcha": service.task(challenge.secret, keys, challenge.issued_at)}

    def check(self, challenge: Challenge, answer: Mapping[str, str]) -> bool:
        return service.is_done(challenge.secret, answer.get("altcha", ""))


class Work(Plugin):
    name = "work"
    settings_class = WorkSettings
    settings: WorkSettings

    @property
    def challenge_providers(self) -> tuple[ChallengeProvider, ...]:
        return (WorkChallenge(self.settings.keys),)


plugin = Work
