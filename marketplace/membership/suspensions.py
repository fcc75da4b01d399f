"""Commands on suspensions: making, reviewing and lifting them. They stop new offers and awards, never running care."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import CursorResult, update

from app import audit, clock
from app.audit import Actor
from app.database import db
from app.errors import Conflict, Invalid
from marketplace.applications.letters import tell
from marketplace.membership import letters, rules
from marketplace.membership.hooks import membership_suspended
from marketplace.membership.models import Suspension
from marketplace.providers.models import Provider
from marketplace.schemes.models import Lot, Scheme, Zone


@dataclass(frozen=True, slots=True)
class SuspensionDraft:
    """A suspension as it is typed; no lot means every lot, no zone every zone."""

    reason: str
    starts_on: date
    review_on: date
    ends_on: date
    lot: Lot | None = None
    zone: Zone | None = None
    new_offers_only: bool = True
    by_gate: bool = False


def suspend(scheme: Scheme, provider: Provider, draft: SuspensionDraft, *, by: Actor) -> Suspension:
    """Records a suspension, tells the provider why, and lets higher slices act in the same transaction.

    Raises Invalid by field.
    """
    facts = rules.Suspension(draft.reason, draft.starts_on, draft.review_on, draft.ends_on)
    if errors := rules.reasons_against_suspension(facts) | _reasons_against_dates(draft):
        raise Invalid(errors)
    suspension = Suspension(
        authority_id=scheme.authority_id,
        scheme_id=scheme.id,
        provider_id=provider.id,
        new_offers_only=draft.new_offers_only,
        lot_id=draft.lot.id if draft.lot else None,
        zone_id=draft.zone.id if draft.zone else None,
        by_gate=draft.by_gate,
        reason=draft.reason.strip(),
        starts_on=draft.starts_on,
        review_on=draft.review_on,
        ends_on=draft.ends_on,
        made_by_label=by.label,
    )
    db.session.add(suspension)
    db.session.flush()
    where = {"lot": draft.lot.name if draft.lot else None, "zone": draft.zone.name if draft.zone else None}
    audit.record(
        "suspension:made", suspension, by=by, reason=suspension.reason, **where, ends_on=str(suspension.ends_on)
    )
    tell(suspension.provider, letters.SUSPENDED, suspension)
    membership_suspended(suspension)
    return suspension


def review(suspension: Suspension, because: str, review_on: date, ends_on: date, *, by: Actor) -> None:
    """Keeps a suspension, with new dates and the reason, and tells the provider. Raises Invalid, Conflict."""
    _refuse_over(suspension)
    facts = rules.Suspension(because, suspension.starts_on, review_on, ends_on)
    errors = rules.reasons_against_suspension(facts)
    if review_on <= clock.today():
        errors["review_on"] = "Enter a day after today for the next review."
    if reason := errors.pop("reason", None):
        errors["because"] = reason
    if errors:
        raise Invalid(errors)
    suspension.review_on, suspension.ends_on, suspension.reminded_on = review_on, ends_on, None
    db.session.flush()
    audit.record("suspension:reviewed", suspension, by=by, reason=because.strip(), ends_on=str(ends_on))
    tell(suspension.provider, letters.SUSPENSION_REVIEWED, suspension, because=because.strip())


def lift(suspension: Suspension, because: str, *, by: Actor) -> None:
    """Ends a suspension now, with the reason, and tells the provider. Raises Invalid, Conflict."""
    if not because.strip():
        raise Invalid({"because": "Say why the suspension is lifted. The provider will read it."})
    _refuse_over(suspension)
    command = update(Suspension).where(Suspension.id == suspension.id, Suspension.lifted_at.is_(None))
    values = {"lifted_at": clock.now(), "lifted_because": because.strip()}
    result = db.session.execute(command.values(**values).execution_options(synchronize_session=False))
    if not (isinstance(result, CursorResult) and result.rowcount):
        raise Conflict("This suspension has been lifted already.")
    db.session.refresh(suspension)
    audit.record("suspension:lifted", suspension, by=by, reason=because.strip())
    tell(suspension.provider, letters.SUSPENSION_LIFTED, suspension)


def _reasons_against_dates(draft: SuspensionDraft) -> dict[str, str]:
    if draft.starts_on < clock.today():
        return {"starts_on": "A suspension cannot begin in the past. Enter today or a later day."}
    return {}


def _refuse_over(suspension: Suspension) -> None:
    if suspension.lifted_at or suspension.ends_on < clock.today():
        raise Conflict("This suspension is over. Make a new one if it is needed.")
