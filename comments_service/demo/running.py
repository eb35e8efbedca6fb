"""Runs the demonstration: the service on one port, the portal on the next, until it is stopped."""

import contextlib
import multiprocessing
import os
import secrets
import socket

import click
from flask import Flask

from comments_service import startup
from comments_service.core import Core
from comments_service.demo.portal import create_portal
from comments_service.demo.seeding import SITE_KEY, seed
from comments_service.serving import bare, check_port, is_wildcard, printable, serve_app

ADMIN = "admin"
PASSWORD_BYTES = 9
# Not COMMENTS_*: these are no settings of the service.
PORT_VARIABLE = "DEMO_SERVICE_PORT"
LOOPBACK_VARIABLE = "DEMO_SERVICE_LOOPBACK"


def run(host: str, port: int) -> None:
    """Prepare the data, tell where to look, and serve both until the process is told to stop."""
    portal_port = port + 1
    check_port(host, port)
    check_port(host, portal_port)
    service_name, portal_name = _names(host)
    portal = f"http://{portal_name}:{portal_port}/"
    os.environ["COMMENTS_DEMO_URL"] = portal
    core: Core = startup.prepare().extensions["comments_service"]
    seed(core, _origins(host, portal_port))
    # A new one at every start: none is ever written down.
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    core.accounts.save(ADMIN, password)
    core.db.engine.dispose()
    click.echo(
        f"\n  Portal      {portal}"
        f"\n  Service     http://{service_name}:{port}/demo/"
        f"\n  Dashboard   http://{service_name}:{port}/admin/"
        f"\n              user name {ADMIN}, password {password}"
        "\n\n  Stop with Ctrl+C.\n"
    )
    os.environ[PORT_VARIABLE] = str(port)
    os.environ[LOOPBACK_VARIABLE] = service_name
    beside = multiprocessing.get_context("spawn").Process(
        target=serve_app,
        args=(host, portal_port),
        kwargs={"target": f"{__name__}:create_demo_portal"},
    )
    beside.start()
    try:
        serve_app(host, port)
    finally:
        beside.terminate()
        beside.join()


def create_demo_portal() -> Flask:
    """Make the portal as `run` asked for it; called in the portal's own process."""
    return create_portal(
        int(os.environ[PORT_VARIABLE]), SITE_KEY, loopback=os.environ[LOOPBACK_VARIABLE]
    )


def _names(host: str) -> tuple[str, str]:
    """Return how to address service and portal: by two names, so that they are two sites."""
    if is_wildcard(host) or bare(host) == "127.0.0.1":
        return "127.0.0.1", "localhost"
    if bare(host) == "::1":
        return "[::1]", "localhost"
    return printable(host), printable(host)


def _origins(host: str, port: int) -> list[str]:
    names = ["localhost", "127.0.0.1", "[::1]"]
    names += _own_names() if is_wildcard(host) else [printable(host)]
    return [f"http://{name}:{port}" for name in dict.fromkeys(names)]


def _own_names() -> list[str]:
    """Return this machine's name, and the addresses under which others on its network see it."""
    names = [socket.gethostname().lower()]
    for family, elsewhere in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):
        with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
            # Sends nothing: it only chooses the address that a packet would carry.
            probe.connect((elsewhere, 9))
            names.append(printable(probe.getsockname()[0]))
    return names
