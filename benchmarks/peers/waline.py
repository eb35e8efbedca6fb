"""Waline as its documentation hosts it on a machine of one's own: Node.js and SQLite."""

import contextlib
import json
import sqlite3
from collections.abc import Iterable, Mapping
from pathlib import Path
from random import Random
from urllib.parse import quote

from benchmarks.peers import data
from benchmarks.peers.load import Request
from benchmarks.peers.processes import CACHE, Service, free_port, running
from benchmarks.peers.systems import ROOTS

MODULES = CACHE / "waline" / "node_modules"
NODE = CACHE / "node" / "bin" / "node"
STAMPS = (
    "createdAt DATETIME DEFAULT CURRENT_TIMESTAMP, updatedAt DATETIME DEFAULT CURRENT_TIMESTAMP"
)
TABLES = f"""
CREATE TABLE wl_Comment (
    id INTEGER PRIMARY KEY AUTOINCREMENT, user_id INTEGER, comment TEXT, insertedAt DATETIME,
    ip TEXT, link TEXT, mail TEXT, nick TEXT, rid INTEGER, pid INTEGER, sticky NUMERIC,
    status TEXT NOT NULL, "like" INTEGER, ua TEXT, url TEXT, {STAMPS});
CREATE TABLE wl_Counter (
    id INTEGER PRIMARY KEY AUTOINCREMENT, time INTEGER, url TEXT,
    {", ".join(f"reaction{number} INTEGER" for number in range(9))}, {STAMPS});
CREATE TABLE wl_Users (
    id INTEGER PRIMARY KEY AUTOINCREMENT, display_name TEXT NOT NULL DEFAULT '',
    email TEXT NOT NULL DEFAULT '', password TEXT NOT NULL DEFAULT '',
    type TEXT NOT NULL DEFAULT '', label TEXT, github TEXT, twitter TEXT, facebook TEXT,
    google TEXT, weibo TEXT, qq TEXT, oidc TEXT, huawei TEXT, "2fa" TEXT, avatar TEXT, url TEXT,
    {STAMPS});
"""
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


class Waline:
    """One Node.js process, in the settings that Waline comes with."""

    name = "Waline"
    accepted = '"errno":0'

    def __init__(self, origin: str, oauth: str) -> None:
        """Take the portal's origin, and where its list of outside log-ins is answered."""
        self._origin = origin
        self._oauth = oauth
        self._random = Random(self.name)  # noqa: S311 (texts)
        self._addresses = data.addresses()

    def version(self) -> str:
        found = json.loads((MODULES / "@waline" / "vercel" / "package.json").read_text())
        return f"Waline {found['version']}, Node.js"

    def database(self, folder: Path) -> Path:
        return folder / "waline.sqlite"

    def load(self, wanted: data.Set, folder: Path) -> None:
        connection = sqlite3.connect(self.database(folder))
        connection.executescript(TABLES)
        paths = wanted.paths
        with connection:
            connection.executemany(
                "INSERT INTO wl_Comment (id, comment, insertedAt, ip, link, mail, nick, rid, pid,"
                " status, ua, url) VALUES (?, ?, ?, ?, '', '', ?, ?, ?, 'approved', ?, ?)",
                (
                    (
                        each.id,
                        each.text,
                        each.at.strftime("%Y-%m-%d %H:%M:%S"),
                        f"198.51.{each.id % 100}.7",
                        each.name,
                        each.parent,
                        each.parent,
                        BROWSER,
                        paths[each.page],
                    )
                    for each in wanted.make()
                ),
            )
        connection.close()

    def run(
        self, folder: Path, environment: Mapping[str, str]
    ) -> contextlib.AbstractContextManager[Service]:
        port = free_port()
        own = {
            "SQLITE_PATH": str(folder),
            "JWT_TOKEN": "a token for measurements, and for them alone",
            "OAUTH_URL": self._oauth,
            # It asks a server elsewhere about every comment.
            "AKISMET_KEY": "false",
            "NODE_ENV": "production",
        }
        command: list[str | Path] = [NODE, MODULES / "@waline" / "vercel" / "vanilla.js", str(port)]
        ready = f"/api/comment?path={quote('/none', safe='')}&pageSize=1&page=1"
        return running(command, port, ready=ready, environment={**environment, **own})

    def reads(self, paths: Iterable[str]) -> list[Request]:
        query = f"pageSize={ROOTS}&page=1&lang=en&sortBy=insertedAt_desc"
        return [
            Request(
                "GET",
                f"/api/comment?path={quote(path, safe='')}&{query}",
                headers={"Origin": self._origin},
            )
            for path in paths
        ]

    def shown(self, body: bytes) -> int:
        told = json.loads(body)
        return sum(1 + len(each["children"]) for each in told["data"]["data"])

    def writes(self, paths: Iterable[str]) -> list[Request]:
        headers = {"Origin": self._origin, "Content-Type": "application/json"}
        return [
            Request(
                "POST",
                "/api/comment?lang=en",
                next(self._addresses),
                json.dumps(
                    {
                        "comment": data.text(self._random),
                        "nick": data.name(self._random),
                        "mail": "",
                        "link": "",
                        "ua": BROWSER,
                        "url": path,
                    },
                    ensure_ascii=False,
                ),
                headers,
            )
            for path in paths
        ]
