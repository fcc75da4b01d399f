"""The record of what is kept: every table with its retention class and its personal columns."""

from __future__ import annotations

from typing import Any, cast

from app.database.base import db
from app.database.retention import Retention

OPENING = """# What is kept, and how long

Nothing is deleted by itself because its time is over: a person appraises it first and destroys it, keeps it longer with
a reason, or keeps it for good.
"""


def retention_text() -> str:
    """The whole record as Markdown: the classes with their rules, then the tables."""
    classes = [f"- **{kind.value}**: {kind.rule}" for kind in Retention]
    tables = sorted(
        (mapper.class_ for mapper in cast(Any, db.Model).registry.mappers), key=lambda kind: kind.__tablename__
    )
    head = ["| Table | Retention class | Personal columns |", "|---|---|---|"]
    return "\n".join([OPENING, *classes, "", *head, *map(_row, tables)]) + "\n"


def _row(kind: Any) -> str:
    return f"| `{kind.__tablename__}` | {kind.retention.value} | {', '.join(sorted(kind.personal)) or 'none'} |"
