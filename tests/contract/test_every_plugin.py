"""What holds for every plugin, bundled or not."""

import dataclasses
import importlib
from pathlib import Path

import pytest
import sqlalchemy as sa

from comments_service import create_app, histories, loader, migrate
from comments_service.core import Core
from comments_service.db import Base
from comments_service.plugin import Plugin
from comments_service.testing import SECRET_KEY, MakeApp, Reader, add_site

from .conftest import MakePlugin

BUNDLED = sorted(loader.find())
NAMES = [*BUNDLED, "guestbook"]
WIDGETS = ["comments", "counters", "guestbook", "rating"]

every_plugin = pytest.mark.parametrize("name", NAMES)


@pytest.fixture
def place(name: str, plugins_dir: Path) -> loader.Place:
    return loader.find(str(plugins_dir))[name]


@pytest.fixture
def plugin_class(place: loader.Place) -> type[Plugin]:
    found: type[Plugin] = importlib.import_module(place.module).plugin
    return found


def test_bundled_plugins_are_found() -> None:
    assert {"captcha", "comments", "counters", "rating"} <= set(BUNDLED)


@every_plugin
def test_loads_alone_with_what_it_requires(
    name: str, plugin_class: type[Plugin], plugins_dir: Path, tmp_path: Path
) -> None:
    wanted = [*plugin_class.requires, name]
    app = create_app(
        {
            "instance": str(tmp_path),
            "secret_key": SECRET_KEY,
            "plugins": ",".join(wanted),
            "plugins_dir": str(plugins_dir),
        }
    )
    assert list(app.extensions["comments_service"].plugins.by_name) == wanted


@every_plugin
def test_tables_carry_its_name(name: str, plugin_class: type[Plugin]) -> None:
    module = plugin_class.__module__.removesuffix("plugin")
    tables = [
        mapper.local_table
        for mapper in Base.registry.mappers
        if mapper.class_.__module__.startswith(module)
    ]
    assert [str(table) for table in tables if not str(table).startswith(f"{name}_")] == []
    targets = {key.column.table.name for table in tables for key in table.foreign_keys}
    assert {t for t in targets if not t.startswith(("core_", f"{name}_"))} == set()


@every_plugin
def test_readme_names_every_setting(
    name: str, place: loader.Place, plugin_class: type[Plugin]
) -> None:
    readme = (place.folder / "README.md").read_text()
    wanted = [
        f"COMMENTS_{name}_{field.name}".upper()
        for field in dataclasses.fields(plugin_class.settings_class)
    ]
    wanted += [
        f"{name}.{field.name}" for field in dataclasses.fields(plugin_class.site_settings_class)
    ]
    assert [setting for setting in wanted if f"`{setting}`" not in readme] == []


@pytest.mark.parametrize("name", WIDGETS)
def test_widgets_do_without_it(make_every: MakeApp, name: str) -> None:
    others = [other for other in NAMES if other != name]
    reader = Reader(make_every(plugins=",".join(others)), lang="en")
    told = reader.view(*WIDGETS)
    assert told["unknown"] == [name]
    assert set(told["widgets"]) == set(WIDGETS) - {name}
    assert not [html for html in told["widgets"].values() if "cs-unavailable" in html]
    assert reader.client.get(f"/embed/{reader.site}/{name}?page=/a").status_code == 404


def test_a_template_fills_values_of_any_name_into_a_message(
    make_app: MakeApp, make_plugin: MakePlugin
) -> None:
    folder = make_plugin("echo")
    (folder / "echo" / "templates").mkdir()
    (folder / "echo" / "templates" / "widget.html").write_text(
        '{{ _("It says: %(message)s", message="<hello>") }}'
        ' {{ ngettext("%(num)s word", "%(num)s %(plural)s", 2, plural="words") }}'
    )
    app = make_app(plugins="echo", plugins_dir=str(folder))
    add_site(app)
    assert Reader(app).view("echo")["widgets"]["echo"] == "It says: &lt;hello&gt; 2 words"


# --- Tables -----------------------------------------------------------------------------------


def _tables(core: Core, owner: str) -> set[str]:
    tables = sa.inspect(core.db.engine).get_table_names()
    return {table for table in tables if table.startswith(f"{owner}_")}


@every_plugin
def test_migrations_go_down_and_up_again(core: Core, name: str) -> None:
    every = histories.every(core.plugins)
    mine = [history for history in every if history.owner == name]
    had = _tables(core, name)
    assert bool(had) == bool(mine)
    for history in mine:
        migrate.downgrade(core.db, history)
        assert _tables(core, name) == set()
    assert histories.pending(core.db, every) == [history.owner for history in mine]
    migrate.upgrade(core.db, every)
    assert histories.pending(core.db, every) == []
    assert _tables(core, name) == had


def test_all_migrations_go_down_and_up_again(core: Core) -> None:
    every = histories.every(core.plugins)
    for history in reversed(every):
        migrate.downgrade(core.db, history)
    left = sa.inspect(core.db.engine).get_table_names()
    assert [table for table in left if not table.startswith("alembic_version_")] == []
    migrate.upgrade(core.db, every)
    assert histories.pending(core.db, every) == []
    assert [migrate.differences(core.db, history) for history in every] == [[] for _ in every]


@pytest.mark.parametrize("owner", ["core", *NAMES])
def test_migrations_make_what_the_models_say(core: Core, owner: str) -> None:
    assert migrate.differences(core.db, histories.History(owner, Path())) == []


def test_a_difference_between_migrations_and_models_is_seen(core: Core) -> None:
    with core.db.write() as session:
        session.execute(sa.text("DROP INDEX ix_guestbook_entry_page_id"))
    assert migrate.differences(core.db, histories.History("guestbook", Path())) != []
