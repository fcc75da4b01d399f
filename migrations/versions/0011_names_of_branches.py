"""The name that a provider is registered with, beside the one that tells it from other branches of that name."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.values.spelling import as_read
from marketplace.providers.rules import Branch, names_apart

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

COLUMNS = ("id", "name", "name_key", "registered_name", "base_postcode", "cqc_location_id")
PROVIDER = sa.table("provider", *(sa.column(name) for name in COLUMNS))


def upgrade() -> None:
    """Adds the column, filled with the names so far, and tells apart those that share one."""
    op.add_column("provider", sa.Column("registered_name", sa.String(length=200), nullable=False, server_default=""))
    op.execute(PROVIDER.update().values(registered_name=PROVIDER.c.name))
    rows = op.get_bind().execute(sa.select(PROVIDER)).all()
    shown = names_apart((row.id, Branch(row.name, row.base_postcode, row.cqc_location_id)) for row in rows)
    for row in rows:
        if row.name != shown[row.id]:
            named = {"name": shown[row.id], "name_key": as_read(shown[row.id])[:200]}
            op.execute(PROVIDER.update().where(PROVIDER.c.id == row.id).values(**named))


def downgrade() -> None:
    """Gives each its registered name again."""
    op.execute(PROVIDER.update().values(name=PROVIDER.c.registered_name))
    op.drop_column("provider", "registered_name")
