"""Addresses with the days on which they hold, and records begun beside one that has the same NHS number."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

PERSON = sa.table("person", sa.column("created_at", sa.DateTime(timezone=True)), sa.column("address_from", sa.Date()))
BLIND = sa.table("blind_text", sa.column("waits", sa.Boolean()))


def upgrade() -> None:
    """The address that a record has now holds from the day on which the record was begun."""
    with op.batch_alter_table("person") as batch_op:
        batch_op.add_column(sa.Column("address_from", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("known_record_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("joined_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.drop_constraint(op.f("uq_person_authority_id_nhs_number"), type_="unique")
        batch_op.create_foreign_key(op.f("fk_person_known_record_id_person"), "person", ["known_record_id"], ["id"])
        batch_op.create_check_constraint(
            op.f("ck_person_joined_with"), "joined_at IS NULL OR known_record_id IS NOT NULL"
        )
    op.execute(PERSON.update().values(address_from=sa.func.date(PERSON.c.created_at)))
    with op.batch_alter_table("person") as batch_op:
        batch_op.alter_column("address_from", existing_type=sa.Date(), nullable=False)
    op.create_index(op.f("ix_person_known_record_id"), "person", ["known_record_id"])
    numbered = ("uq_person_nhs_number", "person", ["authority_id", "nhs_number"])
    own = sa.text("known_record_id IS NULL")
    op.create_index(*numbered, unique=True, sqlite_where=own, postgresql_where=own)
    op.create_table(
        "dated_address",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("address", sa.String(length=400), nullable=True),
        sa.Column("postcode", sa.String(length=8), nullable=False),
        sa.Column("holds_from", sa.Date(), nullable=False),
        sa.Column("held_until", sa.Date(), nullable=True),
        sa.Column("noted_by_label", sa.String(length=300), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["organisation.id"], name=op.f("fk_dated_address_authority_id_organisation")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_dated_address_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dated_address")),
    )
    for column in ("authority_id", "person_id"):
        op.create_index(op.f(f"ix_dated_address_{column}"), "dated_address", [column])
    op.add_column("told_address", sa.Column("name", sa.String(length=200), nullable=False, server_default=""))
    op.execute(BLIND.delete().where(BLIND.c.waits.is_(False)))
    with op.batch_alter_table("blind_text") as batch_op:
        batch_op.drop_index("ix_blind_text_user_id_written_at")
        batch_op.drop_column("waits")


def downgrade() -> None:
    """Takes them away; of two records with one NHS number the later one loses it."""
    op.add_column("blind_text", sa.Column("waits", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.create_index("ix_blind_text_user_id_written_at", "blind_text", ["user_id", "written_at"])
    op.drop_column("told_address", "name")
    op.drop_table("dated_address")
    op.execute("UPDATE person SET nhs_number = NULL WHERE known_record_id IS NOT NULL")
    for name in ("uq_person_nhs_number", op.f("ix_person_known_record_id")):
        op.drop_index(name, "person")
    with op.batch_alter_table("person") as batch_op:
        batch_op.drop_constraint(op.f("ck_person_joined_with"), type_="check")
        batch_op.drop_constraint(op.f("fk_person_known_record_id_person"), type_="foreignkey")
        for column in ("joined_at", "known_record_id", "address_from"):
            batch_op.drop_column(column)
        batch_op.create_unique_constraint(op.f("uq_person_authority_id_nhs_number"), ["authority_id", "nhs_number"])
