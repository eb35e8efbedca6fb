"""`comments-service comments verify`: totals are what the comments say."""

import pytest
import sqlalchemy as sa
from comments_service.plugins.comments.models import Comment, Total

from comments_service.core import Core
from comments_service.testing import PAGE, SITE, Reader

from .conftest import OPEN, Verify


@pytest.fixture(autouse=True)
def comments(reader: Reader, open_reader: Reader) -> None:
    """Write two public comments on one page, one on another, and one that waits on another site."""
    open_reader.comment("Một")
    open_reader.comment("Hai")
    open_reader.page = "/khac"
    open_reader.comment("Ba")
    reader.comment("Bốn")


def test_all_is_well(verify: Verify) -> None:
    result = verify()
    assert (result.exit_code, result.output) == (
        0,
        "3 public comments on 2 pages: every total equals the recount.\n",
    )
    assert verify(SITE).output.startswith("0 public comments on 0 pages:")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (sa.update(Total).where(Total.public == 2).values(public=5), f"{OPEN}\t{PAGE}\t+3"),
        (sa.delete(Total).where(Total.public == 1), f"{OPEN}\t/khac\t-1"),
        (
            sa.update(Comment).where(Comment.text == "Bốn").values(is_public=True),
            f"{SITE}\t{PAGE}\t-1",
        ),
        (sa.delete(Comment).where(Comment.text == "Ba"), f"{OPEN}\t/khac\t+1"),
    ],
)
def test_a_page_that_differs_is_named(
    core: Core, verify: Verify, change: sa.Executable, told: str
) -> None:
    with core.db.write() as session:
        session.execute(change)

    result = verify()

    assert result.exit_code == 1
    assert result.output.splitlines() == [told, "Error: 1 totals are not what their comments say."]
    assert {site: verify(site).exit_code for site in (SITE, OPEN)} == {
        site: int(told.startswith(site)) for site in (SITE, OPEN)
    }


def test_a_site_that_is_not_there(verify: Verify) -> None:
    result = verify("nobody")
    assert result.exit_code == 1
    assert "There is no site nobody." in result.output
