"""Who and what a site keeps out, and for whom an e-mail ban can still be made."""

import datetime
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from comments_service.api import Base

VALUE_LENGTH = 200
NOTE_LENGTH = 200
NAME_LENGTH = 80


class Kind(enum.StrEnum):
    """By what a ban knows a submission."""

    VISITOR = "visitor"
    NETWORK = "network"
    EMAIL = "email"
    TEXT = "text"


class Ban(Base):
    """One ban. Its row stays when it has ended or was lifted: it is the trail too."""

    __tablename__ = "bans_ban"
    __table_args__ = (sa.Index(None, "site_id", "kind", "value"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("core_site.id", ondelete="CASCADE"))
    kind: Mapped[Kind] = mapped_column(
        sa.Enum(Kind, native_enum=False, length=8, values_callable=lambda e: [k.value for k in e])
    )
    value: Mapped[str] = mapped_column(sa.String(VALUE_LENGTH))
    """The visitor's id; the keyed hash of a network or of an e-mail address; the words."""
    scope: Mapped[str] = mapped_column(sa.String(8))
    """How wide it is: of a network its prefix, "/24"; "@" for all addresses of a domain."""
    note: Mapped[str] = mapped_column(sa.String(NOTE_LENGTH))
    created_at: Mapped[datetime.datetime]
    created_by: Mapped[str] = mapped_column(sa.String(NAME_LENGTH))
    """The moderator's name, which outlives the account."""
    ends_at: Mapped[datetime.datetime | None]
    """None: for ever."""
    lifted_at: Mapped[datetime.datetime | None]
    lifted_by: Mapped[str | None] = mapped_column(sa.String(NAME_LENGTH))

    def is_active(self, now: datetime.datetime) -> bool:
        return self.lifted_at is None and (self.ends_at is None or self.ends_at > now)


class Sender(Base):
    """Of a submission, the keyed hash of the e-mail address given; kept as long as its trace."""

    __tablename__ = "bans_sender"

    submission_id: Mapped[int] = mapped_column(
        sa.ForeignKey("core_submission.id", ondelete="CASCADE"), primary_key=True
    )
    email: Mapped[str] = mapped_column(sa.String(32))
    created_at: Mapped[datetime.datetime] = mapped_column(index=True)
