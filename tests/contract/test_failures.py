"""A plugin that fails is alone with it: the page and the other plugins live."""

import importlib
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from comments_service.api import PageContext, PageView, impl
from comments_service.plugin import Plugin
from comments_service.testing import PAGE, SITE, MakeApp, Reader

# No store makes a difference to what is asked, said and refused here.
STORES = ("sqlite",)

UNAVAILABLE = "This part is not available at the moment."
NAMES = ["captcha", "comments", "counters", "rating", "guestbook"]
WIDGETS = ["comments", "counters", "rating", "guestbook"]

Failure = Callable[[Any], None]


def _raise(given: PageContext | PageView) -> None:
    del given
    raise RuntimeError("as a plugin does")


def _fail_in_sql(given: PageContext) -> None:
    given.session.execute(sa.text("SELECT nothing FROM nowhere"))


failures = pytest.mark.parametrize("failure", [_raise, _fail_in_sql], ids=["python", "sql"])


@pytest.fixture
def plugin_class(name: str, make_every: MakeApp) -> type[Plugin]:
    found: type[Plugin] = importlib.import_module(f"comments_service.plugins.{name}.plugin").plugin
    return found


@pytest.fixture
def fails_while_drawing(
    monkeypatch: pytest.MonkeyPatch, plugin_class: type[Plugin], failure: Failure
) -> None:
    @impl
    def widget_data(self: Plugin, context: PageContext) -> None:
        del self
        failure(context)

    monkeypatch.setattr(plugin_class, "widget_data", widget_data)


@pytest.fixture
def fails_while_counting(monkeypatch: pytest.MonkeyPatch, plugin_class: type[Plugin]) -> None:
    own = getattr(plugin_class, "page_viewed", None)

    @impl
    def page_viewed(self: Plugin, view: PageView) -> None:
        if own:
            own(self, view)
        _raise(view)

    monkeypatch.setattr(plugin_class, "page_viewed", page_viewed, raising=False)


@failures
@pytest.mark.parametrize("name", WIDGETS)
@pytest.mark.usefixtures("fails_while_drawing")
def test_widget_that_fails_says_so_in_its_own_place(
    make_every: MakeApp, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    reader = Reader(make_every(), lang="en")
    others = [other for other in WIDGETS if other != name]
    # Drawn first, it could spoil the most.
    drawn = reader.view(name, *others)["widgets"]
    assert {each for each in drawn if UNAVAILABLE in drawn[each]} == {name}
    assert f"plugin {name} failed in widget_data" in caplog.text
    for door in ("embed", "include"):
        response = reader.client.get(f"/{door}/{SITE}/{name}?page={PAGE}&lang=en")
        assert response.status_code == 200
        assert UNAVAILABLE in response.text
    for other in others:
        response = reader.client.get(f"/embed/{SITE}/{other}?page={PAGE}&lang=en")
        assert response.status_code == 200
        assert UNAVAILABLE not in response.text


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.usefixtures("fails_while_counting")
def test_view_is_answered_and_counted_by_the_others(
    make_every: MakeApp, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    # First in hook order, it could spoil the most.
    order = [name, *(other for other in NAMES if other != name)]
    reader = Reader(make_every(plugins=",".join(order)), lang="en")
    told = reader.view(*WIDGETS)
    drawn = told["widgets"]
    assert told["counted"] is False
    assert set(drawn) == set(WIDGETS)
    assert not [html for html in drawn.values() if UNAVAILABLE in html]
    assert f"plugin {name} failed in page_viewed" in caplog.text
    counted = reader.client.get(f"/api/v1/sites/{SITE}/counters?page={PAGE}").get_json()
    # Counters fail here after they have noted the view.
    assert (counted["total"], counted["this_page"]) == (1, 1)


def test_challenge_that_can_not_be_drawn_leaves_the_form(
    make_every: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    from comments_service.plugins.captcha import image  # noqa: PLC0415

    monkeypatch.setattr(image.HardImage, "generate", _raise)
    reader = Reader(make_every(), lang="en")
    monkeypatch.setattr("comments_service.pools.PATIENCE", 0.01)
    frame = reader.client.get(f"/embed/{SITE}/comments?page={PAGE}&lang=en").text
    assert UNAVAILABLE not in frame
    # Whoever sends it now is read by a moderator first.
    assert 'name="challenge"' in frame
    drawn = reader.view(*WIDGETS)["widgets"]
    assert not [html for html in drawn.values() if UNAVAILABLE in html]
