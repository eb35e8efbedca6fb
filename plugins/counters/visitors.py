"""Turns a page view into a record: of its reader, hashes under the salt of the day, and kinds."""

import datetime
import hashlib
import logging
import threading
import time

import sqlalchemy as sa

from comments_service.api import Database, PageView, clock, daily_salt, kept_salt, widening

from .bots import is_bot
from .journal import Record
from .periods import EPOCH, QUARTER, local_hour_of
from .readers import device, language

log = logging.getLogger(__name__)

VISIT_GAP = datetime.timedelta(minutes=30)
"""A visitor who opens nothing for so long begins another visit."""
HASH_BYTES = 8
MICROSECOND = datetime.timedelta(microseconds=1)
# All readers who ask not to be followed are of one neighbourhood: nothing tells them apart.
PRIVATE_NEIGHBOURHOOD = 1
# A database that can't give a salt now is not asked again for each view.
PAUSE_SECONDS = 5.0
PATIENCE_SECONDS = 1.0
"""So long the day's first readers wait behind another writer; then they can't be told apart."""


def moment(record: Record) -> datetime.datetime:
    return EPOCH + record.at * MICROSECOND


def hour_of(record: Record, time_zone: str) -> tuple[datetime.date, int]:
    """Return the day and the hour of the record where its site is."""
    return local_hour_of(record.at // (QUARTER // MICROSECOND), time_zone)


class Recorder:
    """Makes records, with the salts that it has asked the database for once."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._asking = threading.Lock()
        self._salts: dict[datetime.date, bytes | None] = {}
        self._asked = -PAUSE_SECONDS

    def record(self, view: PageView) -> Record:
        """Return the view as it is kept."""
        zone = view.site.time_zone
        day = clock.local_day(view.now, zone)
        earlier = clock.local_day(view.now - VISIT_GAP, zone)
        program = is_bot(view.user_agent)
        is_told = not (program or view.is_private)
        salt = self._salt(day) if is_told else None
        visitor = before = network = 0
        around = PRIVATE_NEIGHBOURHOOD
        if salt is not None:
            visitor = _visitor(salt, view)
            network = _hash(salt, "network", view.site.id, view.network)
            around = _hash(salt, "around", view.site.id, widening(view.network)[-1])
            if earlier != day:
                old = self._salt(earlier, make=False)
                before = _visitor(old, view) if old is not None else 0
        return Record(
            site_id=view.site.id,
            at=(view.now - EPOCH) // MICROSECOND,
            is_bot=program,
            page_key=view.page_key,
            page_title=view.page_title,
            visitor=visitor,
            before=before,
            network=network,
            around=around,
            view_id=_hash(b"", "view", view.site.id, view.id) if view.id else 0,
            referrer=view.referrer if is_told else "",
            device=device(view.user_agent) if is_told else "",
            language=language(view.accept_language) if is_told else "",
        )

    def _salt(self, day: datetime.date, *, make: bool = True) -> bytes | None:
        """Return the salt of `day`; None if the database can't give it now, or has none."""
        # Nearly always, and without waiting for who asks for another day's.
        if self._is_wanted(day, make=make):
            with self._asking:
                is_due = time.monotonic() - self._asked >= PAUSE_SECONDS
                if is_due and self._is_wanted(day, make=make):
                    self._ask(day, make=make)
        return self._salts.get(day)

    def _is_wanted(self, day: datetime.date, *, make: bool) -> bool:
        return day not in self._salts or (make and self._salts[day] is None)

    def _ask(self, day: datetime.date, *, make: bool) -> None:
        try:
            with self._db.read() as session:
                salt = kept_salt(session, day)
            if salt is None and make:
                with self._db.write(patience_s=PATIENCE_SECONDS) as session:
                    salt = daily_salt(session, day)
        except sa.exc.SQLAlchemyError:
            # Full disk, or a writer that holds on: the view counts, its reader can't be told.
            log.exception("readers are not told apart: there is no salt for %s", day)
            self._asked = time.monotonic()
            return
        kept = {each: known for each, known in self._salts.items() if abs(each - day) <= TWO_DAYS}
        self._salts = {**kept, day: salt}


TWO_DAYS = datetime.timedelta(days=2)


def _visitor(salt: bytes, view: PageView) -> int:
    return _hash(salt, "visitor", view.site.id, view.network, view.user_agent)


def _hash(key: bytes, purpose: str, site_id: int, *texts: str) -> int:
    """Return a keyed hash as a whole number of eight bytes, never 0."""
    text = "\n".join((purpose, str(site_id), *texts))
    digest = hashlib.blake2b(text.encode(errors="replace"), key=key, digest_size=HASH_BYTES)
    return int.from_bytes(digest.digest(), signed=True) or 1
