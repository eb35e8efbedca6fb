"""comments-service as `comments-service serve` runs it, on SQLite, with every check on.

Comments come with solved challenges: the tokens are made with the service's own key, and so are
the answers, because nobody has to look at the images.
"""

import contextlib
import datetime
import hashlib
import itertools
import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa

from benchmarks.peers import data
from benchmarks.peers.load import Request, ask
from benchmarks.peers.processes import LOOPBACK, Service, free_port, running
from benchmarks.peers.systems import WORKERS
from comments_service import create_app, histories, migrate, sites
from comments_service.challenges import Challenge, ChallengeProvider, Challenges, Purpose
from comments_service.core import Core
from comments_service.db import Base
from comments_service.identity import Keys, network_of, widening
from comments_service.models import Envelope, Page, Site, Status
from comments_service.testing import answer_to

SITE = "portal"
SECRET = "a key for measurements, and for them alone"  # noqa: S105
AT_ONCE = 5_000
"""Rows of one INSERT."""
VOTES = (2, 1, 5, 20, 40)
"""A page's, from one star to five."""
SITE_SETTINGS = {
    # As the others do: what is accepted is public at once.
    "comments.hold": "no",
    # This is an attack on the site, and would be taken for one.
    "core.attack_posts": "0",
}


class Drawn(ChallengeProvider):
    """Stands in for the plugin captcha where its challenges are made: without the image."""

    name = "captcha"
    template = ""

    def check(self, challenge: Challenge, answer: Mapping[str, str]) -> bool:
        raise NotImplementedError


class Ours:
    """`comments-service serve --workers 2`."""

    name = "comments-service"
    accepted = "201"

    def __init__(self, origin: str, *, workers: int = WORKERS) -> None:
        self.origin = origin
        self._workers = workers
        self._random = Random(self.name)  # noqa: S311 (texts)
        self._addresses = data.addresses()
        self._keys = Keys(SECRET)
        self._challenges = Challenges(self._keys, {})

    def version(self) -> str:
        found = f"comments-service {version('comments-service')}, granian {version('granian')}"
        return f"{found}, {self._workers} workers"

    def database(self, folder: Path) -> Path:
        return folder / "comments.sqlite3"

    def load(self, wanted: data.Set, folder: Path) -> None:
        texts = {"instance": str(folder), "secret_key": SECRET, "counters_flush_seconds": "0"}
        core: Core = create_app(texts).extensions["comments_service"]
        migrate.upgrade(core.db, histories.every(core.plugins))
        with core.db.write() as session:
            site = sites.add(session, SITE, name="Cổng thông tin", origins=[self.origin])
            for name, value in SITE_SETTINGS.items():
                sites.set_setting(core.plugins, site, name, value)
            for table, rows in _rows(wanted, site.id):
                session.execute(sa.insert(Base.metadata.tables[table]), rows)
        for plugin in core.plugins.by_name.values():
            plugin.close()
        core.db.engine.dispose()

    def run(
        self, folder: Path, environment: Mapping[str, str]
    ) -> contextlib.AbstractContextManager[Service]:
        port = free_port()
        own = {
            "COMMENTS_INSTANCE": str(folder),
            "COMMENTS_SECRET_KEY": SECRET,
            "COMMENTS_TRUSTED_PROXIES": LOOPBACK,
            "COMMENTS_PUBLIC_URL": f"http://{LOOPBACK}:{port}",
        }
        command = [sys.executable, "-m", "comments_service", "serve", "--port", str(port)]
        return running(
            [*command, "--workers", str(self._workers)],
            port,
            ready="/healthz",
            environment={**own, **environment},
        )

    @property
    def _headers(self) -> dict[str, str]:
        return {"Origin": self.origin, "Content-Type": "text/plain;charset=UTF-8"}

    def reads(self, paths: Iterable[str]) -> list[Request]:
        """Return what embed.js sends when a page is opened."""
        return [
            Request(
                "POST",
                "/api/v1/view",
                address,
                json.dumps(
                    {
                        "site": SITE,
                        "page": path,
                        "lang": "vi",
                        "widgets": ["rating", "comments", "counters"],
                        "count": True,
                        "id": "{id}",
                        "title": f"Bài {path}",
                    },
                    ensure_ascii=False,
                ),
                self._headers,
            )
            for path, address in zip(paths, data.addresses(), strict=False)
        ]

    def shown(self, body: bytes) -> int:
        told = json.loads(body)
        if not told["counted"] or len(told["widgets"]) != 3:  # noqa: PLR2004 (those above)
            raise ValueError("the answer is not a counted view of three widgets")
        return len(re.findall(r'class="cs-comment[ "]', told["widgets"]["comments"]))

    def writes(self, paths: Iterable[str]) -> list[Request]:
        return [self._comment(path, next(self._addresses)) for path in paths]

    def _comment(self, path: str, address: str) -> Request:
        token = self._challenge(path, address)
        body = {
            "page": path,
            "lang": "vi",
            "name": data.name(self._random),
            "text": data.text(self._random),
            "challenge": token,
            "answer": answer_to(self._keys, token),
        }
        text = json.dumps(body, ensure_ascii=False)
        return Request("POST", f"/api/v1/sites/{SITE}/comments", address, text, self._headers)

    def _challenge(self, path: str, address: str) -> str:
        widest = self._keys.digest("network", widening(network_of(address))[-1])
        # The one site of a fresh database.
        site = Site(id=1)
        purpose = Purpose(site.id, path, "comment", widest)
        return self._challenges.issue(Drawn(), "normal", site, purpose).token

    def ratings(self, paths: Iterable[str]) -> list[Request]:
        """Return a rating of each of the pages `paths`, each by another reader."""
        return [
            Request(
                "PUT",
                f"/api/v1/sites/{SITE}/rating?page={quote(path, safe='')}",
                next(self._addresses),
                json.dumps({"stars": self._random.randint(1, 5)}),
                self._headers,
            )
            for path in paths
        ]

    def unchanged(self, service: Service, door: str, path: str) -> Request | None:
        """Return a request for a widget that its asker has already; None without an ETag."""
        # A frame's comments come with a code to read, for one reader alone.
        widget = "rating" if door == "embed" else "comments"
        request = Request("GET", f"/{door}/{SITE}/{widget}?page={quote(path, safe='')}&count=off")
        etag = ask(service.url, request).headers.get("etag")
        if etag is None:
            return None
        return Request("GET", request.path, headers={"If-None-Match": etag})


def _rows(wanted: data.Set, site: int) -> Iterator[tuple[str, Sequence[Mapping[str, Any]]]]:
    """Return the rows of `wanted` by table, in portions, each after those that it refers to."""
    yield (
        Page.__tablename__,
        [
            {
                "id": number,
                "site_id": site,
                "key": path,
                "key_hash": hashlib.sha256(path.encode()).digest(),
                "title": f"Bài {path}",
                "version": 1,
                "created_at": data.SINCE,
            }
            for number, path in enumerate(wanted.paths, start=1)
        ],
    )
    totals = [0] * wanted.pages
    times: dict[int, datetime.datetime] = {}
    made = wanted.make()
    while portion := list(itertools.islice(made, AT_ONCE)):
        for each in portion:
            totals[each.page] += 1
            times[each.id] = each.at
        yield Envelope.__tablename__, [_envelope(each, site) for each in portion]
        yield (
            "comments_comment",
            [_comment(each, times[each.parent or each.id]) for each in portion],
        )
    numbered = list(enumerate(totals, start=1))
    yield "comments_total", [{"page_id": page, "public": total} for page, total in numbered]
    votes = dict(zip(("n1", "n2", "n3", "n4", "n5"), VOTES, strict=True))
    yield "rating_total", [{"page_id": page, **votes} for page, _ in numbered]


def _envelope(comment: data.Comment, site: int) -> dict[str, Any]:
    return {
        "id": comment.id,
        "site_id": site,
        "page_id": comment.page + 1,
        "kind": "comment",
        "visitor": hashlib.blake2b(comment.text.encode(), digest_size=16).hexdigest(),
        "status": Status.PUBLISHED,
        "created_at": comment.at,
        "cluster": None,
    }


def _comment(comment: data.Comment, thread_at: datetime.datetime) -> dict[str, Any]:
    return {
        "id": comment.id,
        "page_id": comment.page + 1,
        "thread_id": comment.parent or comment.id,
        "thread_at": thread_at,
        "parent_id": comment.parent,
        "is_public": True,
        "name": comment.name,
        "email": "",
        "text": comment.text,
        "created_at": comment.at,
    }
