"""Notes the views of one process, adds them up every second, and tells what is counted."""

import atexit
import contextlib
import datetime
import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from comments_service.api import Database, PageView, Site, clock, every_site

from . import figures, queries, service
from .figures import Figures, Snapshot
from .journal import Journal, journals
from .settings import CountersSiteSettings
from .unflushed import SiteViews, Unflushed
from .visitors import Recorder

log = logging.getLogger(__name__)

PLUGIN = "counters"
SNAPSHOT_SECONDS = 1.0
"""So long may what the database had be told again."""
ORPHANS_SECONDS = 5.0
"""How often the journals of dead processes are looked for."""
TIDY_SECONDS = 6 * 3600.0
REST_SECONDS = 0.05
"""Between two portions of many, others who write get their turn."""
JOURNAL_BYTES = 8 * 1024 * 1024
"""A journal that is longer, and counted, is replaced by an empty one."""

SettingsOf = Callable[[Site], CountersSiteSettings]


class Counting:
    """What one process does. Its readers' threads note and ask; its own add up.

    The views in a journal are added to the database's sums together with the offset that is
    counted, in one transaction: so each is counted once, whenever a process dies.
    """

    def __init__(
        self, db: Database, instance: Path, settings_of: SettingsOf, *, flush_seconds: float
    ) -> None:
        self.process = os.getpid()
        self._db = db
        self._folder = instance / PLUGIN
        self._settings_of = settings_of
        self._recorder = Recorder(db)
        self._journal: Journal | None = None
        self._counted = 0
        self._unflushed = Unflushed()
        self._snapshots: dict[int, tuple[float, Snapshot]] = {}
        # Held for microseconds: the journal's end, and what is noted in it.
        self._noting = threading.Lock()
        # Held while the database changes over from not having what was noted to having it: nobody
        # may see both, or neither.
        self._settling = threading.Lock()
        # Held by the one thread that flushes.
        self._flushing = threading.Lock()
        self._closing = threading.Event()
        self._next_orphans = self._next_tidying = time.monotonic()
        self._left: frozenset[Path] = frozenset()
        self._is_failing = False
        # Two: while the database keeps one waiting, the journal must reach the disk.
        every = (self._flush_every, self._sync_every) if flush_seconds else ()
        self._threads = [
            threading.Thread(target=each, args=(flush_seconds,), name="counters", daemon=True)
            for each in every
        ]
        for thread in self._threads:
            thread.start()
        atexit.register(self.close)

    # --- Readers' threads ---------------------------------------------------------------------

    def count(self, view: PageView) -> None:
        """Note a view; raises OSError if it can't be kept, and is not counted then."""
        if self._is_internal(view):
            return
        record = self._recorder.record(view)
        day = clock.local_day(view.now, view.site.time_zone)
        with self._noting:
            if self._unflushed.has(record):
                return
            if self._journal is None:
                self._journal = Journal.create(self._folder)
                self._counted = 0
            end = self._journal.append(record)
            self._unflushed.note(record, day, self._journal.id, end)

    def _is_internal(self, view: PageView) -> bool:
        """Tell whether the site does not count this network; most sites name none."""
        if not view.site.settings.get(PLUGIN, {}).get("internal"):
            return False
        return self._settings_of(view.site).is_internal(view.network)

    def figures(self, site: Site, page_key: str | None, now: datetime.datetime) -> Figures:
        """Return what is counted of the site, and of one of its pages."""
        settings = self._settings_of(site)
        with self._settling, contextlib.ExitStack() as stack:

            def session() -> Session:
                # One of its own: the request's may have begun before the last flush.
                return stack.enter_context(self._db.read())

            snapshot = self._snapshot(session, site, settings.total, now)
            with self._noting:
                more = self._unflushed.site(site.id)
                more = SiteViews(more.days.copy(), more.pages.copy(), dict(more.visitors))
            if figures.lacks(snapshot, page_key, more):
                figures.look_up(session(), snapshot, site, page_key, more)
            return figures.figures(snapshot, more, settings, page_key)

    def _snapshot(
        self,
        session: Callable[[], Session],
        site: Site,
        unit: str,
        now: datetime.datetime,
    ) -> Snapshot:
        taken, snapshot = self._snapshots.get(site.id, (0.0, None))
        if (
            snapshot is None
            or snapshot.unit != unit
            or snapshot.today != clock.local_day(now, site.time_zone)
            or time.monotonic() - taken >= SNAPSHOT_SECONDS
            or abs(now - snapshot.at).total_seconds() >= SNAPSHOT_SECONDS
        ):
            snapshot = figures.load(session(), site, unit, now)
            self._snapshots[site.id] = time.monotonic(), snapshot
        return snapshot

    # --- Threads of its own -------------------------------------------------------------------

    def _flush_every(self, seconds: float) -> None:
        while not self._closing.wait(seconds):
            self._flush_or_log()

    def _sync_every(self, seconds: float) -> None:
        while not self._closing.wait(seconds):
            journal = self._journal
            if journal is not None:
                with contextlib.suppress(OSError):
                    journal.sync()

    def _flush_or_log(self) -> None:
        """Flush; on a failure, what was noted stays in the journal until the next time."""
        try:
            self.flush(everything=False)
        except Exception:
            # Whatever it is: without its thread this process would add up nothing any more.
            if not self._is_failing:
                log.exception("page views wait in the journal, they are not added up")
            self._is_failing = True
        else:
            if self._is_failing:
                log.warning("page views are added up again")
            self._is_failing = False

    def flush(self, *, everything: bool = True) -> frozenset[Path]:
        """Add what was noted to the database's sums, also what dead processes had noted.

        Without `everything`, what is done now and then is done when it is time. Returns the dead
        processes' journals that could not be counted when they were last looked at.
        """
        with self._flushing:
            self._flush_own()
            if everything or time.monotonic() >= self._next_orphans:
                self._next_orphans = time.monotonic() + ORPHANS_SECONDS
                self._flush_orphans()
            if everything or time.monotonic() >= self._next_tidying:
                self._tidy()
                self._next_tidying = time.monotonic() + TIDY_SECONDS
            return self._left

    def _flush_own(self) -> None:
        journal = self._journal
        if journal is None or journal.end == self._counted:
            return
        journal.sync()
        # What comes meanwhile is for the next time, or much of it would never let this one end.
        end = journal.end
        has_more = True
        while has_more and self._counted < end:
            self._counted, has_more = self._flush_some(journal)
            if has_more and self._counted < end:
                time.sleep(REST_SECONDS)
        with self._noting:
            is_full = journal.end >= JOURNAL_BYTES and journal.end == self._counted
            if is_full:
                self._journal = None
        if is_full:
            self._finish(journal)

    def _flush_orphans(self) -> None:
        left = set()
        for path in journals(self._folder):
            try:
                self._flush_orphan(path)
            except Exception:
                # Forbidden, or a newer version's: it waits for somebody who can count it.
                left.add(path)
                if path not in self._left:
                    log.exception("page views wait in the journal %s", path)
        self._left = frozenset(left)

    def _flush_orphan(self, path: Path) -> None:
        journal = Journal.adopt(path)
        if journal is None:
            return
        with contextlib.closing(journal):
            has_more = True
            while has_more:
                _counted, has_more = self._flush_some(journal)
                if has_more:
                    time.sleep(REST_SECONDS)
            self._finish(journal)

    def _flush_some(self, journal: Journal) -> tuple[int, bool]:
        """Add a portion to the sums; return where it ends, and whether there was any."""
        with contextlib.ExitStack() as settled:
            with self._adding() as session:
                start = queries.counted_to(session, journal.id)
                read = list(journal.read(start))
                end = read[-1][1] if read else start
                if read:
                    service.store(session, [record for record, _end in read])
                    queries.set_counted_to(session, journal.id, end)
                settled.enter_context(self._settling)
            with self._noting:
                self._unflushed.settle(journal.id, end)
            self._snapshots.clear()
        return end, bool(read)

    def _tidy(self) -> None:
        """Forget and thin what is old, each site by itself: others who write get their turn."""
        now = clock.now()
        with self._adding() as session:
            service.forget(session, now)
        with self._db.read() as session:
            sites = every_site(session)
        for site in sites:
            try:
                settings = self._settings_of(site)
                with self._adding() as session:
                    service.thin(session, site.id, settings, now)
            except Exception:
                # Its settings, most likely: an older version took what this one does not.
                log.exception("the site %s is not thinned", site.key)

    @contextlib.contextmanager
    def _adding(self) -> Iterator[Session]:
        """Open a transaction that alone, of all processes', changes the sums."""
        with self._db.write() as session:
            queries.lock(session)
            yield session

    def _finish(self, journal: Journal) -> None:
        """Remove a journal that is counted to its end."""
        # In this order: a file without its offset would be counted once more.
        journal.remove()
        with self._db.write() as session:
            queries.forget_journal(session, journal.id)

    def close(self) -> None:
        """Flush a last time and let go; what fails now is for whoever adopts the journal."""
        atexit.unregister(self.close)
        if self._closing.is_set() or os.getpid() != self.process:
            return
        self._closing.set()
        for thread in self._threads:
            thread.join()
        journal = self._journal
        if journal is None:
            return
        try:
            with self._flushing:
                self._flush_own()
                # A thread that still answers somebody may be writing to it.
                with self._noting:
                    is_counted = self._journal is journal and journal.end == self._counted
                    if is_counted:
                        self._journal = None
                if is_counted:
                    self._finish(journal)
        except (sa.exc.SQLAlchemyError, OSError):
            log.exception("page views wait in the journal %s", journal.path)
        with self._noting:
            if self._journal is not None:
                self._journal.close()
                self._journal = None
