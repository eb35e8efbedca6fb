"""Who writes to SQLite, and when."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from comments_service.db import Queue


def test_writers_come_in_the_order_in_which_they_asked() -> None:
    queue = Queue(patience=60)
    came: list[int] = []

    def write(number: int) -> None:
        with queue.turn():
            came.append(number)

    with ThreadPoolExecutor(8) as pool, queue.turn():
        for number in range(8):
            pool.submit(write, number)
            while len(queue) < number + 2:
                time.sleep(0)  # Lets the other threads go on.

    assert came == list(range(8))


def test_a_writer_who_waited_too_long_leaves_the_queue_as_it_was() -> None:
    queue = Queue(patience=0)

    with queue.turn(), pytest.raises(sa.exc.OperationalError), queue.turn():
        pytest.fail("two write at once")

    with queue.turn():
        assert len(queue) == 1


def test_a_failed_write_ends_its_turn() -> None:
    queue = Queue(patience=0)

    with pytest.raises(KeyError), queue.turn():
        raise KeyError

    with queue.turn():
        assert len(queue) == 1
