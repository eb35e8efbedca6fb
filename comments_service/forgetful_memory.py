"""Where limits are counted without Redis: in memory, which forgets who stays away."""

import time
from typing import Any

from limits.storage import MemoryStorage

SCHEME = "forgetful-memory"
FORGOTTEN_EVERY = 1000


class ForgetfulMemory(MemoryStorage):
    """Forgets who stays away; the library keeps an empty list of each that ever came.

    The library also starts a thread with nearly every hit, to forget hits that are old: as costly
    as all the rest of counting. Here those that no longer matter go with the next hit.
    """

    STORAGE_SCHEME = [SCHEME]  # noqa: RUF012 (the library's own form)

    def __init__(self, uri: str | None = None, **options: Any) -> None:  # noqa: ANN401 (the library's)
        super().__init__(uri, **options)
        self._hits = 0

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        self._hits += 1
        # To look through many for each thousand hits would cost more than to count these.
        if self._hits >= max(FORGOTTEN_EVERY, len(self.events)):
            self._hits = 0
            self._forget()
        has_room = super().acquire_entry(key, limit, expiry, amount)
        with self.locks[key]:
            # Whether there is room depends on the newest alone.
            del self.events.get(key, [])[limit:]
        return has_room

    def _MemoryStorage__schedule_expiry(self) -> None:  # noqa: N802 (the library's own, overridden)
        """Start no thread."""

    def _forget(self) -> None:
        for key in list(self.events):
            with self.locks[key]:
                hits = self.events.get(key)
                # The newest is the first.
                if not hits or hits[0].expiry <= time.time():
                    self.events.pop(key, None)
                    self.locks.pop(key, None)
