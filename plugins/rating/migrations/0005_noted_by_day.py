"""What was noted of neighbourhoods is found by its day, and forgotten by it."""

from alembic import op

revision = "0005"
down_revision = "0004"

TABLES = ("rating_asked", "rating_opened")


def upgrade() -> None:
    for table in TABLES:
        op.create_index(op.f(f"ix_{table}_day"), table, ["day"])


def downgrade() -> None:
    for table in TABLES:
        op.drop_index(op.f(f"ix_{table}_day"), table)
