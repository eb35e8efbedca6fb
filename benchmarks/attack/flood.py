# ruff: noqa: S311 (a script; chance is its business)
"""Floods the service with spam over HTTP, as bots would, with honest readers in between.

    python benchmarks/attack/flood.py                 1 000 posts a minute to each of two sites
    python benchmarks/attack/flood.py --posts 200

Starts `comments-service serve` in a folder of its own, in default settings but for the trusted
proxy, which this script plays: each bot and each reader comes from an address of its own. One site
holds every comment (the default), the other one publishes at once (comments.hold=no); they are
flooded one after the other. README.md has the figures.
"""

import argparse
import contextlib
import dataclasses
import enum
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

import httpx
import sqlalchemy as sa

sys.path.insert(0, str(Path(__file__).parent.parent / "filters"))

import corpus

from comments_service import clock, create_app, sites, startup
from comments_service.core import Core
from comments_service.models import Envelope, Site, Status
from comments_service.testing import answer_to, hidden_fields

ORIGIN = "https://portal.example"
SECRET = "a key for floods, and for floods alone"  # noqa: S105
NETWORKS = 200
PAGES = 20
HONEST_IN = 50
"""One sender in so many is a reader."""
WORKERS = 8
PATIENCE = 2.6
"""Seconds between opening a form and sending it: bots know of the time trap too."""
LUCKY = 0.05


class Sender(enum.StrEnum):
    """Who sends, and what it can do."""

    READER = "reader"
    BLIND = "bot without challenge"
    GUESSER = f"bot that reads {LUCKY:.0%}"
    PERFECT = "bot that reads all"


@dataclasses.dataclass(frozen=True)
class Post:
    sender: Sender
    address: str
    page: str
    name: str
    text: str


@dataclasses.dataclass
class Sent:
    post: Post
    status: int
    visitor: str = ""
    """Whose token the answer carried; by it the submission is found again."""


# --- Who sends what -----------------------------------------------------------------------------


def networks() -> list[str]:
    """Return addresses of 200 networks: half IPv4, in ten neighbourhoods, and half IPv6."""
    four = [f"198.18.{number % 10}.{number}" for number in range(NETWORKS // 2)]
    six = [f"2001:db8:{number:x}::{number:x}" for number in range(NETWORKS - len(four))]
    return four + six


def posts(random: Random, count: int) -> list[Post]:
    spam = corpus.compose(random, corpus.templates(), count, spam_share=1)
    wanted = corpus.compose(random, corpus.templates(), count, spam_share=0)
    bots = networks()
    found = []
    for number in range(count):
        is_reader = number % HONEST_IN == HONEST_IN - 1
        comment = next(wanted if is_reader else spam)
        sender = Sender.READER
        if not is_reader:
            sender = random.choices(
                [Sender.BLIND, Sender.GUESSER, Sender.PERFECT], weights=[20, 60, 20]
            )[0]
        address = f"203.0.113.{number // HONEST_IN + 1}" if is_reader else random.choice(bots)
        page = f"/tin-tuc/{random.randrange(PAGES)}"
        found.append(Post(sender, address, page, comment.author[:60] or "Lan", comment.text))
    return found


class Attack:
    """Sends posts to one site at a steady pace."""

    def __init__(self, core: Core, url: str, site: str) -> None:
        self._core = core
        self._url = url
        self._site = site
        self._lock = threading.Lock()
        self._stamp = ""
        """Of the widget's form: bots read it once, and send it with every post."""
        self.sent: list[Sent] = []
        self.providers: Counter[str] = Counter()

    def run(self, queued: Sequence[Post], seconds: float) -> float:
        """Send everything within about so many seconds; return how long it took."""
        self._stamp = self._read(queued[0])
        begun = time.monotonic()
        pace = seconds / len(queued)
        threads = [
            threading.Thread(target=self._work, args=(queued[n::WORKERS], begun, n, pace))
            for n in range(WORKERS)
        ]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        return time.monotonic() - begun

    def _work(self, mine: Sequence[Post], begun: float, number: int, pace: float) -> None:
        random = Random(number)
        opened: list[tuple[float, Post, str, str]] = []
        with httpx.Client(base_url=self._url, timeout=60) as client:
            for place, post in enumerate(mine):
                due = begun + (place * WORKERS + number) * pace
                self._wait(due)
                if post.sender is Sender.BLIND:
                    self._send(client, post, "", "")
                else:
                    token, provider = self._open(client, post)
                    opened.append((time.monotonic(), post, token, provider))
                while opened and opened[0][0] + PATIENCE < time.monotonic():
                    self._answer(client, random, *opened.pop(0)[1:])
            for at, *rest in opened:
                self._wait(at + PATIENCE)
                self._answer(client, random, *rest)

    def _read(self, post: Post) -> str:
        """Open the page; return the stamp of its form."""
        asked = {"site": self._site, "page": post.page, "widgets": ["comments"], "lang": "vi"}
        told = httpx.post(f"{self._url}/api/v1/view", json=asked, headers=self._headers(post))
        return hidden_fields(told.json()["widgets"]["comments"])["t"]

    @staticmethod
    def _wait(until: float) -> None:
        time.sleep(max(0.0, until - time.monotonic()))

    def _headers(self, post: Post) -> dict[str, str]:
        return {"Origin": ORIGIN, "X-Forwarded-For": post.address, "User-Agent": "Mozilla/5.0"}

    def _open(self, client: httpx.Client, post: Post) -> tuple[str, str]:
        told = client.post(
            f"/api/v1/sites/{self._site}/challenge",
            json={"page": post.page, "kind": "comment", "lang": "vi"},
            headers=self._headers(post),
        ).json()
        with self._lock:
            self.providers[told.get("provider", told.get("code", ""))] += 1
        return told.get("challenge", ""), told.get("provider", "")

    def _answer(
        self, client: httpx.Client, random: Random, post: Post, token: str, provider: str
    ) -> None:
        knows = post.sender is not Sender.GUESSER or random.random() < LUCKY
        is_image = provider == "captcha"
        answer = answer_to(self._core.keys, token) if is_image and knows else "ABCDE"
        self._send(client, post, token, answer)

    def _send(self, client: httpx.Client, post: Post, token: str, answer: str) -> None:
        stamp = self._read(post) if post.sender is Sender.READER else self._stamp
        form = {
            "t": stamp,
            "door": "script",
            "page": post.page,
            "name": post.name,
            "text": post.text,
            "challenge": token,
            "answer": answer,
        }
        path = f"/submit/{self._site}/comment"
        response = client.post(path, data=form, headers=self._headers(post))
        told = response.json() if "json" in response.headers.get("Content-Type", "") else {}
        with self._lock:
            self.sent.append(Sent(post, response.status_code, told.get("visitor", "")))


# --- What came of it ----------------------------------------------------------------------------


def report(core: Core, attack: Attack, key: str, *, took: float, cpu: float) -> None:
    with core.db.read() as session:
        site = sites.get(session, key)
        rows = session.execute(
            sa.select(Envelope.visitor, Envelope.status).where(Envelope.site_id == site.id)
        ).all()
        statuses: dict[str, Status] = dict(rows)
        wave = sa.func.coalesce(Envelope.cluster, sa.cast(Envelope.id, sa.String))
        held = (Envelope.site_id == site.id, Envelope.status == Status.HELD)
        waiting = session.scalar(sa.select(sa.func.count()).where(*held))
        entries = session.scalar(sa.select(sa.func.count(sa.distinct(wave))).where(*held))
    became: dict[Sender, Counter[str]] = {sender: Counter() for sender in Sender}
    for sent in attack.sent:
        visitor = core.visitors.read(site.id, sent.visitor)
        status = statuses.get(visitor or "")
        became[sent.post.sender][status.value if status else f"refused {sent.status}"] += 1
    bots = [each for sender, each in became.items() if sender is not Sender.READER]
    public = sum(each["published"] for each in bots)
    spam = sum(each.total() for each in bots)
    print(f"\n## {key}: {len(attack.sent)} posts in {took:.0f} s\n")
    for sender, each in became.items():
        shown = ", ".join(f"{what} {number}" for what, number in sorted(each.items()))
        print(f"- {sender}: {each.total()} ({shown})")
    print(f"- spam that became public: {public} of {spam}: {1000 * public / spam:.1f} in 1 000")
    print(f"- the queue: {waiting} posts wait, as {entries} entries")
    print(f"- challenges: {dict(attack.providers)}")
    print(f"- the service's CPU: {1000 * cpu / len(attack.sent):.1f} s for 1 000 posts")


@dataclasses.dataclass
class Watch:
    """Notes when the site went into attack mode."""

    core: Core
    key: str
    seconds: float | None = None

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        done = threading.Event()

        def look() -> None:
            begun = time.monotonic()
            while not done.wait(0.5) and self.seconds is None:
                with self.core.db.read() as session:
                    until = session.scalar(
                        sa.select(Site.attacked_until).where(Site.key == self.key)
                    )
                if until is not None and until > clock.now():
                    self.seconds = time.monotonic() - begun

        thread = threading.Thread(target=look)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()


# --- The service --------------------------------------------------------------------------------


@contextlib.contextmanager
def service(environment: dict[str, str], port: int) -> Iterator[int]:
    """Run the service; yield its process id."""
    command = [sys.executable, "-m", "comments_service", "serve", "--port", str(port)]
    process = subprocess.Popen(command, env={**os.environ, **environment})  # noqa: S603
    try:
        for _ in range(600):
            try:
                httpx.get(f"http://127.0.0.1:{port}/healthz")
                break
            except httpx.TransportError:
                time.sleep(0.1)
        yield process.pid
    finally:
        process.terminate()
        process.wait()


def cpu_seconds(pid: int) -> float:
    """Return the CPU time of the process `pid` and of those that it started."""
    parents: dict[int, tuple[int, float]] = {}
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError, ValueError):
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
            ticks = int(fields[11]) + int(fields[12])
            parents[int(entry.name)] = int(fields[1]), ticks / os.sysconf("SC_CLK_TCK")
    family = {pid}
    while more := {each for each, (parent, _) in parents.items() if parent in family} - family:
        family |= more
    return sum(parents[each][1] for each in family if each in parents)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main() -> None:
    parser = argparse.ArgumentParser(description="Flood the service with spam.")
    parser.add_argument("--posts", type=int, default=1000, help="to each site")
    parser.add_argument("--seconds", type=float, default=60, help="in which they are sent")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            "COMMENTS_INSTANCE": folder,
            "COMMENTS_SECRET_KEY": SECRET,
            "COMMENTS_TRUSTED_PROXIES": "127.0.0.1",
        }
        os.environ.update(environment)
        startup.prepare()
        core: Core = create_app().extensions["comments_service"]
        with core.db.write() as session:
            sites.add(session, "default", name="Portal", origins=[ORIGIN])
            at_once = sites.add(session, "at-once", name="Portal", origins=[ORIGIN])
            sites.set_setting(core.plugins, at_once, "comments.hold", "no")
        port = free_port()
        with service(environment, port) as pid:
            for number, key in enumerate(("default", "at-once")):
                attack = Attack(core, f"http://127.0.0.1:{port}", key)
                watch = Watch(core, key)
                before = cpu_seconds(pid)
                with watch.watching():
                    took = attack.run(posts(Random(number + 1), asked.posts), asked.seconds)
                report(core, attack, key, took=took, cpu=cpu_seconds(pid) - before)
                after = "never" if watch.seconds is None else f"after {watch.seconds:.0f} s"
                print(f"- attack mode: {after}")
        core.db.engine.dispose()


if __name__ == "__main__":
    main()
