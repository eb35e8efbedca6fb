"""What one site sets for itself, by the command line; and what no site can switch off."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from comments_service.models import Site
from comments_service.testing import PAGE, SITE, MakeApp, Reader, add_site

from .conftest import RunCommand

Stored = Callable[[], dict[str, Any]]


@pytest.fixture
def stored(make_app: MakeApp) -> Stored:
    """Return the site's settings as they are in the database."""
    app = make_app()
    add_site(app, rating={}, comments={"hold": "yes"})
    core = app.extensions["comments_service"]

    def read() -> dict[str, Any]:
        with core.db.read() as session:
            settings: dict[str, Any] = session.scalars(
                sa.select(Site.settings).where(Site.key == SITE)
            ).one()
            return settings

    return read


def test_a_setting_is_stored(stored: Stored, run_command: RunCommand) -> None:
    code, output = run_command("site", "set", SITE, "comments.hold=no")
    assert (code, output) == (0, "portal: comments.hold=no\n")
    assert stored()["comments"] == {"hold": "no"}


@pytest.mark.parametrize(
    ("assignment", "said"),
    [
        ("comments.hod=no", "comments.hod is not a known setting. Did you mean comments.hold?"),
        ("coments.hold=no", "Did you mean comments."),
        ("comments.hold=perhaps", "comments.hold='perhaps' is not a valid bool"),
        ("comments.hold", "comments.hold='' is not a valid bool"),
        ("counters.offset=many", "counters.offset='many' is not a valid int"),
        ("counters.since=yesterday", "counters.since='yesterday' is not a valid"),
        ("rating.stars=6", "rating.stars is not a known setting."),
        ("comments", "is not a known setting."),
    ],
)
def test_what_can_not_be_is_refused_and_nothing_is_stored(
    stored: Stored, run_command: RunCommand, assignment: str, said: str
) -> None:
    before = stored()
    code, output = run_command("site", "set", SITE, "rating.threshold=5", assignment)
    assert code == 1
    assert output.startswith("Error: ")
    assert said in output
    assert stored() == before


def test_an_unknown_site_brings_the_known_to_mind(stored: Stored, run_command: RunCommand) -> None:
    code, output = run_command("site", "set", "protal", "comments.hold=no")
    assert (code, output) == (1, f"Error: There is no site protal. Known: {SITE}.\n")


def test_without_a_challenge_every_comment_is_held(make_app: MakeApp) -> None:
    app = make_app(plugins="comments")
    add_site(app, comments={"hold": "no"})
    reader = Reader(app)
    response = reader.comment("Ai duyệt lời này?")
    assert response.status_code == 202
    assert "Ai duyệt lời này?" not in reader.view("comments")["widgets"]["comments"]
    thread = reader.client.get(f"/api/v1/sites/{SITE}/comments?page={PAGE}").get_json()
    assert thread["total"] == 0
