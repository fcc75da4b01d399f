"""Commands on suspensions, which stop new offers and awards, never running care; and on the CQC gate, which makes some.

A member below the gate is offered and awarded nothing, unless a contract manager overrides the gate for it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from operator import itemgetter
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from app import audit, clock
from app.audit import SYSTEM, Actor
from app.database import db
from app.database.many import rows_changed
from app.errors import Conflict, Invalid
from app.hooks import Hook
from marketplace.applications.letters import tell
from marketplace.applications.queries import gate_answers
from marketplace.applications.rules import GateResult
from marketplace.holidays.queries import calendar_of
from marketplace.membership import letters, rules
from marketplace.membership.models import GateOverride, Membership, Suspension
from marketplace.membership.queries import lots_joined, overrides_on, suspensions_on
from marketplace.membership.rules import MEMBER_STATES
from marketplace.membership.services import NO_MEMBER
from marketplace.providers.known import known_to
from marketplace.providers.models import Provider
from marketplace.schemes.models import Lot, Scheme, Zone

membership_suspended: Hook[[Suspension]] = Hook(
    "membership.suspended", "A suspension was recorded. New offers and awards stop in its scope; care goes on."
)

REVIEW_AFTER_WORKING_DAYS, LASTS_DAYS = 5, 365
"""A suspension by the gate is looked at within 5 working days and ends by itself after a year."""
LONGEST_OVERRIDE_DAYS = 365
"""An override is looked at again at least once a year too."""


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
    errors = rules.reasons_against_suspension(draft.reason, draft.starts_on, draft.review_on, draft.ends_on)
    if draft.starts_on < clock.today():
        errors["starts_on"] = "A suspension cannot begin in the past. Enter today or a later day."
    if errors:
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
    errors = rules.reasons_against_suspension(because, suspension.starts_on, review_on, ends_on)
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
    still_held = update(Suspension).where(Suspension.id == suspension.id, Suspension.lifted_at.is_(None))
    if not rows_changed(still_held.values(lifted_at=clock.now(), lifted_because=because.strip())):
        raise Conflict("This suspension has been lifted already.")
    audit.record("suspension:lifted", suspension, by=by, reason=because.strip())
    tell(suspension.provider, letters.SUSPENSION_LIFTED, suspension)


def _refuse_over(suspension: Suspension) -> None:
    if suspension.lifted_at or suspension.ends_on < clock.today():
        raise Conflict("This suspension is over. Make a new one if it is needed.")


# ------------------------------------------------------------------------------------------------ the CQC gate


def hold_members_to_gate(location_ids: Sequence[str], authority_id: UUID | None = None) -> None:
    """Suspends new offers to every member among these locations that is below its scheme's gate now.

    For the hook `ratings.taken_in`, in the schemes of one authority or of all. A member whose offers are suspended everywhere already is left as it is, and so is
    one whose gate is overridden.
    """
    members = (
        select(Membership.scheme_id, Provider)
        .join(Provider, Provider.id == Membership.provider_id)
        .where(Provider.cqc_location_id.in_(location_ids), Membership.state.in_(MEMBER_STATES))
        .distinct()
        .order_by(Membership.scheme_id, Provider.id)
    )
    if authority_id is not None:
        members = members.where(Membership.authority_id == authority_id)
    rows = db.session.execute(members).all()
    for scheme_id, of_scheme in groupby(rows, key=itemgetter(0)):
        _suspend_below_gate(db.session.get_one(Scheme, scheme_id), [provider for _, provider in of_scheme])


def _suspend_below_gate(scheme: Scheme, providers: Sequence[Provider]) -> None:
    today, ids = clock.today(), [provider.id for provider in providers]
    held = suspensions_on(scheme.id, today, ids)
    everywhere = {suspension.provider_id for suspension in held if not (suspension.lot_id or suspension.zone_id)}
    spared = everywhere | overrides_on(scheme.id, today, ids).keys()
    answers = gate_answers(scheme.id, providers)
    for provider in providers:
        if answers[provider.id].result is GateResult.REFUSE and provider.id not in spared:
            suspend(scheme, provider, _by_gate(scheme, answers[provider.id].reason), by=SYSTEM)


def _by_gate(scheme: Scheme, reason: str) -> SuspensionDraft:
    today = clock.today()
    review_on = calendar_of(scheme.authority_id).working_days_after(today, REVIEW_AFTER_WORKING_DAYS)
    told = f"{reason} New offers stop until a contract manager has looked at it; care goes on."
    return SuspensionDraft(told, today, review_on, today + timedelta(days=LASTS_DAYS), by_gate=True)


def override_gate(scheme: Scheme, provider: Provider, reason: str, ends_on: date, *, by: Actor) -> GateOverride:
    """Goes on with a member below the CQC gate, until the end of a day: lifts the suspension that the gate made.

    The provider reads the reason. Other suspensions stay. Raises Invalid by field; Conflict when the gate does not stop
    it or is overridden already.
    """
    errors: dict[str, str] = {}
    if not reason.strip():
        errors["reason"] = "Give the reason. The provider and every broker will read it."
    if not clock.today() <= ends_on <= clock.today() + timedelta(days=LONGEST_OVERRIDE_DAYS):
        errors["ends_on"] = f"Enter a last day from today on, at most {LONGEST_OVERRIDE_DAYS} days ahead."
    if errors:
        raise Invalid(errors)
    _refuse_needless(scheme, provider)
    override = GateOverride(
        authority_id=scheme.authority_id,
        scheme_id=scheme.id,
        provider_id=provider.id,
        reason=reason.strip(),
        starts_on=clock.today(),
        ends_on=ends_on,
        made_by_label=by.label,
    )
    _add(override)
    rating = known_to(scheme.authority_id, [provider])[provider.id].rating.value
    audit.record("override:made", override, by=by, reason=override.reason, rating=rating, ends_on=str(ends_on))
    tell(override.provider, letters.GATE_OVERRIDDEN, override)
    for suspension in suspensions_on(scheme.id, clock.today(), [provider.id]):
        if suspension.by_gate:
            lift(suspension, f"The CQC gate is overridden: {override.reason}", by=by)
    return override


def take_back(override: GateOverride, because: str, *, by: Actor) -> None:
    """Ends an override now and tells the provider; below the gate, new offers stop. Raises Invalid, Conflict."""
    if not because.strip():
        raise Invalid({"because": "Say why the override is taken back. The provider will read it."})
    holding = update(GateOverride).where(
        GateOverride.id == override.id, GateOverride.ended_at.is_(None), GateOverride.ends_on >= clock.today()
    )
    if not rows_changed(holding.values(ended_at=clock.now(), ended_because=because.strip())):
        raise Conflict("This override is over already.")
    audit.record("override:ended", override, by=by, reason=because.strip())
    tell(override.provider, letters.GATE_OVERRIDE_ENDED, override)
    hold_members_to_gate([override.provider.cqc_location_id], override.authority_id)


def _refuse_needless(scheme: Scheme, provider: Provider) -> None:
    if not lots_joined(scheme.id, provider.id):
        raise Conflict(NO_MEMBER)
    answer = gate_answers(scheme.id, [provider])[provider.id]
    if answer.result is not GateResult.REFUSE:
        raise Conflict(f"The CQC gate does not stop this member. {answer.reason}")


def _add(override: GateOverride) -> None:
    """One override stands at a time; one that ran out makes room. Raises Conflict when one holds."""
    ran_out = update(GateOverride).where(
        GateOverride.scheme_id == override.scheme_id,
        GateOverride.provider_id == override.provider_id,
        GateOverride.ended_at.is_(None),
        GateOverride.ends_on < clock.today(),
    )
    rows_changed(ran_out.values(ended_at=clock.now(), ended_because="Its last day was over."))
    try:
        with db.session.begin_nested():
            db.session.add(override)
    except IntegrityError as failure:
        raise Conflict("The CQC gate is overridden for this member already. Take that back first.") from failure
