"""Sums of page views by hour, day, page and kind of reader; visitors of two days; journals read."""

import datetime
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from comments_service.api import Base

HOUR_UNKNOWN = -1
"""The hour of views whose hour was never kept, or is kept no more."""
DAY_UNKNOWN = datetime.date(1970, 1, 1)
"""The day of a page's views from before days were kept."""
SOURCE_LENGTH = 200
HOST_LENGTH = 253
OTHER = "*"
"""Stands for all values of a breakdown that have no row of their own; no value is called so."""


class Dimension(enum.StrEnum):
    """By what a day's views are told apart."""

    REFERRER = "referrer"
    """The other site's host from which the reader came."""
    DEVICE = "device"
    """phone, tablet, desktop, or OTHER."""
    LANGUAGE = "language"
    """The primary tag of the browser's first language."""


def _site_id() -> Mapped[int]:
    return mapped_column(sa.ForeignKey("core_site.id", ondelete="CASCADE"), primary_key=True)


def _page_id() -> Mapped[int]:
    return mapped_column(sa.ForeignKey("core_page.id", ondelete="CASCADE"), primary_key=True)


def _sum() -> Mapped[int]:
    return mapped_column(sa.BigInteger, server_default="0")


class Hour(Base):
    """What happened on a site in one hour of its own clocks."""

    __tablename__ = "counters_hour"

    site_id: Mapped[int] = _site_id()
    day: Mapped[datetime.date] = mapped_column(primary_key=True)
    hour: Mapped[int] = mapped_column(sa.SmallInteger, primary_key=True)
    """0 to 23, or HOUR_UNKNOWN."""
    views: Mapped[int] = _sum()
    visits: Mapped[int] = _sum()
    """Visits that began in it."""
    bots: Mapped[int] = _sum()
    """Views by programs; in no other figure."""


class Day(Base):
    """What happened on a site on one day of its own time zone: the sums of its hours."""

    __tablename__ = "counters_day"

    site_id: Mapped[int] = _site_id()
    day: Mapped[datetime.date] = mapped_column(primary_key=True)
    views: Mapped[int] = _sum()
    visits: Mapped[int] = _sum()
    bots: Mapped[int] = _sum()
    uniques: Mapped[int] = _sum()
    """Visitors, each once; days' uniques do not add up to a month's."""


class SiteTotal(Base):
    """What happened on a site since it is counted here: the sums of its days."""

    __tablename__ = "counters_site"

    site_id: Mapped[int] = _site_id()
    views: Mapped[int] = _sum()
    visits: Mapped[int] = _sum()
    bots: Mapped[int] = _sum()
    peak_online: Mapped[int] = mapped_column(server_default="0")
    peak_at: Mapped[datetime.datetime | None]


class PageDay(Base):
    """Views of a page on one day; what is older than the site keeps stands on a month's first."""

    __tablename__ = "counters_pageday"
    __table_args__ = (sa.Index(None, "day"),)

    page_id: Mapped[int] = _page_id()
    day: Mapped[datetime.date] = mapped_column(primary_key=True)
    views: Mapped[int] = _sum()


class PageMonth(Base):
    """Views of a page in one month: the sum of its days, for periods too long to add those up."""

    __tablename__ = "counters_pagemonth"
    __table_args__ = ({"sqlite_with_rowid": False},)

    page_id: Mapped[int] = _page_id()
    month: Mapped[datetime.date] = mapped_column(primary_key=True)
    """Its first day."""
    views: Mapped[int] = _sum()


class Breakdown(Base):
    """Views of a site on one day by one dimension; kept as long as the site keeps pages' days.

    Views of which nothing is known are in no row: of readers who ask not to be followed, and of the
    time before breakdowns were kept.
    """

    __tablename__ = "counters_breakdown"
    __table_args__ = ({"sqlite_with_rowid": False},)

    site_id: Mapped[int] = _site_id()
    day: Mapped[datetime.date] = mapped_column(primary_key=True)
    dimension: Mapped[str] = mapped_column(sa.String(10), primary_key=True)
    value: Mapped[str] = mapped_column(sa.String(HOST_LENGTH), primary_key=True)
    views: Mapped[int] = _sum()


class BreakdownMonth(Base):
    """Likewise of one month: the sums of its days; never thinned."""

    __tablename__ = "counters_breakdownmonth"
    __table_args__ = ({"sqlite_with_rowid": False},)

    site_id: Mapped[int] = _site_id()
    month: Mapped[datetime.date] = mapped_column(primary_key=True)
    """Its first day."""
    dimension: Mapped[str] = mapped_column(sa.String(10), primary_key=True)
    value: Mapped[str] = mapped_column(sa.String(HOST_LENGTH), primary_key=True)
    views: Mapped[int] = _sum()


class PageTotal(Base):
    """Views of a page: the sum of its days."""

    __tablename__ = "counters_page"

    page_id: Mapped[int] = _page_id()
    views: Mapped[int] = _sum()


class Legacy(Base):
    """What another system counted on one day; never mixed with what was counted here."""

    __tablename__ = "counters_legacy"

    site_id: Mapped[int] = _site_id()
    day: Mapped[datetime.date] = mapped_column(primary_key=True)
    views: Mapped[int] = _sum()
    visits: Mapped[int] = _sum()
    source: Mapped[str] = mapped_column(sa.String(SOURCE_LENGTH))
    author: Mapped[str] = mapped_column(sa.String(SOURCE_LENGTH))
    imported_at: Mapped[datetime.datetime]


class Visitor(Base):
    """Someone who came on a day, by hashes under that day's salt; kept until the day after next."""

    __tablename__ = "counters_visitor"
    __table_args__ = (sa.Index(None, "site_id", "seen_at"),)

    site_id: Mapped[int] = _site_id()
    visitor: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True)
    network: Mapped[int] = mapped_column(sa.BigInteger)
    day: Mapped[datetime.date]
    seen_at: Mapped[datetime.datetime]
    has_moved: Mapped[bool] = mapped_column(server_default=sa.false())
    """Midnight gave this visitor another hash, by which they are online now."""


class Arrival(Base):
    """How many pages got their row by views from one neighbourhood of networks on one day."""

    __tablename__ = "counters_arrival"

    site_id: Mapped[int] = _site_id()
    day: Mapped[datetime.date] = mapped_column(primary_key=True)
    around: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True)
    """A hash; 0 for all of them together."""
    pages: Mapped[int]


class SeenView(Base):
    """The name that a view's sender gave it, kept for some minutes: sent again, it is no other."""

    __tablename__ = "counters_view"

    site_id: Mapped[int] = _site_id()
    view_id: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True)
    at: Mapped[datetime.datetime] = mapped_column(index=True)


class JournalOffset(Base):
    """How far a process's journal is counted: changed in the transaction that adds the sums."""

    __tablename__ = "counters_journal"

    id: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    counted_to: Mapped[int] = mapped_column(sa.BigInteger)
    """Bytes from the file's beginning."""
