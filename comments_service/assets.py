"""The static files that pages and frames load: embed.js, and the widgets' style sheet."""

import dataclasses
import hashlib
from collections.abc import Iterable
from pathlib import Path

from comments_service.paths import EMBED_JS, PACKAGE

HASH_LENGTH = 16


@dataclasses.dataclass(frozen=True)
class Asset:
    """A file's text, and a hash that changes with it."""

    text: str
    hash: str

    @classmethod
    def of(cls, text: str) -> "Asset":
        return cls(text, hashlib.sha256(text.encode()).hexdigest()[:HASH_LENGTH])


@dataclasses.dataclass(frozen=True)
class Assets:
    script: Asset
    style: Asset

    @classmethod
    def read(cls, plugin_folders: Iterable[Path]) -> "Assets":
        sheets = [PACKAGE / "static" / "widgets.css"]
        sheets += [folder / "static" / "widget.css" for folder in plugin_folders]
        style = "\n".join(sheet.read_text() for sheet in sheets if sheet.is_file())
        return cls(Asset.of(EMBED_JS.read_text()), Asset.of(style))
