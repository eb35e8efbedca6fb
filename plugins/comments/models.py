"""Comments, and how many of them a page shows."""

import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from comments_service.api import Base

NAME_LENGTH = 80
EMAIL_LENGTH = 254
TEXT_LENGTH = 5000


class Comment(Base):
    """The content of one submission of the kind `comment`; its id is the submission's."""

    __tablename__ = "comments_comment"

    id: Mapped[int] = mapped_column(
        sa.ForeignKey("core_submission.id", ondelete="CASCADE"), primary_key=True
    )
    page_id: Mapped[int] = mapped_column(sa.ForeignKey("core_page.id", ondelete="CASCADE"))
    thread_id: Mapped[int]
    """Id of the comment that began the thread; its own for that one."""
    thread_at: Mapped[datetime.datetime]
    """When the thread began."""
    parent_id: Mapped[int | None]
    """The comment that this one answers."""
    is_public: Mapped[bool]
    name: Mapped[str] = mapped_column(sa.String(NAME_LENGTH))
    email: Mapped[str] = mapped_column(sa.String(EMAIL_LENGTH))
    text: Mapped[str] = mapped_column(sa.Text)
    created_at: Mapped[datetime.datetime]


# The two orders in which a page's comments are read, each a walk along one index, there and back.
sa.Index(
    "ix_comments_comment_oldest",
    Comment.page_id,
    Comment.is_public,
    Comment.thread_at,
    Comment.thread_id,
    Comment.id,
)
sa.Index(
    "ix_comments_comment_newest",
    Comment.page_id,
    Comment.is_public,
    Comment.thread_at.desc(),
    Comment.thread_id.desc(),
    Comment.id,
)


class Total(Base):
    """How many public comments a page has: changed with them, in one transaction."""

    __tablename__ = "comments_total"

    page_id: Mapped[int] = mapped_column(
        sa.ForeignKey("core_page.id", ondelete="CASCADE"), primary_key=True
    )
    public: Mapped[int]
