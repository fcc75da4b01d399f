"""The least that the application's own PostgreSQL role needs: no change of tables, no rewriting of the audit.

Migrations run as the owner of the tables; the web processes as another role, to which these statements are given. What
the triggers refuse is thus refused to the role as well, and the role cannot take the triggers away.
"""

from __future__ import annotations

from collections.abc import Iterator

from app.database.base import metadata

APPEND_ONLY = ("audit_entry", "audit_block", "audit_block_entry", "access_log")
FACTS = "audit_fact"


def grants(role: str) -> Iterator[str]:
    """The statements, for the owner to run after each migration. `role` is quoted here."""
    name = '"' + role.replace('"', '""') + '"'
    kept = (*APPEND_ONLY, FACTS)
    free = ", ".join(table.name for table in metadata.sorted_tables if table.name not in kept)
    yield f"GRANT USAGE ON SCHEMA public TO {name};"
    yield f"GRANT SELECT, INSERT, UPDATE, DELETE ON {free} TO {name};"
    yield f"GRANT SELECT, INSERT ON {', '.join(APPEND_ONLY)} TO {name};"
    yield f"GRANT SELECT, INSERT, DELETE ON {FACTS} TO {name};"
    yield f"GRANT SELECT ON alembic_version TO {name};"
