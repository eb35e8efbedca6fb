"""The wheel holds all that is needed and nothing else, and runs where no checkout is."""

import rjsmin

from tests.ports import free_port

from .conftest import ROOT, Installed, fetch

PLUGINS = {file.parent.name for file in (ROOT / "plugins").glob("*/plugin.py")}


def test_the_wheel_holds_what_is_needed_and_nothing_else(wheel_names: list[str]) -> None:
    assert {name.partition("/")[0] for name in wheel_names if ".dist-info" not in name} == {
        "comments_service"
    }
    assert [name for name in wheel_names if "tests" in name.split("/")] == []
    catalogs = {name for name in wheel_names if name.endswith(".mo")}
    sources = {name for name in wheel_names if name.endswith(".po")}
    assert catalogs == {name.removesuffix(".po") + ".mo" for name in sources}
    assert len(catalogs) >= 1 + len(PLUGINS)
    assert "comments_service/static/embed.js" in wheel_names
    for name in PLUGINS:
        assert f"comments_service/plugins/{name}/plugin.py" in wheel_names


def test_every_file_of_the_service_is_in_the_wheel(wheel_names: list[str]) -> None:
    for folder, inside in (("comments_service", ""), ("plugins", "comments_service/")):
        wanted = {
            inside + str(file.relative_to(ROOT))
            for file in (ROOT / folder).rglob("*")
            if file.is_file() and not {"__pycache__", "tests"} & set(file.relative_to(ROOT).parts)
        }
        assert wanted - set(wheel_names) == set()


def test_the_installed_service_serves(installed: Installed) -> None:
    listed = [line.split("\t") for line in installed.run("plugins", "list").splitlines()]
    folder = installed.packages / "comments_service" / "plugins"
    assert sorted(listed) == [[name, "on", str(folder / name)] for name in sorted(PLUGINS)]
    installed.run("db", "upgrade")
    installed.run("site", "add", "portal", "--name", "Portal", "--origin", "https://portal.example")

    port = free_port()
    output = installed.start("serve", "--port", str(port))
    service = f"http://127.0.0.1:{port}"
    assert fetch(f"{service}/embed.js", output).text == rjsmin.jsmin(
        (ROOT / "embed.js").read_text()
    )
    assert fetch(f"{service}/readyz", output).text == "ok\n"
    page = fetch(f"{service}/embed/portal/comments?page=/bai-1", output)
    assert page.status_code == 200
    assert "Bình luận" in page.text
    assert "data:image/png;base64," in page.text
    assert fetch(f"{service}/embed/portal/nothing?page=/bai-1", output).status_code == 404
    assert "Traceback" not in output()


def test_the_installed_demonstration_starts(installed: Installed) -> None:
    port = free_port()
    output = installed.start("demo", "--port", str(port))
    portal = fetch(f"http://127.0.0.1:{port + 1}/", output)
    assert portal.status_code == 200
    assert f":{port}/embed.js" in portal.text
    script = fetch(f"http://127.0.0.1:{port}/embed.js", output)
    assert script.text == rjsmin.jsmin((ROOT / "embed.js").read_text())
    assert "user name admin, password " in output()
    assert "Traceback" not in output()
