"""What an examination of the service says: is it well, and if not, what is there to do."""

import dataclasses
import enum


class Level(enum.StrEnum):
    OK = "ok"
    WARNING = "warning"
    """Readers are served, though not as well or as truly as they could be."""
    ERROR = "error"
    """Something does not work, or is not safe."""


@dataclasses.dataclass(frozen=True)
class Finding:
    """One line of the report."""

    level: Level
    about: str
    """What was looked at: `database`, or an address."""
    message: str
    advice: str = ""
    """What to do about it; empty where all is well."""
