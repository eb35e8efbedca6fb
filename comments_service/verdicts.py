"""Verdicts: what the filters say of a submission before anybody sees it.

A filter is a plugin with the hook `judge` (or `consult`, if it asks another server). The worst
verdict decides; the reasons of all of them stay for the moderators.
"""

import dataclasses
import datetime
import enum
from collections.abc import Sequence

from comments_service.models import Site, Status


class Outcome(enum.IntEnum):
    """What a filter wants done; of several, the highest holds."""

    ACCEPT = 0
    """Publish it even where the site holds what it does not know."""
    HOLD = 1
    """Let a person look."""
    REJECT = 2
    """Keep it out; its author is told no more than that it will be looked at."""
    SPAM = 3
    """As REJECT, and worth learning from once a moderator agrees."""


_STATUS = {
    Outcome.ACCEPT: Status.PUBLISHED,
    Outcome.HOLD: Status.HELD,
    Outcome.REJECT: Status.REJECTED,
    Outcome.SPAM: Status.SPAM,
}


@dataclasses.dataclass(frozen=True)
class Standing:
    """What became of a visitor's earlier submissions to the site."""

    approved: int = 0
    """Published by a moderator's decision."""
    refused: int = 0
    """Rejected or called spam by a moderator's decision."""
    since: datetime.datetime | None = None
    """When the first of them came; None for somebody new."""


@dataclasses.dataclass(frozen=True)
class Draft:
    """A submission on its way, as filters see it. Its texts are clean, and of bounded length."""

    site: Site
    page_key: str
    page_id: int | None
    page_url: str | None
    """The page's address at the site's first origin; None for a key that is no address."""
    kind: str
    author: str
    email: str
    text: str
    visitor: str
    standing: Standing
    networks: Sequence[str]
    """Keyed hashes of the reader's network, from the narrowest to the widest."""
    user_agent: str
    locale: str
    now: datetime.datetime


@dataclasses.dataclass(frozen=True)
class Verdict:
    """What one filter says of one draft, and why."""

    outcome: Outcome
    reason: str
    """For moderators, in the site's language: what was seen, with its numbers."""
    score: float | None = None
    """How sure a filter that weighs is that it is unwanted, from 0 to 1."""
    cluster: str | None = None
    """Up to 16 characters that submissions of one wave have in common: the queue groups by it."""


@dataclasses.dataclass(frozen=True)
class Judged:
    """A moderator's decision on a submission, for filters that learn."""

    site: Site
    submission_id: int
    kind: str
    author: str
    text: str
    visitor: str
    before: Status
    after: Status


def decide(verdicts: Sequence[Verdict], default: Status) -> Status:
    """Return the status of a submission of which the filters said `verdicts`."""
    if not verdicts:
        return default
    return _STATUS[max(verdict.outcome for verdict in verdicts)]
