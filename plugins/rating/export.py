"""Ratings of a period for spreadsheets and programs; nothing of any voter.

A criterion is called by its place in the site's setting, as its name may change.
"""

import datetime
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy.orm import Session

from comments_service.api import Site

from . import queries
from .models import STARS, State
from .service import Tally

LEFT_OUT = (State.QUARANTINED, State.VOID)


def _names(criteria: int) -> list[str]:
    return [f"criterion_{n}" for n in range(1, criteria + 1)]


def _figure_columns(before: str = "") -> list[str]:
    return [f"{before}{name}" for name in ("count", "average", *(f"stars_{n}" for n in STARS))]


def _figures(tally: Tally, before: str = "") -> dict[str, Any]:
    values = (tally.count, tally.figure, *tally.counts)
    return dict(zip(_figure_columns(before), values, strict=True))


def row_columns(criteria: int) -> list[str]:
    """Return the names of what `rows` says, for so many criteria."""
    return ["page", "stars", "day", "state", *_names(criteria)]


def rows(
    session: Session, site: Site, first: datetime.date, last: datetime.date, criteria: int
) -> Iterator[dict[str, Any]]:
    """Yield every vote given from `first` to `last`."""
    for row in queries.rows(session, site.id, first, last, criteria):
        yield {
            "page": row.page,
            "stars": row.stars,
            "day": row.day.isoformat(),
            "state": row.state.value,
            **dict(zip(_names(criteria), row.answers, strict=True)),
        }


def total_columns(criteria: int) -> list[str]:
    """Return the names of what `totals` says, for so many criteria."""
    of_criteria = [name for each in _names(criteria) for name in _figure_columns(f"{each}_")]
    return ["page", *_figure_columns(), *(state.value for state in LEFT_OUT), *of_criteria]


def totals(
    session: Session, site: Site, first: datetime.date, last: datetime.date, criteria: int
) -> Iterator[dict[str, Any]]:
    """Yield the votes given from `first` to `last`, added up by page."""
    answers = queries.criteria_totals(session, site.id, first, last)
    for key, states in queries.totals(session, site.id, first, last).items():
        line = {
            "page": key,
            **_figures(Tally(states[State.COUNTED])),
            **{state.value: sum(states[state]) for state in LEFT_OUT},
        }
        for n, name in enumerate(_names(criteria), start=1):
            line |= _figures(Tally(answers.get((key, n), queries.NONE)), f"{name}_")
        yield line


def as_json(lines: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Yield the parts of a JSON file: one list, one object a line."""
    yield "["
    between = "\n"
    for line in lines:
        yield between + json.dumps(line, ensure_ascii=False)
        between = ",\n"
    yield "\n]\n"
