import pytest
from flask import Flask

from comments_service.testing import MakeApp, add_site


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    """Make the service with every rung, on a site that begins with work."""
    app = make_app(plugins="captcha,comments,work", work_keys="8")
    add_site(app, core={"lowest_rung": "work"}, comments={"hold": "no"})
    return app
