"""Ceiling of writes: rows committed one by one to SQLite, as durably as the service commits."""

import sqlite3
import tempfile
import threading
import time
from pathlib import Path

from benchmarks.peers.processes import CACHE

BUSY_MS = 10_000
TEXT = "Bà con trong xóm mong xã xem lại lịch cắt nước. " * 6


def per_second(writers: int, seconds: float) -> float:
    """Return the rows that so many threads insert per second, one a transaction, WAL and FULL."""
    with tempfile.TemporaryDirectory(dir=CACHE) as folder:
        file = Path(folder) / "raw.sqlite3"
        connection = sqlite3.connect(file)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE comment (id INTEGER PRIMARY KEY, text TEXT NOT NULL)")
        connection.close()
        counts = [0] * writers
        begun = time.monotonic()
        threads = [
            threading.Thread(target=_write, args=(file, counts, number, begun + seconds))
            for number in range(writers)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return sum(counts) / (time.monotonic() - begun)


def _write(file: Path, counts: list[int], number: int, until: float) -> None:
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute(f"PRAGMA busy_timeout={BUSY_MS}")
    while time.monotonic() < until:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO comment (text) VALUES (?)", (TEXT,))
        connection.execute("COMMIT")
        counts[number] += 1
    connection.close()
