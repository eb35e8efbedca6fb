"""What is kept of a submission to know its like again, for some days."""

import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from comments_service.api import Base


class Fingerprint(Base):
    """Of one submission: what it said, in numbers, and from where it came."""

    __tablename__ = "repeats_fingerprint"
    __table_args__ = (
        # Each is walked from its newest row, for a bounded number of rows.
        *(
            sa.Index(f"ix_repeats_fingerprint_{name}", "site_id", name, "created_at")
            for name in ("band0", "band1", "band2", "band3", "cluster", "visitor", "network")
        ),
        sa.Index("ix_repeats_fingerprint_created_at", "created_at"),
    )

    submission_id: Mapped[int] = mapped_column(
        sa.ForeignKey("core_submission.id", ondelete="CASCADE"), primary_key=True
    )
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("core_site.id", ondelete="CASCADE"))
    exact: Mapped[bytes] = mapped_column(sa.LargeBinary(16))
    """Hash of the text."""
    likeness: Mapped[bytes | None] = mapped_column(sa.LargeBinary(64))
    """Compact sketch; this and the next five are missing of a text too short to have its like."""
    band0: Mapped[int | None]
    band1: Mapped[int | None]
    band2: Mapped[int | None]
    band3: Mapped[int | None]
    """By these the like of a text is looked up: see likeness.bands."""
    cluster: Mapped[str | None] = mapped_column(sa.String(16))
    """The wave, named by its first text."""
    visitor: Mapped[str] = mapped_column(sa.String(32))
    network: Mapped[str] = mapped_column(sa.String(64))
    """Keyed hash of the narrowest network; empty: unknown."""
    created_at: Mapped[datetime.datetime]
