import pytest
from flask import Flask

from comments_service.testing import MakeApp, add_site


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    """Make the service with no other plugin."""
    app = make_app(plugins="rating", limit_read="100000/minute", limit_write="100000/minute")
    add_site(app)
    return app
