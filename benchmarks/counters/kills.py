"""Kills workers at random while a million views are counted; then compares, page by page.

    python benchmarks/counters/kills.py [--views 1000000] [--kills 20] [--database-url postgresql://…]

Two workers at a time note views as fast as they can, and acknowledge each by one byte. One of them
is killed (SIGKILL) at a random moment, and another takes its place: 20 times. No page is counted by
two workers, so a view that is lost, or counted twice, is seen at its page. The one view that a
worker was at when it died was acknowledged to nobody: it may be counted or not.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import IO, Any

import sqlalchemy as sa

from comments_service import clock, create_app, histories, migrate, sites
from comments_service.context import PageView
from comments_service.core import Core

SITE = "portal"
PAGES = 80
VISITORS = 500
PORTION = 65_536
FLUSH_SECONDS = "1"


def note_forever(texts: dict[str, str], number: int) -> None:
    """Be a worker: open one page after the other until killed, or until there were enough."""
    app = create_app(texts)
    core: Core = app.extensions["comments_service"]
    with core.db.read() as session:
        site = sites.get(session, SITE)
    with app.app_context():
        note = core.plugins.by_name["counters"].page_viewed  # type: ignore[attr-defined]
        at = 0
        while True:
            view = PageView(
                site=site,
                page_key=f"/{number}/{at % PAGES}",
                page_title=f"Page {at % PAGES}",
                network=f"203.0.{number}.{at % 251}/32",
                user_agent=f"Mozilla/5.0 (Phone {at % VISITORS})",
                accept_language="vi-VN,vi;q=0.9",
                referrer="",
                is_private=False,
                id="",
                now=clock.now(),
            )
            note(view=view)
            os.write(1, b".")
            at += 1


class Worker:
    """A running worker, and how many views it has acknowledged."""

    def __init__(self, texts: dict[str, str], number: int) -> None:
        self.number = number
        self.acknowledged = 0
        command = [sys.executable, __file__, "--worker", str(number), "--texts", json.dumps(texts)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE)  # noqa: S603
        assert self._process.stdout is not None  # noqa: S101
        self._pipe: IO[bytes] = self._process.stdout

    def read(self) -> None:
        """Take acknowledgements that are there; the worker waits while the pipe is full."""
        self.acknowledged += len(os.read(self._pipe.fileno(), PORTION))

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        self.acknowledged += len(self._pipe.read())
        self._pipe.close()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--views", type=int, default=1_000_000)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--database-url", default="")
    parser.add_argument("--worker", type=int)
    parser.add_argument("--texts", type=json.loads)
    asked = parser.parse_args()
    if asked.worker is not None:
        note_forever(asked.texts, asked.worker)
        return
    with tempfile.TemporaryDirectory() as instance:
        texts = {
            "instance": instance,
            "secret_key": "a key for this measurement alone, and no other",
            "plugins": "counters",
            "counters_flush_seconds": FLUSH_SECONDS,
        }
        if asked.database_url:
            texts["database_url"] = asked.database_url
        run(texts, asked.views, asked.kills)


def run(texts: dict[str, str], views: int, kills: int) -> None:
    app = create_app(texts)
    core: Core = app.extensions["comments_service"]
    migrate.upgrade(core.db, histories.every(core.plugins))
    with core.db.write() as session:
        sites.add(session, SITE, name="Portal", origins=["https://portal.example"])
    started = time.monotonic()
    workers = [Worker(texts, 0), Worker(texts, 1)]
    dead: list[Worker] = []
    # Each at a moment of its own between two equal parts of the views.
    moments = sorted(random.randrange(views) for _ in range(kills))  # noqa: S311
    while moments or total(workers, dead) < views:
        for worker in workers:
            worker.read()
        if moments and total(workers, dead) >= moments[0]:
            moments.pop(0)
            victim = workers.pop(random.randrange(2))  # noqa: S311
            victim.kill()
            dead.append(victim)
            workers.append(Worker(texts, len(dead) + 1))
            print(f"killed worker {victim.number} after {victim.acknowledged} views")
    for worker in workers:
        worker.kill()
    dead += workers
    noted = time.monotonic()
    with app.app_context():
        counters: Any = core.plugins.by_name["counters"]
        counters.counting.flush()
    print(f"{total([], dead)} views acknowledged in {noted - started:.1f} s")
    print(f"what the dead had left was added up in {time.monotonic() - noted:.1f} s")
    compare(core, dead, Path(texts["instance"]))


def total(workers: list[Worker], dead: list[Worker]) -> int:
    return sum(worker.acknowledged for worker in (*workers, *dead))


def compare(core: Core, dead: list[Worker], instance: Path) -> None:
    statement = "SELECT p.key, c.views FROM counters_page c JOIN core_page p ON p.id = c.page_id"
    counted = dict.fromkeys((worker.number for worker in dead), 0)
    with core.db.read() as session:
        for key, views in session.execute(sa.text(statement)):
            counted[int(key.split("/")[1])] += views
        of_site = session.scalar(sa.text("SELECT views FROM counters_site")) or 0
    lost = sum(max(0, worker.acknowledged - counted[worker.number]) for worker in dead)
    twice = sum(max(0, counted[worker.number] - worker.acknowledged - 1) for worker in dead)
    left = list((instance / "counters").iterdir())
    print(f"{of_site} views counted: {lost} lost, {twice} counted twice, {len(left)} journals left")
    if lost or twice or left or of_site != sum(counted.values()):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
