"""What each decision taught, and the sums of it all.

A site's sums are those of its snapshot and of the changes since: so a decision writes one row of a
kilobyte or two, and the snapshot is written once in many decisions.
"""

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from comments_service.api import Base


class Example(Base):
    """A submission that is learned now: which features, and as what. Needed to take it back.

    The features are kept, not derived anew: its author may have edited the text since.
    """

    __tablename__ = "learning_example"
    __table_args__ = (sa.Index(None, "site_id"),)

    submission_id: Mapped[int] = mapped_column(
        sa.ForeignKey("core_submission.id", ondelete="CASCADE"), primary_key=True
    )
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("core_site.id", ondelete="CASCADE"))
    is_unwanted: Mapped[bool]
    buckets: Mapped[bytes]


class Change(Base):
    """What a decision added to the sums since the snapshot. Names no submission."""

    __tablename__ = "learning_change"
    __table_args__ = (sa.Index(None, "site_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("core_site.id", ondelete="CASCADE"))
    wanted: Mapped[int]
    unwanted: Mapped[int]
    buckets: Mapped[bytes]


class Snapshot(Base):
    """The sums of a site up to some decision."""

    __tablename__ = "learning_snapshot"

    site_id: Mapped[int] = mapped_column(
        sa.ForeignKey("core_site.id", ondelete="CASCADE"), primary_key=True
    )
    generation: Mapped[int]
    """Raised whenever changes are folded into it."""
    wanted: Mapped[int]
    unwanted: Mapped[int]
    seen: Mapped[bytes]
