"""Keys by which names are found and sorted, and birth dates that somebody has answered for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.values.spelling import as_read

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

NAMED = ("organisation", "team", "user_account", "provider", "scheme", "zone")
KEY = sa.String(200).with_variant(sa.String(200, collation="C"), "postgresql")


def upgrade() -> None:
    connection = op.get_bind()
    for name in NAMED:
        op.add_column(name, sa.Column("name_key", KEY, nullable=False, server_default=""))
        table = sa.table(
            name, sa.column("id", sa.Uuid()), sa.column("name", sa.String()), sa.column("name_key", sa.String())
        )
        rows = connection.execute(sa.select(table.c.id, table.c.name)).all()
        if keys := [{"row": row.id, "key": as_read(row.name)[:200]} for row in rows]:
            statement = sa.update(table).where(table.c.id == sa.bindparam("row"))
            connection.execute(statement.values(name_key=sa.bindparam("key")), keys)
        op.create_index(op.f(f"ix_{name}_name_key"), name, ["name_key"])
    op.add_column("person", sa.Column("birth_confirmed", sa.Date(), nullable=True))


def downgrade() -> None:
    op.drop_column("person", "birth_confirmed")
    for name in NAMED:
        op.drop_index(op.f(f"ix_{name}_name_key"), name)
        op.drop_column(name, "name_key")
