"""Questions to servers that the operator named: one POST, one answer, one deadline for all of it.

Neither what is sent nor what comes back is logged here, and no failure's message holds any of it.
"""

import asyncio
import dataclasses
import functools
import ssl
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx

MAX_BYTES = 64 * 1024


class Failure(Exception):
    """There is no answer to go by; the message says why, in words for the log."""


class NoAnswer(Failure):
    """Nobody was reached, or the answer was not whole in time."""


class BadAnswer(Failure):
    """What came is not what was asked for."""


@dataclasses.dataclass(frozen=True)
class Answer:
    """What the server said, as it came."""

    body: bytes
    headers: Mapping[str, str]
    """By name, however that is capitalised."""


def is_address(url: str) -> bool:
    """Tell whether `url` can be asked: http or https, a host, and no password for logs to show."""
    try:
        parts = urlsplit(url)
        httpx.URL(url)
    except (ValueError, httpx.InvalidURL):
        return False
    has_host = bool(parts.hostname) and "@" not in parts.netloc
    return parts.scheme in ("http", "https") and has_host and not parts.fragment


def post(
    url: str,
    *,
    form: Mapping[str, str] | None = None,
    json: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
    timeout_s: float,
    max_bytes: int = MAX_BYTES,
) -> Answer:
    """Send `form` or `json` to `url` and return the answer; raise NoAnswer or BadAnswer.

    Redirects are not followed, an answer longer than `max_bytes` is not read to its end, and
    `timeout_s` bounds the whole of it, a body that only drips included. (The system's own patience
    counts where it looks up the host's name.)
    """
    sent = {"User-Agent": "comments-service", "Accept-Encoding": "identity", **(headers or {})}
    return asyncio.run(
        _post(url, {"data": form, "json": json, "headers": sent}, timeout_s, max_bytes)
    )


async def _post(url: str, request: Mapping[str, Any], timeout_s: float, max_bytes: int) -> Answer:
    try:
        async with (
            asyncio.timeout(timeout_s),
            httpx.AsyncClient(verify=authorities(), timeout=None) as client,  # noqa: S113 (above)
            client.stream("POST", url, **request) as response,
        ):
            if not response.is_success:
                raise BadAnswer(f"HTTP status {response.status_code}")
            body = bytearray()
            async for chunk in response.aiter_raw():
                body += chunk
                if len(body) > max_bytes:
                    raise BadAnswer(f"more than {max_bytes} bytes")
            return Answer(bytes(body), response.headers)
    except TimeoutError:
        raise NoAnswer(f"not within {timeout_s} s") from None
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        # Its own message may quote what was sent.
        raise NoAnswer(type(error).__name__) from None


@functools.cache
def authorities() -> ssl.SSLContext:
    """Return whose certificates are believed; to read them takes longer than to ask."""
    return httpx.create_ssl_context()
