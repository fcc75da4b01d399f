"""Awards outside the system."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

IS_LIVE = "state IN ('asked', 'seconded', 'awarded')"


def upgrade() -> None:
    """Makes the table."""
    op.create_table(
        "outside_award",
        sa.Column("reference", sa.String(length=20), nullable=False),
        sa.Column("package_id", sa.Uuid(), nullable=False),
        sa.Column("package_version", sa.Integer(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("provider_name", sa.String(length=200), nullable=False),
        sa.Column("cqc_location_id", sa.String(length=20), nullable=True),
        sa.Column("provider_postcode", sa.String(length=8), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "asked",
                "seconded",
                "awarded",
                "refused",
                "taken_back",
                "pulled_out",
                "cancelled",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "ground",
            sa.Enum("none_suitable", "urgent", name="ground", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("price_pence", sa.Integer(), nullable=False),
        sa.Column("weekly_cost_pence", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("clearance", sa.Text(), nullable=True),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_by_label", sa.String(length=300), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seconded_by", sa.Uuid(), nullable=True),
        sa.Column("seconded_by_label", sa.String(length=300), nullable=True),
        sa.Column("seconded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cleared_by", sa.Uuid(), nullable=True),
        sa.Column("cleared_by_label", sa.String(length=300), nullable=True),
        sa.Column("awarded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_because", sa.Text(), nullable=True),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "state <> 'awarded' OR (awarded_at IS NOT NULL AND seconded_by IS NOT NULL AND provider_id IS NOT NULL AND (clearance IS NULL OR cleared_by IS NOT NULL))",
            name=op.f("ck_outside_award_awarded_who"),
        ),
        sa.CheckConstraint(
            "state <> 'refused' OR ended_because IS NOT NULL", name=op.f("ck_outside_award_refused_why")
        ),
        sa.CheckConstraint(
            "state <> 'seconded' OR seconded_by IS NOT NULL", name=op.f("ck_outside_award_seconded_who")
        ),
        sa.CheckConstraint(
            "cleared_by IS NULL OR (cleared_by <> asked_by AND cleared_by <> seconded_by)",
            name=op.f("ck_outside_award_three_people"),
        ),
        sa.CheckConstraint("price_pence > 0", name=op.f("ck_outside_award_has_price")),
        sa.CheckConstraint("seconded_by IS NULL OR seconded_by <> asked_by", name=op.f("ck_outside_award_two_people")),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["organisation.id"], name=op.f("fk_outside_award_authority_id_organisation")
        ),
        sa.ForeignKeyConstraint(["package_id"], ["package.id"], name=op.f("fk_outside_award_package_id_package")),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name=op.f("fk_outside_award_provider_id_provider")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outside_award")),
        sa.UniqueConstraint("reference", name=op.f("uq_outside_award_reference")),
    )
    for column in ("authority_id", "package_id", "provider_id"):
        op.create_index(op.f(f"ix_outside_award_{column}"), "outside_award", [column])
    op.create_index(
        "uq_outside_award_live",
        "outside_award",
        ["package_id"],
        unique=True,
        sqlite_where=sa.text(IS_LIVE),
        postgresql_where=sa.text(IS_LIVE),
    )


def downgrade() -> None:
    """Takes it away."""
    op.drop_table("outside_award")
