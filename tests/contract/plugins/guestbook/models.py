"""The entries of the guestbook."""

import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from comments_service.api import Base

NAME_LENGTH = 80
MESSAGE_LENGTH = 280


class Entry(Base):
    """What one reader wrote on one page."""

    __tablename__ = "guestbook_entry"
    __table_args__ = (sa.Index(None, "page_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    page_id: Mapped[int] = mapped_column(sa.ForeignKey("core_page.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(sa.String(NAME_LENGTH))
    message: Mapped[str] = mapped_column(sa.String(MESSAGE_LENGTH))
    created_at: Mapped[datetime.datetime]
