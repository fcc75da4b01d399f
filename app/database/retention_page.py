"""The record of what is kept: every table with its retention class and its personal columns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, cast

from sqlalchemy import Enum

from app.database.base import db, metadata
from app.database.retention import RULES, Retention
from app.values.lifecycle import Lifecycle

OPENING = """# What is kept, and how long

Nothing is deleted by itself because its time is over: a person appraises it first and destroys it, keeps it longer with
a reason, or keeps it for good.
"""


def retention_text() -> str:
    """The whole record as Markdown: the classes with their rules, then the tables."""
    classes = [f"- **{kind.value}**: {RULES[kind]}" for kind in Retention]
    tables = sorted(
        (mapper.class_ for mapper in cast(Any, db.Model).registry.mappers), key=lambda kind: kind.__tablename__
    )
    head = ["| Table | Retention class | Personal columns |", "|---|---|---|"]
    return "\n".join([OPENING, *classes, "", *head, *map(_row, tables)]) + "\n"


def _row(kind: Any) -> str:
    return f"| `{kind.__tablename__}` | {kind.retention.value} | {', '.join(sorted(kind.personal)) or 'none'} |"


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


OPENING = """# Lifecycles

Where each thing can stand, what may follow, and what people read about it. Written by
`flask --app wsgi lifecycles > docs/lifecycles.md` from the states themselves; a test holds it true.
"""


def lifecycles_text() -> str:
    """All of them as Markdown, by the table that holds them."""
    columns: dict[type[Lifecycle], list[str]] = defaultdict(list)
    for table in sorted(metadata.tables.values(), key=lambda table: table.name):
        for column in table.columns:
            kind = column.type.enum_class if isinstance(column.type, Enum) else None
            if kind is not None and issubclass(kind, Lifecycle):
                columns[kind].append(f"`{table.name}.{column.name}`")
    return "\n".join([OPENING, *(line for kind, names in columns.items() for line in _section(kind, names))])


def _section(kind: type[Lifecycle], names: list[str]) -> Iterator[str]:
    yield from (f"## {' and '.join(names)}", "", kind.__doc__ or "", "", "```mermaid", "stateDiagram-v2")
    yield from (f'    state "{state.label}" as {state}' for state in kind)
    for place, state in enumerate(kind):
        if place == 0 or not state.earlier_states:
            yield f"    [*] --> {state}"
        yield from (f"    {state} --> {after}" for after in kind if state.may_become(after))
    yield from ("```", "", "| State | What it means |", "|---|---|")
    yield from (f"| {state.label} | {state.sentence} |" for state in kind)
    yield ""
