"""What happens to agreements by itself: on its first day care begins."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import lazyload

from app import clock
from app.audit import SYSTEM
from app.database.sweep import sweep, taken
from contracts.agreements.models import Agreement
from contracts.agreements.rules import AgreementState
from contracts.agreements.services import start


def start_due() -> int:
    """Starts every agreement whose first day has come; how many."""
    due = _due(Agreement.id).order_by(Agreement.starts_on, Agreement.id)
    return sweep(due, _start)


def _start(agreement_id: UUID) -> bool:
    agreement = taken(_due(Agreement).where(Agreement.id == agreement_id).options(lazyload("*")))
    if agreement is not None:
        start(agreement, by=SYSTEM)
    return agreement is not None


def _due(what: Any) -> Select[Any]:
    return select(what).where(Agreement.state == AgreementState.AWAITING_START, Agreement.starts_on <= clock.today())
