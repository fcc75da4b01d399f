"""How a newer document of a member is noted."""

from __future__ import annotations

from datetime import date

from app import audit, clock
from app.audit import Actor
from app.database import db
from app.errors import Conflict, Invalid
from marketplace.applications.document_rules import reasons_against_renewal
from marketplace.applications.models import Application, ApplicationCheck
from marketplace.applications.rules import ApplicationState, CheckKind, CheckOutcome


def renew(application: Application, kind: CheckKind, note: str, expires_on: date, *, by: Actor) -> ApplicationCheck:
    """Notes a newer document of a member, or the first with a day; reminders begin anew. Raises Invalid, Conflict."""
    if application.state is not ApplicationState.ADMITTED:
        raise Conflict("Only documents of a member are renewed. Record the check on the application instead.")
    if errors := reasons_against_renewal(note, expires_on, clock.today()):
        raise Invalid(errors)
    check = next((one for one in application.checks if one.kind is kind), None)
    if check is None:
        check = ApplicationCheck(authority_id=application.authority_id, kind=kind)
        application.checks.append(check)
    check.outcome, check.note = CheckOutcome.PASSED, note.strip()
    check.expires_on, check.reminded_days = expires_on, None
    check.checked_at, check.checked_by_label = clock.now(), by.label
    db.session.flush()
    audit.record("document:renewed", application, by=by, check=kind.value, expires_on=str(expires_on))
    return check
