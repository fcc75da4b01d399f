"""The deadline at which a round was closed, in the round itself: the board lists what waits for a decision by it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

INDEX = "ix_round_authority_state"


def upgrade() -> None:
    """Adds the column, fills it for rounds that were closed, and puts it into the index of the board."""
    op.add_column("round", sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(
        "UPDATE round SET closed_at = (SELECT deadline FROM issue WHERE issue.id = round.issue_id) "
        "WHERE state IN ('closed', 'awarded', 'none_suitable')"
    )
    op.drop_index(INDEX, "round")
    op.create_index(INDEX, "round", ["authority_id", "state", "closed_at", "issue_id", "id"])


def downgrade() -> None:
    """Takes the column away again."""
    op.drop_index(INDEX, "round")
    op.create_index(INDEX, "round", ["authority_id", "state", "issue_id", "id"])
    op.drop_column("round", "closed_at")
