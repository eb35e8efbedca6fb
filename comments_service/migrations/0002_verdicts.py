"""Verdicts of filters, traces of networks, and attacks on sites."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("core_site", sa.Column("attacked_until", sa.DateTime(), nullable=True))
    op.add_column(
        "core_site",
        sa.Column("attack_seen_by", sa.String(length=80), nullable=False, server_default=""),
    )
    op.add_column("core_submission", sa.Column("cluster", sa.String(length=16), nullable=True))
    op.create_index(
        op.f("ix_core_submission_site_id_visitor"), "core_submission", ["site_id", "visitor"]
    )
    op.create_table(
        "core_verdict",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("filter", sa.String(length=32), nullable=False),
        sa.Column("outcome", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("score", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["core_submission.id"],
            name=op.f("fk_core_verdict_submission_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_verdict")),
    )
    op.create_index(op.f("ix_core_verdict_submission_id"), "core_verdict", ["submission_id"])
    op.create_table(
        "core_trace",
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("networks", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["core_submission.id"],
            name=op.f("fk_core_trace_submission_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("submission_id", name=op.f("pk_core_trace")),
    )
    op.create_index(op.f("ix_core_trace_created_at"), "core_trace", ["created_at"])


def downgrade() -> None:
    op.drop_table("core_trace")
    op.drop_table("core_verdict")
    op.drop_index(op.f("ix_core_submission_site_id_visitor"), "core_submission")
    with op.batch_alter_table("core_submission") as table:
        table.drop_column("cluster")
    with op.batch_alter_table("core_site") as table:
        table.drop_column("attack_seen_by")
        table.drop_column("attacked_until")
