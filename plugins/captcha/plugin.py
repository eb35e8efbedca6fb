"""Challenges that a person answers: the letters of an image, or digits that are spoken."""

import base64
import dataclasses
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from comments_service.api import (
    Challenge,
    ChallengeProvider,
    Finding,
    Level,
    Plugin,
    Site,
    impl,
    lazy_gettext,
)

from . import image, service
from .spoken import SpokenVoices
from .voices import FOLDER, PROGRAM, VoicesError, load, make, voices

DIGITS = 6


@dataclasses.dataclass(frozen=True)
class CaptchaSettings:
    fonts: tuple[str, ...] = ()
    """Files of more fonts for the images, by path or by name among the system's fonts."""
    pool: int = 40
    """Images of each level that are kept ready."""
    pool_spoken: int = 6
    """Spoken codes of each language that are kept ready."""

    def __post_init__(self) -> None:
        if min(self.pool, self.pool_spoken) < 1:
            raise ValueError(
                "COMMENTS_CAPTCHA_POOL and COMMENTS_CAPTCHA_POOL_SPOKEN are at least 1."
            )


@dataclasses.dataclass(frozen=True)
class CaptchaSiteSettings:
    level: str = "normal"
    """normal or hard: how far the images are distorted."""

    def __post_init__(self) -> None:
        if self.level not in image.LEVELS:
            raise ValueError("captcha.level is normal or hard.")


class ImageChallenge(ChallengeProvider):
    name = "captcha"
    template = "captcha/image.html"
    invitation = lazy_gettext("Show an image instead")

    def __init__(self, plugin: "Captcha") -> None:
        self._plugin = plugin
        self.pool_size = plugin.settings.pool
        fonts = plugin.settings.fonts
        self._drawers = {
            name: image.HardImage(level, fonts) for name, level in image.LEVELS.items()
        }

    def variant(self, site: Site, locale: str, hardness: int) -> str:
        del locale
        return "hard" if hardness else str(self._plugin.site_settings(site).level)

    def make(self, secret: bytes, variant: str) -> Mapping[str, Any]:
        letters = image.letters(secret, image.LEVELS[variant])
        png = self._drawers[variant].generate(letters).getvalue()
        return {"image": "data:image/png;base64," + base64.b64encode(png).decode()}

    def check(self, challenge: Challenge, answer: Mapping[str, str]) -> bool:
        letters = image.letters(challenge.secret, image.LEVELS[challenge.variant])
        return service.matches(letters, answer.get("answer", ""))


class SpokenChallenge(ChallengeProvider):
    """For those who can't see the image."""

    name = "spoken"
    template = "captcha/spoken.html"
    alternative_to = "captcha"
    invitation = lazy_gettext("Listen to a code instead")

    def __init__(self, folder: Path, pool_size: int) -> None:
        self.pool_size = pool_size
        self._voices = SpokenVoices(folder)

    def is_offered(self, site: Site, locale: str) -> bool:
        del site
        return self._voices.language(locale) is not None

    def variant(self, site: Site, locale: str, hardness: int) -> str:
        del site, hardness
        return self._voices.language(locale) or ""

    def make(self, secret: bytes, variant: str) -> Mapping[str, Any]:
        from . import sound  # noqa: PLC0415 (loads numpy)

        wav = sound.speak(sound.digits(secret, DIGITS), self._voices.of(variant), seed=secret)
        return {"sound": base64.b64encode(wav).decode(), "language": variant}

    def check(self, challenge: Challenge, answer: Mapping[str, str]) -> bool:
        from . import sound  # noqa: PLC0415 (loads numpy)

        digits = sound.digits(challenge.secret, DIGITS)
        return service.matches(digits, answer.get("answer", ""))


class Captcha(Plugin):
    name = "captcha"
    settings_class = CaptchaSettings
    settings: CaptchaSettings
    site_settings_class = CaptchaSiteSettings
    commands = (voices,)

    @impl
    def seed_demo(self) -> None:
        # A few voices, so that the demonstration starts soon.
        if shutil.which(PROGRAM):
            make(self.instance / FOLDER, speakers=4)

    @impl
    def examine(self) -> Iterator[Finding]:
        try:
            made = load(self.instance / FOLDER)
        except VoicesError as error:
            yield Finding(Level.ERROR, "voices", str(error))
            return
        if made:
            yield Finding(Level.OK, "voices", f"There are some for {', '.join(made)}.")
        else:
            yield Finding(
                Level.WARNING,
                "voices",
                "There are none: who can't see an image is offered no spoken code.",
                "comments-service captcha voices",
            )

    @property
    def challenge_providers(self) -> tuple[ChallengeProvider, ...]:
        return (
            ImageChallenge(self),
            SpokenChallenge(self.instance / FOLDER, self.settings.pool_spoken),
        )


plugin = Captcha
