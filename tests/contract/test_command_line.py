"""The command line: what can be mended is told in a line; what `serve` leaves to its workers."""

import socket
from pathlib import Path

import pytest

from comments_service import cli

from .conftest import RunCommand

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
