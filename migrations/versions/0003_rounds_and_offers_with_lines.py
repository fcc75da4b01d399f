"""Triggers that keep rounds and offers that other rows name: the half of a foreign key that costs a writer nothing."""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TABLES = {"round": ("offer_line", "not_invited"), "offer": ("offer_line",), "exclusion": ("not_invited",)}


def upgrade() -> None:
    """Makes one trigger per table."""
    for table, kept in TABLES.items():
        held = " OR ".join(f"EXISTS (SELECT 1 FROM {one} WHERE {table}_id = OLD.id)" for one in kept)  # noqa: S608
        if op.get_bind().dialect.name == "postgresql":
            op.execute(
                f"CREATE FUNCTION keep_{table}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                f"IF {held} THEN RAISE EXCEPTION 'other rows name this {table}' USING ERRCODE = 'foreign_key_violation'; "
                "END IF; RETURN OLD; END $$"
            )
            op.execute(
                f"CREATE TRIGGER {table}_keeps_lines BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION keep_{table}()"
            )
        else:
            op.execute(
                f"CREATE TRIGGER {table}_keeps_lines BEFORE DELETE ON {table} WHEN {held} "
                f"BEGIN SELECT RAISE(ABORT, 'other rows name this {table}'); END"
            )


def downgrade() -> None:
    """Takes the triggers away."""
    postgres = op.get_bind().dialect.name == "postgresql"
    for table in TABLES:
        op.execute(f"DROP TRIGGER {table}_keeps_lines" + (f" ON {table}" if postgres else ""))
        if postgres:
            op.execute(f"DROP FUNCTION keep_{table}()")
