"""What happens to agreements by itself: on its first day care begins."""

from __future__ import annotations

import logging
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import lazyload

from app import clock
from app.audit import SYSTEM
from app.database import db, locked
from app.errors import Refusal
from contracts.agreements.models import Agreement
from contracts.agreements.rules import AgreementState
from contracts.agreements.services import start

log = logging.getLogger(__name__)


def start_due() -> int:
    """Starts every agreement whose first day has come, one transaction each; how many. Safe to run twice at once."""
    due = select(Agreement.id).where(
        Agreement.state == AgreementState.AWAITING_START, Agreement.starts_on <= clock.today()
    )
    ids = db.session.scalars(due.order_by(Agreement.starts_on, Agreement.id)).all()
    db.session.rollback()
    return sum(_start_one(agreement_id) for agreement_id in ids)


def _start_one(agreement_id: UUID) -> bool:
    query = (
        select(Agreement)
        .where(Agreement.id == agreement_id, Agreement.state == AgreementState.AWAITING_START)
        .options(lazyload("*"))
    )
    try:
        agreement = db.session.scalars(locked(query, skip=True)).one_or_none()
        if agreement is not None:
            start(agreement, by=SYSTEM)
        db.session.commit()
    except Refusal as refusal:
        db.session.rollback()
        log.warning(
            "an agreement could not start", extra={"kind": type(refusal).__name__, "agreement": str(agreement_id)}
        )
        return False
    return agreement is not None
