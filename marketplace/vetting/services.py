"""Capacity: what a member declares, what an award takes of it and what comes back. Only awards take any."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, CursorResult, Update, case, select, update

from app.database import db
from marketplace.vetting.models import Capacity
from marketplace.vetting.queries import reaches_zones


def commit_capacity(scheme_id: UUID, provider_id: UUID, zone_id: UUID | None, minutes: int) -> bool:
    """Takes minutes a week of a member's capacity for an award; False, and nothing taken, when too little is left.

    Both the whole row and, if declared, the zone's row must have enough. One conditional update each, the whole row
    first, so that two awards at one instant queue and never take more than there is.
    """
    taken: list[UUID] = []
    for row_id in _rows_reaching(scheme_id, provider_id, zone_id):
        left = Capacity.declared_minutes - Capacity.committed_minutes
        if not _changed(_committing(Capacity.id == row_id, left >= minutes, by=minutes)):
            _changed(_committing(Capacity.id.in_(taken), by=-minutes))
            return False
        taken.append(row_id)
    return bool(taken)


def release_capacity(
    scheme_id: UUID, provider_id: UUID, zone_id: UUID | None, minutes: int, *, taken_at: datetime | None = None
) -> None:
    """Gives minutes back when an award falls through or care has begun; never below nothing taken.

    With `taken_at` only declarations that stood then get them back: a newer one already counts without them.
    """
    left = case((Capacity.committed_minutes > minutes, Capacity.committed_minutes - minutes), else_=0)
    rows = Capacity.id.in_(_rows_reaching(scheme_id, provider_id, zone_id))
    command = update(Capacity).where(rows).values(committed_minutes=left)
    _changed(command.where(Capacity.declared_at <= taken_at) if taken_at else command)


def _rows_reaching(scheme_id: UUID, provider_id: UUID, zone_id: UUID | None) -> list[UUID]:
    whole_first = case((Capacity.zone_id.is_(None), 0), else_=1)
    query = select(Capacity.id).where(
        Capacity.scheme_id == scheme_id, Capacity.provider_id == provider_id, reaches_zones(zone_id)
    )
    return list(db.session.scalars(query.order_by(whole_first)))


def _committing(*conditions: ColumnElement[bool], by: int) -> Update:
    return update(Capacity).where(*conditions).values(committed_minutes=Capacity.committed_minutes + by)


def _changed(command: Update) -> int:
    result = db.session.execute(command.execution_options(synchronize_session="fetch"))
    return result.rowcount if isinstance(result, CursorResult) else 0
