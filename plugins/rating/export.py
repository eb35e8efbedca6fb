"""Ratings of a period as files: CSV for spreadsheets, JSON for programs; nothing of any voter."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

FORMULA = ("=", "+", "-", "@", "\t", "\r")
BOM = "\ufeff"
"""By it spreadsheets know that the text is UTF-8."""


def as_csv(columns: list[str], rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Yield the lines of a CSV file."""
    yield BOM + _line(columns)
    for row in rows:
        yield _line([row[column] for column in columns])


def _line(values: Iterable[Any]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow([_harmless(value) for value in values])
    return text.getvalue()


def _harmless(value: object) -> object:
    """Return `value` so that no spreadsheet takes it for a formula."""
    is_formula = isinstance(value, str) and value.startswith(FORMULA)
    return f"'{value}" if is_formula else value


def as_json(rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Yield the parts of a JSON file: one list, one object a line."""
    yield "["
    between = "\n"
    for row in rows:
        yield between + json.dumps(row, ensure_ascii=False)
        between = ",\n"
    yield "\n]\n"
