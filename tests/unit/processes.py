"""Runs one function in several processes at the same moment."""

import multiprocessing
from collections.abc import Callable
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from typing import Any

# A server that has imported the service once: its forks start at once, and without our threads.
_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["comments_service.migrate"])
PATIENCE_SECONDS = 60


def at_once(n: int, function: Callable[..., Any], *arguments: object) -> list[Any]:
    """Call `function` in `n` processes at once; return what each returned, or the error's text."""
    barrier = _context.Barrier(n)
    results: Queue[Any] = _context.Queue()
    started = [
        _context.Process(target=_call, args=(barrier, results, function, arguments))
        for _ in range(n)
    ]
    for process in started:
        process.start()
    try:
        return [results.get(timeout=PATIENCE_SECONDS) for _ in started]
    finally:
        for process in started:
            process.join(PATIENCE_SECONDS)


def _call(
    barrier: Barrier,
    results: "Queue[Any]",
    function: Callable[..., Any],
    arguments: tuple[object, ...],
) -> None:
    try:
        barrier.wait(PATIENCE_SECONDS)
        results.put(function(*arguments))
    except Exception as error:
        results.put(repr(error))
        raise
