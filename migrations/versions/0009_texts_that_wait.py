"""Texts about a person whose record their writer may not read, and whether they wait to be read."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "blind_text",
        sa.Column("package_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("waits", sa.Boolean(), nullable=False),
        sa.Column("read_by_label", sa.String(length=300), nullable=True),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["organisation.id"], name=op.f("fk_blind_text_authority_id_organisation")
        ),
        sa.ForeignKeyConstraint(["package_id"], ["package.id"], name=op.f("fk_blind_text_package_id_package")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_blind_text_user_id_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_blind_text")),
    )
    with op.batch_alter_table("blind_text", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_blind_text_authority_id"), ["authority_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_blind_text_package_id"), ["package_id"], unique=False)
        batch_op.create_index("ix_blind_text_user_id_written_at", ["user_id", "written_at"], unique=False)


def downgrade() -> None:
    op.drop_table("blind_text")
