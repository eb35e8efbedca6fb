"""Ceilings: a server that always answers the same bytes, without and with Flask.

    python -m benchmarks.peers.constant bare|flask PORT

As `comments-service serve` serves: the same server, workers and threads. The variable BENCH_BODY
names a file with the bytes.
"""

import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask, Response

from benchmarks.peers.systems import WORKERS
from comments_service.serving import serve_app

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

BODY = "BENCH_BODY"
TYPE = "application/json"


def bare() -> "WSGIApplication":
    """Make an application that reads what is sent, and answers."""
    body = Path(os.environ[BODY]).read_bytes()
    headers = [("Content-Type", TYPE), ("Content-Length", str(len(body)))]

    def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        environ["wsgi.input"].read()
        start_response("200 OK", headers)
        return [body]

    return answer


def flask() -> Flask:
    """Make an application with one view that does the same."""
    app = Flask(__name__)
    body = Path(os.environ[BODY]).read_bytes()

    @app.route("/", defaults={"path": ""})
    @app.route("/<path:path>", methods=["GET", "POST"])
    def view(path: str) -> Response:
        del path
        return Response(body, mimetype=TYPE)

    return app


if __name__ == "__main__":
    kind, port = sys.argv[1:]
    serve_app("127.0.0.1", int(port), target=f"benchmarks.peers.constant:{kind}", workers=WORKERS)
