"""Holds texts that are in none of the languages that a site takes."""

import dataclasses

from babel import Locale, UnknownLocaleError
from flask_babel import get_locale, gettext
from sqlalchemy.orm import Session

from comments_service.api import Draft, Outcome, Plugin, Verdict, impl, lazy_gettext

from . import scripts, service
from .service import Finding, Sign

ENGLISH = "en"


@dataclasses.dataclass(frozen=True)
class LanguageSiteSettings:
    accepted: tuple[str, ...] = ()
    """Languages of comments, by their codes; empty: the site's own and English."""
    letters: int = 30
    """A text of fewer letters may be in any language."""

    def __post_init__(self) -> None:
        for language in self.accepted:
            if not scripts.of_language(language):
                raise ValueError(
                    f"language.accepted: nobody knows a language {language!r}. Write codes: vi,en."
                )
        if self.letters < 1:
            raise ValueError("language.letters goes from 1.")


class Language(Plugin):
    name = "language"
    title = lazy_gettext("Language")
    site_settings_class = LanguageSiteSettings

    @impl
    def judge(self, session: Session, draft: Draft) -> Verdict | None:
        del session
        wanted: LanguageSiteSettings = self.site_settings(draft.site)
        accepted = wanted.accepted or tuple(dict.fromkeys((draft.site.locale, ENGLISH)))
        finding = service.inspect(draft.text, accepted, wanted.letters)
        return Verdict(Outcome.HOLD, _reason(finding, accepted)) if finding else None


def _reason(finding: Finding, accepted: tuple[str, ...]) -> str:
    mine = get_locale() or Locale(ENGLISH)
    languages = ", ".join(_language(code, mine) for code in accepted)
    if finding.sign is Sign.SCRIPT:
        said = gettext(
            "Written in another script (%(script)s) than the site's languages: %(languages)s.",
            script=mine.scripts.get(finding.script, finding.script),
            languages=languages,
        )
    else:
        said = gettext(
            "Seems to be in none of the site's languages: %(languages)s.", languages=languages
        )
    return str(said)


def _language(code: str, mine: Locale) -> str:
    try:
        return Locale.parse(code).get_display_name(mine) or code
    except (UnknownLocaleError, ValueError):
        return code


plugin = Language
