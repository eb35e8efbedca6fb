"""Ports for servers that tests start."""

import random

from comments_service.serving import PortTaken, check_port

PORTS = range(20_000, 32_000, 2)
"""Below those that the system gives to whoever asks for any: none of these is gone meanwhile."""


def is_free(port: int) -> bool:
    try:
        check_port("127.0.0.1", port)
        check_port("::1", port)
    except PortTaken:
        return False
    return True


def free_port() -> int:
    """Return a port that is free, as the next one is."""
    ports = iter(lambda: random.choice(PORTS), None)
    return next(port for port in ports if is_free(port) and is_free(port + 1))
