from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from comments_service import cli
from comments_service.testing import MakeApp, Reader, add_site

OPEN = "open"

Verify = Callable[..., Result]


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    """Make the service with this plugin and the challenges that comments take.

    Comments on the site `portal` wait for a moderator; those on `open` are public at once.
    """
    app = make_app(plugins="comments,captcha", limit_read="100000/minute")
    add_site(app)
    # Tests write as fast as an attacker.
    add_site(app, OPEN, comments={"hold": "no"}, core={"attack_posts": "0"})
    return app


@pytest.fixture
def open_reader(app: Flask) -> Reader:
    """Return a reader of the site whose comments are public at once."""
    return Reader(app, site=OPEN)


@pytest.fixture
def verify(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Verify:
    """Return `comments-service comments verify`, at work on the test's service."""
    monkeypatch.setattr("comments_service.plugins.comments.commands.create_app", lambda: app)
    return lambda *words: CliRunner().invoke(cli.main, ["comments", "verify", *words])
