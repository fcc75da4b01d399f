"""New earliest starts, the days to set care up, drafts changed by hand, and why packages leave them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

REASONS = ("preference", "alone", "start", "far", "times", "unclear", "other")


def upgrade() -> None:
    """Adds the columns. What was lifted out before was so for the person's own preference."""
    setup = sa.Column("setup_working_days", sa.Integer(), nullable=False, server_default="2")
    op.add_column("scheme_policy", setup)
    op.add_column("package", sa.Column("first_wanted_start", sa.Date(), nullable=True))
    op.add_column("batch", sa.Column("over_limits_because", sa.String(length=500), nullable=True))
    op.add_column("batch", sa.Column("edited_at", sa.DateTime(timezone=True), nullable=True))
    named = ", ".join(f"'{reason}'" for reason in REASONS)
    # With its check in one statement: to rebuild the table on SQLite would lose its partial index.
    check = f"CONSTRAINT ck_batch_package_left_for CHECK (left_for IN ({named}))"
    op.execute(f"ALTER TABLE batch_package ADD COLUMN left_for VARCHAR(40) {check}")
    op.execute("UPDATE batch_package SET left_for = 'preference' WHERE lifted")
    # Whoever raised the version of a draft changed it by hand; it is not to be replaced unasked.
    op.execute("UPDATE batch SET edited_at = created_at WHERE state = 'draft' AND version > 1")


def downgrade() -> None:
    """Takes the columns away."""
    if op.get_bind().dialect.name == "postgresql":
        op.drop_column("batch_package", "left_for")
    else:
        with op.batch_alter_table("batch_package") as table:
            table.drop_constraint(op.f("ck_batch_package_left_for"), type_="check")
            table.drop_column("left_for")
    for table_name, column in (
        ("batch", "edited_at"),
        ("batch", "over_limits_because"),
        ("package", "first_wanted_start"),
        ("scheme_policy", "setup_working_days"),
    ):
        op.drop_column(table_name, column)
