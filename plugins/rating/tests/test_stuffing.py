"""A network never identifies a voter; it raises the price."""

import datetime
import itertools
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from comments_service.plugins.rating.models import State, Vote, Why
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comments_service import clock, traps
from comments_service.core import Core
from comments_service.models import Page, Salt, Site
from comments_service.testing import PAGE, MakeApp, Reader, add_site, row_counts

from .voting import delete, far, is_right, prove, put, rate_honestly, read, states

COUNTED = (State.COUNTED, Why.NO_RULE)
UNPROVEN = (State.QUARANTINED, Why.UNPROVEN)
CROWD = (State.QUARANTINED, Why.CROWD)
HONEST = [5] * 10 + [4] * 6 + [3] * 2 + [2] + [1]
DAY = datetime.timedelta(days=1)


class Clock:
    """The service's clock, which a test moves."""

    def __init__(self) -> None:
        self.now = datetime.datetime(2026, 3, 4, 5, tzinfo=datetime.UTC)


@pytest.fixture(autouse=True)
def time(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Stop the clock at noon in Vietnam."""
    stopped = Clock()
    monkeypatch.setattr(clock, "now", lambda: stopped.now)
    return stopped


def ipv4(number: int) -> str:
    return f"203.0.113.{number % 256}"


def ipv6(number: int) -> str:
    return f"2001:db8:77:{number % 65536:x}::1"


def stuff(app: Flask, address: str, number: int = 0) -> Reader:
    """Rate one star as nobody who was ever here."""
    reader = Reader(app, address=address, user_agent=f"Bot/{number}")
    put(reader, 1)
    return reader


@pytest.mark.parametrize("address", [ipv4, ipv6])
def test_a_network_can_not_move_a_mean(
    app: Flask, core: Core, address: Callable[[int], str]
) -> None:
    rate_honestly(app, *HONEST)
    before = read(Reader(app))

    for number in range(30):
        stuff(app, address(number), number)

    assert read(Reader(app))["distribution"] == before["distribution"]
    # Six came free, and went when the others brought no challenge.
    assert states(core) == {COUNTED: 20, UNPROVEN: 6}
    assert is_right(core)


def test_who_solved_a_challenge_does_not_pay_for_those_who_did_not(app: Flask, core: Core) -> None:
    for n in range(10):
        prove(Reader(app, address=ipv4(n)), 5)
    for n in range(40):
        stuff(app, ipv4(n))
    # The first six were asked nothing.
    assert states(core) == {COUNTED: 4, UNPROVEN: 6}


@pytest.mark.parametrize(("seconds", "filled_in"), [("0", "https://spam.example"), ("5", "")])
def test_who_falls_into_a_trap_proves_nothing(
    make_app: MakeApp, seconds: str, filled_in: str
) -> None:
    app = make_app(plugins="rating,captcha", form_seconds=seconds)
    add_site(app)
    core: Core = app.extensions["comments_service"]
    for _ in range(3):
        put(Reader(app), 5)

    with core.db.read() as session:
        hidden = traps.field_name(core.keys, session.scalars(sa.select(Site)).one())
    caught = prove(Reader(app), 1, **{hidden: filled_in})

    assert caught.status_code == 200
    assert states(core) == {COUNTED: 3, UNPROVEN: 1}


def test_an_office_that_pays_keeps_what_came_free(app: Flask, core: Core) -> None:
    for _ in range(20):
        if put(Reader(app), 4).status_code == 428:
            assert prove(Reader(app), 4).status_code == 200
    assert states(core) == {COUNTED: 20}


def test_an_office_rates_freely_then_by_a_challenge(app: Flask, core: Core) -> None:
    for _ in range(3):
        assert put(Reader(app), 4).status_code == 200
    refused = put(Reader(app), 4)
    assert (refused.status_code, refused.get_json()["code"]) == (428, "challenge_required")
    for _ in range(17):
        assert prove(Reader(app), 5).status_code == 200

    assert states(core) == {COUNTED: 20}
    assert read(Reader(app))["count"] == 20


def test_whoever_has_a_vote_changes_and_withdraws_it_at_no_price(app: Flask) -> None:
    readers = [Reader(app) for _ in range(3)]
    for reader in readers:
        put(reader, 4)
    assert put(Reader(app), 4).status_code == 428

    assert put(readers[0], 2).status_code == 200
    assert delete(readers[1]).status_code == 200
    assert read(readers[0])["distribution"] == {"1": 0, "2": 1, "3": 0, "4": 1, "5": 0}


def test_networks_side_by_side_have_twice_that_free(app: Flask) -> None:
    statuses = [put(Reader(app, address=ipv4(n)), 4).status_code for n in range(8)]
    assert statuses == [200] * 6 + [428] * 2
    assert put(Reader(app, address=far(1)), 4).status_code == 200


def test_the_crowd_takes_those_before_it_along(app: Flask, core: Core) -> None:
    rate_honestly(app, 4, 4)
    members = [Reader(app, address=ipv4(n)) for n in range(21)]
    for number, member in enumerate(members):
        assert states(core).get(CROWD, 0) == 0
        assert read(member)["count"] == 2 + number
        assert prove(member, 1).status_code == 200

    assert states(core) == {COUNTED: 2, CROWD: 21}
    assert read(members[0])["count"] == 2
    # Nobody is told: it would teach a program what to change.
    assert read(members[0])["mine"] == read(members[20])["mine"] == 1
    assert is_right(core)


def test_what_is_not_counted_can_be_changed_and_withdrawn(app: Flask, core: Core) -> None:
    members = [Reader(app, address=ipv4(n)) for n in range(21)]
    for member in members:
        prove(member, 1)

    put(members[0], 5)
    delete(members[1])

    assert [read(member)["mine"] for member in members[:3]] == [5, None, 1]
    for member in members:
        delete(member)
    # A crowd that goes is a crowd when it comes again, and to those who come after it.
    prove(members[0], 1)
    prove(Reader(app, address=ipv4(50)), 1)
    assert states(core) == {CROWD: 22}
    assert read(members[0])["count"] == 0
    assert is_right(core)


def test_a_page_that_many_rate_lets_more_of_a_network_through(app: Flask, core: Core) -> None:
    add_site(app, "busy", rating={"free": "1", "crowd": "1"})
    rate_honestly(app, *[4] * 60, site="busy")
    for number in range(3):
        prove(Reader(app, site="busy", address=ipv4(number)), 1)
    # Five percent of sixty is three.
    assert states(core) == {COUNTED: 63}
    prove(Reader(app, site="busy", address=ipv4(3)), 1)
    assert states(core) == {COUNTED: 60, CROWD: 4}


def test_each_page_has_a_crowd_of_its_own(app: Flask, core: Core) -> None:
    for n in range(21):
        prove(Reader(app, address=ipv4(n)), 1)
    put(Reader(app, page="/khac", address=ipv4(1)), 1)
    assert states(core, "/khac") == {COUNTED: 1}


def test_page_keys_made_up_fill_no_database(app: Flask, core: Core, time: Clock) -> None:
    rate_honestly(app, 4)
    for n in range(25):
        put(Reader(app, page=f"/bia/{n}", address=ipv4(n)), 1)
        delete(Reader(app, page=f"/dat/{n}", address=ipv4(n)))
    assert page_count(core) == 1 + 20

    refused = put(Reader(app, page="/bia/99", address=ipv4(0)), 1)
    assert (refused.status_code, refused.get_json()["code"]) == (428, "challenge_required")
    # Whoever pays may, and so may others; what is there costs no more than ever.
    assert prove(Reader(app, page="/moi", address=ipv4(0)), 5).status_code == 200
    assert put(Reader(app, page="/khac", address=far(1)), 5).status_code == 200
    assert put(Reader(app, address=ipv4(0)), 5).status_code == 200
    time.now += DAY
    assert put(Reader(app, page="/bia/99", address=ipv4(0)), 1).status_code == 200


def test_who_was_asked_is_forgotten_with_the_day(app: Flask, core: Core, time: Clock) -> None:
    statuses = [put(Reader(app, page="/khac"), 4).status_code for _ in range(4)]
    assert statuses == [200, 200, 200, 428]
    tables = ("rating_asked", "rating_opened")
    assert [row_counts(core)[each] for each in tables] == [1, 1]
    rate_honestly(app, 4)
    time.now += 3 * DAY
    # On another page, at no price.
    put(Reader(app), 4)
    assert [row_counts(core)[each] for each in tables] == [0, 0]


def page_count(core: Core) -> int:
    with core.db.read() as session:
        return session.scalars(sa.select(sa.func.count()).select_from(Page)).one()


def test_midnight_splits_no_crowd(app: Flask, core: Core, time: Clock) -> None:
    for n in range(15):
        prove(Reader(app, address=ipv4(n)), 1)
    time.now += DAY
    for n in range(20):
        prove(Reader(app, address=ipv4(n)), 1)
    assert states(core) == {COUNTED: 35}
    prove(Reader(app, address=ipv4(50)), 1)
    assert states(core) == {CROWD: 36}
    time.now += DAY
    prove(Reader(app, address=ipv4(51)), 1)
    assert states(core) == {CROWD: 37}
    # Who stays away for a day is nobody known.
    time.now += 2 * DAY
    put(Reader(app, address=ipv4(52)), 1)
    assert states(core) == {CROWD: 37, COUNTED: 1}


def test_what_is_free_is_free_each_day_of_the_site(app: Flask, time: Clock) -> None:
    for _ in range(3):
        put(Reader(app), 4)
    time.now += datetime.timedelta(hours=11, minutes=59)
    assert put(Reader(app), 4).status_code == 428
    # Midnight in Vietnam.
    time.now += datetime.timedelta(minutes=1)
    assert put(Reader(app), 4).status_code == 200


def test_what_is_kept_of_a_network_tells_nothing_without_the_days_salt(
    app: Flask, core: Core, time: Clock
) -> None:
    put(Reader(app), 4)
    put(Reader(app, page="/khac"), 4)
    time.now += DAY
    put(Reader(app, page="/hai"), 4)
    add_site(app, "other")
    put(Reader(app, site="other"), 4)
    with core.db.read() as session:
        votes = session.scalars(sa.select(Vote).order_by(Vote.id)).all()
        days = session.scalars(sa.select(Salt.day).order_by(Salt.day)).all()

    assert votes[0].network == votes[1].network
    assert len({vote.network for vote in votes}) == 3
    assert [vote.day for vote in votes] == [days[0], days[0], days[1], days[1]]
    for vote in votes:
        assert vote.network != vote.neighbourhood
        assert "203.0.113" not in f"{vote.network} {vote.neighbourhood}"

    # And nobody has that any more on the third day after.
    time.now += 2 * DAY
    put(Reader(app), 4)
    with core.db.read() as session:
        kept = session.scalars(sa.select(Salt.day)).all()
    assert (days[0] in kept, days[1] in kept) == (False, True)


def test_readers_without_an_address_are_limited_together(app: Flask) -> None:
    statuses = [put(Reader(app, address=""), 4).status_code for _ in range(4)]
    assert statuses == [200, 200, 200, 428]


def test_a_wrong_answer_and_a_replay_are_no_proof(app: Flask) -> None:
    for _ in range(3):
        put(Reader(app), 4)
    newcomer = Reader(app)
    solved = newcomer.solve("rating")
    wrong = put(newcomer, 1, **{**solved, "answer": "?"})
    assert (wrong.status_code, wrong.get_json()["code"]) == (422, "captcha_wrong")

    solved = newcomer.solve("rating")
    assert put(newcomer, 4, **solved).status_code == 200
    again = put(Reader(app), 1, **solved)
    assert (again.status_code, again.get_json()["code"]) == (422, "captcha_expired")
    elsewhere = put(Reader(app, page="/khac"), 4, **newcomer.solve("rating"))
    assert elsewhere.status_code == 200
    assert read(newcomer)["count"] == 4


def test_an_answer_may_be_a_number(make_app: MakeApp) -> None:
    app = make_app(plugins="rating,question")
    add_site(app, rating={"free": "0"}, question={"questions": "1 + 2 = ? = 3"})
    newcomer = Reader(app)
    challenge = put(newcomer, 5).get_json()["challenge"]["challenge"]
    assert put(newcomer, 5, challenge=challenge, answer=3).status_code == 200
    assert read(newcomer)["count"] == 1


def test_the_form_asks_in_its_place(app: Flask) -> None:
    for _ in range(3):
        put(Reader(app), 4)
    newcomer = Reader(app)
    asked = newcomer.rate(5)
    html = asked.get_json()["widgets"]["rating"]
    assert asked.status_code == 428
    assert 'data-cs-challenge="rating"' in html
    assert 'name="answer"' in html

    thanked = newcomer.submit("rating", stars="5", **newcomer.solve("rating"))
    assert thanked.status_code == 200
    assert read(newcomer)["count"] == 4


numbers = itertools.count()
# Who votes (0 to 11, of three neighbourhoods), for how much; 0 withdraws.
steps = st.lists(st.tuples(st.integers(0, 11), st.integers(0, 5)), min_size=5, max_size=40)


@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=steps)
def test_no_neighbourhood_counts_for_more_than_its_crowd(
    app: Flask, core: Core, steps: list[tuple[int, int]]
) -> None:
    key = f"s{next(numbers)}"
    add_site(app, key, rating={"free": "2", "crowd": "3"})
    readers = [Reader(app, site=key, page=PAGE, address=f"10.0.{n % 3}.{n}") for n in range(12)]
    for who, stars in steps:
        if stars:
            put(readers[who], stars)
        else:
            delete(readers[who])

    assert is_right(core)
    assert read(readers[0])["count"] <= 9
