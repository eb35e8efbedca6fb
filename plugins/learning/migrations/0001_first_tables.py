"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "learning_example",
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("is_unwanted", sa.Boolean(), nullable=False),
        sa.Column("buckets", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["core_submission.id"],
            name=op.f("fk_learning_example_submission_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["site_id"],
            ["core_site.id"],
            name=op.f("fk_learning_example_site_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("submission_id", name=op.f("pk_learning_example")),
    )
    op.create_index(op.f("ix_learning_example_site_id"), "learning_example", ["site_id"])
    op.create_table(
        "learning_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("unwanted", sa.Integer(), nullable=False),
        sa.Column("buckets", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["site_id"],
            ["core_site.id"],
            name=op.f("fk_learning_change_site_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_learning_change")),
    )
    op.create_index(op.f("ix_learning_change_site_id"), "learning_change", ["site_id"])
    op.create_table(
        "learning_snapshot",
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("unwanted", sa.Integer(), nullable=False),
        sa.Column("seen", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["site_id"],
            ["core_site.id"],
            name=op.f("fk_learning_snapshot_site_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("site_id", name=op.f("pk_learning_snapshot")),
    )


def downgrade() -> None:
    op.drop_table("learning_snapshot")
    op.drop_table("learning_change")
    op.drop_table("learning_example")
