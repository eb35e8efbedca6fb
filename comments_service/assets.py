"""The static files that pages and frames load: embed.js, and the widgets' style sheet."""

import base64
import dataclasses
import functools
import gzip
import hashlib
import re
import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path

import brotli
import rcssmin
import rjsmin

from comments_service.paths import EMBED_JS, PACKAGE

HASH_LENGTH = 16
_DIGEST = re.compile(rf"[0-9a-f]{{{HASH_LENGTH}}}")


@dataclasses.dataclass(frozen=True)
class Asset:
    """A file as it is served, minified, with what is derived from its bytes."""

    text: str
    hash: str
    """Changes with the file: the part of its address that makes it immutable."""
    integrity: str
    """For the `integrity` attribute of a tag that names the immutable address."""

    @classmethod
    @functools.lru_cache(maxsize=16)  # The files of one version, for every app of a process.
    def of(cls, text: str) -> "Asset":
        body = text.encode()
        return cls(
            text,
            hashlib.sha256(body).hexdigest()[:HASH_LENGTH],
            "sha384-" + base64.b64encode(hashlib.sha384(body).digest()).decode(),
        )

    # Not before somebody asks: four files would take a twentieth of the start.
    @functools.cached_property
    def encoded(self) -> Mapping[str, bytes]:
        """The bytes by content encoding, compressed once and as well as can be."""
        body = self.text.encode()
        return {
            "br": brotli.compress(body),
            "gzip": gzip.compress(body, mtime=0),
            "identity": body,
        }


class Archive:
    """Keeps every script that was ever served under an immutable address.

    A page that pins one goes on working after the service is brought up to date.
    """

    def __init__(self, instance: Path) -> None:
        self._folder = instance / "scripts"
        # A few: pages that are pinned to one are pinned to the same.
        self.find = functools.lru_cache(maxsize=16)(self._find)

    def keep(self, script: Asset) -> None:
        if self._find(script.hash) is not None:
            return
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = self._file(script.hash)
        draft = file.with_suffix(f".{secrets.token_hex(4)}")
        try:
            draft.write_text(script.text)
            draft.replace(file)
        finally:
            draft.unlink(missing_ok=True)

    def _file(self, digest: str) -> Path:
        return self._folder / f"{digest}.js"

    def _find(self, digest: str) -> Asset | None:
        file = self._file(digest)
        if not _DIGEST.fullmatch(digest) or not file.is_file():
            return None
        kept = Asset.of(file.read_text(errors="replace"))
        # A power cut may have left half of it.
        return kept if kept.hash == digest else None


@dataclasses.dataclass(frozen=True)
class Assets:
    script: Asset
    """embed.js."""
    frame_script: Asset
    """Tells the page around a frame how high it is."""
    challenges: Asset
    """What a few challenges need beside their form."""
    style: Asset

    @classmethod
    def read(cls, plugin_folders: Iterable[Path]) -> "Assets":
        sheets = [PACKAGE / "static" / "widgets.css"]
        sheets += [folder / "static" / "widget.css" for folder in plugin_folders]
        style = "\n".join(sheet.read_text() for sheet in sheets if sheet.is_file())
        return cls(
            script=_script(EMBED_JS),
            frame_script=_script(PACKAGE / "static" / "frame.js"),
            challenges=_script(PACKAGE / "static" / "challenges.js"),
            style=Asset.of(rcssmin.cssmin(style)),
        )


def _script(file: Path) -> Asset:
    return Asset.of(rjsmin.jsmin(file.read_text()))
