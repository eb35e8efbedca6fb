"""Serving the application over HTTP, with a clear word when the port is taken."""

import gc
import ipaddress
import pkgutil
import signal
import socket
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import click
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

if TYPE_CHECKING:
    from flask import Flask

# Blocking threads per process: requests wait for the disk more than for the processor.
THREADS = 4
# Requests under way may end within this; a worker that does not stop then is killed.
STOP_SECONDS = 5
# So many new objects call for a look for garbage: Python's usual 700 are there every few requests.
GARBAGE = 10_000


PORTS = 65536
DEFAULT_PORT = 8000


class PortTaken(OSError):
    """Somebody listens there already, or the address is none of this machine's."""


def check_port(host: str, port: int) -> None:
    """Raise PortTaken unless a server could listen at `host` and `port` now."""
    host = bare(host)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except (OSError, OverflowError) as error:
            other = port + 10 if port + 10 < PORTS else DEFAULT_PORT
            raise PortTaken(
                f"Can't listen on {printable(host)}:{port} ({error}). "
                f"Choose another port, for example --port {other}, or make demo PORT={other}"
            ) from None


def bare(host: str) -> str:
    """Return `host` as a server wants it: an address without brackets."""
    host = host.strip("[]")
    return "127.0.0.1" if host == "localhost" else host


def printable(host: str) -> str:
    """Return `host` as it stands in a URL."""
    host = bare(host)
    return f"[{host}]" if ":" in host else host


def is_wildcard(host: str) -> bool:
    try:
        return ipaddress.ip_address(bare(host)).is_unspecified
    except ValueError:
        return False


def serve_app(
    host: str, port: int, *, target: str = "comments_service:create_app", workers: int = 1
) -> None:
    """Serve the application factory `target` until the process is told to stop."""
    Granian(
        target,
        address=bare(host),
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=THREADS,
        factory=True,
        websockets=False,
        log_level=LogLevels.warning,
        workers_kill_timeout=STOP_SECONDS,
    ).serve(target_loader=_load)


def _load(target: str) -> "Flask":
    """Call the application factory `target` in a worker; end it with the message of an error."""
    # Ctrl+C reaches every process of a terminal. The first one then stops its workers, and a worker
    # that is told twice at once may hang.
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    # What is there when the service starts stays: to look through it for garbage again and again
    # would cost the start a fifth, and then each request.
    gc.disable()
    create: Callable[[], Flask] = pkgutil.resolve_name(target)
    try:
        app = create()
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    gc.freeze()
    gc.set_threshold(GARBAGE)
    gc.enable()
    return app
