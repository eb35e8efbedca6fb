"""A system's processes: started, waited for, and what they use of the machine."""

import contextlib
import dataclasses
import http.client
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
CACHE = ROOT / ".bench"
"""What is installed and made for the measurements; git ignores it."""
LOG = CACHE / "service.log"
"""What the systems print."""
LOOPBACK = "127.0.0.1"
START_SECONDS = 60
STOP_SECONDS = 10
SETTLE_LOOKS = 60
LOOK_SECONDS = 0.5
IDLE = 0.1
"""A service that uses less of one core than this has nothing to do."""
TICK = os.sysconf("SC_CLK_TCK")
# Fields of /proc/PID/stat behind the command's name.
_SESSION = 3
_CPU = slice(11, 15)
"""utime, stime, and the same of children that ended and were waited for."""


@dataclasses.dataclass(frozen=True)
class Memory:
    """Of all processes of a service, in bytes."""

    resident: int
    """Each one's resident set added up: what they share counts for each."""
    proportional: int
    """What they share counts once."""


@dataclasses.dataclass(frozen=True)
class Service:
    """One running system: all processes of one session."""

    url: str
    pid: int
    start_seconds: float
    """From the start of its first process to its first good answer."""

    def _processes(self) -> Iterator[tuple[Path, list[str]]]:
        for folder in Path("/proc").iterdir():
            with contextlib.suppress(OSError):
                if folder.name.isdecimal():
                    fields = (folder / "stat").read_text().rpartition(")")[2].split()
                    if int(fields[_SESSION]) == self.pid:
                        yield folder, fields

    def cpu_seconds(self) -> float:
        """Return the CPU time used so far, that of workers that ended included."""
        return sum(sum(map(int, fields[_CPU])) for _, fields in self._processes()) / TICK

    def settle(self) -> None:
        """Wait until it does nothing more by itself: what it makes ahead is no request's cost."""
        for _ in range(SETTLE_LOOKS):
            before = self.cpu_seconds()
            time.sleep(LOOK_SECONDS)
            if self.cpu_seconds() - before < IDLE * LOOK_SECONDS:
                return

    def memory(self) -> Memory:
        """Return what its processes hold now."""
        held = {"Rss:": 0, "Pss:": 0}
        for folder, _ in self._processes():
            with contextlib.suppress(OSError):
                for line in (folder / "smaps_rollup").read_text().splitlines():
                    words = line.split()
                    if words[0] in held:
                        held[words[0]] += int(words[1]) * 1024
        return Memory(held["Rss:"], held["Pss:"])


@contextlib.contextmanager
def running(
    command: Sequence[str | Path],
    port: int,
    *,
    ready: str = "/",
    environment: Mapping[str, str] | None = None,
) -> Iterator[Service]:
    """Run a service that listens on `port` of the loopback, from its first good answer on.

    `ready` is the path that is asked for. What it prints goes to a file in the cache folder.
    """
    CACHE.mkdir(exist_ok=True)
    begun = time.monotonic()
    with LOG.open("ab") as log:
        process = subprocess.Popen(  # noqa: S603 (our own commands)
            [str(word) for word in command],
            cwd=ROOT,
            env={**os.environ, **(environment or {})},
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _wait(process, port, ready)
        yield Service(f"http://{LOOPBACK}:{port}", process.pid, time.monotonic() - begun)
    finally:
        _stop(process)


def _wait(process: "subprocess.Popen[bytes]", port: int, path: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args!r} ended; see {LOG}")
        connection = http.client.HTTPConnection(LOOPBACK, port, timeout=START_SECONDS)
        try:
            connection.request("GET", path)
            if connection.getresponse().status < http.client.INTERNAL_SERVER_ERROR:
                return
        except OSError:
            pass
        finally:
            connection.close()
        time.sleep(0.005)
    raise RuntimeError(f"{process.args!r} does not answer")


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(STOP_SECONDS)
    # Whatever is left of its session, whose id is no other's while one of them lives.
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])
