"""Commands on applications: applying, checking, asking for more, deciding with reasons, taking back."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app import audit, clock
from app.audit import Actor
from app.audit.moves import move, set_state
from app.database import db, new_id
from app.database.bulk import insert_rows
from app.database.many import among
from app.errors import Conflict, Invalid, Reading
from app.hooks import Hook
from app.values.reference import new_reference
from marketplace.applications import letters
from marketplace.applications.models import Application, ApplicationCheck
from marketplace.applications.queries import gate_answer
from marketplace.applications.rules import (
    DECLARATIONS,
    ApplicationState,
    CheckKind,
    CheckOutcome,
    Decision,
    decision_due,
    parse_areas,
    reasons_against_decision,
    reasons_against_renewal,
)
from marketplace.holidays.queries import calendar_of
from marketplace.providers.models import Provider
from marketplace.schemes.models import Scheme

MOST_MINUTES = 100_000 * 60
MOVED_MEANWHILE = "Somebody else moved this application at the same moment. Reload the page."

application_checked: Hook[[Scheme, Provider, Sequence[UUID], dict[str, str]]] = Hook(
    "application.checked", "A provider applies for lots. What stands against it is added to the errors, by field."
)
applications_admitted: Hook[[Sequence[Application], Actor]] = Hook(
    "applications.admitted", "Applications were admitted. Each begins a membership of every lot that it names."
)


@dataclass(frozen=True, slots=True)
class ApplicationDraft:
    """What a provider applies with: lots by id, areas as typed, new minutes a week, and what it declares."""

    lot_ids: Sequence[UUID]
    areas: str
    capacity_minutes: int
    declarations: Sequence[str]


def apply_to_join(provider: Provider, scheme: Scheme, draft: ApplicationDraft, *, by: Actor) -> Application:
    """Sends an application; raises Invalid by field, Conflict when one is open already or nothing is left to join."""
    areas = _checked(provider, scheme, draft)
    row = {
        "provider_id": provider.id,
        "lot_ids": [str(lot_id) for lot_id in draft.lot_ids],
        "areas": list(areas),
        "declarations": list(draft.declarations),
        "capacity_minutes": draft.capacity_minutes,
    }
    try:
        with db.session.begin_nested():
            (application,) = add_applications(scheme, [row])
    except IntegrityError as failure:
        raise Conflict(
            "There is already an open application for this location. Open it to see where it is."
        ) from failure
    audit.record("application:submitted", application, by=by, lots=len(draft.lot_ids))
    letters.tell(provider, letters.APPLICATION_RECEIVED, application)
    return application


def add_applications(scheme: Scheme, rows: Sequence[Mapping[str, object]]) -> list[Application]:
    """Adds applications that arrive now, in the order of their references; each says who applies, for what and where."""
    ids, due_on = (
        [new_id() for _ in rows],
        decision_due(clock.today(), calendar_of(scheme.authority_id).working_days_after),
    )
    shared = {"authority_id": scheme.authority_id, "scheme_id": scheme.id, "state": ApplicationState.SUBMITTED}
    shared |= {"submitted_at": clock.now(), "due_on": due_on}
    own = [{"id": key, "reference": new_reference("APP", secrets.randbits(40))} for key in ids]
    insert_rows(Application, [{**shared, **names, **row} for names, row in zip(own, rows, strict=True)])
    query = select(Application).where(among(Application.id, ids)).order_by(Application.reference)
    return list(db.session.scalars(query))


def record_check(
    application: Application,
    kind: CheckKind,
    outcome: CheckOutcome,
    note: str,
    expires_on: date | None = None,
    *,
    by: Actor,
) -> ApplicationCheck:
    """Notes what one check showed; the first one begins the checks. Raises Conflict once it is decided."""
    if outcome is not CheckOutcome.NOT_DONE and not note.strip():
        raise Invalid({"note": "Say what you saw: the certificate, the date, whom you asked."})
    if application.state is not ApplicationState.CHECKING:
        move([application], ApplicationState.CHECKING, "application:checking", by=by, **_as_seen(application))
    check = _note(application, kind, outcome, note, expires_on, by)
    audit.record("application:checked", application, by=by, check=kind.value, outcome=outcome.value)
    return check


def ask_for_more(application: Application, what: str, *, by: Actor) -> None:
    """Asks the provider for more information; the application waits for it."""
    if not what.strip():
        raise Invalid({"what": "Say what is missing. The provider will read it."})
    if application.state is ApplicationState.SUBMITTED:
        set_state([application], ApplicationState.CHECKING, meanwhile=MOVED_MEANWHILE)
    facts = _as_seen(application) | {"reason": what.strip(), "values": {"asked_for": what.strip()}}
    move([application], ApplicationState.WAITING, "application:waiting", by=by, **facts)
    letters.tell(application.provider, letters.APPLICATION_WAITING, application)


def take_up_again(application: Application, *, by: Actor) -> None:
    """Goes on with the checks once the information has come."""
    move([application], ApplicationState.CHECKING, "application:taken_up", by=by, **_as_seen(application))


def justify_longer(application: Application, because: str, *, by: Actor) -> None:
    """Gives the decision 15 working days instead of 10, with a reason that the provider reads (rule H9)."""
    if not because.strip():
        raise Invalid({"because": "Say why the decision takes longer. The provider will read it."})
    if problem := application.state.reason_against(ApplicationState.REFUSED):
        raise Conflict(problem)
    if application.longer_because:
        raise Conflict("A longer time was justified before. It cannot be made longer again.")
    received = (application.submitted_at or clock.now()).astimezone(clock.LONDON).date()
    application.longer_because = because.strip()[:500]
    application.due_on = decision_due(received, calendar_of(application.authority_id).working_days_after, because)
    db.session.flush()
    audit.record("application:longer", application, by=by, reason=because.strip(), due_on=str(application.due_on))
    letters.tell(application.provider, letters.APPLICATION_LONGER, application)


def decide(application: Application, decision: Decision, *, by: Actor) -> None:
    """Admits or refuses with reasons, and tells the provider; raises Invalid by field, Conflict when decided."""
    checks = {check.kind: check.outcome for check in application.checks}
    errors = reasons_against_decision(decision, application.state, checks, gate_answer(application))
    if problem := errors.pop("state", None):
        raise Conflict(problem)
    if errors:
        raise Invalid(errors)
    reasons, score = decision.reasons.strip(), {"entry_score": decision.entry_score}
    decided = {"decided_at": clock.now(), "decided_by_label": by.label, "decision_reason": reasons, **score}
    facts = _as_seen(application) | {"values": decided} | (score if decision.admit else {})
    move([application], decision.state, f"application:{decision.state.value}", by=by, reason=reasons, **facts)
    if decision.admit:
        applications_admitted([application], by)
    letters.tell_decided([application])


def withdraw(application: Application, *, by: Actor) -> None:
    """The provider takes its application back; raises Conflict when it is decided."""
    move([application], ApplicationState.WITHDRAWN, "application:withdrawn", by=by, **_as_seen(application))


def _note(
    application: Application, kind: CheckKind, outcome: CheckOutcome, note: str, expires_on: date | None, by: Actor
) -> ApplicationCheck:
    check = application.check_of(kind)
    if check is None:
        check = ApplicationCheck(authority_id=application.authority_id, application_id=application.id, kind=kind)
        application.checks.append(check)
    check.outcome, check.note, check.expires_on = outcome, note.strip(), expires_on
    check.checked_at, check.checked_by_label = clock.now(), by.label
    db.session.flush()
    return check


def _as_seen(application: Application) -> dict[str, Any]:
    """It moves from the state that was seen and no other, so that of two decisions at once one is refused."""
    return {"starts": {application.state}, "meanwhile": MOVED_MEANWHILE}


def _checked(provider: Provider, scheme: Scheme, draft: ApplicationDraft) -> tuple[str, ...]:
    """The areas in normal form; raises Invalid with everything that is wrong, by field."""
    reading = Reading()
    areas = reading.value("areas", parse_areas, draft.areas) or ()
    errors = reading.errors
    if not draft.lot_ids or not set(draft.lot_ids) <= {lot.id for lot in scheme.lots}:
        errors["lots"] = "Choose at least one lot of this scheme."
    if not 0 < draft.capacity_minutes <= MOST_MINUTES:
        errors["capacity_hours"] = "Enter how many new hours a week you can take, such as 120."
    if set(draft.declarations) != set(DECLARATIONS):
        errors["declarations"] = "Read every declaration and tick it, or tell us by letter why you cannot."
    if not areas and "areas" not in errors:
        errors["areas"] = "Enter the postcode districts or sectors where you can give care."
    application_checked(scheme, provider, draft.lot_ids, errors)
    reading.finish()
    return areas


def renew(application: Application, kind: CheckKind, note: str, expires_on: date, *, by: Actor) -> ApplicationCheck:
    """Notes a newer document of a member, or the first with a day; reminders begin anew. Raises Invalid, Conflict."""
    if application.state is not ApplicationState.ADMITTED:
        raise Conflict("Only documents of a member are renewed. Record the check on the application instead.")
    if errors := reasons_against_renewal(note, expires_on, clock.today()):
        raise Invalid(errors)
    check = _note(application, kind, CheckOutcome.PASSED, note, expires_on, by)
    check.reminded_days = None
    audit.record("document:renewed", application, by=by, check=kind.value, expires_on=str(expires_on))
    return check
