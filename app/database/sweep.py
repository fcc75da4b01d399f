"""Work of the timetable, item by item: each in a transaction of its own, and safe to run twice or on two machines."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, delete

from app.database.base import Base, db
from app.database.engine import locked
from app.database.many import rows_changed
from app.errors import Refusal

log = logging.getLogger(__name__)

Thing = TypeVar("Thing", bound=Base)


def sweep(due: Select[UUID], act: Callable[[UUID], bool]) -> int:
    """Calls `act` with each identifier that is due, commits after each, and returns for how many it said yes.

    What cannot be done is taken back and tried again at the next pass; the others are done all the same. A refusal means
    that somebody else decided meanwhile. The first fault is raised again once everything has had its turn.
    """
    ids = db.session.scalars(due).all()
    db.session.rollback()
    faults: list[Exception] = []
    done = sum(_alone(act, row_id, faults) for row_id in ids)
    if faults:
        raise faults[0]
    return done


def _alone(act: Callable[[UUID], bool], row_id: UUID, faults: list[Exception]) -> bool:
    where = {"job": f"{act.__module__}.{act.__qualname__}", "row": str(row_id)}
    try:
        done = act(row_id)
        db.session.commit()
    except Refusal as refusal:
        db.session.rollback()
        # Its sentence says who decided, and for whom: names, which no log holds.
        log.info("left as it is", extra={"kind": type(refusal).__name__, **where})
        return False
    except Exception as fault:
        db.session.rollback()
        log.exception("could not be done, and is tried again", extra=where)
        faults.append(fault)
        return False
    return done


def taken(query: Select[Thing]) -> Thing | None:
    """The one thing of a query, locked; None where it is no longer due, or somebody else is working on it."""
    return db.session.scalars(locked(query, skip=True)).unique().one_or_none()


def sweep_away(model: type[Base], condition: ColumnElement[bool]) -> int:
    """Deletes the rows that meet a condition, and commits; how many there were."""
    count = rows_changed(delete(model).where(condition))
    db.session.commit()
    return count
