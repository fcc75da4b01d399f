"""Running agreements for tests, and changes of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from app import clock
from app.audit import SYSTEM
from app.database import db
from app.parties.models import User
from app.parties.services import team_named
from app.parties.viewer import viewer_of
from contracts.agreements.models import Agreement
from contracts.agreements.services import start
from contracts.changes.models import AgreementChange
from contracts.changes.rules import CAUSES, AskedBy, ChangeKind, Wanted
from contracts.changes.services import want
from tests.contracts.agreements.makers import an_agreement
from tests.people import People


def a_running_agreement(people: People, **package: Any) -> Agreement:
    """An agreement under which care began today; everything is known of its package."""
    package.setdefault("planned_start", clock.today())
    package.setdefault("referring_team_id", team_named(people.council, "East", None).id)
    agreement = an_agreement(people, starts_on=clock.today(), **package)
    start(agreement, by=SYSTEM)
    db.session.commit()
    return agreement


def wanted(kind: ChangeKind, *, days: int = 0, hold_days: int = 14, **changes: Any) -> Wanted:
    """A sound change, so many days from today."""
    on = clock.today() + timedelta(days=days)
    values: dict[str, Any] = {
        "on": on,
        "cause": CAUSES[kind][0],
        "asked_by": AskedBy.FAMILY,
        "reason": "The family rang.",
        "hold_until": on + timedelta(days=hold_days) if kind is ChangeKind.SUSPEND else None,
        **changes,
    }
    return Wanted(kind, **values)


def a_change(user: User, agreement: Agreement, kind: ChangeKind, **changes: Any) -> AgreementChange:
    """A change that somebody wants, made by the real service."""
    change = want(viewer_of(user), agreement, wanted(kind, **changes))
    db.session.commit()
    return change
