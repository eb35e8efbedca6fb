"""Append-only files in which each process notes page views before the database has them.

A line is a record: eight hex digits of its CRC-32, a space, a JSON array. What one `write` has put
there survives the death of the process, and what was synced survives the machine's. A line that was
not written to its end was acknowledged to nobody, and is passed over.
"""

import errno
import fcntl
import os
import secrets
import threading
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import orjson

SUFFIX = ".journal"
READ_BYTES = 256 * 1024


class Record(NamedTuple):
    """One page view. Of its reader, hashes under the salt of the day, and what millions share."""

    site_id: int
    at: int
    """Microseconds since 1970, in UTC."""
    is_bot: bool
    page_key: str
    page_title: str
    visitor: int
    """0 for a reader who asks not to be followed, or who can't be told."""
    before: int
    """Soon after midnight: the visitor under yesterday's salt; else 0."""
    network: int
    """The visitor's network; 0 with no visitor."""
    around: int
    """The wider network around it, or one number for all readers who can't be told apart."""
    view_id: int
    """The same for a view that is sent twice; 0 if its sender gave none."""
    # Lines that an older version wrote end here.
    referrer: str = ""
    """The other site's host from which the reader came; of these three, empty is not known."""
    device: str = ""
    language: str = ""

    def line(self) -> bytes:
        site_id, at, is_bot, *rest = self
        text = orjson.dumps([site_id, at, int(is_bot), *rest])
        return b"%08x %s\n" % (zlib.crc32(text), text)

    @classmethod
    def of(cls, line: bytes) -> "Record | None":
        """Return the record in `line`, without its end; None if it was not written to its end."""
        checksum, _, text = line.partition(b" ")
        if checksum != b"%08x" % zlib.crc32(text):
            return None
        site_id, at, is_bot, *rest = orjson.loads(text)
        return cls(site_id, at, bool(is_bot), *rest)


class Journal:
    """One open file, locked as long as the process that opened it lives."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self._descriptor = descriptor
        self.end = os.fstat(descriptor).st_size
        """Where the next record will begin, in bytes."""
        self._synced = 0
        self._is_open = True
        # One thread may sync while another is done with the file.
        self._closing = threading.Lock()
        self._is_torn = False
        """The last record was not written to its end, and goes before the next."""

    @property
    def id(self) -> str:
        return self.path.name.removesuffix(SUFFIX)

    @classmethod
    def create(cls, folder: Path) -> "Journal":
        """Make a new journal of this process in `folder`; raises OSError on a full disk."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = folder / f"{secrets.token_hex(16)}{SUFFIX}"
        # Locked under another name: nobody takes it for a dead process's in between.
        draft = path.with_suffix(".new")
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_EXCL
        descriptor = os.open(draft, flags, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            draft.rename(path)
            _sync_folder(folder)
        except OSError:
            os.close(descriptor)
            draft.unlink(missing_ok=True)
            raise
        return cls(path, descriptor)

    @classmethod
    def adopt(cls, path: Path) -> "Journal | None":
        """Open the journal of a process that is dead; None if its owner, or an heir, has it."""
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_APPEND)
        except FileNotFoundError:
            return None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Another heir may have finished it, and removed it, while this one opened it.
            is_there = path.stat().st_ino == os.fstat(descriptor).st_ino
        except (BlockingIOError, FileNotFoundError):
            is_there = False
        if not is_there:
            os.close(descriptor)
            return None
        return cls(path, descriptor)

    def append(self, record: Record) -> int:
        """Write the record, and return where it ends; after an OSError it isn't there."""
        line = record.line()
        if self._is_torn:
            os.ftruncate(self._descriptor, self.end)
        self._is_torn = True
        if os.write(self._descriptor, line) != len(line):
            raise OSError(errno.ENOSPC, "no room for a page view", str(self.path))
        self._is_torn = False
        self.end += len(line)
        return self.end

    def read(self, start: int) -> Iterator[tuple[Record, int]]:
        """Yield a portion of the records from `start` on, each with its end: some thousand."""
        at = start
        chunk = os.pread(self._descriptor, READ_BYTES, start)
        # What follows the last line's end is not, or not yet, a record.
        for line in chunk.split(b"\n")[:-1]:
            at += len(line) + 1
            record = Record.of(line)
            if record is not None:
                yield record, at

    def sync(self) -> None:
        """Let what was written survive a power failure."""
        with self._closing:
            end = self.end
            if self._is_open and self._synced != end:
                os.fsync(self._descriptor)
                self._synced = end

    def remove(self) -> None:
        """Remove the file, while it is still locked: nobody reads it again."""
        self.path.unlink(missing_ok=True)
        self.close()

    def close(self) -> None:
        """Leave the file to whoever adopts it, unless that is done already."""
        with self._closing:
            if self._is_open:
                self._is_open = False
                os.close(self._descriptor)


def journals(folder: Path) -> list[Path]:
    """Return all journals in `folder`, of living processes and of dead ones."""
    return sorted(folder.glob(f"*{SUFFIX}"))


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
