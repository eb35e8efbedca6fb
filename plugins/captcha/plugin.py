"""Challenge by an image of letters, drawn by the `captcha` package."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from comments_service.api import Challenge, ChallengeProvider, Plugin

from . import service


@dataclasses.dataclass(frozen=True)
class CaptchaSettings:
    length: int = 5
    """Letters on an image."""

    def __post_init__(self) -> None:
        if not 4 <= self.length <= 8:  # noqa: PLR2004 (fewer are guessed, more don't fit)
            raise ValueError("COMMENTS_CAPTCHA_LENGTH goes from 4 to 8.")


class ImageChallenge(ChallengeProvider):
    name = "captcha"
    template = "captcha/challenge.html"

    def __init__(self, length: int) -> None:
        self._length = length

    def present(self, challenge: Challenge) -> Mapping[str, Any]:
        return {"image": service.draw(service.letters(challenge.secret, self._length))}

    def check(self, challenge: Challenge, answer: Mapping[str, str]) -> bool:
        letters = service.letters(challenge.secret, self._length)
        return service.matches(letters, answer.get("answer", ""))


class Captcha(Plugin):
    name = "captcha"
    settings_class = CaptchaSettings
    settings: CaptchaSettings

    @property
    def challenge_providers(self) -> tuple[ChallengeProvider, ...]:
        return (ImageChallenge(self.settings.length),)


plugin = Captcha
