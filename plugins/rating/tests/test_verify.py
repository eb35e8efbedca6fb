"""`comments-service rating verify`: totals are what the ratings say."""

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result
from comments_service.plugins.rating.models import CriterionTotal, Total, Vote
from flask import Flask

from comments_service import cli
from comments_service.core import Core
from comments_service.testing import PAGE, SITE, Reader, add_site

from .voting import put, rate_honestly


@pytest.fixture(autouse=True)
def service(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the command work on the test's service, with ratings on three pages of two sites."""
    monkeypatch.setattr("comments_service.plugins.rating.commands.create_app", lambda: app)
    add_site(app, "other", rating={"criteria": "Rõ ràng | Hữu ích"})
    rate_honestly(app, 5, 4, 4)
    rate_honestly(app, 1, page="/khac")
    put(Reader(app, site="other"), 3, criteria=[2, 5])


def verify(*words: str) -> Result:
    return CliRunner().invoke(cli.main, ["rating", "verify", *words])


def test_all_is_well() -> None:
    result = verify()
    assert (result.exit_code, result.output) == (
        0,
        "5 ratings on 3 pages: every total equals the recount.\n",
    )
    assert verify(SITE).output.startswith("4 ratings on 2 pages:")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (sa.update(Total).where(Total.n5 == 1).values(n5=3), f"{SITE}\t{PAGE}\tstars\t+2 of 5"),
        (sa.delete(Total).where(Total.n1 == 1), f"{SITE}\t/khac\tstars\t-1 of 1"),
        (
            sa.update(Vote).where(Vote.stars == 1).values(stars=2),
            f"{SITE}\t/khac\tstars\t+1 of 1, -1 of 2",
        ),
        (sa.delete(Vote).where(Vote.stars == 1), f"{SITE}\t/khac\tstars\t+1 of 1"),
    ],
)
def test_a_page_that_differs_is_named(core: Core, change: sa.Executable, told: str) -> None:
    with core.db.write() as session:
        session.execute(change)

    result = verify()

    assert result.exit_code == 1
    assert result.output.splitlines() == [
        told,
        "Error: 1 totals are not what their ratings say.",
    ]
    assert verify(SITE).exit_code == 1
    assert verify("other").exit_code == 0


def test_a_criterion_that_differs_is_named(core: Core) -> None:
    with core.db.write() as session:
        session.execute(sa.update(CriterionTotal).where(CriterionTotal.criterion == 2).values(n1=4))
    assert verify("other").output.startswith(f"other\t{PAGE}\tcriterion 2\t+4 of 1\n")


def test_a_site_that_is_not_there() -> None:
    result = verify("nobody")
    assert result.exit_code == 1
    assert "There is no site nobody." in result.output
