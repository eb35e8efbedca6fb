"""Things that are slow to make, made ahead."""

import logging
import queue
import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

log = logging.getLogger(__name__)

T = TypeVar("T")

PATIENCE = 1.0
"""Seconds that one asker at a time waits for an empty pool."""


class Exhausted(Exception):
    """Nothing is ready, and somebody waits already."""


class Pool(Generic[T]):
    """Up to `size` things from `make`, by a thread that lives while there is something to make."""

    def __init__(self, make: Callable[[], T], size: int) -> None:
        self._make = make
        self._ready: queue.Queue[T] = queue.Queue(size)
        self._filling = threading.Lock()
        self._waiting = threading.Lock()

    def take(self) -> T:
        """Return one; raise Exhausted if none comes in time."""
        try:
            return self._ready.get_nowait()
        except queue.Empty:
            return self._wait()
        finally:
            self._refill()

    def _wait(self) -> T:
        # One waits; a crowd would hold every thread of the server.
        if not self._waiting.acquire(blocking=False):
            raise Exhausted
        try:
            self._refill()
            return self._ready.get(timeout=PATIENCE)
        except queue.Empty:
            raise Exhausted from None
        finally:
            self._waiting.release()

    def _refill(self) -> None:
        if not self._ready.full() and self._filling.acquire(blocking=False):
            try:
                threading.Thread(target=self._fill, daemon=True).start()
            except RuntimeError:
                # The machine has no room for a thread; whoever takes the next tries again.
                self._filling.release()
                log.exception("a pool is not refilled")

    def _fill(self) -> None:
        try:
            while not self._ready.full():
                worked = time.thread_time()
                self._ready.put(self._make())
                # Half of the time is the readers'. What it waited for them is theirs already.
                time.sleep(time.thread_time() - worked)
        except Exception:
            # Whoever takes the next tries again.
            log.exception("a pool is not refilled")
            return
        finally:
            self._filling.release()
        # One may have been taken between the last look and the release.
        self._refill()
