"""All SQL of the rating."""

import dataclasses
import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from comments_service.api import Page, Site, count_to, insert, made_once, table

from .models import (
    STARS,
    Answer,
    Asked,
    CriterionTotal,
    Decided,
    Decision,
    Opened,
    State,
    Total,
    Vote,
    Why,
)

NONE = (0,) * len(STARS)

Counts = tuple[int, ...]
"""Votes of one star, two stars, … five stars."""

_GIVEN = Vote.is_withdrawn.is_(False)
_COUNTED = sa.and_(Vote.state == State.COUNTED, _GIVEN)

# The salts are the core's, which makes them by `daily_salt`; here one is only looked for.
_SALTS = sa.table("core_salt", sa.column("day", sa.Date), sa.column("salt", sa.LargeBinary))


# What runs with every vote is made once: to put it together would take longer than to run it. Where
# no entity is wanted, it names the table's columns, and goes to the session's connection.
_VOTE = table(Vote).c
_ASKED = table(Asked).c
_TOTAL = table(Total)
_PAGE_ID: sa.BindParameter[int] = sa.bindparam("page_id")
_OF_VISITOR = sa.and_(_VOTE.page_id == _PAGE_ID, _VOTE.visitor == sa.bindparam("visitor"))
_VOTE_OF = sa.select(_VOTE.id, _VOTE.stars, _VOTE.state, _VOTE.is_withdrawn).where(_OF_VISITOR)
_ADD_VOTE = sa.insert(table(Vote)).returning(_VOTE.id)
_COUNTS = sa.select(*(_TOTAL.c[f"n{stars}"] for stars in STARS)).where(_TOTAL.c.page_id == _PAGE_ID)
_LOCKED_COUNTS = _COUNTS.with_for_update()
_COUNTS_AND_MINE = _COUNTS.add_columns(_VOTE.id, _VOTE.stars).outerjoin_from(
    _TOTAL, table(Vote), sa.and_(_OF_VISITOR, _VOTE.is_withdrawn.is_(False))
)
_MORE: sa.BindParameter[int] = sa.bindparam("votes")
_ADD_TO_TOTAL = {
    stars: sa.update(_TOTAL)
    .where(_TOTAL.c.page_id == sa.bindparam("of_page"))
    .values({f"n{stars}": _TOTAL.c[f"n{stars}"] + _MORE})
    for stars in STARS
}
_ANSWERS_OF = sa.select(table(Answer).c.criterion, table(Answer).c.stars).where(
    table(Answer).c.vote_id == sa.bindparam("vote_id")
)
_HOODS: list[sa.BindParameter[str]] = [sa.bindparam("hood"), sa.bindparam("hood_before")]
_TIMES = sa.select(sa.func.max(_ASKED.times)).where(
    _ASKED.page_id == _PAGE_ID, _ASKED.neighbourhood.in_(_HOODS)
)


def _votes_of(column: sa.ColumnElement[Any], value: str, most: str) -> sa.ScalarSelect[int]:
    found = sa.select(_VOTE.id).where(_VOTE.page_id == _PAGE_ID, column == sa.bindparam(value))
    return count_to(sa.bindparam(most, type_=sa.Integer), found)


_SEEN = sa.select(
    _votes_of(_VOTE.network, "network", "most_of_network"),
    _votes_of(_VOTE.neighbourhood, "hood", "most_of_hood"),
    sa.func.coalesce(_TIMES.scalar_subquery(), 0),
    sa.exists().where(
        _VOTE.page_id == _PAGE_ID,
        _VOTE.neighbourhood.in_(_HOODS),
        _VOTE.state == State.QUARANTINED,
        _VOTE.why == Why.CROWD,
    ),
)


def _salt_of(day: str) -> sa.ScalarSelect[bytes]:
    its = _SALTS.c.day == sa.bindparam(day, type_=sa.Date)
    return sa.select(_SALTS.c.salt).where(its).scalar_subquery()


_SALTS_OF = sa.select(_salt_of("today"), _salt_of("before"))
# One question, because each costs more than its rows do.
_SALTS_AND_VOTE = _SALTS_OF.add_columns(
    _VOTE.id, _VOTE.stars, _VOTE.state, _VOTE.is_withdrawn
).outerjoin_from(sa.select(sa.literal(1)).subquery(), table(Vote), _OF_VISITOR)


@made_once
def _new_total(insert: Any) -> Any:  # noqa: ANN401 (two dialects' Insert)
    return insert(_TOTAL).on_conflict_do_nothing()


# --- One page -----------------------------------------------------------------------------------


def counts(session: Session, page_id: int) -> Counts:
    found = session.connection().execute(_COUNTS, {"page_id": page_id}).one_or_none()
    return tuple(found) if found else NONE


def counts_and_mine(
    session: Session, page_id: int, visitor: str
) -> tuple[Counts, tuple[int, int] | None]:
    """Return the page's totals; with the number and the stars of the visitor's vote, if given."""
    asked = {"page_id": page_id, "visitor": visitor}
    found = session.connection().execute(_COUNTS_AND_MINE, asked).one_or_none()
    if found is None:
        # Where there are votes, there are totals.
        return NONE, None
    *numbers, vote_id, stars = found
    return tuple(numbers), None if vote_id is None else (vote_id, stars)


def criteria_counts(session: Session, page_id: int) -> Mapping[int, Counts]:
    """Return the totals of each criterion that was ever answered on the page."""
    found = session.scalars(sa.select(CriterionTotal).where(CriterionTotal.page_id == page_id))
    return {each.criterion: each.counts for each in found}


class Known(NamedTuple):
    """What its voter can change of a vote, and whether it is in the totals."""

    id: int
    stars: int
    state: State
    is_withdrawn: bool

    @property
    def is_counted(self) -> bool:
        return self.state is State.COUNTED and not self.is_withdrawn


def vote_of(session: Session, page_id: int, visitor: str) -> Known | None:
    asked = {"page_id": page_id, "visitor": visitor}
    row = session.connection().execute(_VOTE_OF, asked).one_or_none()
    return Known._make(row) if row else None


def add_vote(session: Session, **columns: object) -> int:
    """Insert one vote and return its number; what is not said of it is as in the model."""
    added: int = session.connection().execute(_ADD_VOTE, columns).scalar_one()
    return added


def change_vote(session: Session, vote_id: int, **columns: object) -> None:
    session.execute(sa.update(table(Vote)).where(_VOTE.id == vote_id).values(columns))


def delete_vote(session: Session, vote_id: int) -> None:
    session.execute(sa.delete(table(Vote)).where(_VOTE.id == vote_id))


def answers_of(session: Session, vote_id: int) -> Mapping[int, int]:
    """Return the stars of each criterion that the vote speaks of."""
    return dict(session.connection().execute(_ANSWERS_OF, {"vote_id": vote_id}).all())


def set_answers(session: Session, vote_id: int, answers: Mapping[int, int]) -> None:
    session.execute(sa.delete(Answer).where(Answer.vote_id == vote_id))
    session.add_all(
        Answer(vote_id=vote_id, criterion=criterion, stars=stars)
        for criterion, stars in answers.items()
    )


def lock_total(session: Session, page_id: int) -> Counts:
    """Return the page's totals, held against other writers until the transaction ends."""
    connection = session.connection()
    found = connection.execute(_LOCKED_COUNTS, {"page_id": page_id}).one_or_none()
    if found is None:
        zeros = {f"n{stars}": 0 for stars in STARS}
        connection.execute(_new_total(session), {"page_id": page_id, **zeros})
        found = connection.execute(_LOCKED_COUNTS, {"page_id": page_id}).one()
    return tuple(found)


def add_to_total(session: Session, page_id: int, stars: int, votes: int) -> None:
    """Add so many votes of so many stars to the page's totals, which are locked."""
    session.connection().execute(_ADD_TO_TOTAL[stars], {"of_page": page_id, "votes": votes})


def set_total(session: Session, page_id: int, counts: Counts) -> None:
    values = {f"n{stars}": n for stars, n in zip(STARS, counts, strict=True)}
    session.execute(sa.update(_TOTAL).where(_TOTAL.c.page_id == page_id).values(values))


def criterion_total(session: Session, page_id: int, criterion: int) -> CriterionTotal:
    """Return the totals of one criterion; whoever writes them holds the page's by `lock_total`."""
    total = session.get(CriterionTotal, (page_id, criterion))
    if total is None:
        total = CriterionTotal(page_id=page_id, criterion=criterion)
        total.set(NONE)
        session.add(total)
    return total


def add_votes(
    session: Session,
    page_id: int,
    votes: Iterable[tuple[str, int]],
    at: datetime.datetime,
    day: datetime.date,
) -> None:
    """Insert counted votes of visitors who have none on the page yet, as (visitor, stars)."""
    rows = [
        {
            "page_id": page_id,
            "visitor": visitor,
            "stars": stars,
            "day": day,
            "created_at": at,
            "updated_at": at,
        }
        for visitor, stars in votes
    ]
    session.execute(sa.insert(Vote), rows)


def recount(session: Session, page_id: int) -> Counts:
    """Return what `counts` should be, from the votes themselves."""
    rows = session.execute(
        sa.select(Vote.stars, sa.func.count())
        .where(Vote.page_id == page_id, _COUNTED)
        .group_by(Vote.stars)
    )
    found = dict(rows.all())
    return tuple(found.get(stars, 0) for stars in STARS)


def add_up(session: Session, page_id: int) -> None:
    """Make the totals of the page, which is locked, what a recount says."""
    session.flush()
    lock_total(session, page_id)
    set_total(session, page_id, recount(session, page_id))
    rows = session.execute(
        sa.select(Answer.criterion, Answer.stars, sa.func.count())
        .join(Vote, Vote.id == Answer.vote_id)
        .where(Vote.page_id == page_id, _COUNTED)
        .group_by(Answer.criterion, Answer.stars)
    )
    found = {(criterion, stars): n for criterion, stars, n in rows}
    for criterion in {*criteria_counts(session, page_id), *(key[0] for key in found)}:
        criterion_total(session, page_id, criterion).set(
            tuple(found.get((criterion, stars), 0) for stars in STARS)
        )
    session.flush()


# --- Where voters come from ---------------------------------------------------------------------


class Seen(NamedTuple):
    """What a page has seen of a voter's network, and of the neighbourhood around it."""

    of_network: int
    """Votes, counted as far as told."""
    of_neighbourhood: int
    """Likewise."""
    asked: int
    """How often the neighbourhood was asked in vain, today's or yesterday's, the larger number."""
    is_crowd: bool
    """Votes of the neighbourhood, today's or yesterday's, are in quarantine as a crowd."""


class Salts(NamedTuple):
    """The salts of a day and of the one before, as far as there are some."""

    today: bytes | None
    before: bytes | None


def salts_of(session: Session, today: datetime.date, before: datetime.date) -> Salts:
    """Return the salts that there are of two days; unlike `daily_salt`, make none."""
    asked = {"today": today, "before": before}
    return Salts._make(session.connection().execute(_SALTS_OF, asked).one())


def salts_and_vote(
    session: Session, page_id: int, visitor: str, today: datetime.date, before: datetime.date
) -> tuple[Salts, Known | None]:
    """Return what `salts_of` and `vote_of` do."""
    asked = {"page_id": page_id, "visitor": visitor, "today": today, "before": before}
    salt, old, *vote = session.connection().execute(_SALTS_AND_VOTE, asked).one()
    return Salts(salt, old), None if vote[0] is None else Known._make(vote)


def seen(
    session: Session, page_id: int, network: str, hoods: Sequence[str], most: tuple[int, int]
) -> Seen:
    """Return what the page has seen, counting so many votes of the network and of the other.

    `hoods` is the neighbourhood as it is hashed today, and, if that is known, yesterday.
    """
    asked = {
        "page_id": page_id,
        "network": network,
        "hood": hoods[0],
        "hood_before": hoods[-1],
        "most_of_network": most[0],
        "most_of_hood": most[1],
    }
    return Seen(*session.connection().execute(_SEEN, asked).one())


def quarantine(
    session: Session, page_id: int, hoods: Sequence[str], why: Why, *, only_free: bool = False
) -> None:
    """Take the votes of these neighbourhoods out, but for what a moderator decided.

    `only_free`: those alone that came without a challenge.
    """
    session.flush()
    session.execute(
        sa.update(Vote)
        .where(
            Vote.page_id == page_id,
            Vote.neighbourhood.in_(hoods),
            Vote.state != State.VOID,
            Vote.decision_id.is_(None),
            Vote.is_proven.is_(False) if only_free else sa.true(),
        )
        .values(state=State.QUARANTINED, why=why)
        .execution_options(synchronize_session=False)
    )


def asked(session: Session, page_id: int, hoods: Sequence[str]) -> int:
    """Return how often these neighbourhoods were asked in vain, that of them asked most."""
    asked = {"page_id": page_id, "hood": hoods[0], "hood_before": hoods[-1]}
    return session.connection().scalar(_TIMES, asked) or 0


def add_asked(session: Session, page_id: int, hood: str, day: datetime.date, times: int) -> None:
    """Note that a neighbourhood was asked; less than 0 times if it brought what was asked."""
    fresh = insert(session, Asked).values(
        page_id=page_id, neighbourhood=hood, day=day, times=max(0, times)
    )
    added = Asked.times + times
    session.execute(
        fresh.on_conflict_do_update(
            index_elements=[Asked.page_id, Asked.neighbourhood],
            set_={"times": sa.case((added > 0, added), else_=0)},
        )
    )


def opened(session: Session, hood: str) -> int:
    """Return on how many pages without a row a neighbourhood's readers rated at no price today."""
    return session.scalar(sa.select(Opened.pages).where(Opened.neighbourhood == hood)) or 0


def add_opened(session: Session, hood: str, day: datetime.date) -> None:
    """Note that a page without a row was rated at no price from a neighbourhood."""
    fresh = insert(session, Opened).values(neighbourhood=hood, day=day, pages=1)
    session.execute(
        fresh.on_conflict_do_update(
            index_elements=[Opened.neighbourhood], set_={"pages": Opened.pages + 1}
        )
    )


def forget(session: Session, before: datetime.date) -> None:
    """Delete what was noted of neighbourhoods on the days before that one."""
    for noted in (Asked, Opened):
        session.execute(sa.delete(table(noted)).where(table(noted).c.day < before))


# --- Proof --------------------------------------------------------------------------------------


class Wrong(NamedTuple):
    """A page whose totals are not what its votes say."""

    site: str
    page: str
    criterion: int
    """0: the stars of the page itself."""
    differences: Counts
    """Totals less recount, of one star, two stars, … five stars."""


def pages_and_votes(session: Session, site: Site | None) -> tuple[int, int]:
    """Return how many pages were rated, and how many counted votes they have."""
    row = session.execute(
        sa.select(sa.func.count(sa.distinct(Vote.page_id)), sa.func.count())
        .join(Page, Page.id == Vote.page_id)
        .where(_COUNTED, _of(site))
    ).one()
    return row[0], row[1]


def wrong_totals(session: Session, site: Site | None) -> Sequence[Wrong]:
    """Recount everything, in one statement: one moment, whoever votes meanwhile."""
    zero = sa.literal(0)
    parts = [
        sa.select(Total.page_id, zero.label("criterion"), *_columns(Total)),
        sa.select(CriterionTotal.page_id, CriterionTotal.criterion, *_columns(CriterionTotal)),
        sa.select(Vote.page_id, zero.label("criterion"), *_less(Vote.stars))
        .where(_COUNTED)
        .group_by(Vote.page_id),
        sa.select(Vote.page_id, Answer.criterion, *_less(Answer.stars))
        .join(Answer, Answer.vote_id == Vote.id)
        .where(_COUNTED)
        .group_by(Vote.page_id, Answer.criterion),
    ]
    both = sa.union_all(*parts).subquery()
    sums = [sa.func.sum(both.c[f"n{stars}"]) for stars in STARS]
    rows = session.execute(
        sa.select(Site.key, Page.key, both.c.criterion, *sums)
        .join(Page, Page.id == both.c.page_id)
        .join(Site, Site.id == Page.site_id)
        .where(_of(site))
        .group_by(Site.key, Page.key, both.c.criterion)
        .having(sa.or_(*(each != 0 for each in sums)))
        .order_by(Site.key, Page.key, both.c.criterion)
    )
    return [Wrong(row[0], row[1], row[2], tuple(map(int, row[3:]))) for row in rows]


def _columns(table: type[Total | CriterionTotal]) -> list[Any]:
    return [getattr(table, f"n{stars}").label(f"n{stars}") for stars in STARS]


def _less(given: Any) -> list[Any]:  # noqa: ANN401 (a column of either table)
    return [(-_number_of(given, stars)).label(f"n{stars}") for stars in STARS]


def _number_of(given: Any, stars: int) -> Any:  # noqa: ANN401 (as above)
    return sa.func.sum(sa.case((given == stars, 1), else_=0))


def _of(site: Site | None) -> sa.ColumnElement[bool]:
    return Page.site_id == site.id if site else sa.true()


# --- A site -------------------------------------------------------------------------------------


class Rated(NamedTuple):
    """A page with its totals."""

    page: Page
    counts: Counts


def best(session: Session, site_id: int, *, prior: int, least: int, limit: int) -> Sequence[Rated]:
    """Return the best pages of a site, by the mean that `prior` votes of the site's mean draw to.

    Left out are pages of less than `least` votes, those without a title, and those whose key is no
    address: such a key is whatever its first voter wrote.
    """
    number = sum((getattr(Total, f"n{stars}") for stars in STARS), sa.literal(0))
    stars_sum = sum((stars * getattr(Total, f"n{stars}") for stars in STARS), sa.literal(0))
    of_site = (
        sa.select((1.0 * sa.func.sum(stars_sum) / sa.func.sum(number)).label("mean"))
        .join(Page, Page.id == Total.page_id)
        .where(Page.site_id == site_id, number > 0)
        .scalar_subquery()
    )
    weighed = (prior * of_site + stars_sum) / (prior + number)
    rows = session.execute(
        sa.select(Page, Total)
        .join(Total, Total.page_id == Page.id)
        .where(
            Page.site_id == site_id,
            Page.key.startswith("/"),
            Page.title != "",
            number >= least,
        )
        .order_by(weighed.desc(), number.desc(), Page.id)
        .limit(limit)
    )
    return [Rated(page, total.counts) for page, total in rows]


# --- The dashboard ------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Choice:
    """Which votes of a site are meant; what is None or empty is no condition."""

    site_id: int
    page_key: str = ""
    network: str = ""
    """How the hash of a network or of a neighbourhood begins, of one day."""
    since: datetime.datetime | None = None
    until: datetime.datetime | None = None
    """When the vote was given or last changed: from `since`, before `until`."""
    stars: Sequence[int] = ()

    @property
    def is_all(self) -> bool:
        return not (self.page_key or self.network or self.since or self.until or self.stars)

    def conditions(self) -> list[sa.ColumnElement[bool]]:
        found = [Page.site_id == self.site_id]
        if self.page_key:
            found.append(Page.key == self.page_key)
        if self.network:
            hashes = (Vote.network, Vote.neighbourhood)
            found.append(sa.or_(*(_begins(each, self.network) for each in hashes)))
        if self.since:
            found.append(Vote.updated_at >= self.since)
        if self.until:
            found.append(Vote.updated_at < self.until)
        if self.stars:
            found.append(Vote.stars.in_(self.stars))
        return found


def _begins(column: Any, code: str) -> sa.ColumnElement[bool]:  # noqa: ANN401 (either hash's column)
    """Tell whether a hash begins so; the range says no more, but an index answers it."""
    after = code + "g"  # A hash has digits and the letters from a to f.
    return sa.and_(column.startswith(code, autoescape=True), column.between(code, after))


def chosen_counts(session: Session, choice: Choice) -> Mapping[State, Counts]:
    """Return how many votes are chosen, by their state."""
    rows = session.execute(
        sa.select(Vote.state, Vote.stars, sa.func.count())
        .join(Page, Page.id == Vote.page_id)
        .where(*choice.conditions(), _GIVEN)
        .group_by(Vote.state, Vote.stars)
    )
    found = {(state, stars): n for state, stars, n in rows}
    return {state: tuple(found.get((state, stars), 0) for stars in STARS) for state in State}


class DayCount(NamedTuple):
    """The votes of one day."""

    day: datetime.date
    state: State
    votes: int
    stars: int
    """The sum of their stars."""


def per_day(
    session: Session, site_id: int, first: datetime.date, last: datetime.date
) -> Sequence[DayCount]:
    """Return the votes that a site was given from `first` to `last`, both included."""
    rows = session.execute(
        sa.select(Vote.day, Vote.state, sa.func.count(), sa.func.sum(Vote.stars))
        .join(Page, Page.id == Vote.page_id)
        .where(Page.site_id == site_id, Vote.day.between(first, last), _GIVEN)
        .group_by(Vote.day, Vote.state)
        .order_by(Vote.day)
    )
    return [DayCount(*row) for row in rows]


class Group(NamedTuple):
    """Votes of one page, day and neighbourhood that a rule or a moderator took out."""

    page: Page
    day: datetime.date
    neighbourhood: str | None
    state: State
    why: Why
    votes: int
    stars: Counts
    networks: int
    """From so many networks they came."""


def groups(
    session: Session,
    site_id: int,
    first: datetime.date,
    last: datetime.date,
    *,
    start: int,
    limit: int,
) -> Sequence[Group]:
    """Return what is not counted of the votes given from `first` to `last`: the newest first."""
    key = (Vote.page_id, Vote.day, Vote.neighbourhood, Vote.state, Vote.why)
    found = (
        sa.select(
            *key,
            sa.func.count().label("votes"),
            *(_number_of(Vote.stars, stars).label(f"n{stars}") for stars in STARS),
            sa.func.count(sa.distinct(Vote.network)).label("networks"),
        )
        .join(Page, Page.id == Vote.page_id)
        .where(
            Page.site_id == site_id,
            Vote.day.between(first, last),
            Vote.state != State.COUNTED,
            _GIVEN,
        )
        .group_by(*key)
        .subquery()
    )
    columns = found.c
    rows = session.execute(
        sa.select(Page, found)
        .join(found, columns.page_id == Page.id)
        .order_by(columns.day.desc(), columns.votes.desc(), Page.id, columns.neighbourhood)
        .offset(start)
        .limit(limit)
    )
    return [
        Group(
            page=row[0],
            day=row.day,
            neighbourhood=row.neighbourhood,
            state=row.state,
            why=row.why,
            votes=row.votes,
            stars=tuple(getattr(row, f"n{stars}") for stars in STARS),
            networks=row.networks,
        )
        for row in rows
    ]


def change(session: Session, decision: Decision, choice: Choice, after: State) -> Sequence[int]:
    """Set the chosen votes to `after`, note what they were, and return the pages they stand on."""
    conditions = [*choice.conditions(), Vote.state != after]
    page_ids = _lock(session, conditions)
    was = (
        sa.select(sa.literal(decision.id), Vote.id, Vote.state)
        .join(Page, Page.id == Vote.page_id)
        # No page that somebody first rated a moment ago: its totals are not held.
        .where(*conditions, Vote.page_id.in_(page_ids))
    )
    session.execute(sa.insert(Decided).from_select(["decision_id", "vote_id", "before"], was))
    mine = sa.select(Decided.vote_id).where(Decided.decision_id == decision.id)
    _update(session, Vote.id.in_(mine), state=after, decision_id=decision.id)
    return page_ids


def change_back(session: Session, decision: Decision, undone: Decision) -> Sequence[int]:
    """Set what `undone` changed back, but for votes on which was decided since."""
    page_ids = _lock(session, [Vote.decision_id == undone.id])
    was = sa.select(sa.literal(decision.id), Vote.id, Vote.state).where(
        Vote.decision_id == undone.id
    )
    session.execute(sa.insert(Decided).from_select(["decision_id", "vote_id", "before"], was))
    before = (
        sa.select(Decided.before)
        .where(Decided.vote_id == Vote.id, Decided.decision_id == undone.id)
        .scalar_subquery()
    )
    _update(session, Vote.decision_id == undone.id, state=before, decision_id=decision.id)
    return page_ids


def _lock(session: Session, conditions: Sequence[sa.ColumnElement[bool]]) -> Sequence[int]:
    """Hold the totals of the pages with such votes, in one order for all; return these."""
    page_ids = session.scalars(
        sa.select(Vote.page_id)
        .join(Page, Page.id == Vote.page_id)
        .where(*conditions)
        .distinct()
        .order_by(Vote.page_id)
    ).all()
    for page_id in page_ids:
        lock_total(session, page_id)
    return page_ids


def _update(session: Session, condition: sa.ColumnElement[bool], **values: object) -> None:
    session.execute(
        sa.update(Vote)
        .where(condition)
        .values(**values)
        .execution_options(synchronize_session=False)
    )


def changed_by(session: Session, decision: Decision) -> int:
    """Return how many votes a decision changed, without those that were withdrawn by then."""
    return session.scalars(
        sa.select(sa.func.count())
        .select_from(Decided)
        .join(Vote, Vote.id == Decided.vote_id)
        .where(Decided.decision_id == decision.id, _GIVEN)
    ).one()


def lock_decision(session: Session, site_id: int, decision_id: int) -> Decision | None:
    """Return the site's decision, held against a second undoing at the same time."""
    return session.scalar(
        sa.select(Decision)
        .where(Decision.id == decision_id, Decision.site_id == site_id)
        .with_for_update()
    )


def decisions(session: Session, site_id: int, limit: int) -> Sequence[Decision]:
    """Return the site's newest decisions."""
    return session.scalars(
        sa.select(Decision)
        .where(Decision.site_id == site_id)
        .order_by(Decision.id.desc())
        .limit(limit)
    ).all()


def undone(session: Session, ids: Iterable[int]) -> set[int]:
    """Return which of these decisions were taken back."""
    found = session.scalars(sa.select(Decision.undoes_id).where(Decision.undoes_id.in_(list(ids))))
    return {each for each in found if each is not None}


# --- Export -------------------------------------------------------------------------------------


class Row(NamedTuple):
    """One vote, without anything of its voter."""

    page: str
    stars: int
    day: datetime.date
    state: State
    answers: Sequence[int | None]
    """The stars of each criterion, None where the vote says nothing of it."""


def rows(
    session: Session, site_id: int, first: datetime.date, last: datetime.date, criteria: int
) -> Iterable[Row]:
    """Yield the votes given from `first` to `last`, a thousand at a time from the database.

    With answers to so many criteria; in an order that does not tell who came first within a day.
    """
    answers = [_answer_to(criterion) for criterion in range(1, criteria + 1)]
    found = session.execute(
        sa.select(Page.key, Vote.stars, Vote.day, Vote.state, *answers)
        .join(Page, Page.id == Vote.page_id)
        .where(Page.site_id == site_id, Vote.day.between(first, last), _GIVEN)
        .order_by(Vote.day, Page.key, Vote.state, Vote.stars, *answers)
        .execution_options(yield_per=1000)
    )
    for key, stars, day, state, *given in found:
        yield Row(key, stars, day, state, given)


def _answer_to(criterion: int) -> sa.ScalarSelect[int]:
    return (
        sa.select(Answer.stars)
        .where(Answer.vote_id == Vote.id, Answer.criterion == criterion)
        .scalar_subquery()
    )


def totals(
    session: Session, site_id: int, first: datetime.date, last: datetime.date
) -> Mapping[str, Mapping[State, Counts]]:
    """Return by page key how many votes of each state were given from `first` to `last`."""
    found: defaultdict[str, dict[State, list[int]]] = defaultdict(
        lambda: {state: list(NONE) for state in State}
    )
    for key, state, stars, n in session.execute(
        sa.select(Page.key, Vote.state, Vote.stars, sa.func.count())
        .join(Page, Page.id == Vote.page_id)
        .where(Page.site_id == site_id, Vote.day.between(first, last), _GIVEN)
        .group_by(Page.key, Vote.state, Vote.stars)
        .order_by(Page.key)
    ):
        found[key][state][stars - 1] = n
    return {
        key: {state: tuple(each) for state, each in states.items()} for key, states in found.items()
    }


def criteria_totals(
    session: Session, site_id: int, first: datetime.date, last: datetime.date
) -> Mapping[tuple[str, int], Counts]:
    """Return by page key and criterion what the counted ones of these votes answered."""
    found: defaultdict[tuple[str, int], list[int]] = defaultdict(lambda: list(NONE))
    for key, criterion, stars, n in session.execute(
        sa.select(Page.key, Answer.criterion, Answer.stars, sa.func.count())
        .join(Vote, Vote.id == Answer.vote_id)
        .join(Page, Page.id == Vote.page_id)
        .where(Page.site_id == site_id, Vote.day.between(first, last), _COUNTED)
        .group_by(Page.key, Answer.criterion, Answer.stars)
    ):
        found[key, criterion][stars - 1] = n
    return {each: tuple(counts) for each, counts in found.items()}
