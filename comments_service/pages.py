"""Pages: which article an address means, and its row."""

import datetime
import functools
import hashlib
import re
from collections.abc import Collection, Iterable
from urllib.parse import quote, unquote, unquote_plus, urlsplit

import sqlalchemy as sa
from sqlalchemy.orm import Session

from comments_service import clock
from comments_service.db import insert, table
from comments_service.models import PAGE_KEY_LENGTH, Page, Site
from comments_service.text import clean_line, is_storable

TITLE_LENGTH = 300
RAW_TITLE_LENGTH = 4 * TITLE_LENGTH
"""What is told beyond that is not looked at."""
TITLES = 1024
"""So many a process remembers as they are cleaned."""
AT_ONCE = 500
# Parameters that say where a reader came from, not which article it is.
TRACKING = frozenset({"fbclid", "gclid", "msclkid", "zarsrc"})
TRACKING_PREFIX = "utm_"
# What an address may hold as it is; the rest of a key is letters beyond ASCII, and spaces.
_KEPT = "/?&=%:@!$'()*+,;[]~"
_ENCODED_LETTERS = re.compile(r"(?:%[89A-Fa-f][0-9A-Fa-f])+")


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
        key = _of_address(_ENCODED_LETTERS.sub(_decoded, key))
    if not key or len(key) > PAGE_KEY_LENGTH:
        raise BadPageKey
    return key


def _of_address(key: str) -> str:
    if key.startswith("/"):
        # A server tells a path, and a path may begin with two slashes: no host follows them.
        key = "/" + key.lstrip("/")
    try:
        parts = urlsplit(key)
    except ValueError as error:
        raise BadPageKey from error
    # What is kept stays as it was written, so that the key does not depend on what went.
    query = "&".join(pair for pair in parts.query.split("&") if not _is_tracking(pair)).strip()
    # One slash: two would make the first folder a host the next time the key is read.
    path = "/" + parts.path.strip().lstrip("/")
    return path + (f"?{query}" if query else "")


def _decoded(escapes: re.Match[str]) -> str:
    """Write letters beyond ASCII as themselves: a browser escapes them, a portal may not."""
    try:
        return unquote(escapes[0], errors="strict")
    except UnicodeDecodeError:
        return escapes[0]


def _is_tracking(pair: str) -> bool:
    name = unquote_plus(pair.partition("=")[0]).strip().lower()
    return name in TRACKING or name.startswith(TRACKING_PREFIX)


def address(site: Site, key: str) -> str | None:
    """Return the address of the page at the site's first origin, if `key` comes from one."""
    if not key.startswith("/") or not site.origins:
        return None
    return site.origins[0] + quote(key, safe=_KEPT)


def versions_since(session: Session, moment: datetime.datetime) -> dict[tuple[int, str], int]:
    """Return the versions of the pages that have changed since, by site id and key."""
    statement = sa.select(Page.site_id, Page.key, Page.version).where(Page.changed_at >= moment)
    return {(site_id, key): version for site_id, key, version in session.execute(statement)}


def clean_title(raw: str) -> str:
    return _clean_title(raw[:RAW_TITLE_LENGTH])


# A page's readers all tell the same one.
@functools.lru_cache(TITLES)
def _clean_title(raw: str) -> str:
    return clean_line(raw)[:TITLE_LENGTH]


def _hash(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()


# Asked with nearly every request, so it is put together once.
_BY_KEY = sa.select(Page).where(
    Page.site_id == sa.bindparam("site_id"), Page.key_hash == sa.bindparam("key_hash")
)


def find(session: Session, site: Site, key: str) -> Page | None:
    return session.scalar(_BY_KEY, {"site_id": site.id, "key_hash": _hash(key)})


_SITE = table(Site)
_PAGE = table(Page)
_OF_SITE = (
    sa.select(*_SITE.c, *_PAGE.c)
    .outerjoin(
        _PAGE, (_PAGE.c.site_id == _SITE.c.id) & (_PAGE.c.key_hash == sa.bindparam("key_hash"))
    )
    .where(_SITE.c.key == sa.bindparam("site_key"))
)


def find_with_site(session: Session, site_key: str, key: str) -> tuple[Site | None, Page | None]:
    """Return a site and the row of one of its pages, in one question.

    Both are to be read only: they belong to no session.
    """
    asked = {"site_key": site_key, "key_hash": _hash(key)}
    row = session.connection().execute(_OF_SITE, asked).one_or_none()
    if row is None:
        return None, None
    of_site, of_page = row[: len(_SITE.c)], row[len(_SITE.c) :]
    site = Site(**dict(zip(_SITE.c.keys(), of_site, strict=True)))
    is_there = any(value is not None for value in of_page)
    page = Page(**dict(zip(_PAGE.c.keys(), of_page, strict=True))) if is_there else None
    return site, page


def find_all(session: Session, site_id: int, keys: Iterable[str]) -> dict[str, Page]:
    """Return the rows of those pages of one site that have one, by their keys."""
    found: dict[str, Page] = {}
    hashes = [_hash(key) for key in keys]
    for start in range(0, len(hashes), AT_ONCE):
        some = hashes[start : start + AT_ONCE]
        statement = sa.select(Page).where(Page.site_id == site_id, Page.key_hash.in_(some))
        found.update({page.key: page for page in session.scalars(statement)})
    return found


def ensure(session: Session, site: Site, key: str, *, title: str, now: datetime.datetime) -> Page:
    """Return the page's row, made now if this is its first, titled as soon as a title is known."""
    title = clean_title(title)
    page = find(session, site, key)
    if page is not None:
        name(page, title)
    else:
        fresh = insert(session, Page).values(
            site_id=site.id,
            key=key,
            key_hash=_hash(key),
            title=title,
            version=1,
            changed_at=clock.now(),
            created_at=now,
        )
        session.execute(fresh.on_conflict_do_nothing())
        page = find(session, site, key)
        if page is None:
            raise RuntimeError("a page just made is not there")
    return page


def name(page: Page, title: str) -> None:
    """Give a title to a page that has none; what it shows changes with it."""
    if title and not page.title:
        page.title = title
        # Counted by the database: others may be writing too.
        page.version = Page.version + 1
        page.changed_at = clock.now()


_NOW = sa.bindparam("now", type_=_PAGE.c.changed_at.type)
_TOUCH = (
    sa.update(_PAGE)
    .where(_PAGE.c.id == sa.bindparam("page_id"))
    .values(version=_PAGE.c.version + 1, changed_at=_NOW)
)


def touch(session: Session, page_ids: Collection[int]) -> None:
    """Note that what these pages show has changed: kept answers are compared with that."""
    if not page_ids:
        return
    now = clock.now()
    # One order for everybody, so that two writers never wait for each other.
    rows = [{"page_id": page_id, "now": now} for page_id in sorted(page_ids)]
    session.connection().execute(_TOUCH, rows)
