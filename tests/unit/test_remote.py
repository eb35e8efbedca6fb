"""One question to another server: what counts as an answer, and how long that may take."""

import logging
import socket
import threading
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.wrappers import Request, Response

from comments_service import remote
from comments_service.testing import Double, listening


class Server(Double):
    """Answers as the path says; what is slow goes on until the test is over."""

    def respond(self, request: Request) -> Response:
        answers = {
            "/ok": lambda: Response("well", headers={"X-Said": "yes"}),
            "/exact": lambda: Response("x" * 100),
            "/long": lambda: Response("x" * 101),
            "/endless": lambda: Response(self.drip(b"x" * 1000)),
            "/error": lambda: Response("well", status=500),
            "/missing": lambda: Response("well", status=404),
            "/redirect": lambda: Response(status=307, headers={"Location": f"{self.url}/ok"}),
            "/drip": lambda: Response(self.drip()),
        }
        if request.path == "/slow":
            self.is_over.wait()
        return answers.get(request.path, Response)()


@pytest.fixture
def server() -> Iterator[Server]:
    with listening(Server()) as server:
        yield server


def test_a_form_is_sent_and_the_answer_comes_back(server: Server) -> None:
    answer = remote.post(f"{server.url}/ok", form={"tên": "Lan & Huệ"}, timeout_s=5)

    assert answer.body == b"well"
    assert answer.headers["x-said"] == "yes"
    [request] = server.asked
    assert request.method == "POST"
    assert request.form.to_dict() == {"tên": "Lan & Huệ"}
    assert request.headers["Accept-Encoding"] == "identity"


def test_a_double_ends_with_its_test_even_if_that_fails() -> None:
    with pytest.raises(KeyError), listening(Server()) as server:
        raise KeyError
    with pytest.raises(remote.NoAnswer):
        remote.post(f"{server.url}/ok", form={}, timeout_s=5)


def test_json_is_sent_with_headers(server: Server) -> None:
    headers = {"Authorization": "Bearer abc"}
    remote.post(f"{server.url}/ok", json={"text": "chào"}, headers=headers, timeout_s=5)

    [request] = server.asked
    assert request.get_json() == {"text": "chào"}
    assert request.headers["Authorization"] == "Bearer abc"


@pytest.mark.parametrize("path", ["error", "missing"])
def test_an_error_is_no_answer(server: Server, path: str) -> None:
    with pytest.raises(remote.BadAnswer, match="HTTP status"):
        remote.post(f"{server.url}/{path}", form={}, timeout_s=5)


def test_a_redirect_is_not_followed(server: Server) -> None:
    with pytest.raises(remote.BadAnswer, match="307"):
        remote.post(f"{server.url}/redirect", form={"secret": "abc"}, timeout_s=5)
    assert len(server.asked) == 1


def test_an_answer_of_the_greatest_length_is_read(server: Server) -> None:
    answer = remote.post(f"{server.url}/exact", form={}, timeout_s=5, max_bytes=100)
    assert len(answer.body) == 100


@pytest.mark.parametrize("path", ["long", "endless"])
def test_a_longer_answer_is_not_read_to_its_end(server: Server, path: str) -> None:
    with pytest.raises(remote.BadAnswer, match="more than 100 bytes"):
        remote.post(f"{server.url}/{path}", form={}, timeout_s=5, max_bytes=100)


@pytest.mark.parametrize("path", ["slow", "drip"])
def test_the_time_counts_for_all_of_the_answer(server: Server, path: str) -> None:
    with pytest.raises(remote.NoAnswer, match=r"not within 0\.1 s"):
        remote.post(f"{server.url}/{path}", form={}, timeout_s=0.1)


def test_headers_that_drip_are_bounded_too(server: Server) -> None:
    # Whose certificates are believed is read with the first question, and would take its time.
    remote.post(f"{server.url}/ok", form={}, timeout_s=20)
    is_over = threading.Event()

    def drip(listening: socket.socket) -> None:
        try:
            connection, _ = listening.accept()
            with connection:
                connection.sendall(b"HTTP/1.1 200 OK\r\nX-Long: ")
                while not is_over.wait(0.01):
                    connection.sendall(b"x")
        except OSError:
            return  # Whoever asked has hung up, or never came.

    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(20)
        thread = threading.Thread(target=drip, args=[listening])
        thread.start()
        port = listening.getsockname()[1]
        with pytest.raises(remote.NoAnswer):
            remote.post(f"http://127.0.0.1:{port}/", form={}, timeout_s=0.1)
        is_over.set()
        thread.join()


def test_nobody_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    with pytest.raises(remote.NoAnswer, match="ConnectError"):
        remote.post(f"http://127.0.0.1:{port}/", form={}, timeout_s=5)


def test_neither_question_nor_answer_is_logged(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    remote.post(
        f"{server.url}/ok",
        form={"secret": "a-secret"},
        headers={"Authorization": "Bearer another-secret"},
        timeout_s=5,
    )
    assert "secret" not in caplog.text


@pytest.mark.parametrize(
    ("url", "good"),
    [
        ("https://rest.akismet.com/1.1/comment-check", True),
        ("http://127.0.0.1:8080/", True),
        ("http://[::1]:8080/classify?model=2", True),
        ("https://user:password@example.com/", False),
        ("https:///path", False),
        ("ftp://example.com/", False),
        ("file:///etc/passwd", False),
        ("example.com", False),
        ("https://example.com/#part", False),
        ("http://[::1", False),
        ("", False),
    ],
)
def test_what_can_be_asked(url: str, *, good: bool) -> None:
    assert remote.is_address(url) is good


@given(st.text())
def test_any_text_is_an_address_or_is_not(text: str) -> None:
    assert remote.is_address(text) in (True, False)
    assert remote.is_address(f"http://{text}") in (True, False)
