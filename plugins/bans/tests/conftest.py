import pytest
from flask import Flask

from comments_service.testing import MakeApp, add_site

OPEN = "open"


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    """Make the service with this plugin, comments and their challenges.

    Comments on the site `portal` wait for a moderator; those on `open` are public at once.
    """
    app = make_app(plugins="bans,comments,captcha", limit_read="100000/minute")
    add_site(app)
    add_site(app, OPEN, comments={"hold": "no"})
    return app
