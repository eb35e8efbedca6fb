"""Isso as its documentation deploys it: gunicorn in front of isso.run, SQLite."""

import contextlib
import importlib.metadata
import json
import sqlite3
from collections.abc import Iterable, Mapping
from pathlib import Path
from random import Random
from urllib.parse import quote

from benchmarks.peers import data
from benchmarks.peers.load import Request
from benchmarks.peers.processes import CACHE, LOOPBACK, Service, free_port, running
from benchmarks.peers.systems import ROOTS, WORKERS

BIN = CACHE / "peers" / "bin"
VOTERS = bytes(256)
"""A comment's Bloom filter of who voted, which Isso keeps with each."""
SETTINGS = """\
[general]
dbpath = {database}
host = {origin}
[server]
trusted-proxies = {proxy}
"""
TABLES = """
CREATE TABLE threads (id INTEGER PRIMARY KEY, uri VARCHAR(256) UNIQUE, title VARCHAR(256));
CREATE TABLE comments (
    tid REFERENCES threads(id), id INTEGER PRIMARY KEY, parent INTEGER, created FLOAT NOT NULL,
    modified FLOAT, mode INTEGER, remote_addr VARCHAR, text VARCHAR NOT NULL, author VARCHAR,
    email VARCHAR, website VARCHAR, likes INTEGER DEFAULT 0, dislikes INTEGER DEFAULT 0,
    voters BLOB NOT NULL, notification INTEGER DEFAULT 0);
CREATE TABLE preferences (key VARCHAR PRIMARY KEY, value VARCHAR);
PRAGMA user_version = 5;
"""


class Isso:
    """Two gunicorn workers, in the settings that Isso comes with."""

    name = "Isso"
    accepted = "201"

    def __init__(self, origin: str) -> None:
        self._origin = origin
        self._random = Random(self.name)  # noqa: S311 (texts)
        self._addresses = data.addresses()

    def version(self) -> str:
        found = {
            each.name: each.version
            for each in importlib.metadata.distributions(path=_site_packages())
        }
        return f"Isso {found['isso']}, gunicorn {found['gunicorn']}, {WORKERS} workers"

    def database(self, folder: Path) -> Path:
        return folder / "comments.db"

    def load(self, wanted: data.Set, folder: Path) -> None:
        connection = sqlite3.connect(self.database(folder))
        connection.executescript(TABLES)
        with connection:
            connection.executemany(
                "INSERT INTO threads (uri, title) VALUES (?, ?)",
                ((path, f"Bài {path}") for path in wanted.paths),
            )
            connection.executemany(
                "INSERT INTO comments (tid, id, parent, created, mode, remote_addr, text, author,"
                " voters) VALUES (?, ?, ?, ?, 1, ?, ?, ?, ?)",
                (
                    (
                        each.page + 1,
                        each.id,
                        each.parent,
                        each.at.timestamp(),
                        f"198.51.{each.id % 100}.0",
                        each.text,
                        each.name,
                        VOTERS,
                    )
                    for each in wanted.make()
                ),
            )
        connection.close()

    def run(
        self, folder: Path, environment: Mapping[str, str]
    ) -> contextlib.AbstractContextManager[Service]:
        port = free_port()
        settings = folder / "isso.cfg"
        settings.write_text(
            SETTINGS.format(database=self.database(folder), origin=self._origin, proxy=LOOPBACK)
        )
        address = f"{LOOPBACK}:{port}"
        options = ["--bind", address, "--workers", str(WORKERS), "--preload"]
        return running(
            [str(BIN / "gunicorn"), *options, "isso.run"],
            port,
            ready="/js/embed.min.js",
            environment={**environment, "ISSO_SETTINGS": str(settings)},
        )

    def reads(self, paths: Iterable[str]) -> list[Request]:
        headers = {"Origin": self._origin}
        return [
            Request(
                "GET", f"/?uri={quote(path, safe='')}&limit={ROOTS}&sort=newest", headers=headers
            )
            for path in paths
        ]

    def shown(self, body: bytes) -> int:
        told = json.loads(body)
        return sum(1 + len(each["replies"]) for each in told["replies"])

    def writes(self, paths: Iterable[str]) -> list[Request]:
        headers = {"Origin": self._origin, "Content-Type": "application/json"}
        return [
            Request(
                "POST",
                f"/new?uri={quote(path, safe='')}",
                next(self._addresses),
                json.dumps(
                    {
                        "author": data.name(self._random),
                        "text": data.text(self._random),
                        "title": "Bài",
                    },
                    ensure_ascii=False,
                ),
                headers,
            )
            for path in paths
        ]


def _site_packages() -> list[str]:
    return [str(each) for each in (BIN.parent / "lib").glob("python*/site-packages")]
