"""One vote per visitor and page: given, changed, withdrawn, and added up."""

import itertools
from concurrent.futures import ThreadPoolExecutor
from random import Random

import pytest
import sqlalchemy as sa
from comments_service.plugins.rating import queries, service
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comments_service import clock, pages
from comments_service.core import Core
from comments_service.models import Page, Site
from comments_service.testing import PAGE, Reader, add_site, elements, row_counts

from .voting import delete, far, put, rate_honestly, read


def recount(core: Core, page: str) -> dict[str, int]:
    with core.db.read() as session:
        page_id = session.scalars(sa.select(Page.id).where(Page.key == page)).one()
        return dict(zip("12345", queries.recount(session, page_id), strict=True))


def test_a_rating_is_thanked_for_and_shown(reader: Reader) -> None:
    response = reader.rate(4)

    html = response.get_json()["widgets"]["rating"]
    assert response.status_code == 200
    assert "Cảm ơn bạn. Đã ghi nhận đánh giá." in html
    assert "1 lượt đánh giá" in html
    assert "Bạn đã đánh giá 4 sao" in html


def test_a_second_rating_replaces_the_first(reader: Reader) -> None:
    reader.rate(4)
    reader.rate(2)

    assert read(reader)["distribution"] == {"1": 0, "2": 1, "3": 0, "4": 0, "5": 0}


def test_a_rating_can_be_withdrawn(reader: Reader) -> None:
    reader.rate(4)
    response = reader.submit("rating", withdraw="1")

    assert "Đã rút lại đánh giá của bạn." in response.get_json()["widgets"]["rating"]
    assert read(reader)["count"] == 0
    assert read(reader)["mine"] is None


def test_the_own_rating_is_checked_again_for_who_gave_it(app: Flask, reader: Reader) -> None:
    reader.rate(4)

    assert checked_stars(reader) == ["4"]
    assert checked_stars(Reader(app)) == []


def checked_stars(reader: Reader) -> list[str]:
    html = reader.view("rating")["widgets"]["rating"]
    return [each["value"] for tag, each in elements(html) if tag == "input" and "checked" in each]


def test_visitors_behind_one_address_each_have_a_vote(app: Flask) -> None:
    for stars in (5, 5, 3):
        put(Reader(app), stars)

    assert read(Reader(app))["count"] == 3


def test_each_page_has_votes_of_its_own(app: Flask, reader: Reader) -> None:
    reader.rate(4)
    other = Reader(app, page="/khac", visitor=reader.visitor)
    other.rate(1)

    assert read(reader)["distribution"]["4"] == read(other)["distribution"]["1"] == 1
    assert read(reader)["count"] == read(other)["count"] == 1


@pytest.mark.parametrize(
    ("stars", "vi", "en"),
    [
        ([4, 4, 5], "4,3", "4.3"),
        ([5], "5,0", "5.0"),
        ([4, 4, 4, 5], "4,3", "4.3"),  # 4.25: half up
        ([1] * 19 + [2], "1,1", "1.1"),  # 1.05: half up
    ],
)
def test_the_average_is_rounded_half_up_and_written_as_the_language_does(
    app: Flask, stars: list[int], vi: str, en: str
) -> None:
    rate_honestly(app, *stars)

    assert f"trung bình: <strong>{vi}</strong>/5" in Reader(app).view("rating")["widgets"]["rating"]
    english = Reader(app, lang="en").view("rating")["widgets"]["rating"]
    assert f"average: <strong>{en}</strong>/5" in english


def test_json_rounds_the_average_half_up(app: Flask) -> None:
    rate_honestly(app, *[4] * 7, 5)
    assert read(Reader(app))["average"] == 4.13  # 4.125


def test_large_counts_are_written_as_the_language_does(core: Core, reader: Reader) -> None:
    reader.rate(5)
    with core.db.write() as session:
        page_id = session.scalars(sa.select(Page.id).where(Page.key == PAGE)).one()
        queries.set_total(session, page_id, (0, 0, 0, 0, 1234))

    assert "1.234 lượt đánh giá" in reader.view("rating")["widgets"]["rating"]
    english = Reader(reader.app, lang="en").view("rating")["widgets"]["rating"]
    assert "1,234 ratings" in english


def test_nobody_has_rated_yet(reader: Reader) -> None:
    assert "Chưa có lượt đánh giá nào." in reader.view("rating")["widgets"]["rating"]
    assert read(reader) == {
        "page": PAGE,
        "count": 0,
        "average": None,
        "distribution": {"1": 0, "2": 0, "3": 0, "4": 0, "5": 0},
        "mine": None,
    }


def test_json_rates_changes_and_withdraws(reader: Reader) -> None:
    assert put(reader, 5).get_json()["mine"] == 5
    assert put(reader, 2).get_json()["mine"] == 2
    assert read(reader)["average"] == 2.0
    assert delete(reader).get_json()["count"] == 0
    assert delete(reader).status_code == 200


OFF_THE_SCALE = [0, 6, -1, 2**63, 10**300, 4.5, "", "abc", "٣", None, True, [5], {"a": 5}]


def test_what_is_not_on_the_scale_is_refused(core: Core, reader: Reader) -> None:
    before = row_counts(core)

    for stars in OFF_THE_SCALE:
        answer = put(reader, stars)
        form = reader.submit("rating", stars=str(stars))
        assert (answer.status_code, form.status_code) == (422, 422), stars
        assert answer.get_json()["errors"][0]["field"] == "stars", stars
        assert "Vui lòng chọn từ một đến năm sao." in form.get_json()["widgets"]["rating"], stars

    assert row_counts(core) == before


def test_a_message_beside_the_stars_is_tied_to_them(reader: Reader) -> None:
    found = elements(reader.submit("rating").get_json()["widgets"]["rating"])

    fieldset = next(attributes for tag, attributes in found if tag == "fieldset")
    assert fieldset["aria-describedby"] == "cs-stars-error"
    assert any(attributes.get("id") == "cs-stars-error" for _, attributes in found)


@pytest.mark.parametrize("forgery", ["x", "ImFiYyI.c2lnbmF0dXJl", "é" * 500, '"' * 4000])
def test_a_forged_token_is_a_new_visitor(app: Flask, reader: Reader, forgery: str) -> None:
    reader.rate(5)

    forger = Reader(app, visitor=forgery)
    assert put(forger, 1).status_code == 200

    assert forger.visitor not in (forgery, reader.visitor)
    assert read(reader)["distribution"] == {"1": 1, "2": 0, "3": 0, "4": 0, "5": 1}


def test_a_token_with_another_signature_is_a_new_visitor(app: Flask, reader: Reader) -> None:
    reader.rate(5)
    body, _, signature = reader.visitor.rpartition(".")

    forger = Reader(app, visitor=f"{body}.{signature[::-1]}")
    put(forger, 1)

    assert read(reader)["mine"] == 5
    assert read(reader)["count"] == 2


def test_another_sites_token_is_a_new_visitor(app: Flask, reader: Reader) -> None:
    add_site(app, "other")
    reader.rate(5)

    stranger = Reader(app, site="other", visitor=reader.visitor)
    put(stranger, 3)

    assert stranger.visitor != reader.visitor
    assert body_of(stranger.visitor) != body_of(reader.visitor)


def body_of(token: str) -> str:
    return token.partition(".")[0]


numbers = itertools.count()
Step = tuple[int, int]
steps = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 5)), min_size=1, max_size=12)


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=steps)
def test_totals_equal_a_recount(app: Flask, core: Core, steps: list[Step]) -> None:
    page = f"/{next(numbers)}"
    readers = [Reader(app, page=page, address=far(n)) for n in range(4)]
    expected: dict[int, int] = {}

    for who, stars in steps:
        if stars:
            put(readers[who], stars)
            expected[who] = stars
        else:
            delete(readers[who])
            expected.pop(who, None)

    shown = read(readers[0])
    assert shown["distribution"] == recount(core, page)
    assert shown["count"] == len(expected)
    assert shown["mine"] == expected.get(0)


def test_of_a_thousand_ratings_at_once_none_is_lost(core: Core) -> None:
    """Without HTTP, which would only take longer: the transactions are what meets here."""
    now = clock.now()
    with core.db.write() as session:
        site = session.scalars(sa.select(Site)).one()
        page = pages.ensure(session, site, PAGE, title="", now=now)
        session.flush()

    def rate_some(thread: int) -> None:
        for number in range(thread, 1000, 16):
            ballot = service.Ballot(
                site=site,
                page_id=page.id,
                visitor=f"{number:032}",
                stars=number % 5 + 1,
                answers={},
                networks=[far(number)],
                is_proven=False,
                now=now,
            )
            with core.db.write() as session:
                service.rate(session, ballot, service.Limits(free=3, crowd=20))

    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(rate_some, range(16))) == [None] * 16

    assert recount(core, PAGE) == dict.fromkeys("12345", 200)
    with core.db.read() as session:
        assert queries.counts(session, page.id) == (200,) * 5


def test_totals_hold_when_many_change_their_minds_at_once(app: Flask, core: Core) -> None:
    def rate_often(number: int) -> list[int]:
        random = Random(number)
        reader = Reader(app, address=far(number))
        answers = [put(reader, random.randint(1, 5)) for _ in range(5)]
        if number % 4 == 0:
            answers.append(delete(reader))
        return [answer.status_code for answer in answers]

    with ThreadPoolExecutor(16) as pool:
        statuses = [status for some in pool.map(rate_often, range(16)) for status in some]

    shown = read(Reader(app))
    assert set(statuses) == {200}
    assert shown["count"] == 12
    assert shown["distribution"] == recount(core, PAGE)


def test_one_visitor_in_two_windows_has_one_vote(app: Flask, core: Core, reader: Reader) -> None:
    reader.rate(3)
    windows = [Reader(app, visitor=reader.visitor) for _ in range(8)]

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(put, windows, [1, 2, 3, 4, 5, 1, 2, 3]))

    assert {answer.status_code for answer in answers} == {200}
    assert read(reader)["count"] == 1
    assert read(reader)["distribution"] == recount(core, PAGE)
