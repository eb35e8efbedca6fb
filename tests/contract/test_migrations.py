"""Migrations as operators meet them: many processes, removed plugins, failures half-way."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from comments_service import commands, create_app, histories, migrate
from comments_service.core import Core
from comments_service.db import Database
from comments_service.testing import SECRET_KEY, SITE, Reader
from tests.unit.processes import at_once

from .conftest import RunCommand

PROCESSES = 8


@pytest.fixture
def db(empty_database_url: str) -> Iterator[Database]:
    db = Database(empty_database_url)
    yield db
    db.engine.dispose()


def _upgrade(texts: dict[str, str]) -> str:
    core: Core = create_app(texts).extensions["comments_service"]
    migrate.upgrade(core.db, histories.every(core.plugins))
    core.db.engine.dispose()
    return "done"


def test_many_processes_upgrade_a_fresh_database_at_once(
    empty_database_url: str, tmp_path: Path
) -> None:
    texts = {
        "database_url": empty_database_url,
        "instance": str(tmp_path),
        "secret_key": SECRET_KEY,
    }
    assert at_once(PROCESSES, _upgrade, texts) == ["done"] * PROCESSES
    core: Core = create_app(texts).extensions["comments_service"]
    assert histories.pending(core.db, histories.every(core.plugins)) == []
    core.db.engine.dispose()


COMMANDS = [
    "db upgrade",
    "plugins list",
    "site list",
    "site add other --name Other --origin https://other.example",
    f"site allow {SITE} https://www.portal.example",
    f"site set {SITE} comments.hold=no",
    f"site snippet {SITE} --url https://comments.example",
    "user add editor",
]


def test_a_removed_plugin_leaves_every_command_working(
    reader: Reader, run_command: RunCommand
) -> None:
    reader.submit("guestbook", name="Lan", message="Xin chào")
    for command in COMMANDS:
        # The plugin's folder is not named any more; its table and its row are still there.
        code, output = run_command(*command.split())
        assert code == 0, output
        assert "guestbook" not in output


def test_tables_of_a_newer_version_are_told(core: Core, run_command: RunCommand) -> None:
    with core.db.write() as session:
        session.execute(sa.text("UPDATE alembic_version_core SET version_num = '9999'"))

    code, output = run_command("db", "upgrade")

    assert code == 1
    assert output == (
        "Error: The tables of core: Can't locate revision identified by '9999'. "
        "Was a newer version of it here? Then install that again.\n"
    )


def test_those_are_all_commands() -> None:
    found = {
        f"{name} {sub}".strip()
        for name, command in commands.CORE.items()
        for sub in getattr(command, "commands", [""])
    }
    tried = {" ".join(command.split()[:2]) for command in COMMANDS}
    # The doctor looks at portals too, which are not there.
    assert found - {"demo", "doctor"} == tried


# --- Histories of a test's own ----------------------------------------------------------------

FIRST = """
import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

def upgrade():
    op.create_table("family_parent",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("name", sa.String(20), nullable=True))
    op.create_table("family_child",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("parent_id", sa.Integer(),
            sa.ForeignKey("family_parent.id", ondelete="CASCADE"), nullable=False))

def downgrade():
    op.drop_table("family_child")
    op.drop_table("family_parent")
"""
SECOND = """
import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

def upgrade():
    with op.batch_alter_table("family_parent") as batch:
        batch.alter_column("name", existing_type=sa.String(20), nullable=False)
{more}

def downgrade():
    pass
"""


@pytest.fixture
def family(db: Database, tmp_path: Path) -> histories.History:
    """Return a history whose first migration has run, with a parent and two children."""
    folder = tmp_path / "family"
    folder.mkdir()
    (folder / "0001_first.py").write_text(FIRST)
    history = histories.History("family", folder)
    migrate.upgrade(db, [history])
    with db.write() as session:
        session.execute(sa.text("INSERT INTO family_parent (id, name) VALUES (1, 'Lan')"))
        session.execute(sa.text("INSERT INTO family_child (id, parent_id) VALUES (1, 1), (2, 1)"))
    return history


def _children(db: Database) -> int:
    with db.read() as session:
        return int(session.scalars(sa.text("SELECT count(*) FROM family_child")).one())


def test_a_table_that_is_rebuilt_keeps_what_refers_to_it(
    db: Database, family: histories.History
) -> None:
    (family.folder / "0002_second.py").write_text(SECOND.format(more=""))
    migrate.upgrade(db, [family])
    columns = {c["name"]: c for c in sa.inspect(db.engine).get_columns("family_parent")}
    assert columns["name"]["nullable"] is False
    assert _children(db) == 2
    # Afterwards references are watched over again.
    with pytest.raises(sa.exc.IntegrityError), db.write() as session:
        session.execute(sa.text("INSERT INTO family_child (id, parent_id) VALUES (3, 7)"))
    with db.write() as session:
        session.execute(sa.text("DELETE FROM family_parent"))
    assert _children(db) == 0


def test_a_migration_that_orphans_rows_is_refused(db: Database, family: histories.History) -> None:
    orphan = '    op.execute("DELETE FROM family_parent")\n'
    orphan += '    op.execute("INSERT INTO family_child (id, parent_id) VALUES (3, 7)")'
    (family.folder / "0002_second.py").write_text(SECOND.format(more=orphan))
    with pytest.raises((sa.exc.IntegrityError, RuntimeError)):
        migrate.upgrade(db, [family])
    assert _children(db) == 2
    assert histories.pending(db, [family]) == ["family"]


@pytest.mark.parametrize(
    "failure", ["    raise RuntimeError", '    op.execute("INSERT INTO nowhere VALUES (1)")']
)
def test_a_failing_migration_leaves_nothing_behind(
    db: Database, family: histories.History, failure: str
) -> None:
    made = '    op.create_table("family_house", sa.Column("id", sa.Integer()))\n'
    made += "    op.execute(\"UPDATE family_parent SET name = 'changed'\")\n"
    (family.folder / "0002_second.py").write_text(SECOND.format(more=made + failure))
    other = histories.History("other", family.folder.with_name("other"))
    other.folder.mkdir()
    (other.folder / "0001_first.py").write_text(FIRST.replace("family", "other"))
    before = set(sa.inspect(db.engine).get_table_names())

    with pytest.raises((RuntimeError, sa.exc.DBAPIError)):
        # All or nothing: what ran before the failure is taken back as well.
        migrate.upgrade(db, [other, family])

    assert set(sa.inspect(db.engine).get_table_names()) == before
    with db.read() as session:
        assert session.scalars(sa.text("SELECT name FROM family_parent")).all() == ["Lan"]
    columns = {c["name"]: c for c in sa.inspect(db.engine).get_columns("family_parent")}
    assert columns["name"]["nullable"] is True
    assert histories.pending(db, [family, other]) == ["family", "other"]

    # Once it is mended, the next attempt goes through.
    (family.folder / "0002_second.py").write_text(SECOND.format(more=""))
    migrate.upgrade(db, [other, family])
    assert histories.pending(db, [family, other]) == []
