"""What is counted, and how it is added up."""

import dataclasses
import datetime
import hashlib
import zoneinfo

from sqlalchemy.orm import Session

from comments_service.api import PageContext, PageView, Site, daily_salt

from . import queries

ONLINE_FOR = datetime.timedelta(minutes=5)
READER_BYTES = 16


@dataclasses.dataclass(frozen=True)
class Figures:
    """What the widget shows; whole numbers."""

    online: int
    """Readers seen in the last five minutes; whoever asks is among them."""
    today: int
    """Views since midnight in the site's time zone."""
    total: int
    """Views since the site's start date, with those counted elsewhere before."""
    page: int
    since: datetime.date | None


def local_day(site: Site, moment: datetime.datetime) -> datetime.date:
    return moment.astimezone(zoneinfo.ZoneInfo(site.time_zone)).date()


def count(view: PageView) -> None:
    """Count a page view, and note that its reader is here unless they ask not to be followed."""
    session, site = view.session, view.site
    queries.add_view(session, site.id, view.page.id, local_day(site, view.now))
    if not view.is_private:
        queries.see(session, site.id, _reader(view), view.now)
    queries.forget(session, site.id, view.now - ONLINE_FOR)


def _reader(view: PageView) -> bytes:
    """Return a hash that tells readers apart today, and that nothing can be told from tomorrow."""
    salt = daily_salt(view.session, view.now.date())
    text = f"{view.site.id}\n{view.network}\n{view.user_agent}"
    digest = hashlib.blake2b(text.encode(errors="replace"), key=salt, digest_size=READER_BYTES)
    return digest.digest()


def figures(context: PageContext, offset: int, since: datetime.date | None) -> Figures:
    session: Session = context.session
    site = context.site
    return Figures(
        online=max(1, queries.online(session, site.id, context.now - ONLINE_FOR)),
        today=queries.day_views(session, site.id, local_day(site, context.now)),
        total=offset + queries.site_views(session, site.id),
        page=0 if context.page_id is None else queries.page_views(session, context.page_id),
        since=since,
    )
