"""One index for each order of threads, and none for parents, by whom nothing is looked for."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

TABLE = "comments_comment"
OLDEST = ["page_id", "is_public", "thread_at", "thread_id", "id"]
# An index is walked both ways, but not one part of it up and another down.
NEWEST: list[str | sa.TextClause] = [
    "page_id",
    "is_public",
    sa.text("thread_at DESC"),
    sa.text("thread_id DESC"),
    "id",
]


def upgrade() -> None:
    op.drop_index("ix_comments_comment_parent", table_name=TABLE)
    op.drop_index("ix_comments_comment_newest", table_name=TABLE)
    op.create_index("ix_comments_comment_oldest", TABLE, OLDEST)
    op.create_index("ix_comments_comment_newest", TABLE, NEWEST)


def downgrade() -> None:
    op.drop_index("ix_comments_comment_newest", table_name=TABLE)
    op.drop_index("ix_comments_comment_oldest", table_name=TABLE)
    op.create_index("ix_comments_comment_newest", TABLE, OLDEST)
    op.create_index("ix_comments_comment_parent", TABLE, ["parent_id"])
