"""Pages: which article an address means, and its row."""

import datetime
import hashlib
from urllib.parse import parse_qsl, urlencode, urlsplit

import sqlalchemy as sa
from sqlalchemy.orm import Session

from comments_service.db import insert
from comments_service.models import PAGE_KEY_LENGTH, Page, Site
from comments_service.text import clean_line, is_storable

TITLE_LENGTH = 300
# Parameters that say where a reader came from, not which article it is.
TRACKING = frozenset({"fbclid", "gclid", "msclkid", "zarsrc"})
TRACKING_PREFIX = "utm_"


class BadPageKey(ValueError):
    """The page key is empty, too long, or no text."""


def normalise(raw: str) -> str:
    """Return the page key that `raw` means: an address of the page, or a key of the site's own.

    An address loses its origin, fragment and tracking parameters; the rest of its query counts,
    since many portals choose the article by it. Raises BadPageKey.
    """
    if len(raw) > PAGE_KEY_LENGTH or not is_storable(raw):
        raise BadPageKey
    key = raw.strip()
    if key.startswith(("/", "http://", "https://")):
        key = _of_address(key)
    if not key or len(key) > PAGE_KEY_LENGTH:
        raise BadPageKey
    return key


def _of_address(key: str) -> str:
    try:
        parts = urlsplit(key)
    except ValueError as error:
        raise BadPageKey from error
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    kept = [(name, value) for name, value in pairs if not _is_tracking(name)]
    # An untouched query stays as it was written.
    query = parts.query if len(kept) == len(pairs) else urlencode(kept)
    return (parts.path or "/") + (f"?{query}" if query else "")


def _is_tracking(name: str) -> bool:
    name = name.lower()
    return name in TRACKING or name.startswith(TRACKING_PREFIX)


def _hash(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()


def find(session: Session, site: Site, key: str) -> Page | None:
    return session.scalar(
        sa.select(Page).where(Page.site_id == site.id, Page.key_hash == _hash(key))
    )


def ensure(session: Session, site: Site, key: str, *, title: str, now: datetime.datetime) -> Page:
    """Return the page's row, made now if this is its first."""
    page = find(session, site, key)
    if page is None:
        fresh = insert(session, Page).values(
            site_id=site.id,
            key=key,
            key_hash=_hash(key),
            title=clean_line(title)[:TITLE_LENGTH],
            version=1,
            created_at=now,
        )
        session.execute(fresh.on_conflict_do_nothing())
        page = find(session, site, key)
        if page is None:
            raise RuntimeError("a page just made is not there")
    return page


def touch(session: Session, page_id: int) -> None:
    """Note that what the page shows has changed."""
    session.execute(sa.update(Page).where(Page.id == page_id).values(version=Page.version + 1))
