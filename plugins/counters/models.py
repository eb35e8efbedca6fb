"""Page views, by site and day and by page; and who was here in the last minutes."""

import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from comments_service.api import Base


class Day(Base):
    """Views of a site on one day of its own time zone."""

    __tablename__ = "counters_day"

    site_id: Mapped[int] = mapped_column(
        sa.ForeignKey("core_site.id", ondelete="CASCADE"), primary_key=True
    )
    day: Mapped[datetime.date] = mapped_column(primary_key=True)
    views: Mapped[int] = mapped_column(sa.BigInteger)


class PageTotal(Base):
    """Views of one page."""

    __tablename__ = "counters_page"

    page_id: Mapped[int] = mapped_column(
        sa.ForeignKey("core_page.id", ondelete="CASCADE"), primary_key=True
    )
    views: Mapped[int] = mapped_column(sa.BigInteger)


class SiteTotal(Base):
    """Views of a site since it is counted here."""

    __tablename__ = "counters_site"

    site_id: Mapped[int] = mapped_column(
        sa.ForeignKey("core_site.id", ondelete="CASCADE"), primary_key=True
    )
    views: Mapped[int] = mapped_column(sa.BigInteger)


class Presence(Base):
    """When a reader, known only by a hash whose key is destroyed daily, was last seen."""

    __tablename__ = "counters_presence"
    __table_args__ = (sa.Index(None, "site_id", "seen_at"),)

    site_id: Mapped[int] = mapped_column(
        sa.ForeignKey("core_site.id", ondelete="CASCADE"), primary_key=True
    )
    reader: Mapped[bytes] = mapped_column(sa.LargeBinary(16), primary_key=True)
    seen_at: Mapped[datetime.datetime]
