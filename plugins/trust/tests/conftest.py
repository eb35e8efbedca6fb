import pytest
from flask import Flask

from comments_service.testing import MakeApp, add_site


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    """Make the service on a site that trusts after two approved comments."""
    app = make_app(plugins="captcha,comments,trust")
    add_site(app, trust={"after": "2"})
    return app
