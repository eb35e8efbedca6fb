# ruff: noqa: S311, S608 (a script that prints what it measured)
"""Measures the learning filter: how well it tells, how fast, in how much memory.

    python benchmarks/filters/learning.py quality
    python benchmarks/filters/learning.py speed --learned 100000
    python benchmarks/filters/learning.py unseen FILE.jsonl     {"author", "text", "is_spam"} a line

The comments are those of corpus.py. What is tested never shares a template with what was learned,
or (split `family`) not even a family. LEARNING.md says what was measured.
"""

import argparse
import gc
import json
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from random import Random

import corpus
import numpy as np
import sqlalchemy as sa
from comments_service.plugins.learning import queries, service
from comments_service.plugins.learning.counts import Change, Counts
from comments_service.plugins.learning.features import read

from comments_service import clock, create_app, histories, migrate, pages, sites
from comments_service.core import Core
from comments_service.models import Envelope, Status
from comments_service.verdicts import Draft, Judged, Standing

HOLD, SPAM = 0.8, 0.98
SEEDS = range(5)
TESTED = 1000
SPLITS = {"template": corpus.Split.by_template, "family": corpus.Split.by_family}


# --- Quality ------------------------------------------------------------------------------------


def learn(comments: Iterable[corpus.Comment]) -> Counts:
    return Counts.none().plus(
        Change(read(each.author, each.text).buckets(), int(not each.is_spam), int(each.is_spam))
        for each in comments
    )


def scores(counts: Counts, comments: Sequence[corpus.Comment]) -> np.ndarray:
    return np.array([counts.score(read(each.author, each.text)) for each in comments])


def auc(score: np.ndarray, is_spam: np.ndarray) -> float:
    """Return how often a spam scores higher than a wanted comment; equal counts half."""
    wanted = np.sort(score[~is_spam])
    below = np.searchsorted(wanted, score[is_spam], "left")
    up_to = np.searchsorted(wanted, score[is_spam], "right")
    return float(np.mean((below + up_to) / 2) / len(wanted))


HEAD = "| | AUC | precision | recall | F1 | wanted ≥ .8 | spam ≥ .8 | wanted ≥ .98 | spam ≥ .98 |"


def row(label: str, score: np.ndarray, is_spam: np.ndarray) -> str:
    """Return one line of a table; precision, recall and F1 are those at HOLD."""
    held = score >= HOLD
    right = int((held & is_spam).sum())
    precision = right / max(1, int(held.sum()))
    recall = right / max(1, int(is_spam.sum()))
    f1 = 2 * precision * recall / max(1e-9, precision + recall)
    shares = [
        float((score[chosen] >= threshold).mean())
        for threshold in (HOLD, SPAM)
        for chosen in (~is_spam, is_spam)
    ]
    told = [f"{auc(score, is_spam):.3f}", f"{precision:.3f}", f"{recall:.3f}", f"{f1:.3f}"]
    told += [f"{share:.1%}" for share in shares]
    return f"| {label} | " + " | ".join(told) + " |"


def measured(
    split: Callable[[Random], corpus.Split], decisions: int, spam_share: float
) -> tuple[np.ndarray, np.ndarray, list[corpus.Comment]]:
    """Return scores, labels and comments of the tests of all seeds together."""
    found: list[tuple[np.ndarray, list[corpus.Comment]]] = []
    for seed in SEEDS:
        random = Random(seed)
        parts = split(random)
        learned = list(corpus.compose(random, parts.learned, decisions, spam_share=spam_share))
        tested = list(corpus.compose(random, parts.tested, TESTED))
        found.append((scores(learn(learned), tested), tested))
    comments = [each for _, tested in found for each in tested]
    score = np.concatenate([score for score, _ in found])
    return score, np.array([each.is_spam for each in comments]), comments


def quality() -> None:
    for name, split in SPLITS.items():
        print(f"\nUnseen: {name}\n\n{HEAD}\n|---" + "|---" * 8 + "|")
        for decisions in (20, 100, 500, 2000):
            score, is_spam, comments = measured(split, decisions, 0.3)
            print(row(f"{decisions} decisions, 30 % spam", score, is_spam))
        worst = [
            f"{each.family} {value:.2f} {each.text[:70]!r}"
            for value, each in sorted(zip(score, comments, strict=True), key=lambda pair: -pair[0])
            if not each.is_spam
        ]
        families = sorted({each.family for each in comments})
        caught = {
            family: np.mean(
                [
                    value >= HOLD
                    for value, each in zip(score, comments, strict=True)
                    if each.family == family
                ]
            )
            for family in families
        }
        for share in (0.5, 0.05):
            score, is_spam, _ = measured(split, 2000, share)
            print(row(f"2000 decisions, {share:.0%} spam", score, is_spam))
        print("\nHeld, by family:", ", ".join(f"{k} {v:.0%}" for k, v in caught.items()))
        print("\nWanted that scored highest:\n")
        print("\n".join(f"- {each}" for each in worst[:5]))


def unseen(file: Path) -> None:
    lines = [json.loads(line) for line in file.read_text().splitlines() if line]
    tested = [
        corpus.Comment(each.get("author", ""), each["text"], bool(each["is_spam"]), "", "")
        for each in lines
    ]
    random = Random(1)
    counts = learn(corpus.compose(random, corpus.templates(), 2000, spam_share=0.3))
    is_spam = np.array([each.is_spam for each in tested])
    print(f"{HEAD}\n|---" + "|---" * 8 + "|")
    print(row(file.name, scores(counts, tested), is_spam))


# --- Speed --------------------------------------------------------------------------------------

BULK = 200
JUDGED = 3000


def speed(learned: int, decided: int, database: str) -> None:
    """Measure with so many `learned`, of which the last `decided` take the whole road."""
    with tempfile.TemporaryDirectory() as folder:
        url = database or f"sqlite:///{folder}/speed.sqlite3"
        app = create_app({"instance": folder, "database_url": url, "secret_key": "k" * 40})
        core: Core = app.extensions["comments_service"]
        migrate.upgrade(core.db, histories.every(core.plugins))
        with core.db.write() as session:
            sites.add(session, "speed", name="Speed", origins=["https://speed.example"])
        random = Random(1)
        written = corpus.compose(random, corpus.templates(), learned - decided, spam_share=0.3)
        begin_with(core, learn(written))
        comments = list(corpus.compose(random, corpus.templates(), decided, spam_share=0.3))
        bulks = train(core, comments)
        print(f"learning {BULK} decisions in one transaction: {told(bulks)}")
        print(f"learning one decision in its own: {told(train(core, comments[:300], bulk=1))}")
        load(core)
        with app.test_request_context():
            judge(core, list(corpus.compose(random, corpus.templates(), JUDGED)))
        sizes(core, url)
        core.db.engine.dispose()


def begin_with(core: Core, counts: Counts) -> None:
    with core.db.write() as session:
        sums = queries.Sums(1, counts.wanted, counts.unwanted, counts.pack())
        queries.fold(session, sites.get(session, "speed").id, sums, [])


def train(core: Core, comments: Sequence[corpus.Comment], bulk: int = BULK) -> list[float]:
    """Let moderators decide on `comments`, `bulk` of them at a time; return the seconds of each."""
    spent = []
    for start in range(0, len(comments), bulk):
        part = comments[start : start + bulk]
        ids = stored(core, len(part))
        with core.db.write() as session:
            site = sites.get(session, "speed")
            begun = time.perf_counter()
            for submission_id, each in zip(ids, part, strict=True):
                after = Status.SPAM if each.is_spam else Status.PUBLISHED
                judged = Judged(
                    site, submission_id, "comment", each.author, each.text, "", Status.HELD, after
                )
                service.learn(session, judged)
            session.commit()
        spent.append(time.perf_counter() - begun)
    return spent


def stored(core: Core, count: int) -> list[int]:
    now = clock.now()
    with core.db.write() as session:
        site = sites.get(session, "speed")
        page = pages.ensure(session, site, "/", title="", now=now)
        rows = [
            Envelope(
                site_id=site.id,
                page_id=page.id,
                kind="comment",
                visitor="",
                status=Status.HELD,
                created_at=now,
            )
            for _ in range(count)
        ]
        session.add_all(rows)
        session.flush()
        return [each.id for each in rows]


def load(core: Core) -> None:
    spent = []
    for _ in range(20):
        with core.db.read() as session:
            site = sites.get(session, "speed")
            begun = time.perf_counter()
            counts = service.Memory(1).counts(session, site.id)
            spent.append(time.perf_counter() - begun)
    print(f"loading {counts.wanted + counts.unwanted} learned comments: {told(spent)}")
    tracemalloc.start()
    with core.db.read() as session:
        memory = service.Memory(1)
        memory.counts(session, sites.get(session, "speed").id)
    kept, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    print(f"memory of a site: {kept / 1e6:.2f} MB kept, {peak / 1e6:.2f} MB while loading")


def judge(core: Core, comments: Sequence[corpus.Comment]) -> None:
    plugin = core.plugins.by_name["learning"]
    with core.db.read() as session:
        site = sites.get(session, "speed")
    spent, explained, worked = [], [], []
    # What this script holds is nothing that the service would have to look through.
    gc.collect()
    gc.freeze()
    for each in comments:
        draft = Draft(
            site=site,
            page_key="/",
            page_id=1,
            kind="comment",
            author=each.author,
            email="",
            text=each.text,
            visitor="",
            standing=Standing(),
            networks=(),
            user_agent="",
            locale="vi",
            now=clock.now(),
        )
        begun, working = time.perf_counter(), time.thread_time()
        with core.db.read() as session:
            verdict = plugin.judge(session, draft)
        took = time.perf_counter() - begun
        worked.append(time.thread_time() - working)
        spent.append(took)
        if verdict is not None:
            explained.append(took)
    print(f"judging a comment, session included: {told(spent)}")
    print(f"  of that, processor time: {told(worked)}")
    print(f"  those that got a verdict with its reason: {told(explained)}")
    long = " ".join(each.text for each in comments)[:5000]
    begun = time.perf_counter()
    for _ in range(100):
        read("", long).buckets()
    print(
        f"reading the longest comment allowed (5000): {(time.perf_counter() - begun) * 10:.2f} ms"
    )


def sizes(core: Core, url: str) -> None:
    with core.db.read() as session:
        for name, column in (("example", "buckets"), ("snapshot", "seen")):
            count, total = session.execute(
                sa.text(f"SELECT count(*), sum(length({column})) FROM learning_{name}")
            ).one()
            print(f"learning_{name}: {count} rows, {total / 1e6:.1f} MB")
    if url.startswith("sqlite"):
        print(f"database: {Path(url.removeprefix('sqlite:///')).stat().st_size / 1e6:.0f} MB")


def told(seconds: Sequence[float]) -> str:
    p50, p95 = np.percentile(np.array(seconds) * 1000, [50, 95])
    return f"p50 {p50:.2f} ms, p95 {p95:.2f} ms, highest {max(seconds) * 1000:.1f} ms"


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the learning filter.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("quality")
    commands.add_parser("unseen").add_argument("file", type=Path)
    fast = commands.add_parser("speed")
    fast.add_argument("--learned", type=int, default=100_000)
    fast.add_argument("--decided", type=int, default=5_000, help="of these, by decisions")
    fast.add_argument("--database", default="", help="SQLAlchemy URL; empty: SQLite in a new file")
    asked = parser.parse_args()
    if asked.command == "quality":
        quality()
    elif asked.command == "unseen":
        unseen(asked.file)
    else:
        speed(asked.learned, asked.decided, asked.database)


if __name__ == "__main__":
    main()
