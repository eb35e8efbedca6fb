"""Who is asking, as far as we may know: signed visitor tokens, and networks that only limit."""

import datetime
import functools
import hashlib
import hmac
import secrets
import socket

import sqlalchemy as sa
from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy.orm import Session

from comments_service.db import insert
from comments_service.models import Salt

VISITOR_BYTES = 16
NETWORK_BYTES = {socket.AF_INET: (4, 3), socket.AF_INET6: (8, 7, 6)}
"""Of an address, the bytes that name the networks around it, the narrowest first."""
IPV4_MAPPED = bytes(10) + b"\xff\xff"
"""With these an IPv6 address begins that stands for the IPv4 address after them."""
NO_NETWORK = "unknown"
DIGEST_BYTES = 16
TOKEN_LENGTH = 200
ADDRESSES = 4096
"""Whose networks a process remembers, in its memory alone."""
SITES = 256
"""Whose signatures a process has at hand."""
SALT_KEPT = datetime.timedelta(days=2)


class Keys:
    """The one secret of the service, turned into a key of its own for each purpose."""

    def __init__(self, secret: str) -> None:
        self._secret = secret

    def derive(self, purpose: str) -> bytes:
        return _derive(self._secret, purpose)

    def digest(self, purpose: str, text: str) -> str:
        """Return a keyed hash of `text` as 32 hex digits."""
        key = self.derive(purpose)
        return hashlib.blake2b(text.encode(), key=key, digest_size=DIGEST_BYTES).hexdigest()


@functools.lru_cache(64)
def _derive(secret: str, purpose: str) -> bytes:
    return hmac.digest(secret.encode(), purpose.encode(), "sha256")


class Visitors:
    """Makes and reads visitor tokens: a random id, signed, good for one site only."""

    def __init__(self, keys: Keys) -> None:
        key = keys.derive("visitor")
        self._serializer = functools.lru_cache(SITES)(
            lambda site_id: URLSafeSerializer(key, salt=f"site-{site_id}")
        )

    def new(self) -> str:
        """Return a fresh visitor id, 32 hex digits."""
        return secrets.token_hex(VISITOR_BYTES)

    def token(self, site_id: int, visitor: str) -> str:
        """Return what the browser keeps for `visitor`."""
        return str(self._serializer(site_id).dumps(visitor))

    def read(self, site_id: int, token: str) -> str | None:
        """Return the visitor id in `token`, or None for any token that isn't this site's own."""
        if not token or len(token) > TOKEN_LENGTH:
            return None
        try:
            visitor = self._serializer(site_id).loads(token)
        except (BadData, ValueError):
            return None
        return visitor if isinstance(visitor, str) else None


def network_of(address: str) -> str:
    """Cut an address to what one person controls: IPv4 /32, IPv6 /64.

    What is no address (a Unix socket's peer) is one network of its own, so that limits still hold.
    """
    return _networks(address.partition("%")[0])[0]


def widening(network: str) -> tuple[str, ...]:
    """Return `network` and the wider ones around it: IPv4 /24, IPv6 /56 and /48.

    A provider gives a customer one of these: what is sent from all over it may be one sender.
    """
    return _networks(network.partition("/")[0])


# For each new reader: the module ipaddress takes 7 times as long for IPv4, 9 times for IPv6.
@functools.lru_cache(ADDRESSES)
def _networks(address: str) -> tuple[str, ...]:
    try:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        packed = socket.inet_pton(family, address)
    except (OSError, ValueError):
        return (NO_NETWORK,)
    if packed.startswith(IPV4_MAPPED):
        family, packed = socket.AF_INET, packed.removeprefix(IPV4_MAPPED)
    size = len(packed)
    return tuple(
        f"{socket.inet_ntop(family, packed[:kept].ljust(size, bytes(1)))}/{8 * kept}"
        for kept in NETWORK_BYTES[family]
    )


def kept_salt(session: Session, day: datetime.date) -> bytes | None:
    """Return the salt of `day`; None once it is destroyed, or if it was never made."""
    return session.scalar(sa.select(Salt.salt).where(Salt.day == day))


def daily_salt(session: Session, today: datetime.date) -> bytes:
    """Return the salt of a site's `today`, made on its first use, when old ones are destroyed.

    Once a salt is gone, nothing on disk ties a hash made with it to a network. Where the day begins
    last, yesterday's is still in use when the day after tomorrow's is made elsewhere: so two days
    are kept, and a salt goes when that of its third day after is made, or of a later one. While
    nobody comes none is made, and the last ones stay.
    """
    salt = kept_salt(session, today)
    if salt is None:
        session.execute(sa.delete(Salt).where(Salt.day < today - SALT_KEPT))
        fresh = insert(session, Salt).values(day=today, salt=secrets.token_bytes(32))
        session.execute(fresh.on_conflict_do_nothing())
        salt = session.scalars(sa.select(Salt.salt).where(Salt.day == today)).one()
    return salt
