"""What readers leave behind is for the service alone: on disk, and in the log."""

import logging
import stat
from pathlib import Path

import pytest
import sqlalchemy as sa

from comments_service.core import Core
from comments_service.db import Database
from comments_service.testing import MakeApp, Reader


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_database_is_its_owners_alone(tmp_path: Path) -> None:
    file = tmp_path / "new" / "comments.sqlite3"
    with Database(f"sqlite:///{file}").write() as session:
        session.execute(sa.text("CREATE TABLE something (id INTEGER)"))
        assert {mode(each) for each in file.parent.iterdir()} == {0o600}
    assert mode(file.parent) == 0o700


def test_the_folder_of_the_key_is_its_owners_alone(make_app: MakeApp, tmp_path: Path) -> None:
    instance = tmp_path / "instance"
    make_app(instance=str(instance), secret_key="")
    assert mode(instance) == 0o700
    assert mode(instance / "secret.key") == 0o600


def test_an_error_of_the_database_logs_nothing_that_readers_wrote(
    core: Core, reader: Reader, caplog: pytest.LogCaptureFixture
) -> None:
    with core.db.write() as session:
        session.execute(sa.text("DROP TABLE comments_total"))
        session.execute(sa.text("ALTER TABLE comments_comment RENAME TO comments_gone"))
    with caplog.at_level(logging.DEBUG):
        reader.submit("comment", name="Lan", text="điều riêng tư", email="lan@example.vn")
        answer = reader.send(
            "POST",
            f"/api/v1/sites/{reader.site}/comments",
            json={
                "page": reader.page,
                "name": "Lan",
                "text": "điều riêng tư",
                "email": "lan@example.vn",
                **reader.solve("comment"),
            },
        )
    assert answer.status_code >= 500
    assert caplog.text
    assert "lan@example.vn" not in caplog.text
    assert "riêng tư" not in caplog.text
