"""Votes that are kept and not counted, criteria, and what moderators decide."""

import datetime
import zoneinfo

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

BATCH = 5000
NEW = ("state", "why", "day", "network", "neighbourhood", "is_proven", "decision_id")


def upgrade() -> None:
    op.create_table(
        "rating_decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("action", sa.String(length=16), nullable=False),
        sa.Column("choice", sa.JSON(), nullable=False),
        sa.Column("undoes_id", sa.Integer(), nullable=True),
        sa.Column("votes", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["site_id"],
            ["core_site.id"],
            name=op.f("fk_rating_decision_site_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["undoes_id"],
            ["rating_decision.id"],
            name=op.f("fk_rating_decision_undoes_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rating_decision")),
    )
    op.create_index(op.f("ix_rating_decision_site_id"), "rating_decision", ["site_id"])
    with op.batch_alter_table("rating_vote") as table:
        table.add_column(
            sa.Column("state", sa.String(length=16), nullable=False, server_default="counted")
        )
        table.add_column(sa.Column("why", sa.String(length=16), nullable=False, server_default=""))
        table.add_column(sa.Column("day", sa.Date(), nullable=True))
        table.add_column(sa.Column("network", sa.String(length=32), nullable=True))
        table.add_column(sa.Column("neighbourhood", sa.String(length=32), nullable=True))
        table.add_column(
            sa.Column("is_proven", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        table.add_column(sa.Column("decision_id", sa.Integer(), nullable=True))
        table.create_foreign_key(
            op.f("fk_rating_vote_decision_id"),
            "rating_decision",
            ["decision_id"],
            ["id"],
            ondelete="SET NULL",
        )
    _tell_days()
    with op.batch_alter_table("rating_vote") as table:
        table.alter_column("day", existing_type=sa.Date(), nullable=False)
        table.alter_column("state", existing_type=sa.String(length=16), server_default=None)
        table.alter_column("why", existing_type=sa.String(length=16), server_default=None)
        table.alter_column("is_proven", existing_type=sa.Boolean(), server_default=None)
    for column in ("network", "neighbourhood", "day"):
        op.create_index(
            op.f(f"ix_rating_vote_page_id_{column}"), "rating_vote", ["page_id", column]
        )
    op.create_table(
        "rating_asked",
        sa.Column("page_id", sa.Integer(), nullable=False),
        sa.Column("neighbourhood", sa.String(length=32), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["page_id"], ["core_page.id"], name=op.f("fk_rating_asked_page_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("page_id", "neighbourhood", name=op.f("pk_rating_asked")),
    )
    op.create_table(
        "rating_answer",
        sa.Column("vote_id", sa.Integer(), nullable=False),
        sa.Column("criterion", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("stars", sa.Integer(), nullable=False),
        sa.CheckConstraint("stars BETWEEN 1 AND 5", name=op.f("ck_rating_answer_stars")),
        sa.ForeignKeyConstraint(
            ["vote_id"],
            ["rating_vote.id"],
            name=op.f("fk_rating_answer_vote_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("vote_id", "criterion", name=op.f("pk_rating_answer")),
    )
    op.create_table(
        "rating_criterion",
        sa.Column("page_id", sa.Integer(), nullable=False),
        sa.Column("criterion", sa.Integer(), autoincrement=False, nullable=False),
        *(sa.Column(f"n{stars}", sa.Integer(), nullable=False) for stars in range(1, 6)),
        sa.ForeignKeyConstraint(
            ["page_id"],
            ["core_page.id"],
            name=op.f("fk_rating_criterion_page_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("page_id", "criterion", name=op.f("pk_rating_criterion")),
    )
    op.create_table(
        "rating_decided",
        sa.Column("decision_id", sa.Integer(), nullable=False),
        sa.Column("vote_id", sa.Integer(), nullable=False),
        sa.Column("before", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["decision_id"],
            ["rating_decision.id"],
            name=op.f("fk_rating_decided_decision_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["vote_id"],
            ["rating_vote.id"],
            name=op.f("fk_rating_decided_vote_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("decision_id", "vote_id", name=op.f("pk_rating_decided")),
    )
    op.create_index(op.f("ix_rating_decided_vote_id"), "rating_decided", ["vote_id"])


def _tell_days() -> None:
    """Tell of the votes there are on which day of their site they were given."""
    connection = op.get_bind()
    vote = sa.table(
        "rating_vote",
        sa.column("id", sa.Integer),
        sa.column("page_id", sa.Integer),
        sa.column("created_at", sa.DateTime),
        sa.column("day", sa.Date),
    )
    page = sa.table("core_page", sa.column("id"), sa.column("site_id"))
    site = sa.table("core_site", sa.column("id"), sa.column("time_zone", sa.String))
    batch = (
        sa.select(vote.c.id, vote.c.created_at, site.c.time_zone)
        .join(page, page.c.id == vote.c.page_id)
        .join(site, site.c.id == page.c.site_id)
        .where(vote.c.day.is_(None))
        .limit(BATCH)
    )
    told = (
        sa.update(vote)
        .where(vote.c.id == sa.bindparam("vote_id"))
        .values(day=sa.bindparam("its_day"))
    )
    while rows := connection.execute(batch).all():
        connection.execute(
            told,
            [
                {
                    "vote_id": number,
                    "its_day": at.replace(tzinfo=datetime.UTC)
                    .astimezone(zoneinfo.ZoneInfo(time_zone))
                    .date(),
                }
                for number, at, time_zone in rows
            ],
        )


def downgrade() -> None:
    op.drop_table("rating_decided")
    op.drop_table("rating_criterion")
    op.drop_table("rating_answer")
    op.drop_table("rating_asked")
    for column in ("network", "neighbourhood", "day"):
        op.drop_index(op.f(f"ix_rating_vote_page_id_{column}"), "rating_vote")
    # What came before counted every vote: those that are not counted now go.
    op.execute("DELETE FROM rating_vote WHERE state <> 'counted'")
    with op.batch_alter_table("rating_vote") as table:
        table.drop_constraint(op.f("fk_rating_vote_decision_id"), type_="foreignkey")
        for column in (
            "state",
            "why",
            "day",
            "network",
            "neighbourhood",
            "is_proven",
            "decision_id",
        ):
            table.drop_column(column)
    op.drop_table("rating_decision")
