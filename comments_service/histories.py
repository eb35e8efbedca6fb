"""Histories of migrations: a linear one with its version table for the core and for each plugin.

A shared version table breaks every command once a plugin is removed; with one of its own, a plugin
that is gone leaves its tables behind and harms nothing.

How far the tables are is found here without Alembic: to load it would cost every start a fifth.
"""

import dataclasses
import re
from collections.abc import Sequence
from pathlib import Path

import sqlalchemy as sa

from comments_service.db import Database
from comments_service.loader import Plugins
from comments_service.paths import PACKAGE

CORE = "core"
# At the start of a line of a migration; a history that was merged has several after `down_`.
_REVISION = re.compile(r"^(down_)?revision\b[^=\n]*=(.*)$", re.MULTILINE)
_QUOTED = re.compile(r"""["'](\w+)["']""")


@dataclasses.dataclass(frozen=True)
class History:
    """The migrations of one owner: the core, or a plugin."""

    owner: str
    folder: Path

    @property
    def version_table(self) -> str:
        return f"alembic_version_{self.owner}"

    def owns(self, table: str) -> bool:
        return table.startswith(f"{self.owner}_")

    def newest(self) -> set[str]:
        """Return the revisions that no other follows: one, or none if there are none."""
        named: dict[str, set[str]] = {"": set(), "down_": set()}
        for file in self.folder.glob("*.py"):
            for down, value in _REVISION.findall(file.read_text()):
                named[down].update(_QUOTED.findall(value))
        return named[""] - named["down_"]


def every(plugins: Plugins) -> list[History]:
    """Return every history, the core's first: plugins' tables refer to its tables."""
    found = [History(CORE, PACKAGE / "migrations")]
    found += [
        History(name, plugin.folder / "migrations")
        for name, plugin in plugins.by_name.items()
        if (plugin.folder / "migrations").is_dir()
    ]
    return found


def pending(db: Database, wanted: Sequence[History]) -> list[str]:
    """Return the owners whose tables are not at their newest version."""
    with db.engine.connect() as connection:
        tables = sa.inspect(connection).get_table_names()
        behind = []
        for history in wanted:
            done = set[str]()
            if history.version_table in tables:
                version = sa.table(history.version_table, sa.column("version_num"))
                done = set(connection.scalars(sa.select(version.c.version_num)))
            if done != history.newest():
                behind.append(history.owner)
        return behind
