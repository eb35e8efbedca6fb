"""The command line: what can be mended is told in a line; what `serve` leaves to its workers."""

import socket
from pathlib import Path

import pytest

from comments_service import cli
from comments_service.testing import ORIGIN, SITE

from .conftest import MakePlugin, RunCommand

STORES = ("sqlite",)


@pytest.mark.parametrize("words", ["--help", "site list", "db upgrade"])
def test_a_wrong_folder_of_plugins_is_told(run_command: RunCommand, words: str) -> None:
    code, output = run_command(*words.split(), plugins_dir="/nowhere")

    assert (code, output) == (1, "Error: COMMENTS_PLUGINS_DIR=/nowhere is not a folder.\n")


def test_an_instance_that_is_no_folder_is_told(run_command: RunCommand, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()

    code, output = run_command("site", "list", instance=str(file), secret_key="")

    assert code == 1
    assert output == f"Error: File exists: {file}\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ("site", "add", SITE, "--origin", ORIGIN, "--name", "x" * 201),
            "A site's name has 200 characters at most.",
        ),
        (("user", "add", "x" * 81), "A moderator's name has 1 to 80 characters."),
    ],
)
def test_a_name_that_no_table_holds_is_told(
    run_command: RunCommand, words: tuple[str, ...], said: str
) -> None:
    assert run_command(*words) == (1, f"Error: {said}\n")


@pytest.mark.parametrize(
    ("plugin", "group", "said"),
    [
        ("user", "", "user: one of the service, one of plugin user."),
        ("other", "serve", "serve: one of the service, one of plugin other."),
        ("other", "stats", "stats: one of plugin counters, one of plugin other."),
    ],
)
def test_two_commands_of_one_name_are_both_named(
    run_command: RunCommand, make_plugin: MakePlugin, plugin: str, group: str, said: str
) -> None:
    body = """
        import click
        commands = (click.Command("go"),)
        command_group = {!r}
        """
    folder = make_plugin(plugin, body.format(group))

    code, output = run_command("--help", plugins_dir=str(folder))

    assert (code, said in output) == (1, True), output


def test_workers_are_parted_from_no_connection_of_the_first_process(
    run_command: RunCommand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left: list[bool] = []
    log = tmp_path / "comments.sqlite3-wal"
    # SQLite removes it with the last connection.
    monkeypatch.setattr(cli, "serve_app", lambda *_, **__: left.append(log.exists()))
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

    code, output = run_command("serve", "--workers", "2", "--port", str(port))

    assert code == 0, output
    assert left == [False]
