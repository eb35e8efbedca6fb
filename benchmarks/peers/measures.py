"""What is asked of the systems, in rounds: reads, writes, growth."""

import dataclasses
import itertools
import math
import sys
from collections.abc import Callable, Mapping, Sequence

from benchmarks.peers import commits, load, portal
from benchmarks.peers.constant import BODY
from benchmarks.peers.data import SETS, Set
from benchmarks.peers.load import Measured, Request
from benchmarks.peers.ours import Ours
from benchmarks.peers.processes import Memory, Service, free_port, running
from benchmarks.peers.results import Figures, Results
from benchmarks.peers.systems import WORKERS, Databases, System

READERS = 16
WRITERS = (1, 8)
VIEWS = 20_000
"""Distinct readers; then the first come again, well within the limits of each."""
POSTS_PER_SECOND = 1_500
"""So many comments are prepared for a second, more than any system takes."""
FIRST = 40
"""Requests before a measurement, so that every worker has answered some."""
WARM_SECONDS = 60
SLOW = 2.5
"""So many times longer a peer is asked on the large sets, where it answers a few a second."""
ELSEWHERE = "/gioi-thieu"
"""A page of no set."""
STARTS = 5
NO_LIMIT: Mapping[str, str] = {"COMMENTS_LIMIT_READ": "1000000/second"}
"""One reader may ask as fast as anybody can."""
SMALL_CACHE: Mapping[str, str] = {"COMMENTS_CACHE_MB": "2"}
"""Room for about a sixth of set C in each process."""


@dataclasses.dataclass(frozen=True)
class Bench:
    """One run: who is measured, on what, for how long."""

    results: Results
    databases: Databases
    ours: Ours
    peers: Sequence[System]
    portal: Service
    seconds: float
    """Of each measurement."""

    @property
    def systems(self) -> Sequence[System]:
        return (self.ours, *self.peers)

    def _seconds(self, system: System, wanted: Set) -> float:
        is_slow = system is not self.ours and wanted is not SETS["A"]
        return self.seconds * (SLOW if is_slow else 1)

    # --- Reads ------------------------------------------------------------------------------

    def reads(self, wanted: Set) -> None:
        """Read threads of one set, each system in its turn."""
        for system in self.systems:
            with self.databases.running(system, wanted) as service:
                self._warm(system, service, wanted)
                self._read(system, service, wanted, wanted.name)

    def reads_of_one_reader(self) -> None:
        """Read the small set from one address, as a load without readers of its own does."""
        wanted = SETS["A"]
        with self.databases.running(self.ours, wanted, NO_LIMIT) as service:
            self._warm(self.ours, service, wanted)
            self._read(self.ours, service, wanted, "A, one reader", readers=1)

    def reads_without_help(self) -> None:
        """Read each page of the large set once, on a service that has just started."""
        wanted = SETS["C"]
        with self.databases.running(self.ours, wanted) as service:
            load.once(service, self.ours.reads([ELSEWHERE] * FIRST), READERS)
            service.settle()
            found = load.once(service, self.ours.reads(wanted.each_once()), READERS)
            self.results.add("reads", self.ours.name, "C, cold", _figures(found))

    def reads_with_a_small_cache(self) -> None:
        """Read the large set from a service whose cache can't hold it."""
        wanted = SETS["C"]
        with self.databases.running(self.ours, wanted, SMALL_CACHE) as service:
            self._warm(self.ours, service, wanted)
            self._read(self.ours, service, wanted, "C, small cache")

    def _warm(self, system: System, service: Service, wanted: Set) -> None:
        """Let every worker see every page, where a cache could keep it."""
        is_cached = system is self.ours
        times = max(FIRST // wanted.pages, 4 * WORKERS if is_cached else 1)
        pages = wanted.each_once() * times
        seconds = WARM_SECONDS if is_cached else 1
        load.once(service, system.reads(pages), READERS, seconds=seconds)
        service.settle()

    def _read(
        self,
        system: System,
        service: Service,
        wanted: Set,
        case: str,
        *,
        readers: int = VIEWS,
    ) -> None:
        requests = system.reads(wanted.draw(readers))
        answer = load.ask(service.url, requests[0].uncompressed)
        _expect(answer.status, 200, system.name)
        figures = {"comments": float(system.shown(answer.body)), "start": service.start_seconds}
        seconds = self._seconds(system, wanted)
        found = load.again(service, requests, READERS, seconds)
        self.results.add("reads", system.name, case, _figures(found) | figures)

    def unchanged(self) -> None:
        """Ask for widgets that the asker has already, at the doors of servers and of frames."""
        wanted = SETS["A"]
        with self.databases.running(self.ours, wanted) as service:
            for door in ("include", "embed"):
                request = self.ours.unchanged(service, door, wanted.paths[0])
                if request is None:
                    self.results.add("unchanged", self.ours.name, door, {"cpu": math.nan})
                    continue
                _expect(load.ask(service.url, request).status, 304, door)
                found = load.again(service, self._readers(request), READERS, self.seconds)
                self.results.add("unchanged", self.ours.name, door, _figures(found))

    def _readers(self, request: Request) -> list[Request]:
        """Return `request` of many readers: one alone would ask too often."""
        views = self.ours.reads([ELSEWHERE] * VIEWS)
        return [dataclasses.replace(request, address=view.address) for view in views]

    def ceilings(self) -> None:
        """Serve the bytes of our answer without making them."""
        wanted = SETS["A"]
        with self.databases.running(self.ours, wanted) as service:
            request = self.ours.reads(wanted.paths)[0]
            body = load.ask(service.url, request).body
        portal.publish("view.json", body)
        self._ceiling("nginx, a file", self.portal, [Request("GET", "/view.json")])
        for kind, name in (("bare", "bare WSGI application"), ("flask", "Flask view")):
            port = free_port()
            command = [sys.executable, "-m", "benchmarks.peers.constant", kind, str(port)]
            with running(command, port, environment={BODY: str(CONSTANT)}) as service:
                self._ceiling(f"{name} on granian", service, self.ours.reads(wanted.draw(VIEWS)))

    def _ceiling(self, name: str, service: Service, requests: Sequence[Request]) -> None:
        load.once(service, [*requests[:1]] * FIRST, READERS)
        found = load.again(service, requests, READERS, self.seconds)
        self.results.add("reads", name, "A", _figures(found))

    # --- Writes -----------------------------------------------------------------------------

    def writes(self, wanted: Set) -> None:
        """Send comments to the pages of one set, by one writer and by several."""
        for writers, system in itertools.product(WRITERS, self.systems):
            self._write("writes", system, wanted, writers, system.writes, system.accepted)

    def ratings(self, wanted: Set) -> None:
        for writers in WRITERS:
            self._write("ratings", self.ours, wanted, writers, self.ours.ratings, "200")

    def _write(
        self,
        question: str,
        system: System,
        wanted: Set,
        writers: int,
        make: Callable[[Sequence[str]], list[Request]],
        accepted: str,
    ) -> None:
        seconds = self._seconds(system, wanted)
        # A token is good for some minutes, and suspicious in its first seconds: the service starts.
        requests = make(wanted.draw(FIRST + int(seconds * POSTS_PER_SECOND)))
        with self.databases.running(system, wanted) as service:
            load.once(service, requests[:FIRST], READERS, accepted=accepted, seconds=seconds)
            service.settle()
            rest = requests[FIRST:]
            found = load.once(service, rest, writers, accepted=accepted, seconds=seconds)
        self.results.add(question, system.name, f"{wanted.name}, {writers}", _figures(found))

    def raw_commits(self, *cases: str) -> None:
        """Commit rows to the same store in the same way, and do nothing else.

        `cases` are the sets beside whose writes the figures stand.
        """
        for writers in WRITERS:
            rate = commits.per_second(writers, self.seconds)
            for case in cases:
                self.results.add("writes", COMMITS, f"{case}, {writers}", {"per_second": rate})

    # --- Growth -----------------------------------------------------------------------------

    def sizes(self) -> None:
        """Compare what the small and the large set take on the disk."""
        small, large = SETS["A"], SETS["C"]
        for system in self.systems:
            sizes = [
                system.database(self.databases.original(system, each)).stat().st_size
                for each in (small, large)
            ]
            grown = (sizes[1] - sizes[0]) / (large.comments - small.comments)
            self.results.add("growth", system.name, "disk", {"bytes": grown})

    def default_service(self) -> None:
        """Start the service without options, on the small set and on the large, and load it."""
        alone = Ours(self.ours.origin, workers=1)
        for wanted in (SETS["A"], SETS["C"]):
            for _ in range(STARTS):
                with self.databases.running(alone, wanted) as service:
                    figures = {"start": service.start_seconds, "cpu": service.cpu_seconds()}
                    case = f"{wanted.name}, start"
                    self.results.add("growth", alone.name, case, figures | _held(service.memory()))
            with self.databases.running(alone, wanted) as service:
                requests = alone.reads(wanted.draw(VIEWS))
                memory = load.again(service, requests, READERS, self.seconds).memory
                self.results.add("growth", alone.name, f"{wanted.name}, load", _held(memory))


COMMITS = "SQLite alone, WAL, FULL"
CONSTANT = portal.FOLDER / "files" / "view.json"


def _figures(found: Measured) -> Figures:
    return {
        "per_second": found.per_second,
        "p50": found.p50,
        "p99": found.p99,
        "cpu": found.cpu,
        "bytes": found.bytes,
        "bad": float(found.bad),
        "refused": float(found.refused),
        **_held(found.memory),
    }


def _held(memory: Memory) -> Figures:
    return {
        "resident": float(memory.resident),
        "proportional": float(memory.proportional),
    }


def _expect(status: int, wanted: int, who: str) -> None:
    if status != wanted:
        raise RuntimeError(f"{who} answered {status}, not {wanted}")
