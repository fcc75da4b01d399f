"""Addresses and telephones that came with a package and differ from the person's record."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the table."""
    op.create_table(
        "told_address",
        sa.Column("package_id", sa.Uuid(), nullable=False),
        sa.Column("address", sa.String(length=400), nullable=False),
        sa.Column("postcode", sa.String(length=8), nullable=False),
        sa.Column("telephone", sa.String(length=30), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_label", sa.String(length=300), nullable=True),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["organisation.id"], name=op.f("fk_told_address_authority_id_organisation")
        ),
        sa.ForeignKeyConstraint(["package_id"], ["package.id"], name=op.f("fk_told_address_package_id_package")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_told_address")),
    )
    for column in ("authority_id", "package_id"):
        op.create_index(op.f(f"ix_told_address_{column}"), "told_address", [column])


def downgrade() -> None:
    """Takes it away."""
    op.drop_table("told_address")
