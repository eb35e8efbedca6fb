"""Who is asking, as far as we may know: signed visitor tokens, and networks that only limit."""

import datetime
import functools
import hashlib
import hmac
import ipaddress
import secrets

import sqlalchemy as sa
from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy.orm import Session

from comments_service.db import insert
from comments_service.models import Salt

VISITOR_BYTES = 16
IPV4_BITS = 32
IPV6_BITS = 64
WIDER_IPV4_BITS = (24,)
WIDER_IPV6_BITS = (56, 48)
DIGEST_BYTES = 16
TOKEN_LENGTH = 200
ADDRESSES = 4096
"""Whose networks a process remembers, in its memory alone."""
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
        self._key = keys.derive("visitor")

    def _serializer(self, site_id: int) -> URLSafeSerializer:
        return URLSafeSerializer(self._key, salt=f"site-{site_id}")

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


@functools.lru_cache(ADDRESSES)
def network_of(address: str) -> str:
    """Cut an address to what one person controls: IPv4 /32, IPv6 /64.

    What is no address (a Unix socket's peer) is one network of its own, so that limits still hold.
    """
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    bits = IPV4_BITS if ip.version == 4 else IPV6_BITS  # noqa: PLR2004
    return str(ipaddress.ip_network((ip, bits), strict=False))


@functools.lru_cache(ADDRESSES)
def widening(network: str) -> tuple[str, ...]:
    """Return `network` and the wider ones around it: IPv4 /24, IPv6 /56 and /48.

    A provider gives a customer one of these: what is sent from all over it may be one sender.
    """
    try:
        narrow = ipaddress.ip_network(network)
    except ValueError:
        return (network,)
    bits = WIDER_IPV4_BITS if narrow.version == 4 else WIDER_IPV6_BITS  # noqa: PLR2004
    return (network, *(str(narrow.supernet(new_prefix=each)) for each in bits))


def kept_salt(session: Session, day: datetime.date) -> bytes | None:
    """Return the salt of `day`; None once it is destroyed, or if it was never made."""
    return session.scalar(sa.select(Salt.salt).where(Salt.day == day))


def daily_salt(session: Session, today: datetime.date) -> bytes:
    """Return the salt of a site's `today`, made on its first use, when old ones are destroyed.

    Once a salt is gone, nothing on disk ties a hash made with it to a network. Where the day begins
    last, yesterday's is still in use when the day after tomorrow's is made elsewhere: so two days
    are kept.
    """
    salt = kept_salt(session, today)
    if salt is None:
        session.execute(sa.delete(Salt).where(Salt.day < today - SALT_KEPT))
        fresh = insert(session, Salt).values(day=today, salt=secrets.token_bytes(32))
        session.execute(fresh.on_conflict_do_nothing())
        salt = session.scalars(sa.select(Salt.salt).where(Salt.day == today)).one()
    return salt
