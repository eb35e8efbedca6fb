"""Compile the message catalogs when a wheel or an editable install is built."""

from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompileCatalogs(BuildHookInterface[Any]):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        del version, build_data
        for folder in ("comments_service", "plugins"):
            for source in Path(self.root, folder).rglob("*.po"):
                with source.open("rb") as lines:
                    catalog = read_po(lines)
                with source.with_suffix(".mo").open("wb") as target:
                    write_mo(target, catalog)
