"""What the widget shows: what the database has, and with it what this process has not flushed."""

import collections
import dataclasses
import datetime

from sqlalchemy.orm import Session

from comments_service.api import Site, clock, find_pages

from . import queries, service
from .periods import spans
from .queries import Seen
from .settings import CountersSiteSettings
from .unflushed import Presence, SiteViews
from .visitors import VISIT_GAP


@dataclasses.dataclass(frozen=True)
class Figures:
    """Whole numbers; `unit` says what the spans and the total count."""

    unit: str
    """views or visits."""
    online: int
    """Visitors seen in the last five minutes; whoever asks is among them."""
    today: int
    """Since midnight in the site's time zone; and so on for the others."""
    yesterday: int
    week: int
    """Since Monday."""
    last_week: int
    month: int
    last_month: int
    year: int
    total: int
    """Since the site's start date, with those counted elsewhere before."""
    offset: int
    """Those of them that were counted elsewhere, imported days included."""
    page: int | None
    """Views of this page; None if no page was asked for."""
    peak: int
    """The most visitors who were online at once, and when."""
    peak_at: datetime.datetime | None
    since: datetime.date | None
    """The day from which the total counts."""


@dataclasses.dataclass
class Snapshot:
    """One site's figures as the database has them."""

    at: datetime.datetime
    today: datetime.date
    unit: str
    sums: dict[str, int]
    total: int
    legacy: int
    online: int
    crowds: dict[int, int]
    """Visitors who are online, by network; without networks of a single one, nearly all of them."""
    peak: int
    peak_at: datetime.datetime | None
    first_day: datetime.date | None
    known: dict[int, Seen | None]
    """Visitors who were looked up."""
    pages: dict[str, int]
    """Pages' views that were looked up, by the pages' keys."""


def load(session: Session, site: Site, unit: str, now: datetime.datetime) -> Snapshot:
    today = clock.local_day(now, site.time_zone)
    total = queries.totals(session, site.id)
    return Snapshot(
        at=now,
        today=today,
        unit=unit,
        sums=queries.days(session, site.id, spans(today), unit),
        total=getattr(total, unit) if total else 0,
        legacy=queries.legacy_total(session, site.id, unit),
        online=service.online(session, site.id, now),
        crowds=service.crowds(session, site.id, now),
        peak=total.peak_online if total else 0,
        peak_at=total.peak_at if total else None,
        first_day=queries.first_day(session, site.id),
        known={},
        pages={},
    )


def lacks(snapshot: Snapshot, page_key: str | None, more: SiteViews) -> bool:
    """Tell whether the snapshot lacks the page, or one of the visitors in `more`."""
    lacks_page = page_key is not None and page_key not in snapshot.pages
    return lacks_page or bool(_unknown(snapshot, more))


def _unknown(snapshot: Snapshot, more: SiteViews) -> set[int]:
    hashes = {*more.visitors, *(each.before for each in more.visitors.values() if each.before)}
    return hashes - snapshot.known.keys()


def look_up(
    session: Session, snapshot: Snapshot, site: Site, page_key: str | None, more: SiteViews
) -> None:
    """Add to the snapshot what it lacks."""
    if page_key is not None and page_key not in snapshot.pages:
        page = find_pages(session, site.id, [page_key]).get(page_key)
        snapshot.pages[page_key] = queries.page_views(session, page.id) if page else 0
    unknown = _unknown(snapshot, more)
    if unknown:
        snapshot.known.update(dict.fromkeys(unknown))
        snapshot.known.update(queries.visitors(session, site.id, unknown))


def figures(
    snapshot: Snapshot, more: SiteViews, settings: CountersSiteSettings, page_key: str | None
) -> Figures:
    """Add up what the snapshot has, with all of it looked up, and what it does not have yet."""
    if snapshot.unit == "visits":
        days = collections.Counter(
            presence.day
            for visitor, presence in more.visitors.items()
            if _begins_a_visit(snapshot, visitor, presence)
        )
    else:
        days = +more.days
    sums = {
        name: snapshot.sums[name] + sum(count for day, count in days.items() if day in span)
        for name, span in spans(snapshot.today).items()
    }
    online = max(1, _online(snapshot, more))
    is_peak = online > snapshot.peak
    return Figures(
        unit=snapshot.unit,
        online=online,
        **sums,
        total=settings.offset + snapshot.legacy + snapshot.total + days.total(),
        offset=settings.offset + snapshot.legacy,
        page=None if page_key is None else snapshot.pages[page_key] + more.pages[page_key],
        peak=max(online, snapshot.peak),
        peak_at=snapshot.at if is_peak else snapshot.peak_at,
        since=settings.since or snapshot.first_day or min(days, default=None),
    )


def _begins_a_visit(snapshot: Snapshot, visitor: int, presence: Presence) -> bool:
    last = snapshot.known[visitor] or (presence.before and snapshot.known[presence.before])
    return not last or abs(presence.first - last.seen_at) >= VISIT_GAP


def _online(snapshot: Snapshot, more: SiteViews) -> int:
    """Return how many are online, those included whom the database has not seen yet."""
    new: collections.Counter[int] = collections.Counter()
    since = snapshot.at - service.ONLINE_FOR
    for visitor, presence in more.visitors.items():
        rows = (snapshot.known[visitor], snapshot.known.get(presence.before))
        is_counted = any(
            row and not row.has_moved and since <= row.seen_at <= snapshot.at + service.AHEAD
            for row in rows
        )
        if presence.last >= since and not is_counted:
            new[presence.network] += 1
    online = snapshot.online
    for network, visitors in new.items():
        # A single one is taken for none: it matters where as many as may count come at once.
        known = snapshot.crowds.get(network, 0)
        online += service.counted_online(known + visitors) - service.counted_online(known)
    return online
