"""What may not stand in files that leave this place, and what one file promises of another."""

import re
from pathlib import Path

import pytest
import rjsmin

ROOT = Path(__file__).parent.parent.parent
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
EMBED = (ROOT / "embed.js").read_text()


@pytest.mark.parametrize(
    "danger",
    [
        r"\binnerHTML\b",
        r"\bouterHTML\b",
        r"\binsertAdjacentHTML\b",
        r"\bdocument\.write",
        r"\bdocument\.cookie\b",
        r"\beval\b",
        r"\bFunction\(",
        # But the service's own module for a few challenges.
        r"\bimport\b(?!\(\w+\.dataset\.csNeeds\))",
    ],
)
def test_the_script_does_nothing_dangerous_in_the_host_page(danger: str) -> None:
    assert re.findall(danger, EMBED) == []


def test_the_script_is_small() -> None:
    # As it is served: what its comments say costs nobody anything.
    assert len(rjsmin.jsmin(EMBED).encode()) < 15_000


def test_locks_were_found() -> None:
    assert [lock.name for lock in LOCKS] == ["dev.txt", "runtime.txt"]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_a_lock_names_no_address_and_every_hash(lock: Path) -> None:
    text = lock.read_text()
    assert "://" not in text
    requirements = text.replace("\\\n", " ").splitlines()
    assert len(requirements) > 10
    pinned = re.compile(r"[\w.\[\],-]+==\S+ (.*;.*)?( +--hash=sha256:[0-9a-f]{64})+ *")
    assert [line for line in requirements if not pinned.fullmatch(line)] == []


def test_what_runs_is_pinned_alike_where_it_is_developed() -> None:
    dev, runtime = (set(re.findall(r"(?m)^\S+==\S+", lock.read_text())) for lock in LOCKS)
    assert runtime - dev == set()


def test_the_readmes_commands_exist() -> None:
    targets = set(re.findall(r"(?m)^([a-z]+):", (ROOT / "Makefile").read_text()))
    commands = set(re.findall(r"(?m)(?:^|`)make ([a-z]+)", (ROOT / "README.md").read_text()))
    assert {"demo", "test"} <= commands
    assert commands - targets == set()


@pytest.mark.parametrize(
    "document",
    [
        *ROOT.glob("*.md"),
        *(ROOT / "docs").glob("*.md"),
        *(ROOT / "plugins").glob("*/README.md"),
        *(ROOT / "tests").rglob("README.md"),
    ],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_links_lead_to_files(document: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", document.read_text())
    assert [link for link in links if not (document.parent / link).exists()] == []
