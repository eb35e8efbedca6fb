"""The ladder: how much is asked of a reader, by what was seen lately, and who asks it."""

import dataclasses
from collections.abc import Mapping

from comments_service.challenges import ChallengeProvider, Nothing, Rung
from comments_service.config import parse_again
from comments_service.models import Site
from comments_service.verdicts import Standing

OWNER = "core"
"""In whose name a site keeps these settings."""
TRUSTED_AFTER = 3
"""So many approved submissions, and none refused, and a visitor is asked no more than the least."""
ATTACK_HARDNESS = 2


@dataclasses.dataclass(frozen=True)
class LadderSettings:
    """What each site may set of the ladder: `site set SITE core.lowest_rung=…`."""

    lowest_rung: str = "person"
    """Asked of everybody: nothing, work, person or hold."""
    highest_rung: str = "hold"
    """Never more than this, whatever happens."""
    person: str = ""
    """Name of the challenge that a person answers; empty: the first that there is."""
    attack_posts: int = 150
    """So many submissions within five minutes are an attack; 0: never switch by itself."""

    def __post_init__(self) -> None:
        for text in (self.lowest_rung, self.highest_rung):
            if text.upper() not in Rung.__members__:
                raise ValueError("A rung is nothing, work, person or hold.")
        if self.lowest > self.highest:
            raise ValueError("core.lowest_rung is above core.highest_rung.")
        if self.attack_posts < 0:
            raise ValueError("core.attack_posts goes from 0.")

    @classmethod
    def of(cls, site: Site) -> "LadderSettings":
        """Return the settings of `site`, defaults where it says nothing."""
        known = {field.name for field in dataclasses.fields(cls)}
        texts = {n: v for n, v in site.settings.get(OWNER, {}).items() if n in known}
        return parse_again(cls, texts, label=f"{OWNER}.")

    @property
    def lowest(self) -> Rung:
        return Rung[self.lowest_rung.upper()]

    @property
    def highest(self) -> Rung:
        return Rung[self.highest_rung.upper()]


@dataclasses.dataclass(frozen=True)
class Demand:
    """What is asked of one reader now."""

    rung: Rung
    hardness: int
    """From 0 up: how much harder than usual a challenge of this rung is."""


def demand(settings: LadderSettings, *, busy: int, is_attacked: bool, standing: Standing) -> Demand:
    """Return what to ask on a site with these settings.

    `busy` counts the networks around the reader, from the narrowest on, that send much lately. A
    shared address alone is asked more, and never held for it.
    """
    is_trusted = standing.approved >= TRUSTED_AFTER and not standing.refused
    if is_trusted:
        return Demand(settings.lowest, 0)
    rung = settings.lowest
    if busy and rung < Rung.PERSON:
        rung = Rung(rung + 1)
    if is_attacked:
        rung = Rung(min(max(rung + 1, Rung.PERSON), Rung.HOLD))
    hardness = busy + (ATTACK_HARDNESS if is_attacked else 0)
    return Demand(min(rung, settings.highest), hardness)


class Ladder:
    """The challenges that there are, by rung."""

    def __init__(self, providers: Mapping[str, ChallengeProvider]) -> None:
        self._providers = providers

    def choose(
        self,
        rung: Rung,
        site: Site,
        locale: str,
        *,
        can_work: bool,
        highest: Rung = Rung.PERSON,
    ) -> ChallengeProvider:
        """Return who asks on `rung`, else on the next above up to `highest`, else on one below."""
        wanted = min(rung, highest)
        above = [Rung(n) for n in range(wanted, highest + 1)]
        below = [Rung(n) for n in range(wanted - 1, -1, -1)]
        favourite = LadderSettings.of(site).person
        for each in above + below:
            found = self._on(each, site, locale, can_work=can_work)
            if found:
                return next((p for p in found if p.name == favourite), found[0])
        return self._providers[Nothing.name]

    def _on(
        self, rung: Rung, site: Site, locale: str, *, can_work: bool
    ) -> list[ChallengeProvider]:
        return [
            provider
            for provider in self._providers.values()
            if provider.rung is rung
            and not provider.alternative_to
            and (can_work or not provider.needs_script)
            and provider.is_offered(site, locale)
        ]

    def alternatives(
        self, provider: ChallengeProvider, site: Site, locale: str
    ) -> list[ChallengeProvider]:
        """Return what a reader who can't answer `provider` may ask for instead."""
        return [
            each
            for each in self._providers.values()
            if each.alternative_to == provider.name and each.is_offered(site, locale)
        ]
