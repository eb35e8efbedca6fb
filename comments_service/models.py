"""The core's tables. Plugins refer to them by id and keep their own beside them."""

import datetime
import enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from comments_service.db import Base

SITE_NAME_LENGTH = 200
MODERATOR_NAME_LENGTH = 80
PAGE_KEY_LENGTH = 2048
CLUSTER_LENGTH = 16
REASON_LENGTH = 300


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
    name: Mapped[str] = mapped_column(sa.String(SITE_NAME_LENGTH))
    origins: Mapped[list[str]]
    locale: Mapped[str] = mapped_column(sa.String(16))
    time_zone: Mapped[str] = mapped_column(sa.String(64))
    settings: Mapped[dict[str, Any]]
    """Values of site settings, the core's own and plugins': {plugin: {name: text}}."""
    attacked_until: Mapped[datetime.datetime | None]
    """Until then readers are asked for more; see attacks.py."""
    attack_seen_by: Mapped[str] = mapped_column(sa.String(MODERATOR_NAME_LENGTH), default="")
    """The moderator who switched that on or off; empty: the service itself."""


class Page(Base):
    """One article of a site, known by its page key."""

    __tablename__ = "core_page"
    __table_args__ = (sa.UniqueConstraint("site_id", "key_hash"), sa.Index(None, "changed_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("core_site.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(sa.String(PAGE_KEY_LENGTH))
    key_hash: Mapped[bytes] = mapped_column(sa.LargeBinary(32))
    """SHA-256 of the key: PostgreSQL can't index a text as long as a page key may be."""
    title: Mapped[str] = mapped_column(sa.String(300))
    version: Mapped[int] = mapped_column(default=1)
    """Raised by every write that changes what the page shows."""
    changed_at: Mapped[datetime.datetime] = mapped_column(server_default="1970-01-01 00:00:00")
    """When it was raised last."""
    created_at: Mapped[datetime.datetime]


class Envelope(Base):
    """The envelope of what moderators judge; its content is in the plugin's own table."""

    __tablename__ = "core_submission"
    __table_args__ = (
        # The queue walks along what stands at one status; an attack is what a site got lately.
        sa.Index(None, "status", "id"),
        sa.Index(None, "site_id", "created_at"),
        sa.Index(None, "page_id"),
        sa.Index(None, "site_id", "visitor"),
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
    cluster: Mapped[str | None] = mapped_column(sa.String(CLUSTER_LENGTH))
    """What submissions of one wave have in common: the queue shows them as one."""


class FilterVerdict(Base):
    """What one filter said of a submission, for the moderators."""

    __tablename__ = "core_verdict"
    __table_args__ = (sa.Index(None, "submission_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[int] = mapped_column(
        sa.ForeignKey("core_submission.id", ondelete="CASCADE")
    )
    filter: Mapped[str] = mapped_column(sa.String(32))
    """The plugin's name."""
    outcome: Mapped[int]
    reason: Mapped[str] = mapped_column(sa.String(REASON_LENGTH))
    score: Mapped[float | None]


class Trace(Base):
    """Where a submission came from, hashed, and only for a while: so that it can be banned."""

    __tablename__ = "core_trace"

    submission_id: Mapped[int] = mapped_column(
        sa.ForeignKey("core_submission.id", ondelete="CASCADE"), primary_key=True
    )
    networks: Mapped[list[str]]
    """Keyed hashes, from the narrowest network to the widest."""
    created_at: Mapped[datetime.datetime] = mapped_column(index=True)


class Moderator(Base):
    """Somebody who may log in to the dashboard."""

    __tablename__ = "core_moderator"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(MODERATOR_NAME_LENGTH), unique=True)
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
    moderator_name: Mapped[str] = mapped_column(sa.String(MODERATOR_NAME_LENGTH))
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
    """The secret of one day under which networks are hashed; see `daily_salt` for how long."""

    __tablename__ = "core_salt"

    day: Mapped[datetime.date] = mapped_column(primary_key=True)
    salt: Mapped[bytes] = mapped_column(sa.LargeBinary(32))
