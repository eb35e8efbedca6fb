"""Word lists: comments with a listed word wait for a person, or are kept out."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path

from flask_babel import gettext

from comments_service.api import Draft, Plugin, Site, Verdict, impl, lazy_gettext

from . import lists, service

SHOWN = 3


@dataclasses.dataclass(frozen=True)
class WordsSettings:
    file: str = ""
    """The operator's own list, for every site."""

    def __post_init__(self) -> None:
        if not self.file:
            return
        try:
            lists.read(Path(self.file))
        except (OSError, ValueError) as error:
            raise ValueError(f"COMMENTS_WORDS_FILE={self.file}: {error}") from None


@dataclasses.dataclass(frozen=True)
class WordsSiteSettings:
    use: tuple[str, ...] = lists.STARTERS
    """Starter lists that apply."""
    reject: tuple[str, ...] = ()
    hold: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()
    """Words and phrases that are fine here, whatever a list says."""

    def __post_init__(self) -> None:
        for name in self.use:
            if name not in lists.STARTERS:
                raise ValueError(f"words.use: no list is named {name}: {', '.join(lists.STARTERS)}")


class Words(Plugin):
    name = "words"
    title = lazy_gettext("Words")
    settings_class = WordsSettings
    settings: WordsSettings
    site_settings_class = WordsSiteSettings

    def __init__(self, folder: Path, settings: WordsSettings, instance: Path) -> None:
        super().__init__(folder, settings, instance)
        self._file = Path(settings.file) if settings.file else None

    @impl
    def judge(self, draft: Draft) -> Verdict | None:
        findings = service.judge(self._lists(draft.site), [draft.author, draft.text])
        return Verdict(findings[0].outcome, _reason(findings)) if findings else None

    def _lists(self, site: Site) -> service.Lists:
        own: WordsSiteSettings = self.site_settings(site)
        return service.Lists(own.use, self._file, own.reject, own.hold, own.allow)


def _reason(findings: Sequence[service.Finding]) -> str:
    shown = "; ".join(_shown(finding) for finding in findings[:SHOWN])
    more = len(findings) - SHOWN
    if more > 0:
        return str(gettext("Listed words: %(words)s; and %(more)s more", words=shown, more=more))
    return str(gettext("Listed words: %(words)s", words=shown))


def _shown(finding: service.Finding) -> str:
    named = {"word": finding.word, "list": _name(finding.source)}
    if finding.is_disguised:
        shown = gettext("“%(word)s” in disguise or without marks (%(list)s)", **named)
    else:
        shown = gettext("“%(word)s” (%(list)s)", **named)
    return str(shown)


def _name(source: str) -> str:
    if source == service.SITE:
        return str(gettext("this site's list"))
    if source == service.OPERATOR:
        return str(gettext("the operator's list"))
    return str(gettext("list %(name)s", name=source))


plugin = Words
