"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "comments_total",
        sa.Column("page_id", sa.Integer(), nullable=False),
        sa.Column("public", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["page_id"],
            ["core_page.id"],
            name=op.f("fk_comments_total_page_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("page_id", name=op.f("pk_comments_total")),
    )
    op.create_table(
        "comments_comment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("page_id", sa.Integer(), nullable=False),
        sa.Column("thread_id", sa.Integer(), nullable=False),
        sa.Column("thread_at", sa.DateTime(), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["id"], ["core_submission.id"], name=op.f("fk_comments_comment_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["page_id"],
            ["core_page.id"],
            name=op.f("fk_comments_comment_page_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comments_comment")),
    )
    op.create_index(
        "ix_comments_comment_newest",
        "comments_comment",
        ["page_id", "is_public", "thread_at", "thread_id", "id"],
        unique=False,
    )
    op.create_index("ix_comments_comment_parent", "comments_comment", ["parent_id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_comments_comment_parent", table_name="comments_comment")
    op.drop_index("ix_comments_comment_newest", table_name="comments_comment")
    op.drop_table("comments_comment")
    op.drop_table("comments_total")
