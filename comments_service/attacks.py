"""Attack mode: while a flood lasts, the whole site asks more of its readers."""

import datetime
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from comments_service.db import table
from comments_service.models import CLUSTER_LENGTH, Envelope, Site, Status

WINDOW = datetime.timedelta(minutes=5)
BURST = datetime.timedelta(seconds=15)
BURST_SHARE = 10
"""So small a part of what makes an attack within WINDOW makes one within BURST: twice the pace."""
BURST_LEAST = 10
"""A few readers who happen to write at once are no burst."""
LASTS = datetime.timedelta(minutes=15)
"""How long it goes on after the flood was last seen."""
SWITCHED_ON_FOR = datetime.timedelta(hours=1)
"""How long a moderator's switch holds."""


# Asked with every submission, so it is made once.
_ENVELOPE = table(Envelope).c
_RECENT = sa.select(sa.func.count()).select_from(
    sa.select(_ENVELOPE.id)
    .where(
        _ENVELOPE.site_id == sa.bindparam("site_id"),
        # All there are, so that the index on them and the time can be used.
        _ENVELOPE.status.in_([sa.literal(status, _ENVELOPE.status.type) for status in Status]),
        _ENVELOPE.created_at > sa.bindparam("since", type_=_ENVELOPE.created_at.type),
    )
    .limit(sa.bindparam("number", type_=sa.Integer))
    .subquery()
)


def is_attacked(site: Site, now: datetime.datetime) -> bool:
    return site.attacked_until is not None and site.attacked_until > now


def cluster(site: Site, networks: Sequence[str], now: datetime.datetime) -> str | None:
    """Return what posts of one neighbourhood have in common while the site is attacked.

    Else a flood of texts that differ would fill the queue, an entry each.
    """
    return f"a-{networks[-1]}"[:CLUSTER_LENGTH] if is_attacked(site, now) else None


def notice(session: Session, site: Site, threshold: int, now: datetime.datetime) -> None:
    """Switch attack mode on, or keep it on, if the site got `threshold` submissions lately.

    A burst is enough: until the mode is on, a site that publishes at once publishes the flood.
    """
    ends = now + LASTS
    is_fresh = site.attacked_until is not None and site.attacked_until > ends - WINDOW
    # During a flood the row is written once in a while, not by everybody who sends.
    if not threshold or is_fresh:
        return
    burst = max(threshold // BURST_SHARE, BURST_LEAST)
    is_burst = burst < threshold and _came(session, site, burst, now - BURST, now)
    if not is_burst and not _came(session, site, threshold, now - WINDOW, now):
        return
    session.execute(
        sa.update(Site)
        .where(
            Site.id == site.id, sa.or_(Site.attacked_until.is_(None), Site.attacked_until < ends)
        )
        .values(attacked_until=ends, attack_seen_by="")
    )


def _came(
    session: Session, site: Site, number: int, since: datetime.datetime, now: datetime.datetime
) -> bool:
    """Tell whether the site got so many submissions since then."""
    if site.attacked_until is not None and site.attacked_until <= now:
        # What came before it ended is dealt with, or a moderator could not switch it off.
        since = max(since, site.attacked_until)
    asked = {"site_id": site.id, "since": since, "number": number}
    return session.connection().scalar(_RECENT, asked) == number


def switch(session: Session, site: Site, *, on: bool, by: str, now: datetime.datetime) -> None:
    """Switch attack mode on for an hour, or off, in a moderator's name."""
    site.attacked_until = now + SWITCHED_ON_FOR if on else now
    site.attack_seen_by = by
    session.add(site)


def sites(session: Session, now: datetime.datetime) -> list[Site]:
    """Return the sites that are attacked now."""
    attacked = sa.select(Site).where(Site.attacked_until > now).order_by(Site.name)
    return list(session.scalars(attacked))
