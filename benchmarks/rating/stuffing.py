"""Tries to stuff the ballot of a page: 10 000 scripted ratings from one neighbourhood of the net.

    python benchmarks/rating/stuffing.py [--ratings 10000] [--database-url postgresql://…]

A page has 100 honest ratings. Then a program rates it one star, each time with a fresh token and
user agent. Printed: the published mean before and after, how far it was moved at worst on the way,
and what became of the ratings. Ends with 1 if the mean is moved by more than 0.05 in the end.
"""

import argparse
import datetime
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from comments_service.plugins.rating import queries
from comments_service.plugins.rating.models import State, Vote
from flask import Flask

from comments_service import clock, create_app, histories, migrate
from comments_service.core import Core
from comments_service.models import Page
from comments_service.testing import Reader, add_site, answer_to

HONEST = [5] * 45 + [4] * 35 + [3] * 12 + [2] * 4 + [1] * 4
BOUND = 0.05
OK = 200
FIRST = 100
EVERY = 50
"""The mean is looked at after so many attempts; after each of the FIRST."""
DAY = datetime.timedelta(days=1)

Address = Callable[[int], str]


def ipv4(number: int) -> str:
    return f"203.0.113.{number % 256}"


def ipv6(number: int) -> str:
    return f"2001:db8:77:{number % 65536:x}::{number:x}"


def one(number: int) -> str:
    del number
    return "203.0.113.7"


class Attack:
    """One page, its honest voters, and a program that rates it."""

    def __init__(self, app: Flask, page: str) -> None:
        self._app = app
        self._page = page
        self._core: Core = app.extensions["comments_service"]
        for number, stars in enumerate(HONEST):
            status = self._rate(f"10.{number}.0.1", stars, "Mozilla/5.0")
            if status != OK:
                sys.exit(f"an honest rating was refused: {status}")
        self.before = self.mean()
        self.worst = 0.0
        self.answers: Counter[int] = Counter()

    def run(self, address: Address, number: int, *, solves: bool = False) -> None:
        """Rate `number` times."""
        for n in range(number):
            solved = self._solve(address(n)) if solves else {}
            self.answers[self._rate(address(n), 1, f"Bot/{n}", **solved)] += 1
            if n < FIRST or n % EVERY == 0:
                self.worst = max(self.worst, abs(self.mean() - self.before))

    def _reader(self, address: str, user_agent: str) -> Reader:
        return Reader(self._app, page=self._page, address=address, user_agent=user_agent)

    def _rate(self, address: str, stars: int, user_agent: str, **sent: str) -> int:
        path = "/api/v1/sites/portal/rating"
        body = json.dumps({"stars": stars, **sent})
        reader = self._reader(address, user_agent)
        return reader.send("PUT", path, query_string={"page": self._page}, data=body).status_code

    def _solve(self, address: str) -> dict[str, str]:
        """Solve the image of a challenge as the best of solvers would: always."""
        body = json.dumps({"page": self._page, "kind": "rating"})
        path = "/api/v1/sites/portal/challenge"
        answer: dict[str, Any] = self._reader(address, "").send("POST", path, data=body).get_json()
        token = answer["challenge"]
        return {"challenge": token, "answer": answer_to(self._core.keys, token)}

    def mean(self) -> float:
        query = {"page": self._page}
        reader = self._reader("192.0.2.1", "")
        shown = reader.send("GET", "/api/v1/sites/portal/rating", query_string=query).get_json()
        counts = {int(stars): n for stars, n in shown["distribution"].items()}
        return sum(stars * n for stars, n in counts.items()) / sum(counts.values())

    def states(self) -> dict[State, int]:
        with self._core.db.read() as session:
            if queries.wrong_totals(session, None):
                sys.exit("the totals are not what the ratings say")
            return dict(
                session.execute(
                    sa.select(Vote.state, sa.func.count())
                    .join(Page, Page.id == Vote.page_id)
                    .where(Page.key == self._page)
                    .group_by(Vote.state)
                ).all()
            )


def make_app(folder: Path, database_url: str) -> Flask:
    texts = {
        "instance": str(folder),
        "secret_key": "a key for a simulation, and for it alone",
        "plugins": "rating,captcha",
        # The budgets of requests would stop most of this: here the rating's own rules are tried.
        **dict.fromkeys(
            ("limit_read", "limit_write", "limit_visitor", "limit_challenge"), "1000000/minute"
        ),
    }
    if database_url:
        texts["database_url"] = database_url
    app = create_app(texts)
    core: Core = app.extensions["comments_service"]
    migrate.upgrade(core.db, histories.every(core.plugins))
    add_site(app, "portal")
    return app


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--ratings", type=int, default=10_000)
    parser.add_argument("--solved", type=int, default=200, help="ratings with a solved challenge")
    parser.add_argument("--database-url", default="")
    wanted = parser.parse_args()
    print("| attack | mean before | after | moved | at worst | answers | votes | ms each |")
    print("|---|---|---|---|---|---|---|---|")
    is_good = True
    with tempfile.TemporaryDirectory() as folder:
        app = make_app(Path(folder), wanted.database_url)
        for name, address, number, solves in (
            ("one IPv4 /24", ipv4, wanted.ratings, False),
            ("one IPv6 /48", ipv6, wanted.ratings, False),
            ("one IPv4 address", one, wanted.ratings // 10, False),
            ("one IPv4 /24, every challenge solved", ipv4, wanted.solved, True),
            ("one IPv6 /48, every challenge solved", ipv6, wanted.solved, True),
        ):
            attack = Attack(app, f"/{name}")
            started = time.perf_counter()
            attack.run(address, number, solves=solves)
            is_good &= tell(name, attack, time.perf_counter() - started)
        is_good &= tell("one IPv4 /24 around midnight", around_midnight(app, FIRST))
        tell("(six that stop in time)", few(app, 6, solves=False))
        tell("(twenty that stop in time, every challenge solved)", few(app, 20, solves=True))
        core: Core = app.extensions["comments_service"]
        core.db.engine.dispose()
    return 0 if is_good else 1


def around_midnight(app: Flask, number: int) -> Attack:
    attack = Attack(app, "/midnight")
    attack.run(ipv4, 6)
    now = clock.now
    clock.now = lambda: now() + DAY
    attack.run(ipv4, number)
    clock.now = now
    return attack


def few(app: Flask, number: int, *, solves: bool) -> Attack:
    attack = Attack(app, f"/few-{number}")
    attack.run(ipv4, number, solves=solves)
    return attack


def tell(name: str, attack: Attack, seconds: float = 0) -> bool:
    """Print what came of an attack; tell whether the mean held."""
    after = attack.mean()
    moved = abs(after - attack.before)
    answers = ", ".join(f"{status}: {n}" for status, n in sorted(attack.answers.items()))
    votes = ", ".join(f"{state}: {n}" for state, n in sorted(attack.states().items()))
    each = f"{1000 * seconds / attack.answers.total():.1f}" if seconds else ""
    print(
        f"| {name} | {attack.before:.3f} | {after:.3f} | {moved:.3f} | {attack.worst:.3f} |"
        f" {answers} | {votes} | {each} |",
        flush=True,
    )
    return moved <= BOUND


if __name__ == "__main__":
    sys.exit(main())
