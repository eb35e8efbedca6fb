"""What a start loads: neither the watching process nor the serving one more than it needs."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

# A process of its own, since this one has loaded everything.
SCRIPT = """
import sys
import comments_service.cli
print(*sys.modules)
from comments_service import startup
startup.prepare()
print(*sys.modules)
"""
APPLICATION = {"flask", "sqlalchemy", "comments_service.factory", "comments_service.plugin"}
SELDOM = {
    "alembic",
    "numpy",
    "sqlalchemy.dialects.postgresql",
    "comments_service.commands",
    "comments_service.doctor",
    "comments_service.demo.running",
}


def test_what_is_seldom_needed_is_not_loaded(sqlite_template: Path, tmp_path: Path) -> None:
    shutil.copyfile(sqlite_template, tmp_path / "comments.sqlite3")
    environment = {
        "PYTHONPATH": os.pathsep.join(sys.path),
        "COMMENTS_INSTANCE": str(tmp_path),
    }
    output = subprocess.check_output([sys.executable, "-c", SCRIPT], env=environment, text=True)  # noqa: S603 (ours)
    watching, serving = (set(line.split()) for line in output.splitlines())
    assert not watching & (APPLICATION | SELDOM)
    # Every plugin is there, and nothing was left to migrate.
    assert serving >= APPLICATION | {"comments_service.plugins.captcha.plugin"}
    assert not serving & SELDOM
