"""What the operator and each site set."""

import dataclasses
import datetime
import ipaddress

from .periods import SPANS

FIELDS = ("online", *SPANS, "total", "page", "peak", "since")
"""Every figure that the widget can show, by the name that it has in `counters.fields`."""
UNITS = ("views", "visits")


@dataclasses.dataclass(frozen=True)
class CountersSettings:
    flush_seconds: int = 1
    """How often what was noted is added up; 0: only when the process ends."""

    def __post_init__(self) -> None:
        if self.flush_seconds < 0:
            raise ValueError("COMMENTS_COUNTERS_FLUSH_SECONDS is at least 0.")


@dataclasses.dataclass(frozen=True)
class CountersSiteSettings:
    fields: tuple[str, ...] = ("online", "today", "yesterday", "week", "month", "total")
    """The figures that the widget shows, in this order."""
    badge: bool = False
    """Below them it tells its reader whether they came over IPv6 or IPv4."""
    total: str = "views"
    """What total and the days, weeks, months and years count: views or visits."""
    offset: int = 0
    """What another system had counted before; kept apart from what is counted here."""
    offset_day: datetime.date | None = None
    """The day on which the offset was read off."""
    offset_source: str = ""
    """Where: the other system's name, or the record of the handing over."""
    offset_author: str = ""
    """By whom."""
    since: datetime.date | None = None
    """Day from which the total counts, the offset included; else the first day with a figure."""
    internal: tuple[str, ...] = ()
    """Networks whose readers are not counted: the office's own."""
    keep_hours: int = 400
    """Days for which hours are kept; then a day is one figure."""
    keep_page_days: int = 1100
    """Days for which days are kept of pages, referrers, devices, languages; then months are."""

    def __post_init__(self) -> None:
        for field in self.fields:
            if field not in FIELDS:
                raise ValueError(f"counters.fields: {field} is none of {', '.join(FIELDS)}.")
        if self.total not in UNITS:
            raise ValueError(f"counters.total={self.total!r}: write views or visits.")
        if self.offset < 0:
            raise ValueError("counters.offset is at least 0.")
        if min(self.keep_hours, self.keep_page_days) < KEPT_AT_LEAST:
            raise ValueError(f"counters.keep_… is at least {KEPT_AT_LEAST} days.")
        for network in self.internal:
            try:
                ipaddress.ip_network(network)
            except ValueError as error:
                raise ValueError(
                    f"counters.internal: {error}. Write addresses or networks, for example "
                    "198.51.100.0/24,2001:db8::/48."
                ) from None

    def is_internal(self, network: str) -> bool:
        """Tell whether `network` lies within one that the site does not count."""
        if not self.internal:
            return False
        try:
            reader = ipaddress.ip_network(network)
        except ValueError:
            return False
        # Two networks overlap only if one holds the other; across versions, never.
        return any(reader.overlaps(ipaddress.ip_network(each)) for each in self.internal)


KEPT_AT_LEAST = 62
"""Days: last month's figures need them."""
