"""Changes of agreements, and until when a suspended one holds its place."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "agreement_change",
        sa.Column("agreement_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "end",
                "suspend",
                "resume",
                "hand_back",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "asked",
                "agreed",
                "done",
                "refused",
                "taken_back",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("hold_until", sa.Date(), nullable=True),
        sa.Column(
            "cause",
            sa.Enum(
                "hospital",
                "holiday",
                "died",
                "recovered",
                "moved",
                "care_home",
                "staffing",
                "safety",
                "wishes",
                "back_home",
                "other",
                name="cause",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "asked_by",
            sa.Enum(
                "person",
                "family",
                "advocate",
                "hospital",
                "provider",
                "council",
                "health",
                name="asked_by",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("successor_id", sa.Uuid(), nullable=True),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("made_by_label", sa.String(length=300), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_by_label", sa.String(length=300), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_note", sa.Text(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "kind <> 'hand_back' OR successor_id IS NOT NULL", name=op.f("ck_agreement_change_handed_on")
        ),
        sa.CheckConstraint("kind <> 'suspend' OR hold_until IS NOT NULL", name=op.f("ck_agreement_change_held_until")),
        sa.CheckConstraint(
            "state <> 'refused' OR decision_note IS NOT NULL", name=op.f("ck_agreement_change_refused_why")
        ),
        sa.CheckConstraint("decided_by IS NULL OR decided_by <> made_by", name=op.f("ck_agreement_change_two_people")),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["agreement.id"], name=op.f("fk_agreement_change_agreement_id_agreement")
        ),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["organisation.id"], name=op.f("fk_agreement_change_authority_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["successor_id"], ["package.id"], name=op.f("fk_agreement_change_successor_id_package")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement_change")),
    )
    with op.batch_alter_table("agreement_change", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_agreement_change_agreement_id"), ["agreement_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_agreement_change_authority_id"), ["authority_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_agreement_change_successor_id"), ["successor_id"], unique=False)
        batch_op.create_index(
            "uq_agreement_change_open",
            ["agreement_id", "kind"],
            unique=True,
            sqlite_where=sa.text("state IN ('asked', 'agreed')"),
            postgresql_where=sa.text("state IN ('asked', 'agreed')"),
        )

    with op.batch_alter_table("agreement", schema=None) as batch_op:
        batch_op.add_column(sa.Column("hold_until", sa.Date(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("agreement", schema=None) as batch_op:
        batch_op.drop_column("hold_until")

    with op.batch_alter_table("agreement_change", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_agreement_change_open",
            sqlite_where=sa.text("state IN ('asked', 'agreed')"),
            postgresql_where=sa.text("state IN ('asked', 'agreed')"),
        )
        batch_op.drop_index(batch_op.f("ix_agreement_change_successor_id"))
        batch_op.drop_index(batch_op.f("ix_agreement_change_authority_id"))
        batch_op.drop_index(batch_op.f("ix_agreement_change_agreement_id"))

    op.drop_table("agreement_change")
