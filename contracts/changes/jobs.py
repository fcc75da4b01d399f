"""What happens to changes by itself: on their day they take effect, and held places are let go."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import lazyload

from app import clock
from app.audit import SYSTEM
from app.database.sweep import sweep, taken
from contracts.agreements.models import Agreement
from contracts.agreements.rules import AgreementState
from contracts.changes.models import AGREED, AgreementChange
from contracts.changes.rules import ChangeKind
from contracts.changes.services import end_of_hold, take_effect


def take_effect_due() -> int:
    """Does every agreed change whose day has come; how many took effect."""
    has_come = AgreementChange.kind != ChangeKind.HAND_BACK, AgreementChange.on <= clock.today()
    due = select(AgreementChange.id).where(AGREED, *has_come)
    return sweep(due.order_by(AgreementChange.on, AgreementChange.id), _take_effect)


def _take_effect(change_id: UUID) -> bool:
    change = taken(select(AgreementChange).where(AgreementChange.id == change_id, AGREED).options(lazyload("*")))
    return change is not None and take_effect(change, by=SYSTEM)


def let_go_of_places() -> int:
    """Ends every suspended agreement whose place is held no longer; how many."""
    resumes = AgreementChange.agreement_id == Agreement.id, AgreementChange.kind == ChangeKind.RESUME, AGREED
    over = (Agreement.state == AgreementState.SUSPENDED) & (Agreement.hold_until < clock.today())
    due = select(Agreement.id).where(over, ~exists().where(*resumes))
    return sweep(due.order_by(Agreement.hold_until, Agreement.id), _let_go)


def _let_go(agreement_id: UUID) -> bool:
    suspended = (Agreement.id == agreement_id) & (Agreement.state == AgreementState.SUSPENDED)
    agreement = taken(select(Agreement).where(suspended).options(lazyload("*")))
    if agreement is not None:
        end_of_hold(agreement)
    return agreement is not None
