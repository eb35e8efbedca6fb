"""The time, in one place."""

import datetime
import functools
import zoneinfo

zone = functools.cache(zoneinfo.ZoneInfo)


def now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


def local_day(moment: datetime.datetime, time_zone: str) -> datetime.date:
    """Return the day that the calendars in `time_zone` show at `moment`."""
    return moment.astimezone(zone(time_zone)).date()


class Occasion:
    """Tells when something is due again that is done now and then, with what is done anyway."""

    def __init__(self, every: datetime.timedelta) -> None:
        self._every = every
        self._last: datetime.datetime | None = None

    def is_due(self, now: datetime.datetime) -> bool:
        """Tell whether it is due, and take it as done; two threads may both be told so."""
        if self._last is not None and self._last <= now < self._last + self._every:
            return False
        self._last = now
        return True
