"""Fragments of templates that are the same in one answer after another: drawn once."""

from collections.abc import Callable, Hashable
from typing import Final

from markupsafe import Markup

MOST: Final = 4096
"""So many are remembered; templates have far fewer, unless what a reader says tells them apart."""


class Fragments:
    """What templates have drawn, by all that it depends on. For many threads."""

    def __init__(self) -> None:
        self._drawn: dict[tuple[Hashable, ...], Markup] = {}

    def once(self, *depends_on: Hashable, caller: Callable[[], Markup]) -> Markup:
        """Return what `caller`, the body of a template's `call` block, draws.

        It is drawn once for the same `depends_on`: what else it may depend on must stand there.
        """
        found = self._drawn.get(depends_on)
        if found is None:
            if len(self._drawn) >= MOST:
                self._drawn.clear()
            found = self._drawn[depends_on] = caller()
        return found
