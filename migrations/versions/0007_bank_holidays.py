"""Bank holidays that an authority enters, proclaimed after the published list was made."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "bank_holiday",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_by_label", sa.String(length=300), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["organisation.id"], name=op.f("fk_bank_holiday_authority_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_holiday")),
        sa.UniqueConstraint("authority_id", "day", name=op.f("uq_bank_holiday_authority_id_day")),
    )
    with op.batch_alter_table("bank_holiday", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bank_holiday_authority_id"), ["authority_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("bank_holiday", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_bank_holiday_authority_id"))

    op.drop_table("bank_holiday")
