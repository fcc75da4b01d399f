"""Documents of members that expire: which there are, and how a newer one is noted."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import contains_eager

from app import audit, clock
from app.audit import Actor
from app.database import db
from app.errors import Conflict, Invalid
from app.parties.viewer import Viewer
from marketplace.vetting.document_rules import reasons_against_renewal
from marketplace.vetting.membership_rules import MEMBER_STATES
from marketplace.vetting.models import Application, ApplicationCheck, Membership
from marketplace.vetting.rules import ApplicationState, CheckKind, CheckOutcome


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


def documents_of_members() -> Select[Any]:
    """The documents with an expiry on which a standing membership rests, with application and provider."""
    standing = select(Membership.application_id).where(
        Membership.state.in_(MEMBER_STATES), Membership.application_id.is_not(None)
    )
    return (
        select(ApplicationCheck)
        .join(ApplicationCheck.application)
        .join(Application.provider)
        .options(contains_eager(ApplicationCheck.application).contains_eager(Application.provider))
        .where(ApplicationCheck.expires_on.is_not(None), ApplicationCheck.application_id.in_(standing))
        .order_by(ApplicationCheck.expires_on, ApplicationCheck.id)
    )


def lapsed(viewer: Viewer) -> Select[Any]:
    """The documents of an authority's members that have lapsed, longest ago first."""
    mine = ApplicationCheck.authority_id == viewer.authority_id
    return documents_of_members().where(mine, ApplicationCheck.expires_on < clock.today())
