"""A classifier on this machine, and a draft to ask it about."""

import datetime
import threading
from collections.abc import Iterator

import pytest
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from comments_service.models import Site
from comments_service.verdicts import Draft, Standing

TOKEN = "a-bearer-token"


class Double:
    """Says what a test puts in its mouth, to whoever has the token."""

    def __init__(self) -> None:
        self.asked: list[Request] = []
        self.is_over = threading.Event()
        self.url = ""
        self.answer = Response('{"verdict": "hold"}')

    @Request.application
    def __call__(self, request: Request) -> Response:
        request.get_data()
        self.asked.append(request)
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return Response('{"verdict": "accept"}', status=403)
        return self.answer

    def drip(self) -> Iterator[bytes]:
        while not self.is_over.wait(0.01):
            yield b" "


@pytest.fixture
def double(monkeypatch: pytest.MonkeyPatch) -> Iterator[Double]:
    # A proxy of the machine would not find it.
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    double = Double()
    server = make_server("127.0.0.1", 0, double, threaded=True)
    double.url = f"http://127.0.0.1:{server.port}/judge"
    thread = threading.Thread(target=server.serve_forever, args=[0.01])
    thread.start()
    yield double
    double.is_over.set()
    server.shutdown()
    thread.join()
    server.server_close()


DRAFT = Draft(
    site=Site(key="portal", locale="vi", origins=["https://portal.example"]),
    page_key="/tin-tuc/mot-bai",
    page_id=1,
    page_url=None,
    kind="comment",
    author="Lan",
    email="lan@example.vn",
    text="Bài viết rất hữu ích.",
    visitor="a-visitor",
    standing=Standing(),
    networks=("a-network",),
    user_agent="Mozilla/5.0",
    locale="vi",
    now=datetime.datetime(2026, 11, 22, 10, tzinfo=datetime.UTC),
)
