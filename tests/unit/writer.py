"""A process that writes to SQLite by several threads, and says what was stored, until killed.

Arguments: the database's URL; how many threads. Prints a number when its row is acknowledged.
"""

import itertools
import os
import sys
import threading

import sqlalchemy as sa

from comments_service.db import Database


def write(db: Database, numbers: "itertools.count[int]") -> None:
    for number in numbers:
        with db.write() as session:
            session.execute(sa.text("INSERT INTO stored VALUES (:n)"), {"n": number})
        # One call for the line: others print too.
        os.write(sys.stdout.fileno(), f"{number}\n".encode())


def main() -> None:
    db, numbers = Database(sys.argv[1]), itertools.count()
    for _ in range(int(sys.argv[2])):
        threading.Thread(target=write, args=(db, numbers)).start()


if __name__ == "__main__":
    main()
