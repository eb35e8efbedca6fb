import pytest
from flask import Flask

from comments_service.testing import MakeApp, add_site


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    """Make the service with this plugin and one that asks for challenges, on two sites."""
    app = make_app(plugins="captcha,comments")
    add_site(app, comments={"hold": "no"})
    add_site(app, "other", comments={"hold": "no"})
    return app
