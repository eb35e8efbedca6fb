"""The command `comments-service demo` on a terminal: starting, starting again, ending."""

import socket
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import LONG, Comments, Dashboard
from tests.browser.running import SECONDS, Demo, get, running, start
from tests.ports import free_port


@pytest.fixture
def instance(tmp_path: Path) -> Path:
    return tmp_path / "instance"


def test_it_starts_on_every_address_and_again_on_ipv6_alone(page: Page, instance: Path) -> None:
    with running(instance, host="::") as demo:
        for name in ("127.0.0.1", "[::1]", "localhost"):
            assert get(f"http://{name}:{demo.port}/readyz").text == "ok\n"
            assert "Xã Đồng Sen" in get(f"http://{name}:{demo.port + 1}/").text
        dashboard = Dashboard(page, demo)
        dashboard.log_in()
        dashboard.approve("Vinh máy xúc")
        first_password = demo.password

    with running(instance, host="::1") as demo:
        assert demo.password != first_password
        assert demo.service == f"http://[::1]:{demo.port}"
        page.goto(demo.article(LONG))
        # Decided before the second start.
        expect(Comments(page, demo).by("Vinh máy xúc")).to_be_visible()
        script = page.locator("script[data-site]")
        expect(script).to_have_attribute("src", f"http://[::1]:{demo.port}/embed.js")
        # As Ctrl+C does; every process ends.
        demo.interrupt()


@pytest.mark.parametrize("after", [0, 1], ids=["the service's", "the portal's"])
def test_a_taken_port_is_told_with_another_to_try(instance: Path, after: int) -> None:
    port = free_port()
    taken = port + after
    with socket.create_server(("127.0.0.1", taken)):
        demo = start(instance, port=port)
        assert demo.process.wait(SECONDS) == 1
    assert f"Can't listen on 127.0.0.1:{taken}" in demo.told
    assert f"make demo PORT={taken + 10}" in demo.told
    assert "Traceback" not in demo.told
    assert not instance.exists()


def test_the_service_leads_to_the_portal(demo: Demo) -> None:
    answer = get(f"{demo.service}/demo/")
    assert answer.status_code == 302
    assert answer.headers["Location"] == f"{demo.portal}/"
