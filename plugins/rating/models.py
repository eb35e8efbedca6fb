"""One row per visitor and page, and the totals that follow from them."""

import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from comments_service.api import Base

STARS = (1, 2, 3, 4, 5)


class Vote(Base):
    """What one visitor thinks of one page now."""

    __tablename__ = "rating_vote"
    __table_args__ = (
        sa.UniqueConstraint("page_id", "visitor"),
        sa.CheckConstraint("stars BETWEEN 1 AND 5", name="stars"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    page_id: Mapped[int] = mapped_column(sa.ForeignKey("core_page.id", ondelete="CASCADE"))
    visitor: Mapped[str] = mapped_column(sa.String(32))
    stars: Mapped[int]
    created_at: Mapped[datetime.datetime]
    updated_at: Mapped[datetime.datetime]


class Total(Base):
    """How many votes of each kind a page has: changed with the votes, in one transaction."""

    __tablename__ = "rating_total"

    page_id: Mapped[int] = mapped_column(
        sa.ForeignKey("core_page.id", ondelete="CASCADE"), primary_key=True
    )
    n1: Mapped[int] = mapped_column(default=0)
    n2: Mapped[int] = mapped_column(default=0)
    n3: Mapped[int] = mapped_column(default=0)
    n4: Mapped[int] = mapped_column(default=0)
    n5: Mapped[int] = mapped_column(default=0)
