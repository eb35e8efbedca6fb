"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "guestbook_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("page_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("message", sa.String(length=280), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["page_id"],
            ["core_page.id"],
            name=op.f("fk_guestbook_entry_page_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guestbook_entry")),
    )
    op.create_index(op.f("ix_guestbook_entry_page_id"), "guestbook_entry", ["page_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_guestbook_entry_page_id"), table_name="guestbook_entry")
    op.drop_table("guestbook_entry")
