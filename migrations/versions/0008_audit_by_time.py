"""An index for the audit of one authority in the order of time: its pages and its export are read from it."""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_audit_entry_authority_id", "audit_entry")
    op.create_index("ix_audit_entry_authority", "audit_entry", ["authority_id", "at", "id"])


def downgrade() -> None:
    op.drop_index("ix_audit_entry_authority", "audit_entry")
    op.create_index("ix_audit_entry_authority_id", "audit_entry", ["authority_id"])
