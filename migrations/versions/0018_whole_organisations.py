"""Domains of a council's addresses, what two administrators decide about an organisation, teams of proposed roles."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

ACTS, STATES = ("domains", "shut_out", "let_in"), ("proposed", "approved", "refused")
TABLE = "organisation_proposal"
OPEN = sa.text("state = 'proposed'")


def upgrade() -> None:
    """Adds the columns and makes the table. No domain is set, so no address waits because of it."""
    op.add_column("organisation", sa.Column("email_domains", sa.String(1000), nullable=False, server_default=""))
    teams = sa.Column("team_ids", sa.JSON(none_as_null=True), nullable=False, server_default="[]")
    op.add_column("role_proposal", teams)
    op.create_table(
        TABLE,
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("target_id", sa.Uuid(), nullable=False),
        sa.Column("act", sa.String(length=40), nullable=False),
        sa.Column("domains", sa.String(length=1000), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("proposed_by_label", sa.String(length=300), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_note", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(f"act IN {ACTS}", name=op.f("ck_organisation_proposal_act")),
        sa.CheckConstraint(f"state IN {STATES}", name=op.f("ck_organisation_proposal_state")),
        sa.CheckConstraint(
            "state = 'proposed' OR decided_at IS NOT NULL", name=op.f("ck_organisation_proposal_decided_when")
        ),
        sa.CheckConstraint(
            "decided_by IS NULL OR decided_by <> proposed_by", name=op.f("ck_organisation_proposal_two_people")
        ),
        sa.CheckConstraint(
            "state <> 'refused' OR decision_note IS NOT NULL", name=op.f("ck_organisation_proposal_refused_why")
        ),
        *(
            sa.ForeignKeyConstraint([column], ["organisation.id"], name=op.f(f"fk_{TABLE}_{column}_organisation"))
            for column in ("organisation_id", "target_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation_proposal")),
    )
    op.create_index(op.f("ix_organisation_proposal_organisation_id"), TABLE, ["organisation_id"])
    where = {"sqlite_where": OPEN, "postgresql_where": OPEN}
    op.create_index("uq_organisation_proposal_open", TABLE, ["target_id"], unique=True, **where)


def downgrade() -> None:
    """Takes them away."""
    op.drop_table(TABLE)
    op.drop_column("role_proposal", "team_ids")
    op.drop_column("organisation", "email_domains")
