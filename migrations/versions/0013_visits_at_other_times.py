"""Other times of an answer as visits, and the visits that an award holds with the day on which they were agreed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the columns: answers so far offered no visits, awards so far hold what their agreements say."""
    op.add_column("response", sa.Column("other_visits", sa.Text(), nullable=False, server_default=""))
    op.add_column("award", sa.Column("agreed_on", sa.Date(), nullable=True))
    op.add_column("award", sa.Column("visits", sa.JSON(), nullable=True))


def downgrade() -> None:
    """Takes them away."""
    op.drop_column("award", "visits")
    op.drop_column("award", "agreed_on")
    op.drop_column("response", "other_visits")
