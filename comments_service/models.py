"""The core's tables. Plugins refer to them by id and keep their own beside them."""

import datetime
import enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from comments_service.db import Base

PAGE_KEY_LENGTH = 2048


class Status(enum.StrEnum):
    """Where a submission stands with the moderators. Only what is published is public."""

    HELD = "held"
    PUBLISHED = "published"
    REJECTED = "rejected"
    SPAM = "spam"
    DELETED = "deleted"


class Site(Base):
    """One portal: its public key, who may embed it, its language, time zone and settings."""

    __tablename__ = "core_site"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(64), unique=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    origins: Mapped[list[str]]
    locale: Mapped[str] = mapped_column(sa.String(16))
    time_zone: Mapped[str] = mapped_column(sa.String(64))
    settings: Mapped[dict[str, Any]]
    """Values of plugins' site settings: {plugin: {name: text}}."""


class Page(Base):
    """One article of a site, known by its page key."""

    __tablename__ = "core_page"
    __table_args__ = (sa.UniqueConstraint("site_id", "key_hash"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("core_site.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(sa.String(PAGE_KEY_LENGTH))
    key_hash: Mapped[bytes] = mapped_column(sa.LargeBinary(32))
    """SHA-256 of the key: PostgreSQL can't index a text as long as a page key may be."""
    title: Mapped[str] = mapped_column(sa.String(300))
    version: Mapped[int] = mapped_column(default=1)
    """Raised by every write that changes what the page shows."""
    created_at: Mapped[datetime.datetime]


class Envelope(Base):
    """The envelope of what moderators judge; its content is in the plugin's own table."""

    __tablename__ = "core_submission"
    __table_args__ = (
        sa.Index(None, "site_id", "status", "created_at"),
        sa.Index(None, "page_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("core_site.id", ondelete="CASCADE"))
    page_id: Mapped[int] = mapped_column(sa.ForeignKey("core_page.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(sa.String(32))
    visitor: Mapped[str] = mapped_column(sa.String(32))
    status: Mapped[Status] = mapped_column(
        sa.Enum(
            Status, native_enum=False, length=16, values_callable=lambda e: [s.value for s in e]
        )
    )
    created_at: Mapped[datetime.datetime]


class Moderator(Base):
    """Somebody who may log in to the dashboard."""

    __tablename__ = "core_moderator"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(80), unique=True)
    password_hash: Mapped[str] = mapped_column(sa.String(200))
    session_epoch: Mapped[int] = mapped_column(default=0)
    """Raised to end every open session of this moderator."""
    created_at: Mapped[datetime.datetime]


class Decision(Base):
    """The audit trail: one row per decision on a submission, never changed."""

    __tablename__ = "core_decision"
    __table_args__ = (sa.Index(None, "submission_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime.datetime]
    moderator_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("core_moderator.id", ondelete="SET NULL")
    )
    moderator_name: Mapped[str] = mapped_column(sa.String(80))
    """Kept beside the id, so that the trail outlives the account."""
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("core_site.id", ondelete="CASCADE"))
    submission_id: Mapped[int]
    """No foreign key: the trail outlives the submission too."""
    before: Mapped[str] = mapped_column(sa.String(16))
    after: Mapped[str] = mapped_column(sa.String(16))


class SpentChallenge(Base):
    """A challenge that was answered once, kept until it would have expired anyway."""

    __tablename__ = "core_spent_challenge"

    nonce: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    expires_at: Mapped[datetime.datetime] = mapped_column(index=True)


class Salt(Base):
    """The secret of one day under which networks are hashed; destroyed on the day after next."""

    __tablename__ = "core_salt"

    day: Mapped[datetime.date] = mapped_column(primary_key=True)
    salt: Mapped[bytes] = mapped_column(sa.LargeBinary(32))
