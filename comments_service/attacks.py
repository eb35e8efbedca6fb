"""Attack mode: while a flood lasts, the whole site asks more of its readers."""

import datetime
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from comments_service.db import count_to, table
from comments_service.models import CLUSTER_LENGTH, Envelope, Site

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


_ENVELOPE = table(Envelope).c


def _came(since: str, most: str) -> sa.ScalarSelect[int]:
    """Return how many submissions the site got since then, counted so far: by parameters' names."""
    found = sa.select(_ENVELOPE.id).where(
        _ENVELOPE.site_id == sa.bindparam("site_id"),
        _ENVELOPE.created_at > sa.bindparam(since, type_=_ENVELOPE.created_at.type),
    )
    return count_to(sa.bindparam(most, type_=sa.Integer), found)


# Asked with every submission, so it is made once, and one question.
_RECENT = sa.select(_came("since", "threshold"), _came("burst_since", "burst"))


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
    if not _is_flood(session, site, threshold, now):
        return
    session.execute(
        sa.update(Site)
        .where(
            Site.id == site.id, sa.or_(Site.attacked_until.is_(None), Site.attacked_until < ends)
        )
        .values(attacked_until=ends, attack_seen_by="")
    )


def _is_flood(session: Session, site: Site, threshold: int, now: datetime.datetime) -> bool:
    """Tell whether the site got `threshold` submissions within WINDOW, or a burst's share of it."""
    since, burst_since = now - WINDOW, now - BURST
    if site.attacked_until is not None and site.attacked_until <= now:
        # What came before it ended is dealt with, or a moderator could not switch it off.
        since, burst_since = (max(each, site.attacked_until) for each in (since, burst_since))
    asked = {
        "site_id": site.id,
        "since": since,
        "threshold": threshold,
        "burst_since": burst_since,
        "burst": min(threshold, max(threshold // BURST_SHARE, BURST_LEAST)),
    }
    came, at_once = session.connection().execute(_RECENT, asked).one()
    return came == threshold or at_once == asked["burst"]


def switch(session: Session, site: Site, *, on: bool, by: str, now: datetime.datetime) -> None:
    """Switch attack mode on for an hour, or off, in a moderator's name."""
    site.attacked_until = now + SWITCHED_ON_FOR if on else now
    site.attack_seen_by = by
    session.add(site)


def sites(session: Session, now: datetime.datetime) -> list[Site]:
    """Return the sites that are attacked now."""
    attacked = sa.select(Site).where(Site.attacked_until > now).order_by(Site.name)
    return list(session.scalars(attacked))
