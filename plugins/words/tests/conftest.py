import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from comments_service.testing import MakeApp, add_site

DEMO_THREADS = Path(__file__).parent.parent.parent / "comments" / "demo_threads.json"


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    """Make the service with this plugin and comments, which are public at once."""
    app = make_app(plugins="words,comments,captcha")
    add_site(app, comments={"hold": "no"})
    return app


def _comments(threads: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for thread in threads:
        yield thread
        yield from _comments(thread.get("replies", []))


@pytest.fixture(scope="session")
def innocent() -> list[str]:
    """Names and texts of readers who mean no harm."""
    threads = json.loads(DEMO_THREADS.read_text())["threads"]
    return [each[part] for each in _comments(threads) for part in ("name", "text")]
