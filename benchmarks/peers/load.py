"""Load by wrk, and what it cost the service."""

import dataclasses
import http.client
import json
import subprocess
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.peers.processes import CACHE, Memory, Service

SCRIPT = Path(__file__).with_name("load.lua")
TIMEOUT = "30s"
ONCE_SECONDS = 600
"""At the latest then a load ends whose requests are sent once."""
BROWSER = {
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Accept-Encoding": "gzip, deflate, br",
    "Accept-Language": "vi,en;q=0.5",
}
MILLISECOND = 1000
"""In wrk's microseconds."""


@dataclasses.dataclass(frozen=True)
class Request:
    """One request of a reader's browser."""

    method: str
    path: str
    address: str = "203.0.113.7"
    """The reader's, as the proxy in front of the service says it."""
    body: str = ""
    """{id} in it becomes another number whenever it is sent."""
    headers: Mapping[str, str] = dataclasses.field(default_factory=dict)

    @property
    def all_headers(self) -> dict[str, str]:
        return {**BROWSER, **self.headers}

    @property
    def uncompressed(self) -> "Request":
        return dataclasses.replace(self, headers={**self.headers, "Accept-Encoding": "identity"})

    def line(self) -> str:
        headers = "\x1f".join(f"{name}={value}" for name, value in self.all_headers.items())
        return f"{self.method}\t{self.path}\t{self.address}\t{headers}\t{self.body}"


@dataclasses.dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    """By their names in lower case."""
    body: bytes


@dataclasses.dataclass(frozen=True)
class Measured:
    """What one load found."""

    per_second: float
    """Good answers; where acceptance is looked at, accepted requests."""
    p50: float
    """Milliseconds."""
    p99: float
    """Milliseconds."""
    cpu: float
    """CPU seconds of the whole service for 1 000 of those."""
    bytes: float
    """Of an answer, its head included."""
    bad: int
    """Answers of 400 and above, and requests without an answer."""
    refused: int
    """Answered, and not accepted."""
    memory: Memory


def ask(url: str, request: Request) -> Answer:
    """Send one request."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=ONCE_SECONDS)
    body = request.body.replace("{id}", "0.5").encode() or None
    headers = {**request.all_headers, "X-Forwarded-For": request.address}
    connection.request(request.method, request.path, body, headers)
    response = connection.getresponse()
    named = {name.lower(): value for name, value in response.getheaders()}
    answer = Answer(response.status, named, response.read())
    connection.close()
    return answer


def again(
    service: Service, requests: Iterable[Request], connections: int, seconds: float
) -> Measured:
    """Send `requests` over and over for so many seconds."""
    return _load(service, requests, connections, seconds, "again", "")


def once(
    service: Service,
    requests: Sequence[Request],
    connections: int,
    *,
    accepted: str = "200",
    seconds: float = ONCE_SECONDS,
) -> Measured:
    """Send each request one time, or as many as `seconds` allow.

    `accepted`: the statuses of answers that count, or text that they hold.
    """
    return _load(service, requests, connections, seconds, "once", accepted)


def _load(
    service: Service,
    requests: Iterable[Request],
    connections: int,
    seconds: float,
    mode: str,
    accepted: str,
) -> Measured:
    with tempfile.NamedTemporaryFile("w", dir=CACHE, suffix=".requests") as file:
        file.writelines(request.line() + "\n" for request in requests)
        file.flush()
        options = ["--threads", "1", "--connections", str(connections), "--timeout", TIMEOUT]
        options += ["--duration", f"{seconds:.0f}s", "--script", str(SCRIPT), service.url]
        before = service.cpu_seconds()
        done = subprocess.run(  # noqa: S603 (our own arguments)
            ["wrk", *options, "--", file.name, mode, accepted],  # noqa: S607 (Debian's)
            check=True,
            capture_output=True,
            text=True,
        )
        cpu = service.cpu_seconds() - before
    told = json.loads(done.stdout.splitlines()[-1])
    answered: int = told["requests"]
    good: int = told["accepted"] if accepted else answered - told["bad"]
    return Measured(
        per_second=good / (told["microseconds"] / 1e6),
        p50=told["p50"] / MILLISECOND,
        p99=told["p99"] / MILLISECOND,
        cpu=1000 * cpu / good if good else float("nan"),
        bytes=told["bytes"] / answered if answered else float("nan"),
        bad=told["bad"] + told["broken"],
        refused=answered - told["accepted"] - told["bad"] if accepted else 0,
        memory=service.memory(),
    )
