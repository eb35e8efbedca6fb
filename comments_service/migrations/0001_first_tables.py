"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "core_moderator",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("session_epoch", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_moderator")),
        sa.UniqueConstraint("name", name=op.f("uq_core_moderator_name")),
    )
    op.create_table(
        "core_salt",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("salt", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_core_salt")),
    )
    op.create_table(
        "core_site",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("origins", sa.JSON(), nullable=False),
        sa.Column("locale", sa.String(length=16), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_site")),
        sa.UniqueConstraint("key", name=op.f("uq_core_site_key")),
    )
    op.create_table(
        "core_spent_challenge",
        sa.Column("nonce", sa.String(length=32), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("nonce", name=op.f("pk_core_spent_challenge")),
    )
    op.create_index(
        op.f("ix_core_spent_challenge_expires_at"),
        "core_spent_challenge",
        ["expires_at"],
        unique=False,
    )
    op.create_table(
        "core_page",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=2048), nullable=False),
        sa.Column("key_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["site_id"], ["core_site.id"], name=op.f("fk_core_page_site_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_page")),
        sa.UniqueConstraint("site_id", "key_hash", name=op.f("uq_core_page_site_id_key_hash")),
    )
    op.create_table(
        "core_submission",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("page_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("visitor", sa.String(length=32), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "held",
                "published",
                "rejected",
                "spam",
                "deleted",
                name="status",
                native_enum=False,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["page_id"],
            ["core_page.id"],
            name=op.f("fk_core_submission_page_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["site_id"],
            ["core_site.id"],
            name=op.f("fk_core_submission_site_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_submission")),
    )
    op.create_index(
        op.f("ix_core_submission_page_id"), "core_submission", ["page_id"], unique=False
    )
    op.create_index(
        op.f("ix_core_submission_site_id_status_created_at"),
        "core_submission",
        ["site_id", "status", "created_at"],
        unique=False,
    )
    op.create_table(
        "core_decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("moderator_id", sa.Integer(), nullable=True),
        sa.Column("moderator_name", sa.String(length=80), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("before", sa.String(length=16), nullable=False),
        sa.Column("after", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["moderator_id"],
            ["core_moderator.id"],
            name=op.f("fk_core_decision_moderator_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["site_id"], ["core_site.id"], name=op.f("fk_core_decision_site_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_decision")),
    )
    op.create_index(
        op.f("ix_core_decision_submission_id"), "core_decision", ["submission_id"], unique=False
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_core_decision_submission_id"), table_name="core_decision")
    op.drop_table("core_decision")
    op.drop_index(
        op.f("ix_core_submission_site_id_status_created_at"), table_name="core_submission"
    )
    op.drop_index(op.f("ix_core_submission_page_id"), table_name="core_submission")
    op.drop_table("core_submission")
    op.drop_table("core_page")
    op.drop_index(op.f("ix_core_spent_challenge_expires_at"), table_name="core_spent_challenge")
    op.drop_table("core_spent_challenge")
    op.drop_table("core_site")
    op.drop_table("core_salt")
    op.drop_table("core_moderator")
