"""Measures the service beside its peers, and writes benchmarks/README.md: see there."""

import argparse
import datetime
import os
import re
import sqlite3
import subprocess

from benchmarks.peers import browser, portal
from benchmarks.peers.data import SETS
from benchmarks.peers.isso import Isso
from benchmarks.peers.measures import SLOW, Bench
from benchmarks.peers.ours import Ours
from benchmarks.peers.processes import CACHE, LOG, ROOT
from benchmarks.peers.report import Report, machine
from benchmarks.peers.results import Results
from benchmarks.peers.systems import WORKERS, Databases, System
from benchmarks.peers.waline import Waline

README = ROOT / "benchmarks" / "README.md"
OPENINGS = 9
"""Of the article in the browser, each with an empty cache."""


def main() -> None:
    asked = _arguments()
    started = datetime.datetime.now(datetime.UTC)
    results, databases = Results(), Databases()
    CACHE.mkdir(exist_ok=True)
    LOG.unlink(missing_ok=True)
    with portal.serving() as nginx:
        isso, waline = Isso(nginx.url), Waline(nginx.url, f"{nginx.url}/oauth.json")
        peers: list[System] = [isso] if asked.quick else [isso, waline]
        if asked.start:
            peers = []
        bench = Bench(results, databases, Ours(nginx.url), peers, nginx, asked.seconds)
        if asked.start:
            _start(bench)
        elif asked.quick:
            _quick(bench, asked.rounds)
        else:
            _whole(bench, asked.rounds)
    databases.remove()
    report = Report(results)
    if asked.start:
        print(f"\n{report.growth()}\n\n{report.default()}")
        return
    if asked.quick:
        print(f"\n{report.reads()}\n\n{report.writes()}")
        return
    results.save(CACHE / "results.json")
    took = datetime.datetime.now(datetime.UTC) - started
    page = report.page(
        run=_run(bench, started, took),
        seconds=f"{asked.seconds:g}",
        slow=f"{SLOW * asked.seconds:g}",
        rounds=str(asked.rounds),
        workers=str(WORKERS),
    )
    README.write_text(page)
    print(f"\nWrote {README.relative_to(ROOT)} after {took.seconds // 60} minutes.")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="the small set only; print, don't write"
    )
    parser.add_argument(
        "--start", action="store_true", help="our own start, memory and disk only; print"
    )
    parser.add_argument("--rounds", type=int, help="3, or 1 if quick")
    parser.add_argument("--seconds", type=float, help="of each measurement: 5, or 3 if quick")
    asked = parser.parse_args()
    asked.rounds = asked.rounds or (1 if asked.quick else 3)
    asked.seconds = asked.seconds or (3.0 if asked.quick else 5.0)
    return asked


def _start(bench: Bench) -> None:
    bench.sizes()
    bench.default_service()


def _quick(bench: Bench, rounds: int) -> None:
    for _ in range(rounds):
        bench.reads(SETS["A"])
        bench.reads_of_one_reader()
        bench.ceilings()
        bench.writes(SETS["A"])
        bench.raw_commits("A")


def _whole(bench: Bench, rounds: int) -> None:
    for number in range(rounds):
        print(f"Round {number + 1} of {rounds}", flush=True)
        for wanted in SETS.values():
            bench.reads(wanted)
        bench.reads_of_one_reader()
        bench.reads_with_a_small_cache()
        bench.reads_without_help()
        bench.unchanged()
        bench.ceilings()
        for name in ("A", "C"):
            bench.writes(SETS[name])
            bench.ratings(SETS[name])
        bench.raw_commits("A", "C")
    _start(bench)
    browser.publish_clients()
    for _ in range(OPENINGS):
        browser.measure(bench)


def _run(bench: Bench, started: datetime.datetime, took: datetime.timedelta) -> str:
    """Say when, where and of which versions this is."""
    versions = [each.version() for each in bench.systems]
    versions += [f"nginx {portal.version()}", f"SQLite {sqlite3.sqlite_version}", _wrk()]
    return (
        f"Run of {started:%Y-%m-%d %H:%M} UTC, {took.seconds // 60} minutes, load "
        f"{os.getloadavg()[2]:.1f}. {machine()}. {'; '.join(versions)}."
    )


def _wrk() -> str:
    # It knows no option for that, shows it with its help, and calls that a failure.
    told = subprocess.run(["wrk", "-v"], check=False, capture_output=True, text=True).stdout  # noqa: S607
    found = re.match(r"wrk (\S+)", told)
    return f"wrk {found[1]}" if found else "wrk"


if __name__ == "__main__":
    main()
