"""What is counted, and how it is added up."""

import collections
import dataclasses
import datetime
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from comments_service.api import Page, Site, ensure_page, find_pages, name_page

from . import queries
from .journal import Record
from .models import (
    OTHER,
    Arrival,
    Breakdown,
    BreakdownMonth,
    Day,
    Dimension,
    Hour,
    PageDay,
    PageMonth,
    PageTotal,
    SiteTotal,
)
from .periods import ONE_DAY
from .queries import Seen
from .settings import CountersSiteSettings
from .visitors import VISIT_GAP, hour_of, moment

ONLINE_FOR = datetime.timedelta(minutes=5)
AHEAD = datetime.timedelta(minutes=1)
"""So far may the clock of another machine be ahead of this one's."""
NETWORK_ONLINE = 20
"""Visitors of one network who count as online at once: whoever forges browsers adds no more."""
VIEW_ID_KEPT = datetime.timedelta(minutes=10)
NEW_PAGES_AROUND = 300
"""Pages of a site that views from one IPv4 /24 or IPv6 /48 make known in a day."""
NEW_PAGES = 20_000
"""Pages of a site that views make known in a day, wherever they come from."""

REFERRERS = 200
"""Hosts of one day that get a row each, as they come; all others of that day share one."""

COUNTED = ("views", "visits", "bots")


def online(session: Session, site_id: int, now: datetime.datetime) -> int:
    """Return how many visitors are here now."""
    since, until = now - ONLINE_FOR, now + AHEAD
    return queries.online(session, site_id, since, until, network_most=NETWORK_ONLINE)


def crowds(session: Session, site_id: int, now: datetime.datetime) -> dict[int, int]:
    """Return how many visitors are here now by network, where they are more than one."""
    return queries.crowds(session, site_id, now - ONLINE_FOR, now + AHEAD)


def counted_online(visitors: int) -> int:
    """Return how many of one network's visitors count."""
    return min(visitors, NETWORK_ONLINE)


def store(session: Session, records: Sequence[Record]) -> None:
    """Add the records, in the order in which they were noted, to the sums."""
    if not records:
        return
    sites = queries.sites(session, {record.site_id for record in records})
    fresh = _without_repeats(session, [record for record in records if record.site_id in sites])
    by_site = collections.defaultdict(list)
    for record in fresh:
        by_site[record.site_id].append(record)
    for site_id in sorted(by_site):
        _store_site(session, sites[site_id], by_site[site_id])


def _without_repeats(session: Session, records: Sequence[Record]) -> list[Record]:
    """Leave out what was sent before under the same name."""
    named: dict[tuple[int, int], datetime.datetime] = {}
    for record in records:
        if record.view_id:
            named.setdefault((record.site_id, record.view_id), moment(record))
    if not named:
        return list(records)
    queries.forget_views(session, max(named.values()) - VIEW_ID_KEPT)
    fresh = queries.new_views(session, named)
    kept = []
    for record in records:
        name = (record.site_id, record.view_id)
        if not record.view_id or name in fresh:
            kept.append(record)
            fresh.discard(name)
    return kept


@dataclasses.dataclass
class _Sums:
    """What some records of one site add up to."""

    time_zone: str
    hours: collections.defaultdict[tuple[datetime.date, int], collections.Counter[str]] = (
        dataclasses.field(default_factory=lambda: collections.defaultdict(collections.Counter))
    )
    uniques: collections.Counter[datetime.date] = dataclasses.field(
        default_factory=collections.Counter
    )

    def hour(self, record: Record) -> collections.Counter[str]:
        return self.hours[hour_of(record, self.time_zone)]


def _store_site(session: Session, site: Site, records: Sequence[Record]) -> None:
    people = [record for record in records if not record.is_bot]
    sums = _Sums(site.time_zone)
    for record in records:
        sums.hour(record)["bots" if record.is_bot else "views"] += 1
    _store_visitors(session, site, [record for record in people if record.visitor], sums)
    _store_sums(session, site.id, sums)
    _store_pages(session, site, people)
    _store_breakdowns(session, site, people)
    if people:
        at = moment(people[-1])
        queries.raise_peak(session, site.id, online(session, site.id, at), at)


def _store_visitors(session: Session, site: Site, records: Sequence[Record], sums: _Sums) -> None:
    """Note who was seen; add the visits that began, and the visitors who came first that day."""
    hashes = {hash_ for record in records for hash_ in (record.visitor, record.before) if hash_}
    seen = queries.visitors(session, site.id, hashes)
    for record in records:
        at = moment(record)
        visitor = seen.get(record.visitor)
        last = visitor or seen.get(record.before)
        if last is None or abs(at - last.seen_at) >= VISIT_GAP:
            sums.hour(record)["visits"] += 1
        elif visitor is None:
            # Midnight only changed the hash.
            last.has_moved = True
        if visitor is None:
            day, _hour = hour_of(record, sums.time_zone)
            sums.uniques[day] += 1
            visitor = seen[record.visitor] = Seen(record.network, day, at, has_moved=False)
        # Two processes tell of one visitor in any order; a clock that was put back is believed.
        is_late = at < visitor.seen_at <= at + AHEAD
        visitor.seen_at = visitor.seen_at if is_late else at
    queries.keep_visitors(session, site.id, seen)


def _store_sums(session: Session, site_id: int, sums: _Sums) -> None:
    days: dict[datetime.date, collections.Counter[str]] = {}
    total: collections.Counter[str] = collections.Counter()
    for (day, _hour), counted in sums.hours.items():
        days.setdefault(day, collections.Counter()).update(counted)
        total.update(counted)
    queries.add(
        session,
        Hour,
        [
            {"site_id": site_id, "day": day, "hour": hour, **_row(counted)}
            for (day, hour), counted in sorted(sums.hours.items())
        ],
        COUNTED,
    )
    queries.add(
        session,
        Day,
        [
            {"site_id": site_id, "day": day, **_row(counted), "uniques": sums.uniques[day]}
            for day, counted in sorted(days.items())
        ],
        (*COUNTED, "uniques"),
    )
    queries.add(session, SiteTotal, [{"site_id": site_id, **_row(total)}], COUNTED)


def _row(counted: collections.Counter[str]) -> dict[str, int]:
    return {name: counted[name] for name in COUNTED}


@dataclasses.dataclass
class _PageViews:
    """What some records of one page add up to."""

    first: Record
    title: str
    days: collections.Counter[datetime.date]


def _store_pages(session: Session, site: Site, records: Iterable[Record]) -> None:
    views: dict[str, _PageViews] = {}
    for record in records:
        of_page = views.setdefault(record.page_key, _PageViews(record, "", collections.Counter()))
        day, _hour = hour_of(record, site.time_zone)
        of_page.days[day] += 1
        of_page.title = of_page.title or record.page_title
    ids = {key: page.id for key, page in _pages(session, site, views).items()}
    queries.add(
        session,
        PageDay,
        [
            {"page_id": ids[key], "day": day, "views": count}
            for key in sorted(ids)
            for day, count in sorted(views[key].days.items())
        ],
        ("views",),
    )
    months: collections.Counter[tuple[str, datetime.date]] = collections.Counter()
    for key in ids:
        for day, count in views[key].days.items():
            months[key, day.replace(day=1)] += count
    queries.add(
        session,
        PageMonth,
        [
            {"page_id": ids[key], "month": month, "views": count}
            for (key, month), count in sorted(months.items())
        ],
        ("views",),
    )
    queries.add(
        session,
        PageTotal,
        [{"page_id": ids[key], "views": views[key].days.total()} for key in sorted(ids)],
        ("views",),
    )


def _pages(session: Session, site: Site, views: Mapping[str, _PageViews]) -> dict[str, Page]:
    """Return the row of each page, titled if a title is known, and made within the day's bounds."""
    pages = find_pages(session, site.id, views)
    allowance = _Allowance(session, site.id)
    for key in sorted(views):
        new, page = views[key], pages.get(key)
        if page is not None:
            name_page(page, new.title)
        elif allowance.take(min(new.days), new.first.around):
            pages[key] = ensure_page(session, site, key, title=new.title, now=moment(new.first))
    allowance.store()
    session.flush()
    return pages


class _Allowance:
    """How many rows pages may still get by being viewed: an invented key must not fill the disk."""

    def __init__(self, session: Session, site_id: int) -> None:
        self._session = session
        self._site_id = site_id
        self._used: dict[datetime.date, dict[int, int]] = {}
        self._taken: collections.Counter[tuple[datetime.date, int]] = collections.Counter()

    def take(self, day: datetime.date, around: int) -> bool:
        """Take one, if there is one left for the neighbourhood `around` and for the site."""
        if day not in self._used:
            self._used[day] = queries.arrivals(self._session, self._site_id, day)
        used = self._used[day]
        if used.get(around, 0) >= NEW_PAGES_AROUND or used.get(0, 0) >= NEW_PAGES:
            return False
        for each in (around, 0):
            used[each] = used.get(each, 0) + 1
            self._taken[day, each] += 1
        return True

    def store(self) -> None:
        rows = [
            {"site_id": self._site_id, "day": day, "around": around, "pages": pages}
            for (day, around), pages in sorted(self._taken.items())
        ]
        queries.add(self._session, Arrival, rows, ("pages",))


def _store_breakdowns(session: Session, site: Site, records: Iterable[Record]) -> None:
    # Most readers are much alike: few kinds are left to look at.
    kinds = collections.Counter(
        (hour_of(each, site.time_zone)[0], each.referrer, each.device, each.language)
        for each in records
    )
    views: collections.Counter[tuple[datetime.date, Dimension, str]] = collections.Counter()
    hosts: dict[datetime.date, set[str]] = {}
    for (day, referrer, device, language), count in kinds.items():
        if referrer:
            if day not in hosts:
                hosts[day] = queries.referrers(session, site.id, day)
            views[day, Dimension.REFERRER, _kept(referrer, hosts[day])] += count
        if device:
            views[day, Dimension.DEVICE, device] += count
        if language:
            views[day, Dimension.LANGUAGE, language] += count
    months: collections.Counter[tuple[datetime.date, Dimension, str]] = collections.Counter()
    for (day, dimension, value), count in views.items():
        months[day.replace(day=1), dimension, value] += count
    queries.add(session, Breakdown, _breakdown_rows(site, "day", views), ("views",))
    queries.add(session, BreakdownMonth, _breakdown_rows(site, "month", months), ("views",))


def _breakdown_rows(
    site: Site, name: str, views: Mapping[tuple[datetime.date, Dimension, str], int]
) -> list[dict[str, Any]]:
    return [
        {"site_id": site.id, name: day, "dimension": dimension, "value": value, "views": count}
        for (day, dimension, value), count in sorted(views.items())
    ]


def _kept(host: str, hosts: set[str]) -> str:
    """Return under which name a host is kept: whoever invents hosts must not fill the disk."""
    if host not in hosts and len(hosts) >= REFERRERS:
        return OTHER
    hosts.add(host)
    return host


def forget(session: Session, now: datetime.datetime) -> None:
    """Forget the visitors of the days before yesterday, and the names of views.

    The days are those of UTC, as they are for `thin`: no site is more than one ahead or behind.
    """
    queries.forget_days(session, _utc_day(now) - ONE_DAY)
    queries.forget_views(session, now - VIEW_ID_KEPT)


def thin(
    session: Session, site_id: int, settings: CountersSiteSettings, now: datetime.datetime
) -> None:
    """Thin what the site keeps no longer in detail."""
    today = _utc_day(now)
    queries.thin_hours(session, site_id, today - settings.keep_hours * ONE_DAY)
    days_from = today - settings.keep_page_days * ONE_DAY
    queries.thin_pages(session, site_id, days_from)
    queries.thin_breakdowns(session, site_id, days_from)


def _utc_day(now: datetime.datetime) -> datetime.date:
    return now.astimezone(datetime.UTC).date()
