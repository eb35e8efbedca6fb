"""Pools: what is made ahead, and what becomes of askers when nothing is."""

import itertools
import logging
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from comments_service import pools
from comments_service.pools import Exhausted, Pool

PATIENCE = 30
"""Seconds after which a test that waits has failed."""


class Maker:
    """Makes numbers, one for each permit."""

    def __init__(self) -> None:
        self._permits = threading.Semaphore(0)
        self._numbers = itertools.count()
        self.asked = threading.Semaphore(0)
        """One is released whenever a number is wanted."""

    def allow(self, n: int) -> None:
        self._permits.release(n)

    def __call__(self) -> int:
        self.asked.release()
        assert self._permits.acquire(timeout=PATIENCE)
        return next(self._numbers)


@pytest.fixture
def maker() -> Iterator[Maker]:
    maker = Maker()
    yield maker
    # Whoever still makes something gets done.
    maker.allow(1000)


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let who waits for an empty pool wait as long as it takes."""
    monkeypatch.setattr(pools, "PATIENCE", PATIENCE)


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let who waits for an empty pool give up soon."""
    monkeypatch.setattr(pools, "PATIENCE", 0.01)


@pytest.mark.usefixtures("patient")
def test_who_comes_first_waits_for_one(maker: Maker) -> None:
    maker.allow(1)

    assert Pool(maker, 3).take() == 0


@pytest.mark.usefixtures("patient")
def test_no_two_are_given_the_same(maker: Maker) -> None:
    maker.allow(100)
    pool = Pool(maker, 3)

    assert [pool.take() for _ in range(20)] == list(range(20))


@pytest.mark.usefixtures("hasty")
def test_who_waits_in_vain_is_refused(maker: Maker) -> None:
    pool = Pool(maker, 3)

    for _ in range(2):
        with pytest.raises(Exhausted):
            pool.take()


@pytest.mark.usefixtures("patient")
def test_one_waits_and_the_crowd_is_refused_at_once(maker: Maker) -> None:
    pool = Pool(maker, 3)
    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(pool.take)
        # Only who waits has it made.
        assert maker.asked.acquire(timeout=PATIENCE)

        for _ in range(100):
            with pytest.raises(Exhausted):
                pool.take()
        assert not first.done()

        maker.allow(1)
        assert first.result(PATIENCE) == 0


@pytest.mark.usefixtures("patient")
def test_of_many_at_once_nobody_hangs(maker: Maker) -> None:
    pool = Pool(maker, 4)
    maker.allow(1000)

    def take(_number: int) -> int | None:
        try:
            return pool.take()
        except Exhausted:
            return None

    with ThreadPoolExecutor(16) as threads:
        taken = [each for each in threads.map(take, range(200), timeout=PATIENCE) if each]

    assert len(taken) == len(set(taken))
    assert isinstance(pool.take(), int)


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize("size", [1, 3])
def test_no_more_are_made_than_are_kept(maker: Maker, size: int) -> None:
    pool = Pool(maker, size)
    maker.allow(1)
    pool.take()
    maker.allow(100)

    # The one that was taken, and those that take its place.
    for _ in range(1 + size):
        assert maker.asked.acquire(timeout=PATIENCE)
    ended(pool)

    assert not maker.asked.acquire(blocking=False)


def ended(pool: Pool[int]) -> None:
    """Return once nothing is made any more."""
    assert pool._filling.acquire(timeout=PATIENCE)  # noqa: SLF001 (nothing else tells)
    pool._filling.release()  # noqa: SLF001


@pytest.mark.usefixtures("hasty")
def test_a_maker_that_fails_hangs_nobody_and_is_told(caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> int:
        raise OSError("the font is gone")

    pool = Pool(fail, 3)

    with caplog.at_level(logging.ERROR):
        for _ in range(3):
            with pytest.raises(Exhausted):
                pool.take()
            ended(pool)

    assert "the font is gone" in caplog.text


@pytest.mark.usefixtures("patient")
def test_a_maker_that_recovers_serves_again(monkeypatch: pytest.MonkeyPatch) -> None:
    made = iter([OSError("the disk is slow"), 1, 2, 3])

    def make() -> int:
        each = next(made)
        if isinstance(each, OSError):
            raise each
        return each

    pool = Pool(make, 1)
    with monkeypatch.context() as patch:
        patch.setattr(pools, "PATIENCE", 0.01)
        with pytest.raises(Exhausted):
            pool.take()
    ended(pool)

    assert pool.take() == 1


@pytest.mark.usefixtures("patient")
def test_a_machine_without_room_for_a_thread_fills_the_pool_later(
    maker: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    maker.allow(10)
    pool = Pool(maker, 1)

    def refuse(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(pools, "PATIENCE", 0.01)
        patch.setattr(threading.Thread, "start", refuse)
        with pytest.raises(Exhausted):
            pool.take()

    assert pool.take() == 0
