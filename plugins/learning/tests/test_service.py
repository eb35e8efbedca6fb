"""What decisions teach, on the database: exactly the sum of the present labels, per site."""

import contextlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import sqlalchemy as sa
from comments_service.plugins.learning import models, queries, service
from comments_service.plugins.learning.counts import Change, Counts, unpack_buckets
from comments_service.plugins.learning.features import read
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comments_service.core import Core
from comments_service.models import Envelope, Site, Status
from comments_service.testing import counted_statements

from .conftest import Comment, Store

modest = settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
TEXTS = ["Vay tiền nhanh", "Đường ngập", "Vay tiền lãi thấp", "Cảm ơn cô", "Vay tiền nhanh"]
decisions = st.lists(st.tuples(st.integers(0, 4), st.sampled_from(list(Status))), max_size=14)


def decide(core: Core, comment: Comment, after: Status, text: str = "") -> None:
    with core.db.write() as session:
        service.learn(session, comment.judged(after, text=text))


def counts(core: Core, site: Site, memory: service.Memory | None = None) -> Counts:
    with core.db.read() as session:
        return (memory or service.Memory(1)).counts(session, site.id)


def equal(one: Counts, another: Counts) -> bool:
    numbers = (one.wanted, one.unwanted) == (another.wanted, another.unwanted)
    return numbers and np.array_equal(one.seen, another.seen)


def sum_of(labels: list[tuple[Comment, Status]]) -> Counts:
    """Return what is learned from comments of which each is decided on once."""
    changes = []
    for comment, status in labels:
        unwanted = service.is_unwanted(status)
        if unwanted is not None:
            buckets = read(comment.author, comment.text).buckets()
            changes.append(Change(buckets, int(not unwanted), int(unwanted)))
    return Counts.none().plus(changes)


@pytest.fixture(params=[1, 3, 256])
def changes_max(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """Fold the changes after so many."""
    monkeypatch.setattr(service, "CHANGES_MAX", request.param)
    kept: int = request.param
    return kept


@pytest.fixture
def comments(store: Store, portal: Site) -> list[Comment]:
    return [store(portal, text) for text in TEXTS]


@pytest.fixture
def memory() -> Iterator[service.Memory]:
    return service.Memory(1)


@pytest.mark.usefixtures("changes_max")
def test_what_is_learned_is_the_sum_of_the_present_labels(
    core: Core, portal: Site, comments: list[Comment], memory: service.Memory
) -> None:
    present = dict.fromkeys(range(len(comments)), Status.HELD)

    @modest
    @given(decisions=decisions)
    def holds(decisions: list[tuple[int, Status]]) -> None:
        for index, status in decisions:
            decide(core, comments[index], status)
            present[index] = status
        expected = sum_of([(comments[index], status) for index, status in present.items()])
        # By a process that has kept up all the time, and by one that begins now.
        assert equal(counts(core, portal, memory), expected)
        assert equal(counts(core, portal), expected)
        assert equal(recount(core, portal), expected)

    holds()


def recount(core: Core, site: Site) -> Counts:
    with core.db.read() as session:
        learned = sa.select(models.Example).where(models.Example.site_id == site.id)
        found = session.scalars(learned).all()
    return Counts.none().plus(
        Change(unpack_buckets(each.buckets), int(not each.is_unwanted), int(each.is_unwanted))
        for each in found
    )


@pytest.mark.parametrize(
    ("status", "wanted", "unwanted"),
    [
        (Status.PUBLISHED, 1, 0),
        (Status.SPAM, 0, 1),
        (Status.REJECTED, 0, 0),
        (Status.DELETED, 0, 0),
        (Status.HELD, 0, 0),
    ],
)
def test_published_and_spam_teach_and_nothing_else(
    core: Core, portal: Site, comments: list[Comment], status: Status, wanted: int, unwanted: int
) -> None:
    decide(core, comments[0], status)

    found = counts(core, portal)
    assert (found.wanted, found.unwanted) == (wanted, unwanted)
    assert bool(found.seen.any()) is bool(wanted or unwanted)


def test_what_was_edited_meanwhile_is_taken_back_as_it_was_learned(
    core: Core, portal: Site, comments: list[Comment]
) -> None:
    decide(core, comments[0], Status.PUBLISHED)
    decide(core, comments[0], Status.SPAM, text="Khác hẳn")

    found = counts(core, portal)
    assert not found.seen[0].any()
    assert np.flatnonzero(found.seen[1]).tolist() == read("Lan", "Khác hẳn").buckets().tolist()


@pytest.mark.usefixtures("changes_max")
def test_sites_learn_nothing_from_each_other(
    core: Core, portal: Site, other: Site, store: Store, memory: service.Memory
) -> None:
    for _ in range(4):
        decide(core, store(portal, "Vay tiền"), Status.SPAM)
        decide(core, store(other, "Đường ngập"), Status.PUBLISHED)
        assert counts(core, portal, memory).wanted == 0
        assert counts(core, other, memory).unwanted == 0

    assert counts(core, portal).unwanted == counts(core, other).wanted == 4
    assert not counts(core, portal).seen[0].any()
    assert not counts(core, other).seen[1].any()


def test_a_foreign_submission_is_not_taken_back(
    core: Core, portal: Site, other: Site, comments: list[Comment]
) -> None:
    decide(core, comments[0], Status.PUBLISHED)

    with core.db.write() as session:
        assert queries.example(session, other.id, comments[0].id) is None
        queries.forget(session, other.id, comments[0].id)

    assert equal(recount(core, portal), counts(core, portal))


@pytest.mark.usefixtures("changes_max")
def test_an_erased_comment_leaves_numbers_alone(
    core: Core, portal: Site, comments: list[Comment]
) -> None:
    for comment in comments:
        decide(core, comment, Status.SPAM)
    before = counts(core, portal)

    with core.db.write() as session:
        session.execute(sa.delete(Envelope))

    with core.db.read() as session:
        assert session.scalars(sa.select(models.Example)).all() == []
    assert equal(counts(core, portal), before)


def test_an_erased_site_leaves_nothing(
    core: Core, portal: Site, comments: list[Comment], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "CHANGES_MAX", 3)
    for comment in comments:
        decide(core, comment, Status.SPAM)

    with core.db.write() as session:
        session.execute(sa.delete(Site).where(Site.id == portal.id))

    with core.db.read() as session:
        for table in (models.Example, models.Change, models.Snapshot):
            assert session.scalars(sa.select(table)).all() == []


def test_decisions_that_were_rolled_back_taught_nothing(
    core: Core, portal: Site, comments: list[Comment], memory: service.Memory
) -> None:
    with contextlib.suppress(KeyError), core.db.write() as session:
        service.learn(session, comments[0].judged(Status.SPAM))
        raise KeyError

    assert counts(core, portal, memory).unwanted == 0


def test_changes_are_folded_once_there_are_many(
    core: Core, portal: Site, comments: list[Comment], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "CHANGES_MAX", 4)
    for comment in comments:
        decide(core, comment, Status.SPAM)

    with core.db.read() as session:
        assert queries.stamp(session, portal.id) == (1, 1)
        sums = queries.snapshot(session, portal.id)
    assert sums is not None
    assert (sums.wanted, sums.unwanted) == (0, 4)


def test_the_memory_asks_once_and_reads_only_what_is_new(
    core: Core, portal: Site, comments: list[Comment], memory: service.Memory
) -> None:
    decide(core, comments[0], Status.SPAM)
    counts(core, portal, memory)

    with counted_statements(core) as nothing_new:
        counts(core, portal, memory)
    decide(core, comments[1], Status.SPAM)
    with counted_statements(core) as one_more:
        counts(core, portal, memory)

    assert len(nothing_new) == 1
    assert len(one_more) == 3
    assert not [each for each in one_more if "learning_snapshot.seen" in each]


def test_the_memory_holds_few_sites(core: Core, portal: Site, other: Site) -> None:
    memory = service.Memory(1)
    first = counts(core, portal, memory)

    assert counts(core, portal, memory) is first
    counts(core, other, memory)
    assert counts(core, portal, memory) is not first


def test_a_fold_between_two_statements_loses_nothing(
    core: Core,
    portal: Site,
    comments: list[Comment],
    memory: service.Memory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    decide(core, comments[0], Status.SPAM)
    read_changes = queries.changes

    def folded_meanwhile(*asked: object) -> object:
        monkeypatch.setattr(queries, "changes", read_changes)
        monkeypatch.setattr(service, "CHANGES_MAX", 1)
        decide(core, comments[1], Status.SPAM)
        return read_changes(*asked)  # type: ignore[arg-type]

    monkeypatch.setattr(queries, "changes", folded_meanwhile)

    # On SQLite the reader stays in the moment in which it began.
    assert counts(core, portal, memory).unwanted in (1, 2)
    assert counts(core, portal, memory).unwanted == 2


def test_many_moderators_at_once_lose_nothing(
    core: Core, portal: Site, other: Site, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "CHANGES_MAX", 3)
    pairs = [(store(portal, f"Vay {n}"), store(other, f"Ngập {n}")) for n in range(12)]

    def decide_both(pair: tuple[Comment, Comment], *, turned: bool) -> None:
        with core.db.write() as session:
            for comment in reversed(pair) if turned else pair:
                service.learn(session, comment.judged(Status.SPAM))

    with ThreadPoolExecutor(4) as threads:
        tasks = [
            threads.submit(decide_both, pair, turned=bool(n % 2)) for n, pair in enumerate(pairs)
        ]
        for task in tasks:
            task.result()

    for site, column in ((portal, 0), (other, 1)):
        expected = sum_of([(pair[column], Status.SPAM) for pair in pairs])
        assert equal(counts(core, site), expected)
        assert equal(recount(core, site), expected)


def test_two_hundred_decisions_write_little(core: Core, portal: Site, store: Store) -> None:
    comments = [store(portal, f"Vay tiền nhanh {n}") for n in range(200)]

    with counted_statements(core) as statements, core.db.write() as session:
        for comment in comments:
            service.learn(session, comment.judged(Status.SPAM))

    # Look it up, remember it, note the change, count the changes.
    assert len(statements) == 4 * 200
    assert counts(core, portal).unwanted == 200


def test_nothing_is_said_before_enough_of_both_labels(core: Core, portal: Site) -> None:
    counts = Counts.none()
    for n in range(3):
        counts = counts.plus([Change(read("", f"Vay {n}").buckets(), 0, 1)])
    assert service.judge(counts, "", "Vay", at_least=1) is None
    counts = counts.plus([Change(read("", "Ngập").buckets(), 1, 0)])

    assert service.judge(counts, "", "Vay", at_least=2) is None
    opinion = service.judge(counts, "", "Vay", at_least=1)
    assert opinion is not None
    assert opinion.score > 0.5
