"""One row per visitor and page, the totals that follow from them, and what moderators decided."""

import datetime
import enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from comments_service.api import Base

STARS = (1, 2, 3, 4, 5)
CRITERIA_MAX = 5
HASH_LENGTH = 32
NAME_LENGTH = 80


class State(enum.StrEnum):
    """Whether a vote is in the totals."""

    COUNTED = "counted"
    QUARANTINED = "quarantined"
    """Kept by a rule, not counted, until a moderator says otherwise."""
    VOID = "void"
    """A moderator took it out."""


class Why(enum.StrEnum):
    """Which rule put a vote into quarantine."""

    NO_RULE = ""
    UNPROVEN = "unproven"
    """No challenge was solved, and its neighbourhood had used up what is free, or went on so."""
    CROWD = "crowd"
    """Too many new voters came from one neighbourhood of the net."""


class Action(enum.StrEnum):
    """What a moderator did to many votes at once."""

    VOID = "void"
    RESTORE = "restore"
    UNDO = "undo"
    """Took an earlier decision back."""


def _words(kind: type[enum.StrEnum]) -> sa.Enum:
    return sa.Enum(
        kind, native_enum=False, length=16, values_callable=lambda e: [each.value for each in e]
    )


class Vote(Base):
    """What one visitor thinks of one page now."""

    __tablename__ = "rating_vote"
    __table_args__ = (
        sa.UniqueConstraint("page_id", "visitor"),
        sa.CheckConstraint("stars BETWEEN 1 AND 5", name="stars"),
        sa.Index(None, "page_id", "network"),
        sa.Index(None, "page_id", "neighbourhood"),
        sa.Index(None, "page_id", "day"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    page_id: Mapped[int] = mapped_column(sa.ForeignKey("core_page.id", ondelete="CASCADE"))
    visitor: Mapped[str] = mapped_column(sa.String(32))
    stars: Mapped[int]
    state: Mapped[State] = mapped_column(_words(State), default=State.COUNTED)
    why: Mapped[Why] = mapped_column(_words(Why), default=Why.NO_RULE)
    day: Mapped[datetime.date]
    """The day on which it was first given, in the site's time zone."""
    network: Mapped[str | None] = mapped_column(sa.String(HASH_LENGTH))
    """The voter's network, hashed with the salt of that day: it tells nothing once that is gone."""
    neighbourhood: Mapped[str | None] = mapped_column(sa.String(HASH_LENGTH))
    """Likewise the widest network around it: IPv4 /24, IPv6 /48."""
    is_proven: Mapped[bool] = mapped_column(default=False)
    """It came with a solved challenge."""
    decision_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("rating_decision.id", ondelete="SET NULL")
    )
    """The last decision of a moderator: no rule changes what a person decided."""
    is_withdrawn: Mapped[bool] = mapped_column(default=False)
    """Its voter took it back. It is no longer in any figure, and is kept for its state alone."""
    created_at: Mapped[datetime.datetime]
    updated_at: Mapped[datetime.datetime]


class Asked(Base):
    """How often a neighbourhood was asked for a challenge that it did not bring."""

    __tablename__ = "rating_asked"
    __table_args__ = (sa.Index(None, "day"),)

    page_id: Mapped[int] = mapped_column(
        sa.ForeignKey("core_page.id", ondelete="CASCADE"), primary_key=True
    )
    neighbourhood: Mapped[str] = mapped_column(sa.String(HASH_LENGTH), primary_key=True)
    """As a vote keeps it."""
    day: Mapped[datetime.date]
    times: Mapped[int]


class Opened(Base):
    """On how many pages that nobody had seen yet a neighbourhood's readers rated at no price."""

    __tablename__ = "rating_opened"
    __table_args__ = (sa.Index(None, "day"),)

    neighbourhood: Mapped[str] = mapped_column(sa.String(HASH_LENGTH), primary_key=True)
    """As a vote keeps it: of one site and day."""
    day: Mapped[datetime.date]
    pages: Mapped[int]


class Answer(Base):
    """What a vote says of one criterion, where a site asks for more than the stars."""

    __tablename__ = "rating_answer"
    __table_args__ = (sa.CheckConstraint("stars BETWEEN 1 AND 5", name="stars"),)

    vote_id: Mapped[int] = mapped_column(
        sa.ForeignKey("rating_vote.id", ondelete="CASCADE"), primary_key=True
    )
    criterion: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """Its place in the site's setting, from 1."""
    stars: Mapped[int]


class Buckets:
    """How many counted votes there are of each kind: changed with them, in one transaction."""

    n1: Mapped[int] = mapped_column(default=0)
    n2: Mapped[int] = mapped_column(default=0)
    n3: Mapped[int] = mapped_column(default=0)
    n4: Mapped[int] = mapped_column(default=0)
    n5: Mapped[int] = mapped_column(default=0)

    @property
    def counts(self) -> tuple[int, ...]:
        return (self.n1, self.n2, self.n3, self.n4, self.n5)

    def set(self, counts: tuple[int, ...]) -> None:
        self.n1, self.n2, self.n3, self.n4, self.n5 = counts

    def add(self, stars: int, n: int) -> None:
        name = f"n{stars}"
        setattr(self, name, getattr(self, name) + n)


class Total(Buckets, Base):
    """The totals of a page."""

    __tablename__ = "rating_total"

    page_id: Mapped[int] = mapped_column(
        sa.ForeignKey("core_page.id", ondelete="CASCADE"), primary_key=True
    )


class CriterionTotal(Buckets, Base):
    """The totals of one criterion on a page."""

    __tablename__ = "rating_criterion"

    page_id: Mapped[int] = mapped_column(
        sa.ForeignKey("core_page.id", ondelete="CASCADE"), primary_key=True
    )
    criterion: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class Decision(Base):
    """The audit trail: one row per decision on many votes, never changed."""

    __tablename__ = "rating_decision"
    __table_args__ = (sa.Index(None, "site_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("core_site.id", ondelete="CASCADE"))
    at: Mapped[datetime.datetime]
    by: Mapped[str] = mapped_column(sa.String(NAME_LENGTH))
    action: Mapped[Action] = mapped_column(_words(Action))
    choice: Mapped[dict[str, Any]]
    """By what the votes were chosen, as the moderator said it."""
    undoes_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("rating_decision.id", ondelete="SET NULL")
    )
    votes: Mapped[int]
    """How many changed of those that nobody had withdrawn."""


class Decided(Base):
    """What one vote was before a decision, so that it can be taken back."""

    __tablename__ = "rating_decided"
    __table_args__ = (sa.Index(None, "vote_id"),)

    decision_id: Mapped[int] = mapped_column(
        sa.ForeignKey("rating_decision.id", ondelete="CASCADE"), primary_key=True
    )
    vote_id: Mapped[int] = mapped_column(
        sa.ForeignKey("rating_vote.id", ondelete="CASCADE"), primary_key=True
    )
    before: Mapped[State] = mapped_column(_words(State))
