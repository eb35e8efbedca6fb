"""Measures what setting a challenge costs, and how much making images ahead slows readers down.

    python benchmarks/captcha/endpoint.py

In one process, by the application itself without a socket: CPU time of the thread that answers a
challenge request with a full pool and with an empty one, and how long opening a page takes while
the pool rests and while it is refilled. README.md has the figures.
"""

import contextlib
import statistics
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from wsgiref.types import StartResponse, WSGIEnvironment

from flask import Flask

from comments_service import create_app, histories, migrate, sites
from comments_service.core import Core
from comments_service.testing import ORIGIN, SITE, Reader

ROUNDS = 5
REQUESTS = 30
"""Fewer than the pool has: none of them finds it empty."""
ASKERS = 4
FLOOD = 100
VIEWS = 150

CHALLENGE = {"page": "/a", "kind": "comment", "works": "1"}
VIEW = {"site": SITE, "page": "/a", "widgets": ["comments", "rating", "counters"], "count": False}


def ask(app: Flask, number: int) -> str:
    """Ask for a challenge from a network of its own; return who set it."""
    reader = Reader(
        app, address=f"198.{18 + number // 60_000}.{number // 250 % 240}.{number % 250}"
    )
    told = reader.send("POST", f"/api/v1/sites/{SITE}/challenge", json=CHALLENGE).get_json()
    return str(told["provider"])


def measured(run: Callable[[], object]) -> tuple[float, float]:
    """Return milliseconds of CPU of this thread, and on the clock."""
    begun, worked = time.perf_counter(), time.thread_time()
    run()
    return 1000 * (time.thread_time() - worked), 1000 * (time.perf_counter() - begun)


@contextlib.contextmanager
def answers_measured(app: Flask) -> Iterator[list[float]]:
    """Collect milliseconds of CPU for each answer, without the part of the one who asks."""
    found: list[float] = []
    answer = app.wsgi_app

    def noted(environ: WSGIEnvironment, start: StartResponse) -> list[bytes]:
        worked = time.thread_time()
        body = list(answer(environ, start))
        found.append(1000 * (time.thread_time() - worked))
        return body

    app.wsgi_app = noted  # type: ignore[method-assign,assignment]
    try:
        yield found
    finally:
        app.wsgi_app = answer  # type: ignore[method-assign,assignment]


def told(values: Sequence[float]) -> str:
    parts = statistics.quantiles(values, n=20)
    return f"p50 {parts[9]:.2f} ms, p95 {parts[18]:.2f} ms"


def wait_until_full(core: Core) -> None:
    pools = core.challenges._pools.values()  # noqa: SLF001 (nobody else needs to know)
    while not all(pool._ready.full() for pool in pools):  # noqa: SLF001
        time.sleep(0.05)


def warm(app: Flask, core: Core) -> None:
    found, answered = [], list[float]()
    for number in range(ROUNDS):
        wait_until_full(core)
        asked = range(number * REQUESTS, (number + 1) * REQUESTS)
        with answers_measured(app) as answers:
            found += [measured(lambda n=n: ask(app, n)) for n in asked]
        answered += answers
    print(f"challenge, pool full: CPU {told([cpu for cpu, _ in found])}")
    print(f"                      of which the service {told(answered)}")
    print(f"                      clock {told([wall for _, wall in found])}")


def empty(app: Flask) -> None:
    """Let several ask at once, faster than images are made."""
    found: list[tuple[float, float]] = []
    providers: Counter[str] = Counter()

    def flood(first: int) -> None:
        numbers = range(first, first + FLOOD)
        found.extend([measured(lambda n=n: providers.update([ask(app, n)])) for n in numbers])

    threads = [threading.Thread(target=flood, args=(10_000 + n * FLOOD,)) for n in range(ASKERS)]
    begun = time.perf_counter()
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    rate = len(found) / (time.perf_counter() - begun)
    print(f"challenge, flood of {ASKERS} askers: {rate:.0f} a second; set by {dict(providers)}")
    print(f"                      CPU {told([cpu for cpu, _ in found])}")
    print(f"                      clock {told([wall for _, wall in found])}")


def views(app: Flask, core: Core) -> None:
    """Open the page while the pool rests, and while somebody keeps it from being full."""
    reader = Reader(app)

    def view() -> object:
        return reader.send("POST", "/api/v1/view", json=VIEW)

    view()
    resting, refilling = [], []
    for _ in range(ROUNDS):
        wait_until_full(core)
        resting += [measured(view) for _ in range(VIEWS // ROUNDS)]
        [pool] = core.challenges._pools.values()  # noqa: SLF001
        for _ in range(VIEWS // ROUNDS):
            # The pool never gets full; taking costs nothing.
            pool.take()
            refilling.append(measured(view))
    for name, found in (("rests", resting), ("is refilled", refilling)):
        print(f"view, pool {name}: CPU {told([cpu for cpu, _ in found])}")
        print(f"                      clock {told([wall for _, wall in found])}")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        texts = {"instance": folder, "secret_key": "k" * 40, "limit_read": "100000/minute"}
        app = create_app(texts)
        core: Core = app.extensions["comments_service"]
        migrate.upgrade(core.db, histories.every(core.plugins))
        with core.db.write() as session:
            sites.add(session, SITE, name="Portal", origins=[ORIGIN])
        ask(app, 0)
        warm(app, core)
        views(app, core)
        empty(app)
        core.db.engine.dispose()


if __name__ == "__main__":
    main()
