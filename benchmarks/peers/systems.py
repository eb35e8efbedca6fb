"""What every system that is compared must be able to do."""

import contextlib
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Protocol

from benchmarks.peers import data
from benchmarks.peers.load import Request
from benchmarks.peers.processes import CACHE, Service

WORKERS = 2
"""Processes of each system that has any: as many as the machine for the figures has cores."""
SHOWN = 20
"""About so many comments an answer shows."""
ROOTS = SHOWN - SHOWN // data.REPLY_IN
"""Threads that make up so many comments with their replies."""


class System(Protocol):
    """A comment system with data in its database, ready to be started."""

    name: str
    accepted: str
    """Statuses of the answer to a comment that was accepted, or text that it holds."""

    def version(self) -> str: ...

    def load(self, wanted: data.Set, folder: Path) -> None:
        """Make a database in the empty `folder` that holds the comments."""

    def database(self, folder: Path) -> Path:
        """Return the file of the database in `folder`."""

    def run(
        self, folder: Path, environment: Mapping[str, str]
    ) -> contextlib.AbstractContextManager[Service]:
        """Run it on the database in `folder`, with more variables in its environment."""

    def reads(self, paths: Iterable[str]) -> list[Request]:
        """Return what readers ask who open the pages `paths`, one each."""

    def shown(self, body: bytes) -> int:
        """Return how many comments are in an answer to a read."""

    def writes(self, paths: Iterable[str]) -> list[Request]:
        """Return comments to the pages `paths`, one each, no two the same."""


class Databases:
    """Databases loaded once in a run, and copied for each measurement."""

    def __init__(self) -> None:
        self._folder = CACHE / "databases"
        shutil.rmtree(self._folder, ignore_errors=True)

    def original(self, system: System, wanted: data.Set) -> Path:
        """Return the folder of the loaded database, which nothing runs on."""
        folder = self._folder / f"{system.name}-{wanted.name}"
        if not folder.exists():
            folder.mkdir(parents=True)
            system.load(wanted, folder)
        return folder

    @contextlib.contextmanager
    def running(
        self,
        system: System,
        wanted: data.Set,
        environment: Mapping[str, str] | None = None,
    ) -> Iterator[Service]:
        """Run `system` on a fresh copy of the set `wanted`."""
        folder = self._folder / "running"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.original(system, wanted), folder)
        # Or the disk would be busy with that while the first requests are answered.
        os.sync()
        with system.run(folder, environment or {}) as service:
            yield service
        shutil.rmtree(folder)

    def remove(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)
