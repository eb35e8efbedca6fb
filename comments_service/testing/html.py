"""Reads what the service draws."""

import json
from html.parser import HTMLParser
from typing import Any


class _Elements(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))


def elements(html: str) -> list[tuple[str, dict[str, str]]]:
    """Return every element of `html` as its name and its attributes."""
    return _Elements(html).found


def element(html: str, **attributes: str) -> dict[str, str]:
    """Return the attributes of the first element that has these."""
    return next(has for _, has in elements(html) if attributes.items() <= has.items())


class _LinkedData(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[dict[str, Any]] = []
        self._is_within = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._is_within = tag == "script" and ("type", "application/ld+json") in attrs

    def handle_data(self, data: str) -> None:
        if self._is_within:
            self.found.append(json.loads(data))
            self._is_within = False


def linked_data(html: str) -> list[dict[str, Any]]:
    """Return what `html` tells search engines, block by block."""
    return _LinkedData(html).found


def hidden_fields(html: str) -> dict[str, str]:
    """Return the hidden fields of the first form in `html`."""
    form = html[html.index("<form") :].partition("</form>")[0]
    return {
        attributes["name"]: attributes["value"]
        for tag, attributes in elements(form)
        if tag == "input" and attributes.get("type") == "hidden"
    }
