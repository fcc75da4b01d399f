"""The drawing of every lifecycle: where it begins, what may follow what, and what each state means."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from sqlalchemy import Enum

from app.database.base import metadata
from app.values.lifecycle import Lifecycle

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
