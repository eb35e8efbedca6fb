"""Which voices this installation has, read when they are first wanted."""

import functools
import logging
from collections.abc import Mapping
from pathlib import Path

from . import voices

# Whoever reads none of the languages that are spoken here most likely knows this one's digits.
COMMON = "en"

log = logging.getLogger(__name__)


class SpokenVoices:
    """The voices in `folder`; none until `comments-service captcha voices` made some."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def language(self, locale: str) -> str | None:
        """Return the language in which a reader of `locale` is spoken to, if there is any."""
        wanted = locale.partition("_")[0]
        return next((each for each in (wanted, COMMON) if each in self._all), None)

    def of(self, language: str) -> voices.Voices:
        return self._all[language]

    @functools.cached_property
    def _all(self) -> Mapping[str, voices.Voices]:
        try:
            return voices.load(self._folder)
        except voices.VoicesError as error:
            # Who can't see an image is offered a moderator; everybody else needs no voices.
            log.error("no spoken codes: %s", error)  # noqa: TRY400 (says what to do, not where)
            return {}
