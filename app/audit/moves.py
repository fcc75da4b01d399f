"""The one way in which states change: conditional on the state that a thing is in, all of a set or none."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Enum, Update, inspect, select, true, update
from sqlalchemy.orm.attributes import set_committed_value

from app.audit.actor import Actor
from app.audit.services import record_each
from app.database import Row, db
from app.database.many import among
from app.errors import Conflict
from app.values.lifecycle import Lifecycle

CHANGED_MEANWHILE = "This has changed meanwhile. Reload the page to see where it stands."


def move(
    rows: Sequence[Row],
    to: Lifecycle,
    tag: str,
    *,
    by: Actor,
    reason: str | None = None,
    values: Mapping[str, Any] | None = None,
    starts: Collection[Lifecycle] | None = None,
    meanwhile: str = "",
    **facts: object,
) -> None:
    """Moves every row to a state, as `set_state` does, and records it about each."""
    set_state(rows, to, values=values, starts=starts, meanwhile=meanwhile)
    record_each(tag, rows, by=by, reason=reason, **facts)


def set_state(
    rows: Sequence[Row],
    to: Lifecycle,
    *,
    values: Mapping[str, Any] | None = None,
    starts: Collection[Lifecycle] | None = None,
    only_if: tuple[ColumnElement[bool], str] | None = None,
    meanwhile: str = "",
) -> None:
    """Moves every row to a state in one statement, with the values that belong to it; the caller records why.

    Raises Conflict, naming the first that cannot go there, and moves none: the lifecycle decides, `starts` narrows it,
    and `only_if` is one condition more, with what is said where it does not hold. `meanwhile` is said of a row that
    could go there when it was read.
    """
    if not rows:
        return
    db.session.flush()
    model, allowed = type(rows[0]), to.earlier_states if starts is None else to.earlier_states.intersection(starts)
    values = {state_column(model, type(to)): to, **(values or {})}
    condition, unless_so = only_if or (true(), CHANGED_MEANWHILE)
    these = among(model.id, [row.id for row in rows]), condition
    # What the database works out itself, such as a version of one more, comes back with the rows that were found.
    worked_out = [name for name, value in values.items() if isinstance(value, ColumnElement)]
    statement = _update(model, allowed, to).where(*these).values(values)
    returning = statement.returning(model.id, *(getattr(model, name) for name in worked_out))
    found = db.session.execute(returning.execution_options(synchronize_session=False))
    moved = {row[0]: dict(zip(worked_out, row[1:], strict=True)) for row in found}
    if left := [row for row in rows if row.id not in moved]:
        raise _conflict(left[0], to, allowed, meanwhile, unless_so)
    for row in rows:
        for name, value in {**values, **moved[row.id]}.items():
            set_committed_value(row, name, value)


def set_state_where(
    model: type[Row], *conditions: ColumnElement[bool], to: Lifecycle, **values: object
) -> Sequence[UUID]:
    """Moves whatever meets the conditions and may go to a state, in one statement; the identifiers of what was moved."""
    values = {state_column(model, type(to)): to, **values}
    statement = _update(model, to.earlier_states, to).where(*conditions).values(values).returning(model.id)
    return db.session.scalars(statement.execution_options(synchronize_session="fetch")).all()


@cache
def state_column(model: type[Row], lifecycle: type[Lifecycle]) -> str:
    """The name of the column in which a table holds this lifecycle."""
    columns = inspect(model).column_attrs
    return next(
        attribute.key
        for attribute in columns
        if isinstance(attribute.columns[0].type, Enum) and attribute.columns[0].type.enum_class is lifecycle
    )


def _update(model: type[Row], allowed: Collection[Lifecycle], to: Lifecycle) -> Update:
    return update(model).where(getattr(model, state_column(model, type(to))).in_(sorted(allowed)))


def _conflict(row: Row, to: Lifecycle, allowed: Collection[Lifecycle], meanwhile: str, unless_so: str) -> Conflict:
    """Why this row was not moved; the row shows from here on where it is."""
    model, column = type(row), state_column(type(row), type(to))
    seen, state = getattr(row, column), db.session.scalar(select(getattr(model, column)).where(model.id == row.id))
    if meanwhile and seen in allowed:
        return Conflict(meanwhile)
    if state is None or state in allowed:
        return Conflict(unless_so)
    set_committed_value(row, column, state)
    return Conflict(state.refusal(to, getattr(row, "reference", "")))
