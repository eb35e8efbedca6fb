"""Answers that need not be made anew: kept until what they show changes, and found again.

Every page has a version, raised by each write that changes what the page shows, in the write's own
transaction. Once a second, and after each write of its own, a process asks which versions have
changed: so an answer is right at once in the process that wrote, and within a second in the others.
"""

import collections
import dataclasses
import datetime
import enum
import functools
import logging
import sys
import threading
import time
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

import sqlalchemy as sa

from comments_service import clock, pages
from comments_service.db import Database
from comments_service.models import Page, Site
from comments_service.pieces import Packed, Piece

log = logging.getLogger(__name__)

EXTENSION = "comments_service_cache"
LOOK_SECONDS = 1.0
"""How old an answer may be after a write of another process."""
MOMENT_SECONDS = 0.25
"""How long a figure that changes with every page view may be told again."""
MOMENTS = 4
"""After so many it is told to nobody, even while another reader's request draws it anew."""
KEPT_SECONDS = 600.0
"""Then an answer is made anew in any case: the tokens of its forms expire."""
OVERLAP = datetime.timedelta(minutes=1)
"""A write is seen by others only when it ends, and the clocks of two machines differ."""
OVERHEAD_BYTES = 1500
"""About what Python's own objects take for each answer."""
SHARED = 1024
"""Headers and parts of keys that many answers have alike are in memory once: so many of them."""
SHARED_LENGTH = 64
"""Longer parts of keys are one answer's own."""
KEY_LENGTH = 4096
"""Who asks at greater length is answered, and nothing of it is kept."""

Shared = TypeVar("Shared", bound=Hashable)
Key = tuple[str, ...]
"""What tells an answer from others."""
Header = tuple[str, str]


class Lasting(enum.Enum):
    """How long a widget may be shown again as it was drawn, to readers who never wrote."""

    NEVER = enum.auto()
    PAGE = enum.auto()
    """Until its page changes, or the settings of its site."""
    MOMENT = enum.auto()
    """For a moment, on its page."""
    SITE_MOMENT = enum.auto()
    """For a moment, on every page of its site: it is the same there."""


@dataclasses.dataclass(frozen=True, slots=True)
class Spot:
    """The place in an answer of what lasts for a moment, and is shared by many answers."""

    widget: str
    key: Hashable


@dataclasses.dataclass(frozen=True)
class Draft:
    """An answer to keep, once its headers are known too."""

    key: Key
    site: Site
    page_key: str
    page: Page | None
    parts: Sequence[Piece | Packed | Spot]
    moments: Mapping[Spot, Piece]
    """Pieces that last for a moment, by their places."""
    is_moments_alone: bool = False
    """Nothing else was drawn: the rest is kept, or was."""
    is_view: bool = False
    """A document: whoever opens it is counted."""


@dataclasses.dataclass(frozen=True, slots=True)
class Kept:
    """An answer to whoever asks the same without having written here."""

    key: Key
    site: Site
    page_key: str
    version: int
    """The page's; 0 for one that has no row."""
    is_nameless: bool
    """The page has a row without a title: a view that knows one gives it."""
    parts: Sequence[Piece | Packed | Spot]
    """A piece that is in memory for this answer alone is there in its compressed form."""
    headers: Sequence[Header]
    """All but those of the body's length and encoding, and of the asker's origin."""
    is_view: bool
    """As its draft says."""
    made: float = dataclasses.field(default_factory=time.monotonic)

    @property
    def size(self) -> int:
        """About how many bytes of memory it takes."""
        own = sum(len(part.deflated) for part in self.parts if isinstance(part, Packed))
        # Whoever asks chooses how long the key is.
        return OVERHEAD_BYTES + sum(map(sys.getsizeof, self.key)) + own


@dataclasses.dataclass
class _Moment:
    """What lasts for a moment, when (monotonic seconds) it was drawn, and whether it is again."""

    piece: Piece
    drawn: float
    is_begun: bool = False

    def tell(self, now: float) -> Piece | None:
        """Return the piece; None to whoever should draw it anew."""
        age = now - self.drawn
        if age > MOMENTS * MOMENT_SECONDS:
            return None
        if age > MOMENT_SECONDS and not self.is_begun:
            # Whoever comes first draws it; the others needn't wait for that.
            self.is_begun = True
            return None
        return self.piece


class Cache:
    """Kept answers of one process, the least used of them forgotten first. For many threads."""

    def __init__(self, db: Database, limit_bytes: int) -> None:
        self._db = db
        self._limit = limit_bytes
        self._used = 0
        self._lock = threading.Lock()
        self._kept: collections.OrderedDict[Key, Kept] = collections.OrderedDict()
        self._of_page: dict[tuple[int, str], set[Key]] = {}
        self._changed: dict[tuple[int, str], int] = {}
        """Versions of the pages that had changed lately when that was asked last."""
        self._moments: dict[Spot, _Moment] = {}
        self._sites: dict[str, Site] = {}
        """By their keys, as they were set when something of them was kept last."""
        self._looking = threading.Lock()
        self._looked = -LOOK_SECONDS
        self._seen_writes = -1
        self._compared = time.monotonic()
        self._is_failing = False

    @property
    def is_on(self) -> bool:
        return self._limit > 0

    def site(self, key: str) -> Site | None:
        """Return the site of which something is kept."""
        return self._sites.get(key)

    def find(self, key: Key) -> tuple[Kept, Sequence[Piece | Packed] | None] | None:
        """Return the answer kept under `key`, and its pieces unless a moment is over."""
        with self._lock:
            kept = self._kept.get(key)
            if kept is None:
                return None
            if time.monotonic() - kept.made > KEPT_SECONDS:
                self._forget(key)
                return None
            self._kept.move_to_end(key)
            found = list(self._pieces(kept))
        pieces = [piece for piece in found if piece is not None]
        return kept, pieces if len(pieces) == len(found) else None

    def _pieces(self, kept: Kept) -> Iterator[Piece | Packed | None]:
        """Yield the answer's pieces; None for a moment that is over."""
        for part in kept.parts:
            yield self._moment(part) if isinstance(part, Spot) else part

    def moment(self, spot: Spot) -> Piece | None:
        """Return what lasts for a moment at `spot`; None to whoever is to draw it."""
        with self._lock:
            return self._moment(spot)

    def _moment(self, spot: Spot) -> Piece | None:
        moment = self._moments.get(spot)
        return moment.tell(time.monotonic()) if moment else None

    def keep(self, draft: Draft, headers: Iterable[Header]) -> None:
        """Keep an answer, and the pieces of it that last for a moment."""
        if sum(map(len, draft.key)) > KEY_LENGTH:
            return
        page = draft.page
        version = page.version if page else 0
        # Before the lock: it may compress.
        parts = tuple(map(_lasting_form, draft.parts))
        now = time.monotonic()
        with self._lock:
            if version < self._changed.get((draft.site.id, draft.page_key), 0):
                # Written to while this was drawn.
                return
            # All answers of a site share one row: what it is set to may be long.
            site = self._sites.setdefault(draft.site.key, draft.site)
            if _differ(site, draft.site):
                # Set otherwise before or since: which of them is right, the next look tells.
                return
            self._forget_moments(now)
            for spot, piece in draft.moments.items():
                self._moments.pop(spot, None)
                self._moments[spot] = _Moment(piece, now)
            if draft.is_moments_alone:
                return
            kept = Kept(
                key=tuple(map(_shared_part, draft.key)),
                site=site,
                page_key=draft.page_key,
                version=version,
                is_nameless=bool(page and not page.title),
                parts=parts,
                headers=tuple(map(_shared, headers)),
                is_view=draft.is_view,
            )
            self._forget(kept.key)
            self._kept[kept.key] = kept
            self._of_page.setdefault((kept.site.id, kept.page_key), set()).add(kept.key)
            self._used += kept.size
            while self._used > self._limit:
                self._forget(next(iter(self._kept)))

    def _note_site(self, site: Site) -> None:
        """Forget all that is kept of a site which is set otherwise now."""
        if _differ(self._sites[site.key], site):
            self._sites[site.key] = site
            self._forget_site(site.key)

    def _forget_site(self, site_key: str) -> None:
        for key in [key for key, kept in self._kept.items() if kept.site.key == site_key]:
            self._forget(key)
        self._moments.clear()

    def _forget(self, key: Key) -> None:
        kept = self._kept.pop(key, None)
        if kept is None:
            return
        self._used -= kept.size
        page = (kept.site.id, kept.page_key)
        keys = self._of_page[page]
        keys.discard(key)
        if not keys:
            del self._of_page[page]

    def _forget_moments(self, now: float) -> None:
        # The oldest stand first: a fresh one takes its place at the end.
        while self._moments:
            oldest = next(iter(self._moments))
            if now - self._moments[oldest].drawn <= LOOK_SECONDS:
                break
            del self._moments[oldest]

    # --- What has changed ---------------------------------------------------------------------

    def look(self) -> None:
        """Forget what has changed, if it is time to ask.

        Who comes after a write of this process waits for that, even if another asks already.
        """
        writes = self._db.writes
        has_written = writes > self._seen_writes
        if not self._is_due(writes) or not self._looking.acquire(blocking=has_written):
            return
        try:
            # Another may have asked while this one waited.
            if self._is_due(writes):
                self._ask()
        finally:
            self._looking.release()

    def _is_due(self, writes: int) -> bool:
        return writes > self._seen_writes or time.monotonic() - self._looked >= LOOK_SECONDS

    def _ask(self) -> None:
        writes = self._db.writes
        self._looked = time.monotonic()
        try:
            self._forget_changed()
        except sa.exc.SQLAlchemyError as error:
            if not self._is_failing:
                log.error("what is kept can't be compared with the database: %s", error)  # noqa: TRY400 (no bug of ours)
            self._is_failing = True
        else:
            self._is_failing = False
        finally:
            # Not before: what has changed is still told until then.
            self._seen_writes = writes

    def _forget_changed(self) -> None:
        asked = time.monotonic()
        # By how long ago, not since when: a clock may have been put back meanwhile.
        since = clock.now() - OVERLAP - datetime.timedelta(seconds=asked - self._compared)
        known = list(self._sites)
        with self._db.read() as session:
            changed = pages.versions_since(session, since)
            sites = session.scalars(sa.select(Site).where(Site.key.in_(known))).all()
        self._compared = asked
        with self._lock:
            self._changed = changed
            for page, version in self._changed.items():
                for key in list(self._of_page.get(page, ())):
                    if self._kept[key].version != version:
                        self._forget(key)
            for site in sites:
                self._note_site(site)
            for gone in set(known) - {site.key for site in sites}:
                del self._sites[gone]
                self._forget_site(gone)


def _differ(one: Site, other: Site) -> bool:
    """Tell whether a site is set otherwise than it was."""
    columns = sa.inspect(Site).column_attrs
    return any(getattr(one, each.key) != getattr(other, each.key) for each in columns)


def _lasting_form(part: Piece | Packed | Spot) -> Piece | Packed | Spot:
    """Leave of an answer's own pieces nothing but their compressed form."""
    return part.packed if isinstance(part, Piece) and not part.is_shared else part


@functools.lru_cache(SHARED)
def _shared(value: Shared) -> Shared:
    """Return the same one for values that are equal."""
    return value


def _shared_part(text: str) -> str:
    return _shared(text) if len(text) <= SHARED_LENGTH else text
