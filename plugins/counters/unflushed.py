"""Views of this process that the database does not have yet: whoever asks is among the counted."""

import collections
import dataclasses
import datetime

from .journal import Record
from .visitors import moment

LIMIT = 50_000
"""More than these are only in the journal: while the database is away, memory must not fill up."""


@dataclasses.dataclass
class Presence:
    """One visitor's views that the database does not have yet."""

    before: int
    network: int
    day: datetime.date
    first: datetime.datetime
    last: datetime.datetime
    views: int = 0


@dataclasses.dataclass
class SiteViews:
    """One site's views that the database does not have yet."""

    days: collections.Counter[datetime.date]
    pages: collections.Counter[str]
    visitors: dict[int, Presence]


@dataclasses.dataclass(frozen=True)
class _Noted:
    journal: str
    end: int
    day: datetime.date
    record: Record


class Unflushed:
    """Sums of what is noted in journals and not yet in the database. Not for several threads."""

    def __init__(self) -> None:
        self._noted: collections.deque[_Noted] = collections.deque()
        self._sites: dict[int, SiteViews] = {}
        self._names: set[tuple[int, int]] = set()

    def site(self, site_id: int) -> SiteViews:
        return self._sites.get(site_id) or SiteViews(
            collections.Counter(), collections.Counter(), {}
        )

    def has(self, record: Record) -> bool:
        """Tell whether the same view was noted under the same name."""
        return bool(record.view_id) and (record.site_id, record.view_id) in self._names

    def note(self, record: Record, day: datetime.date, journal: str, end: int) -> None:
        """Add a record of the site's `day` that ends at `end` in the journal."""
        if record.is_bot or len(self._noted) >= LIMIT:
            return
        self._noted.append(_Noted(journal, end, day, record))
        if record.view_id:
            self._names.add((record.site_id, record.view_id))
        views = self._sites.setdefault(record.site_id, self.site(record.site_id))
        views.days[day] += 1
        views.pages[record.page_key] += 1
        if record.visitor:
            at = moment(record)
            fresh = Presence(record.before, record.network, day, first=at, last=at)
            presence = views.visitors.setdefault(record.visitor, fresh)
            presence.last = at
            presence.views += 1

    def settle(self, journal: str, counted_to: int) -> None:
        """Take away what the database has by now: all that ends there in the journal, or before."""
        while self._noted:
            oldest = self._noted[0]
            if oldest.journal != journal or oldest.end > counted_to:
                return
            self._take_away(self._noted.popleft())

    def _take_away(self, noted: _Noted) -> None:
        record = noted.record
        views = self._sites[record.site_id]
        self._names.discard((record.site_id, record.view_id))
        views.days[noted.day] -= 1
        views.pages[record.page_key] -= 1
        if not views.pages[record.page_key]:
            del views.pages[record.page_key]
        if record.visitor:
            presence = views.visitors[record.visitor]
            presence.views -= 1
            if not presence.views:
                del views.visitors[record.visitor]
        if not views.pages:
            del self._sites[record.site_id]
