"""Who may import whom: the core knows no plugin, and plugins know the core by one module."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from comments_service import hookspecs, loader
from comments_service.paths import CHECKOUT, PACKAGE

PLUGINS = {name: place.folder for name, place in loader.find().items()}
EXAMPLE = Path(__file__).parent.parent / "contract" / "plugins" / "guestbook"
FOLDERS = [*PLUGINS.values(), EXAMPLE]
NAMESPACE = "comments_service.plugins"
# Its fixtures are for plugins' tests too; it solves challenges as a person would.
TESTING = PACKAGE / "testing"
WEB = ("flask", "werkzeug", "flask_babel", "flask_wtf", "flask_limiter", "jinja2")


def _sources(folder: Path) -> list[Path]:
    found = [file for file in folder.rglob("*.py") if "tests" not in file.relative_to(folder).parts]
    assert found
    return found


def _imports(file: Path) -> Iterator[tuple[str, int]]:
    """Yield (absolute name of what is imported, line); a relative import begins with a dot."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            prefix = module if module.endswith(".") else f"{module}."
            yield from ((prefix + alias.name, node.lineno) for alias in node.names)


def _within(name: str, *packages: str) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


@pytest.mark.parametrize(
    "file",
    [file for file in _sources(PACKAGE) if TESTING not in file.parents],
    ids=lambda file: str(file.relative_to(PACKAGE)),
)
def test_the_core_imports_no_plugin(file: Path) -> None:
    # The loader looks through the namespace, and names nobody in it.
    allowed = {NAMESPACE} if file.name == "loader.py" else set()
    wrong = [
        f"{file}:{line} {name}"
        for name, line in _imports(file)
        if (_within(name, NAMESPACE, "plugins") and name not in allowed)
        or (name.startswith(".") and name.strip(".").partition(".")[0] in PLUGINS)
    ]
    assert wrong == []


def test_only_the_loader_imports_by_name() -> None:
    users = {
        file.relative_to(PACKAGE).name
        for file in _sources(PACKAGE)
        if TESTING not in file.parents
        and any(_within(name, "importlib") for name, _line in _imports(file))
    }
    assert users == {"loader.py"}


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_plugins_import_the_core_by_its_api_alone(folder: Path) -> None:
    wrong = [
        f"{file}:{line} {name}"
        for file in _sources(folder)
        for name, line in _imports(file)
        if _within(name, "comments_service") and not _within(name, "comments_service.api")
    ]
    assert wrong == []


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_plugins_import_no_other_plugin(folder: Path) -> None:
    wrong = []
    for file in _sources(folder):
        depth = len(file.relative_to(folder).parts)
        for name, line in _imports(file):
            leaves = len(name) - len(name.lstrip(".")) > depth
            if leaves or _within(name, NAMESPACE, "plugins"):
                wrong.append(f"{file}:{line} {name}")
    assert wrong == []


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_rules_queries_and_tables_know_no_web(folder: Path) -> None:
    wrong = [
        f"{file}:{line} {name}"
        for file in _sources(folder)
        if file.stem in ("service", "queries", "models")
        for name, line in _imports(file)
        if _within(name, *WEB)
    ]
    assert wrong == []


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_views_use_rules_use_queries_use_tables_and_never_back(folder: Path) -> None:
    later = {
        "models": {"queries", "service", "views", "plugin"},
        "queries": {"service", "views", "plugin"},
        "service": {"views", "plugin"},
        "views": {"plugin"},
    }
    wrong = [
        f"{file}:{line} {name}"
        for file in _sources(folder)
        for name, line in _imports(file)
        if name.startswith(".") and set(name.strip(".").split(".")) & later.get(file.stem, set())
    ]
    assert wrong == []


def test_the_example_needs_nothing_but_the_api_and_two_libraries() -> None:
    allowed = ("comments_service.api", "sqlalchemy", "alembic", "wtforms")
    allowed += ("collections", "datetime", "typing")
    wrong = [
        f"{file}:{line} {name}"
        for file in _sources(EXAMPLE)
        for name, line in _imports(file)
        if not name.startswith(".") and not _within(name, *allowed)
    ]
    assert wrong == []


def _hooks() -> dict[str, str]:
    source = ast.parse(Path(hookspecs.__file__).read_text())
    return {
        node.name: ast.get_docstring(node) or ""
        for node in source.body
        if isinstance(node, ast.FunctionDef)
        and any(isinstance(mark, ast.Name) and mark.id == "spec" for mark in node.decorator_list)
    }


@pytest.mark.parametrize("hook", _hooks())
def test_every_hook_is_explained_with_an_example(hook: str) -> None:
    text = _hooks()[hook]
    assert "Fires" in text
    example = text.partition("@impl\n")[2].strip()
    assert example.startswith(f"def {hook}(self, ")
    assert ast.parse(example)


@pytest.mark.parametrize("hook", _hooks())
def test_every_hook_is_used_by_a_bundled_plugin(hook: str) -> None:
    users = [
        name
        for name, folder in PLUGINS.items()
        for node in ast.walk(ast.parse((folder / "plugin.py").read_text()))
        if isinstance(node, ast.FunctionDef)
        and node.name == hook
        and any(isinstance(mark, ast.Name) and mark.id == "impl" for mark in node.decorator_list)
    ]
    assert users


def test_the_checkout_is_what_is_tested() -> None:
    assert CHECKOUT is not None
    assert PACKAGE.parent == CHECKOUT
    assert {folder.parent for folder in PLUGINS.values()} == {CHECKOUT / "plugins"}
