"""Starts and ends the demonstration as its own process, the way a person does on a terminal."""

import dataclasses
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import httpx

from comments_service.demo.seeding import SITE_KEY
from comments_service.identity import Keys
from comments_service.testing import answer_to
from tests.commands import run_command
from tests.ports import free_port, is_free

SECONDS = 120
LIMITS = (
    "READ",
    "WRITE",
    "CHALLENGE",
    "ALTERNATIVE",
    "BUSY_NETWORK",
    "BUSY_NEIGHBOURHOOD",
    "BUSY_PAGE",
)

T = TypeVar("T")


def until(look: Callable[[], T], what: str) -> T:
    """Look again and again until there is something to see, and return it."""
    deadline = time.monotonic() + SECONDS
    while not (seen := look()):
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {SECONDS} s: {what}")
        time.sleep(0.02)
    return seen


@dataclasses.dataclass
class Demo:
    """A demonstration that was started: its process, and what it told on the terminal."""

    process: subprocess.Popen[bytes]
    instance: Path
    host: str
    port: int

    @property
    def _output(self) -> Path:
        return self.instance.with_suffix(".log")

    @property
    def told(self) -> str:
        return self._output.read_text()

    def _told(self, pattern: str) -> str:
        found = re.search(pattern, self.told)
        assert found, self.told
        return found[1]

    @property
    def portal(self) -> str:
        return self._told(r"Portal +(\S+)/\n")

    @property
    def service(self) -> str:
        return self._told(r"Service +(\S+)/demo/\n")

    @property
    def dashboard(self) -> str:
        return self._told(r"Dashboard +(\S+)\n")

    @property
    def password(self) -> str:
        return self._told(r"password (\S+)\n")

    def article(self, slug: str) -> str:
        return f"{self.portal}/tin-tuc/{slug}"

    def frame(self, widget: str, slug: str, *, site: str = SITE_KEY) -> str:
        return f"{self.service}/embed/{site}/{widget}?page=/tin-tuc/{slug}"

    def counters(self, slug: str) -> dict[str, int]:
        """Return the figures of the page; this counts nothing."""
        address = f"{self.service}/api/v1/sites/{SITE_KEY}/counters"
        figures: dict[str, int] = get(f"{address}?page=/tin-tuc/{slug}").json()
        return figures

    def speaks(self) -> bool:
        """Ask for a voice; tell whether one was at hand."""
        asked = {"page": "/", "kind": "comment", "way": "spoken"}
        address = f"{self.service}/api/v1/sites/{SITE_KEY}/challenge"
        told = httpx.post(address, json=asked, timeout=30, trust_env=False).json()
        return bool(told.get("provider") == "spoken")

    def answer_to(self, token: str) -> str:
        """Return what a person would read, or hear, of the captcha whose token this is."""
        keys = Keys((self.instance / "secret.key").read_text())
        return answer_to(keys, token)

    def add_site(self, key: str, **settings: str) -> None:
        """Add a site that the portal's pages may embed; `settings` are like comments__hold="no"."""
        self._command("site", "add", key, "--name", f"Cổng {key}", "--origin", self.portal)
        if settings:
            self.set_site(key, **settings)

    def set_site(self, key: str, **settings: str) -> None:
        assignments = [f"{name.replace('__', '.')}={value}" for name, value in settings.items()]
        self._command("site", "set", key, *assignments)

    def _command(self, *words: str) -> None:
        """Run `comments-service …` beside the demonstration, on its database."""
        result = run_command(words, {"COMMENTS_INSTANCE": str(self.instance)})
        assert result.exit_code == 0, result.output

    def is_up(self) -> bool:
        assert self.process.poll() is None, self.told
        # Not by the portal's name: every browser finds localhost at ::1, not every machine does.
        loopback = "[::1]" if self.host == "::1" else "127.0.0.1"
        service, portal = (f"http://{loopback}:{port}" for port in (self.port, self.port + 1))
        return answers(f"{service}/readyz", f"{portal}/") and "Stop with" in self.told

    def end(self) -> None:
        """Stop it by a signal to its first process; nothing of it may be left."""
        self.process.terminate()
        self.wait_for_end()

    def interrupt(self) -> None:
        """Stop it as Ctrl+C does, which reaches every process of the terminal."""
        os.killpg(self.process.pid, signal.SIGINT)
        self.wait_for_end()

    def wait_for_end(self) -> None:
        assert self.process.wait(SECONDS) == 0
        assert "Traceback" not in self.told
        until(lambda: is_free(self.port) and is_free(self.port + 1), "both ports are free again")
        until(lambda: not _has_members(self.process.pid), "no process is left")


def _has_members(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def get(address: str) -> httpx.Response:
    return httpx.get(address, timeout=30, trust_env=False)


def answers(*addresses: str) -> bool:
    try:
        return all(get(address).is_success for address in addresses)
    except httpx.TransportError:
        return False


def start(instance: Path, *, host: str = "127.0.0.1", port: int | None = None) -> Demo:
    """Begin to start the demonstration on the folder `instance`."""
    port = port or free_port()
    command = [
        sys.executable,
        "-m",
        "comments_service",
        "demo",
        "--host",
        host,
        "--port",
        str(port),
    ]
    environment = {
        "PATH": os.environ["PATH"],
        "COMMENTS_INSTANCE": str(instance),
        # All readers of these tests share one address, and type faster than people.
        **{f"COMMENTS_LIMIT_{name}": "100000/minute" for name in LIMITS},
        "COMMENTS_FORM_SECONDS": "0",
    }
    with instance.with_suffix(".log").open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 (our own command)
            command, stdout=output, stderr=output, env=environment, start_new_session=True
        )
    return Demo(process, instance, host, port)


@contextmanager
def running(instance: Path, *, host: str = "127.0.0.1") -> Iterator[Demo]:
    """Run the demonstration; end it, if that did not happen within, and see that it is gone."""
    demo = start(instance, host=host)
    try:
        until(demo.is_up, "the demonstration is up")
        yield demo
    finally:
        if demo.process.poll() is None:
            demo.end()
