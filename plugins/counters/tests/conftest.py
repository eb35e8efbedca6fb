import datetime
from collections.abc import Callable

import pytest
from flask import Flask

from comments_service import clock
from comments_service.testing import MakeApp, add_site

Flush = Callable[[], None]
SetClock = Callable[[datetime.datetime], None]


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    """Make the service with no other plugin."""
    app = make_app(plugins="counters", limit_read="100000/minute", limit_write="100000/minute")
    add_site(app)
    return app


def flush_app(app: Flask) -> None:
    """Add up what this process has noted, as its thread does every second."""
    with app.app_context():
        app.extensions["comments_service"].plugins.by_name["counters"].counting.flush()


@pytest.fixture
def flush(app: Flask) -> Flush:
    return lambda: flush_app(app)


@pytest.fixture
def set_clock(monkeypatch: pytest.MonkeyPatch) -> SetClock:
    def set_to(moment: datetime.datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: moment)

    return set_to
