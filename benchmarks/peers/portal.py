"""nginx: the portal whose pages embed the systems, static files, and a stub of an outside host."""

import contextlib
import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from benchmarks.peers.processes import CACHE, LOOPBACK, Service, free_port, running
from benchmarks.peers.systems import WORKERS

FOLDER = CACHE / "portal"
SETTINGS = """\
daemon off;
worker_processes {workers};
pid {folder}/nginx.pid;
error_log stderr;
{user}
events {{ worker_connections 256; }}
http {{
    types {{ text/html html; text/css css; text/javascript js; application/json json; }}
    access_log off;
    keepalive_requests 1000000000;
    sendfile on;
    tcp_nopush on;
    gzip on;
    gzip_types text/css text/javascript;
    {temporary}
    server {{
        listen {address};
        root {folder}/files;
    }}
}}
"""


def version() -> str:
    told = subprocess.run(["nginx", "-v"], check=True, capture_output=True, text=True)  # noqa: S607
    return told.stderr.strip().rpartition("/")[2].split()[0]


def publish(name: str, body: bytes) -> None:
    """Let the portal serve `body` at /`name`."""
    path = FOLDER / "files" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)


def publish_folder(name: str, source: Path) -> None:
    """Let the portal serve a copy of the folder `source` below /`name`/."""
    shutil.copytree(source, FOLDER / "files" / name, dirs_exist_ok=True)


@contextlib.contextmanager
def serving() -> Iterator[Service]:
    """Run nginx."""
    port = free_port()
    publish("index.html", b"")
    # What Waline asks for with every request: a list of outside log-ins.
    publish("oauth.json", json.dumps({"services": []}).encode())
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    settings = FOLDER / "nginx.conf"
    settings.write_text(
        SETTINGS.format(
            workers=WORKERS,
            folder=FOLDER,
            # As root its workers would be nobody, who may not look into this folder.
            user="user root;" if _is_root() else "",
            temporary=" ".join(f"{kind}_temp_path {FOLDER}/{kind};" for kind in kinds),
            address=f"{LOOPBACK}:{port}",
        )
    )
    with running(["nginx", "-p", FOLDER, "-c", settings], port) as service:
        yield service


def _is_root() -> bool:
    return Path("/proc/self").owner() == "root"


def article(head: str, thread: str) -> bytes:
    """Return a plain article page that loads `head` and shows comments in `thread`."""
    return ARTICLE.format_map({"head": head, "thread": thread}).encode()


ARTICLE: str = """\
<!doctype html>
<html lang="vi">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Khánh thành cầu Bến Đá</title>
<link rel="icon" href="data:,">
{head}
<style>body {{ max-width: 40rem; margin: 1rem auto; font: 1rem/1.5 sans-serif }}</style>
<h1>Khánh thành cầu Bến Đá</h1>
<p>Sáng nay, cây cầu nối hai bờ kênh đã thông xe sau mười tháng thi công. Từ nay học sinh hai thôn
không còn phải đi đò, và xe chở lúa ra thẳng được đường tỉnh.</p>
{thread}
<footer><p>Cổng thông tin điện tử</p></footer>
"""
