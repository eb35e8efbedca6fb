"""Doubles of other servers on this machine, for tests of what asks one."""

import threading
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, ClassVar, TypeVar

import pytest
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

POLL_SECONDS = 0.01


class Double(ABC):
    """Speaks as another server does, and keeps what it was asked."""

    path: ClassVar[str] = ""
    """Of what is asked, if that is always the same."""

    def __init__(self) -> None:
        self.asked: list[Request] = []
        self.url = ""
        """Where it is asked, once it listens."""
        self.is_over = threading.Event()
        """Set when the test is: whoever lets others wait waits for it."""

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        request = Request(environ)
        # Read now: the test looks at it when the connection is closed.
        request.get_data(parse_form_data=True)
        self.asked.append(request)
        return self.respond(request)(environ, start_response)

    @abstractmethod
    def respond(self, request: Request) -> Response: ...

    def drip(self, drop: bytes = b" ") -> Iterator[bytes]:
        """Return a body that has no end."""
        while not self.is_over.wait(POLL_SECONDS):
            yield drop


AnyDouble = TypeVar("AnyDouble", bound=Double)


@contextmanager
def listening(double: AnyDouble) -> Iterator[AnyDouble]:
    """Let `double` answer on a port of its own."""
    server = make_server("127.0.0.1", 0, double, threaded=True)
    double.url = f"http://127.0.0.1:{server.port}{double.path}"
    thread = threading.Thread(target=server.serve_forever, args=[POLL_SECONDS])
    thread.start()
    try:
        with pytest.MonkeyPatch.context() as patch:
            # A proxy of the machine would not find it.
            patch.setenv("NO_PROXY", "127.0.0.1")
            patch.setenv("no_proxy", "127.0.0.1")
            yield double
    finally:
        double.is_over.set()
        server.shutdown()
        thread.join()
        server.server_close()
