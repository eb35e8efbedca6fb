"""Votes that do not count stay on record when they are withdrawn."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    with op.batch_alter_table("rating_vote") as table:
        table.add_column(
            sa.Column("is_withdrawn", sa.Boolean(), nullable=False, server_default=sa.false())
        )
    with op.batch_alter_table("rating_vote") as table:
        table.alter_column("is_withdrawn", existing_type=sa.Boolean(), server_default=None)


def downgrade() -> None:
    # What came before kept no withdrawn vote.
    vote = sa.table("rating_vote", sa.column("id"), sa.column("is_withdrawn", sa.Boolean))
    withdrawn = sa.select(vote.c.id).where(vote.c.is_withdrawn)
    for name in ("rating_answer", "rating_decided"):
        table = sa.table(name, sa.column("vote_id"))
        op.execute(sa.delete(table).where(table.c.vote_id.in_(withdrawn)))
    op.execute(sa.delete(vote).where(vote.c.is_withdrawn))
    with op.batch_alter_table("rating_vote") as batch:
        batch.drop_column("is_withdrawn")
