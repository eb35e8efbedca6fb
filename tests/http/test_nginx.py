"""The include door behind Debian's nginx, with the configuration of docs/deploy."""

import re
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from flask import Flask
from werkzeug.serving import make_server

from comments_service import sites, snippets
from comments_service.core import Core
from comments_service.paths import CHECKOUT
from comments_service.testing import ORIGIN, MakeApp, Reader, add_site
from comments_service.views import doors
from tests.ports import free_port

# No store makes a difference to what nginx puts into a page.
STORES = ("sqlite",)

HOST = "127.0.0.1"
SITE = "open"
PAGE = "/tin-tuc/mot-bai.html"
ODD_PAGE = "/a+b"
ARTICLE = "<h1>Mở đường ra cánh đồng</h1>"
COMMENT = "Nội dung cho máy tìm kiếm"
COMMAND = '<!--# include virtual="/secret.html" -->'
PATIENCE_SECONDS = 20
# Beside the time-outs of the configuration: what a busy machine needs for the page itself.
LEEWAY_SECONDS = 5

assert CHECKOUT is not None
CONFIGURATION = (CHECKOUT / "docs" / "deploy" / "nginx-ssi.conf").read_text()
AROUND = """
daemon off;
user root;
worker_processes 1;
pid {folder}/pid;
error_log {folder}/error.log;
events {{}}
http {{
    default_type text/html;
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/portal.conf;
}}
"""


def configuration(folder: Path, port: int, service_port: int) -> str:
    """Return the example for this machine: each address and folder that it names, and no more."""
    text = CONFIGURATION
    for theirs, ours in {
        "listen 80;": f"listen {HOST}:{port};",
        "listen [::]:80;": "",
        "root /srv/portal;": f"root {folder}/pages;",
        "/var/cache/nginx/comments": f"{folder}/cache",
        "https://comments.example.vn/": f"http://{HOST}:{service_port}/",
    }.items():
        assert text.count(theirs) == 1, theirs
        text = text.replace(theirs, ours)
    return text


def with_patience(text: str) -> str:
    """Return the configuration for a busy machine: a service that answers is waited for."""
    return re.sub(r"(?<= )\d+ms;", f"{PATIENCE_SECONDS}s;", text)


def until(look: Callable[[], Any], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not look():
        assert time.monotonic() < deadline, f"not within {PATIENCE_SECONDS} s: {what}"


class Portal:
    """A web server with one article, whose page takes in the widgets of the service."""

    def __init__(self, folder: Path, service_port: int, *, is_patient: bool) -> None:
        self._folder = folder
        self._port = free_port()
        text = configuration(folder, self._port, service_port)
        (folder / "portal.conf").write_text(with_patience(text) if is_patient else text)
        (folder / "nginx.conf").write_text(AROUND.format(folder=folder))

    def publish(self, page: str, text: str) -> None:
        file = self._folder / "pages" / page.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def read(self, page: str = f"{PAGE}?utm_source=mail", **headers: str) -> httpx.Response:
        address = f"http://{HOST}:{self._port}{page}"
        return httpx.get(address, headers=headers, timeout=PATIENCE_SECONDS, trust_env=False)

    def answers(self) -> bool:
        try:
            with socket.create_connection((HOST, self._port)):
                return True
        except ConnectionRefusedError:
            return False

    @contextmanager
    def running(self) -> Iterator[None]:
        command = ["nginx", "-p", str(self._folder), "-c", str(self._folder / "nginx.conf")]
        with (self._folder / "output").open("wb") as output:
            nginx = subprocess.Popen(command, stdout=output, stderr=output)  # noqa: S603 (ours)
        try:
            until(lambda: nginx.poll() is not None or self.answers(), "nginx is up")
            assert nginx.poll() is None, (self._folder / "output").read_text()
            yield
        finally:
            nginx.terminate()
            nginx.wait(PATIENCE_SECONDS)


class Service:
    """The service on a port of its own; it can go away, and it counts who asks."""

    def __init__(self, app: Flask, port: int) -> None:
        self.asked: list[dict[str, Any]] = []
        self.fails = False
        self.port = port
        self.app = app

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:  # noqa: ANN401 (WSGI's)
        self.asked.append(environ)
        if self.fails:
            start_response("500 Internal Server Error", [("Content-Type", "text/html")])
            return [b"<h1>A page of errors</h1>"]
        return self.app(environ, start_response)

    @contextmanager
    def running(self) -> Iterator[None]:
        server = make_server(HOST, self.port, self, threaded=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


@pytest.fixture
def service(make_app: MakeApp, tmp_path: Path) -> Service:
    port = free_port()
    app = make_app(public_url=f"http://{HOST}:{port}")
    add_site(app, SITE, comments={"hold": "no"})
    Reader(app, site=SITE, page=PAGE).comment(text=f"{COMMENT} {COMMAND}")
    return Service(app, port)


@pytest.fixture
def portal(service: Service, tmp_path: Path) -> Iterator[Portal]:
    with make_portal(service, tmp_path, is_patient=True) as portal:
        yield portal


@pytest.fixture
def portal_as_shipped(service: Service, tmp_path: Path) -> Iterator[Portal]:
    """Run the portal with the time-outs of the example."""
    with make_portal(service, tmp_path, is_patient=False) as portal:
        yield portal


@contextmanager
def make_portal(service: Service, tmp_path: Path, *, is_patient: bool) -> Iterator[Portal]:
    """Run the portal; its page has the lines of the snippet."""
    core: Core = service.app.extensions["comments_service"]
    with core.db.read() as session, service.app.test_request_context():
        site = sites.get(session, SITE)
        code = snippets.snippet("nginx", site, "https://comments.example.vn").code
    includes = re.findall(r"(?m)^<comments-service .*$", code)
    assert len(includes) == 3
    folder = tmp_path / "nginx"
    folder.mkdir()
    portal = Portal(folder, service.port, is_patient=is_patient)
    for page in (PAGE, ODD_PAGE):
        portal.publish(page, "\n".join([ARTICLE, *includes, "<footer></footer>"]))
    portal.publish("/secret.html", "the secret")
    with portal.running():
        yield portal


def is_whole(page: httpx.Response) -> bool:
    return page.status_code == 200 and ARTICLE in page.text and "<footer></footer>" in page.text


def seconds(directive: str) -> float:
    found = re.search(rf"{directive} (\d+)ms;", CONFIGURATION)
    assert found
    return int(found[1]) / 1000


def test_the_comments_are_in_the_served_page(portal: Portal, service: Service) -> None:
    with service.running():
        page = portal.read()

    assert is_whole(page)
    assert COMMENT in page.text
    assert page.text.count("<section ") == 3


def test_what_readers_wrote_is_no_command(portal: Portal, service: Service) -> None:
    with service.running():
        assert "the secret" not in portal.read().text


def test_the_next_reader_is_answered_from_the_cache(portal: Portal, service: Service) -> None:
    with service.running():
        first = portal.read()
        second = portal.read(Origin="https://portal.example.vn", Accept_Encoding="gzip")

    assert first.text == second.text
    assert len(service.asked) == 3
    assert {each["QUERY_STRING"] for each in service.asked} == {f"address={PAGE}"}


@pytest.mark.parametrize(
    "query",
    [
        "?x=1&y=2",
        "?x=a+b&y=c%20d&z=%2B",
        "?x=1&address=/khac",
        "?&page=/khac&lang=en&title=Khac",
        "?x=1&utm_source=mail&y=2",
        "?ten=Th%E1%BA%A1ch",
    ],
)
def test_a_page_is_the_one_that_the_script_means(
    portal: Portal, service: Service, query: str
) -> None:
    page = ODD_PAGE + query
    reader = Reader(service.app, site=SITE, page=f"{ORIGIN}{page}")
    reader.page = reader.view()["page"]
    reader.comment(text="Ở đúng trang này")

    with service.running():
        assert "Ở đúng trang này" in portal.read(page).text
        assert "Ở đúng trang này" not in portal.read(f"{ODD_PAGE}?x=2").text


def test_where_readers_come_from_makes_no_page_of_its_own(portal: Portal, service: Service) -> None:
    tracked = ["&fbclid=x", "&utm_source=a&utm_medium=b+c", "&UTM_Id=1&gclid", ""]
    with service.running():
        pages = [portal.read(f"{ODD_PAGE}?x=1{each}").text for each in tracked]
        pages += [portal.read(f"{PAGE}?{each[1:]}").text for each in tracked[:-1]]

    assert len(set(pages)) == 2
    asked = {each["QUERY_STRING"] for each in service.asked}
    assert asked == {f"address={ODD_PAGE}?x=1", f"address={PAGE}"}
    assert len(service.asked) == 6


def test_the_service_learns_nothing_of_the_reader(portal: Portal, service: Service) -> None:
    with service.running():
        portal.read(Cookie="portal=secret", Authorization="Basic c2VjcmV0", User_Agent="Firefox")

    told = {name for each in service.asked for name in each if name.startswith("HTTP_")}
    assert told == {"HTTP_HOST", "HTTP_CONNECTION", "HTTP_X_FORWARDED_FOR"}


def test_the_page_comes_when_the_service_is_down(portal_as_shipped: Portal) -> None:
    page = portal_as_shipped.read()

    assert is_whole(page)
    assert "502" not in page.text
    assert page.elapsed.total_seconds() < seconds("proxy_connect_timeout") + LEEWAY_SECONDS


def test_the_page_comes_when_the_service_is_slow(
    portal_as_shipped: Portal, service: Service
) -> None:
    with socket.create_server((HOST, service.port)):
        page = portal_as_shipped.read()

    waits = ("proxy_connect_timeout", "proxy_send_timeout", "proxy_read_timeout")
    assert is_whole(page)
    assert seconds("proxy_read_timeout") <= page.elapsed.total_seconds()
    assert page.elapsed.total_seconds() < sum(map(seconds, waits)) + LEEWAY_SECONDS


def test_the_page_comes_when_the_service_fails(portal: Portal, service: Service) -> None:
    service.fails = True
    with service.running():
        page = portal.read()

    assert is_whole(page)
    assert "A page of errors" not in page.text


def test_the_comments_stay_when_the_service_goes(
    portal: Portal, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doors, "INCLUDE_SECONDS", 1)
    with service.running():
        assert COMMENT in portal.read().text
        service.fails = True
        until(lambda: portal.read() and len(service.asked) > 3, "the cached page is old")
        assert COMMENT in portal.read().text

    page = portal.read()
    assert is_whole(page)
    assert COMMENT in page.text
