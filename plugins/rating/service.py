"""The rules of the rating: one vote per visitor and page, and which votes count.

A network never identifies a voter; it raises the price. See README.md for the whole of it.
"""

import dataclasses
import datetime
import hashlib
from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy.orm import Session

from comments_service.api import Rung, Site, clock, daily_salt, touch_pages

from . import queries
from .models import (
    HASH_LENGTH,
    NAME_LENGTH,
    STARS,
    Action,
    Decision,
    State,
    Why,
)
from .queries import Choice, Counts, Known, Rated, Salts, Seen

PERCENT = 100
NEIGHBOURHOOD_FREE = 2
"""A neighbourhood has so many times what is free for one network."""
OPENED_FREE = 20
"""Pages without a row that a neighbourhood's readers rate in a day before they pay for each."""
ASKED_BY_ONE = 2
"""Whoever solves a challenge was asked so often: for the form, and for the form with it."""
PRIOR_VOTES = 10
"""So many votes of the site's mean stand beside a page's own where pages are compared."""
BEST_LEAST = 3
"""So many votes a page has to have to be among the best, even where its site asks for less."""
DAY = datetime.timedelta(days=1)
NOTED_KEPT = 2 * DAY
"""So long is kept who was asked: the rules look at yesterday, by clocks half a day behind too."""


# --- What a page shows --------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Tally:
    """Votes, added up."""

    counts: Counts
    """Votes of one star, two stars, … five stars."""

    @property
    def count(self) -> int:
        return sum(self.counts)

    @property
    def average(self) -> Decimal | None:
        """Mean of the stars, unrounded; None while nobody has rated."""
        if not self.count:
            return None
        stars = sum(stars * n for stars, n in zip(STARS, self.counts, strict=True))
        return Decimal(stars) / self.count

    @property
    def figure(self) -> float | None:
        """The average as programs are told it: to two decimals, half up."""
        if self.average is None:
            return None
        return float(self.average.quantize(Decimal("0.01"), ROUND_HALF_UP))

    @property
    def distribution(self) -> list[tuple[int, int, int]]:
        """(stars, votes, share in whole percent), five stars first."""
        pairs = zip(reversed(STARS), reversed(self.counts), strict=True)
        return [(stars, n, round(100 * n / self.count) if n else 0) for stars, n in pairs]


@dataclasses.dataclass(frozen=True)
class Summary(Tally):
    """What a page's readers think of it, and what this one does."""

    mine: int | None
    threshold: int = 1
    """From so many votes on, more than their number is told."""
    criteria: Mapping[int, Tally] = dataclasses.field(default_factory=dict)
    my_answers: Mapping[int, int] = dataclasses.field(default_factory=dict)

    @property
    def is_told(self) -> bool:
        """There are enough votes to tell their mean, and how they are spread."""
        return self.count >= max(1, self.threshold)


def summary(
    session: Session,
    page_id: int | None,
    visitor: str | None,
    *,
    threshold: int = 1,
    criteria: int = 0,
) -> Summary:
    """Return the page's rating, with so many criteria; zeros for a page that nobody rated."""
    counts, mine = queries.NONE, None
    if page_id and visitor:
        counts, mine = queries.counts_and_mine(session, page_id, visitor)
    elif page_id:
        counts = queries.counts(session, page_id)
    found = queries.criteria_counts(session, page_id) if page_id and criteria else {}
    return Summary(
        counts,
        mine[1] if mine else None,
        threshold,
        {n: Tally(found.get(n, queries.NONE)) for n in range(1, criteria + 1)},
        queries.answers_of(session, mine[0]) if mine and criteria else {},
    )


def best(session: Session, site_id: int, *, limit: int, threshold: int) -> Sequence[Rated]:
    """Return the best rated pages of a site, the best first.

    By the mean of a page's votes and of PRIOR_VOTES more at the site's mean: one vote of five
    stars does not stand above a hundred of nearly five.
    """
    least = max(BEST_LEAST, threshold)
    return queries.best(session, site_id, prior=PRIOR_VOTES, least=least, limit=limit)


# --- Where a voter comes from -------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Limits:
    """How many new voters of one page and day are let through; 0: none."""

    free: int
    """From one network, without a challenge."""
    crowd: int
    """From one neighbourhood, with one; see also `crowd_of`."""
    crowd_percent: int = 5

    @property
    def wide(self) -> int:
        """What is free for one neighbourhood."""
        return self.free * NEIGHBOURHOOD_FREE

    def crowd_of(self, counted: int) -> int:
        """Return how many a neighbourhood may have on a page with so many counted votes."""
        return max(self.crowd, self.crowd_percent * counted // PERCENT)


@dataclasses.dataclass(frozen=True)
class Origin:
    """A voter's network and the widest around it, hashed for one site and one day."""

    day: datetime.date
    network: str
    neighbourhood: str
    before: str | None
    """The neighbourhood as it was hashed yesterday: midnight splits no crowd."""

    @property
    def neighbourhoods(self) -> list[str]:
        return [self.neighbourhood, *([self.before] if self.before else [])]


def _hash(salt: bytes, site: Site, network: str) -> str:
    text = f"{site.id}\n{network}"
    return hashlib.blake2b(text.encode(), key=salt, digest_size=HASH_LENGTH // 2).hexdigest()


def _known_origin(
    salts: Salts, site: Site, networks: Sequence[str], day: datetime.date
) -> Origin | None:
    """Return where a voter comes from; None if nobody has voted yet that day."""
    if salts.today is None:
        return None
    return Origin(
        day=day,
        network=_hash(salts.today, site, networks[0]),
        neighbourhood=_hash(salts.today, site, networks[-1]),
        before=_hash(salts.before, site, networks[-1]) if salts.before else None,
    )


def _origin(
    session: Session,
    site: Site,
    networks: Sequence[str],
    day: datetime.date,
    salts: Salts | None = None,
) -> Origin:
    """Return where a voter comes from, by a salt that is made for the first one of the day."""
    salts = salts or queries.salts_of(session, day, day - DAY)
    if salts.today is None:
        salts = salts._replace(today=daily_salt(session, day))
    found = _known_origin(salts, site, networks, day)
    if found is None:
        raise RuntimeError("a salt just made is not there")
    return found


def price(
    session: Session,
    site: Site,
    page_id: int | None,
    visitor: str,
    networks: Sequence[str],
    limits: Limits,
    now: datetime.datetime,
) -> Rung:
    """Return what is asked of a voter: nothing, or as a new one from a busy network a challenge.

    A page without a row, `page_id` None, is one of which no view was counted, and often one that
    is not there. A few are free; then each costs a challenge, so that keys made up fill no disk.
    `networks` are keyed hashes, from the narrowest to the widest. Only reads.
    """
    day = clock.local_day(now, site.time_zone)
    if page_id:
        salts, vote = queries.salts_and_vote(session, page_id, visitor, day, day - DAY)
        if vote is not None:
            return Rung.NOTHING
    else:
        salts = queries.salts_of(session, day, day - DAY)
    origin = _known_origin(salts, site, networks, day)
    if origin is None:
        return Rung.NOTHING if limits.free else Rung.PERSON
    is_free = (
        _is_free(_seen(session, page_id, origin, limits), limits)
        if page_id
        else limits.free and queries.opened(session, origin.neighbourhood) < OPENED_FREE
    )
    return Rung.NOTHING if is_free else Rung.PERSON


def note_opened(
    session: Session, site: Site, networks: Sequence[str], now: datetime.datetime
) -> None:
    """Note that a page got its row at no price, by whoever rates it first."""
    day = clock.local_day(now, site.time_zone)
    origin = _origin(session, site, networks, day)
    queries.add_opened(session, origin.neighbourhood, day)


def note_asked(
    session: Session,
    site: Site,
    page_id: int,
    networks: Sequence[str],
    limits: Limits,
    now: datetime.datetime,
) -> None:
    """Note that somebody is asked for a challenge.

    A neighbourhood that goes on without one is a program's: what came free from there goes too.
    """
    day = clock.local_day(now, site.time_zone)
    origin = _origin(session, site, networks, day)
    hoods = origin.neighbourhoods
    if queries.asked(session, page_id, hoods) > limits.crowd:
        return
    queries.lock_total(session, page_id)
    queries.add_asked(session, page_id, origin.neighbourhood, day, 1)
    if queries.asked(session, page_id, hoods) > limits.crowd:
        queries.quarantine(session, page_id, hoods, Why.UNPROVEN, only_free=True)
        queries.add_up(session, page_id)
        touch_pages(session, [page_id])


def forget(session: Session, now: datetime.datetime) -> None:
    """Delete what was noted of neighbourhoods on days that no rule looks at any more."""
    queries.forget(session, now.date() - NOTED_KEPT)


def _seen(session: Session, page_id: int, origin: Origin, limits: Limits, crowd: int = 0) -> Seen:
    """Return what the page has seen of the origin, as far as the rules look."""
    most = (limits.free, max(limits.wide, crowd))
    return queries.seen(session, page_id, origin.network, origin.neighbourhoods, most)


def _is_free(seen: Seen, limits: Limits) -> bool:
    """Tell whether one more voter from there needs no challenge."""
    if seen.asked > limits.crowd:
        return False
    return seen.of_network < limits.free and seen.of_neighbourhood < limits.wide


# --- Voting -------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Ballot:
    """What one visitor says of one page."""

    site: Site
    page_id: int
    visitor: str
    stars: int
    answers: Mapping[int, int]
    """The stars of criteria, by their place from 1."""
    networks: Sequence[str]
    """Keyed hashes, from the narrowest to the widest."""
    is_proven: bool
    """Its sender solved a challenge."""
    now: datetime.datetime


def rate(session: Session, ballot: Ballot, limits: Limits) -> None:
    """Give, or change, the visitor's vote. One that does not count is told no different."""
    counts = queries.lock_total(session, ballot.page_id)
    day = clock.local_day(ballot.now, ballot.site.time_zone)
    salts, vote = queries.salts_and_vote(session, ballot.page_id, ballot.visitor, day, day - DAY)
    answered: Mapping[int, int] = {}
    if vote is None:
        origin = _origin(session, ballot.site, ballot.networks, day, salts)
        vote = _new_vote(session, ballot, origin, counts, limits)
    else:
        answered = queries.answers_of(session, vote.id)
        _count(session, ballot.page_id, vote, answered, -1)
        vote = vote._replace(stars=ballot.stars, is_withdrawn=False)
        queries.change_vote(
            session, vote.id, stars=vote.stars, is_withdrawn=False, updated_at=ballot.now
        )
    if answered or ballot.answers:
        queries.set_answers(session, vote.id, ballot.answers)
    _count(session, ballot.page_id, vote, ballot.answers, 1)


def withdraw(session: Session, page_id: int, visitor: str) -> None:
    """Take the visitor's vote back, if there is one.

    One that does not count stays on record: else its voter would be rid of a moderator's decision,
    and a crowd of its mark, by rating anew.
    """
    queries.lock_total(session, page_id)
    vote = queries.vote_of(session, page_id, visitor)
    if vote is None:
        return
    if vote.state is State.COUNTED:
        _count(session, page_id, vote, queries.answers_of(session, vote.id), -1)
        queries.delete_vote(session, vote.id)
    else:
        queries.change_vote(session, vote.id, is_withdrawn=True)


def _new_vote(
    session: Session, ballot: Ballot, origin: Origin, counts: Counts, limits: Limits
) -> Known:
    why = _why_not(session, ballot, origin, counts, limits)
    if ballot.is_proven:
        queries.add_asked(session, ballot.page_id, origin.neighbourhood, origin.day, -ASKED_BY_ONE)
    state = State.COUNTED if why is Why.NO_RULE else State.QUARANTINED
    vote_id = queries.add_vote(
        session,
        page_id=ballot.page_id,
        visitor=ballot.visitor,
        stars=ballot.stars,
        state=state,
        why=why,
        day=origin.day,
        network=origin.network,
        neighbourhood=origin.neighbourhood,
        is_proven=ballot.is_proven,
        created_at=ballot.now,
        updated_at=ballot.now,
    )
    return Known(vote_id, ballot.stars, state, is_withdrawn=False)


def _why_not(
    session: Session, ballot: Ballot, origin: Origin, counts: Counts, limits: Limits
) -> Why:
    """Return the rule by which a new vote is not counted; a crowd's earlier votes go with it."""
    page_id = ballot.page_id
    crowd = limits.crowd_of(sum(counts))
    seen = _seen(session, page_id, origin, limits, crowd)
    if seen.is_crowd:
        return Why.CROWD
    if seen.of_neighbourhood >= crowd:
        queries.quarantine(session, page_id, origin.neighbourhoods, Why.CROWD)
        queries.add_up(session, page_id)
        return Why.CROWD
    if ballot.is_proven or _is_free(seen, limits):
        return Why.NO_RULE
    return Why.UNPROVEN


def _count(session: Session, page_id: int, vote: Known, answers: Mapping[int, int], n: int) -> None:
    """Add a vote with its answers to the totals, or take it out of them, if it counts."""
    if not vote.is_counted:
        return
    queries.add_to_total(session, page_id, vote.stars, n)
    for criterion, stars in answers.items():
        queries.criterion_total(session, page_id, criterion).add(stars, n)


# --- What moderators do -------------------------------------------------------------------------


def void(
    session: Session, choice: Choice, said: Mapping[str, Any], by: str, now: datetime.datetime
) -> Decision:
    """Take the chosen votes out of the totals; `said` is the choice in the moderator's words."""
    return _decide(session, Action.VOID, choice, said, by, now)


def restore(
    session: Session, choice: Choice, said: Mapping[str, Any], by: str, now: datetime.datetime
) -> Decision:
    """Count the chosen votes, whatever took them out."""
    return _decide(session, Action.RESTORE, choice, said, by, now)


def _decide(
    session: Session,
    action: Action,
    choice: Choice,
    said: Mapping[str, Any],
    by: str,
    now: datetime.datetime,
) -> Decision:
    decision = _decision(session, choice.site_id, action, said, by, now)
    after = State.VOID if action is Action.VOID else State.COUNTED
    _settle(session, decision, queries.change(session, decision, choice, after))
    return decision


def undo(session: Session, undone: Decision, by: str, now: datetime.datetime) -> Decision:
    """Make every vote what it was before `undone`, unless it was decided on since."""
    decision = _decision(session, undone.site_id, Action.UNDO, undone.choice, by, now)
    decision.undoes_id = undone.id
    _settle(session, decision, queries.change_back(session, decision, undone))
    return decision


def _decision(
    session: Session,
    site_id: int,
    action: Action,
    said: Mapping[str, Any],
    by: str,
    now: datetime.datetime,
) -> Decision:
    decision = Decision(
        site_id=site_id, at=now, by=by[:NAME_LENGTH], action=action, choice=dict(said), votes=0
    )
    session.add(decision)
    session.flush()
    return decision


def _settle(session: Session, decision: Decision, page_ids: Sequence[int]) -> None:
    """Add up the pages on which votes were changed."""
    for page_id in page_ids:
        queries.add_up(session, page_id)
    touch_pages(session, page_ids)
    decision.votes = queries.changed_by(session, decision)
