"""Ratings of a period as a JSON file, for programs; nothing of any voter."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any


def as_json(rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Yield the parts of a JSON file: one list, one object a line."""
    yield "["
    between = "\n"
    for row in rows:
        yield between + json.dumps(row, ensure_ascii=False)
        between = ",\n"
    yield "\n]\n"
