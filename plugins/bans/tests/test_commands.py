"""Bans from the command line."""

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from comments_service import cli
from comments_service.core import Core
from comments_service.testing import SITE

from .conftest import OPEN


@pytest.fixture(autouse=True)
def service(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the commands work on the test's service."""
    monkeypatch.setattr("comments_service.plugins.bans.commands.create_app", lambda: app)


def run(*words: str) -> Result:
    return CliRunner().invoke(cli.main, ["bans", *words])


def test_bans_are_made_listed_and_lifted(core: Core) -> None:
    for words in (
        ("email", "lan@example.com", "--note", "Quấy rối"),
        ("network", "203.0.113.0/24", "--days", "3"),
        ("text", "vay*lãi"),
    ):
        result = run("add", SITE, *words)
        assert result.exit_code == 0, result.output
    assert result.output == "Ban no. 3 is in force.\n"

    rows = [line.split("\t") for line in run("list").output.splitlines()]
    assert [row[:3] for row in rows] == [
        ["1", SITE, "email"],
        ["2", SITE, "network"],
        ["3", SITE, "text"],
    ]
    assert rows[0][4:] == ["for ever", "Quấy rối"]
    assert rows[1][3].endswith(" /24")
    assert rows[2][3] == "vay*lãi"
    written = core.db.writes
    assert run("list", "--site", OPEN).output == ""
    assert core.db.writes == written

    assert run("lift", "1").output == "Ban no. 1 is lifted.\n"
    assert run("lift", "1").exit_code != 0
    assert len(run("list").output.splitlines()) == 2


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("add", SITE, "network", "203.0.113.0/16"), "IPv4 /32 or /24"),
        (("add", "nobody", "text", "vay nóng"), "no site nobody"),
        (("add", SITE, "visitor", "x"), "visitor"),
        (("add", SITE, "text", "vay nóng", "--note", "x" * 201), "200 characters"),
        (("lift", "9"), "no. 9"),
        (("list", "--site", "nobody"), "no site nobody"),
    ],
)
def test_what_cant_be_done_is_told(words: tuple[str, ...], told: str) -> None:
    result = run(*words)
    assert result.exit_code != 0
    assert told in result.output
    assert "Traceback" not in result.output
    assert run("list").output == ""
