import pytest
from flask import Flask

from comments_service.testing import MakeApp, add_site


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    """Make the service with this plugin, and the challenges that busy networks are asked."""
    budgets = dict.fromkeys(("limit_read", "limit_write", "limit_challenge"), "100000/minute")
    app = make_app(plugins="rating,captcha", **budgets)
    add_site(app)
    return app
