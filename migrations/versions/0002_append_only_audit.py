"""Triggers that refuse to change or delete what the audit holds."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLES = ("audit_entry", "audit_block", "audit_block_entry", "access_log")
VERBS = ("UPDATE", "DELETE")
ALL = (*TABLES, "audit_fact")


def upgrade() -> None:
    """Makes one trigger per table and verb."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "RAISE EXCEPTION 'the audit is append-only'; END $$"
        )
    for table in TABLES:
        for verb in VERBS:
            op.execute(_trigger(table, verb))
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE TRIGGER audit_fact_no_update BEFORE UPDATE ON audit_fact EXECUTE FUNCTION refuse_change()")
        for table in ALL:
            op.execute(_trigger(table, "TRUNCATE"))
    else:
        op.execute(_trigger("audit_fact", "UPDATE"))


def downgrade() -> None:
    """Takes the triggers away."""
    postgres = op.get_bind().dialect.name == "postgresql"
    for table, verb in [(table, verb) for table in TABLES for verb in VERBS] + [("audit_fact", "UPDATE")]:
        on = f" ON {table}" if postgres else ""
        op.execute(f"DROP TRIGGER {table}_no_{verb.lower()}{on}")
    if postgres:
        for table in ALL:
            op.execute(f"DROP TRIGGER {table}_no_truncate ON {table}")
        op.execute("DROP FUNCTION refuse_change()")


def _trigger(table: str, verb: str) -> str:
    head = f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table}"
    if op.get_bind().dialect.name == "postgresql":
        return f"{head} EXECUTE FUNCTION refuse_change()"
    return f"{head} BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END"
