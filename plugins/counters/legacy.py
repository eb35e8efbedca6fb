"""Reads what another system counted: a CSV file with a line per day."""

import csv
import dataclasses
import datetime
from collections.abc import Iterable

DAY, VIEWS, VISITS = "day", "views", "visits"


class BadFile(ValueError):
    """The file can't be taken over; the message says which line, and why."""


@dataclasses.dataclass(frozen=True)
class LegacyDay:
    day: datetime.date
    views: int
    visits: int


def read(lines: Iterable[str], today: datetime.date) -> list[LegacyDay]:
    """Return the days of a CSV with the columns day (2024-12-31) and views, and maybe visits.

    Raises BadFile for anything that is not a day up to `today`, once, with whole numbers.
    """
    table = csv.DictReader(lines)
    names = set(table.fieldnames or ())
    if not {DAY, VIEWS} <= names or names - {DAY, VIEWS, VISITS}:
        raise BadFile("The first line must be: day,views or day,views,visits")
    found: dict[datetime.date, LegacyDay] = {}
    for row in table:
        try:
            read_day = LegacyDay(
                datetime.date.fromisoformat((row[DAY] or "").strip()),
                _whole(row[VIEWS]),
                _whole(row.get(VISITS, "0")),
            )
        except ValueError as error:
            raise BadFile(f"Line {table.line_num}: {error}") from None
        if None in row or read_day.day > today or read_day.day in found:
            raise BadFile(
                f"Line {table.line_num}: each day once, none after {today}, as many values as the "
                "first line names"
            )
        found[read_day.day] = read_day
    if not found:
        raise BadFile("The file has no day.")
    return list(found.values())


def _whole(text: str | None) -> int:
    text = (text or "").strip()
    if not (text.isascii() and text.isdigit()):
        raise ValueError(f"{text!r} is no whole number; write 1234567, without separators")
    return int(text)
