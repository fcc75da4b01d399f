"""Columns of answers under the names that forms, rules and the API use."""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

RENAMED = {
    "needs_assessment_visit": "assessment_visit_needed",
    "nearby": "people_nearby_text",
    "nearby_count": "people_nearby_count",
}


def upgrade() -> None:
    """Gives the columns their new names."""
    for before, after in RENAMED.items():
        op.alter_column("response", before, new_column_name=after)


def downgrade() -> None:
    """Gives the columns their old names again."""
    for before, after in RENAMED.items():
        op.alter_column("response", after, new_column_name=before)
