"""Commands on the CQC gate of one member: a contract manager goes on with it despite its rating, or no longer does.

Running care is never touched. Without an override a member below the gate is offered and awarded nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import CursorResult, Update, select, update
from sqlalchemy.exc import IntegrityError

from app import audit, clock
from app.audit import Actor
from app.database import db
from app.errors import Conflict, Invalid
from marketplace.applications.gate import gate
from marketplace.applications.letters import tell
from marketplace.applications.rules import GateResult
from marketplace.membership import letters
from marketplace.membership.gate import hold_members_to_gate
from marketplace.membership.models import GateOverride, Membership
from marketplace.membership.queries import suspensions_on
from marketplace.membership.rules import MEMBER_STATES
from marketplace.membership.suspensions import lift
from marketplace.providers.models import Provider
from marketplace.schemes.models import Scheme
from marketplace.schemes.queries import policy_on

LONGEST_DAYS = 365
"""An override is looked at again at least once a year, as a suspension by the gate is."""


@dataclass(frozen=True, slots=True)
class OverrideDraft:
    """An override as it is typed; the provider reads the reason. It holds until the end of the last day."""

    reason: str
    ends_on: date


def override_gate(scheme: Scheme, provider: Provider, draft: OverrideDraft, *, by: Actor) -> GateOverride:
    """Goes on with a member below the CQC gate: lifts the suspension that the gate made, and tells the provider.

    Other suspensions stay. Raises Invalid by field; Conflict when the gate does not stop it or is overridden already.
    """
    if errors := _reasons_against(draft):
        raise Invalid(errors)
    _refuse_needless(scheme, provider)
    override = GateOverride(
        authority_id=scheme.authority_id,
        scheme_id=scheme.id,
        provider_id=provider.id,
        reason=draft.reason.strip(),
        starts_on=clock.today(),
        ends_on=draft.ends_on,
        made_by_label=by.label,
    )
    _add(override)
    rating = provider.cqc_rating.value
    audit.record("override:made", override, by=by, reason=override.reason, rating=rating, ends_on=str(override.ends_on))
    tell(override.provider, letters.GATE_OVERRIDDEN, override)
    _lift_what_the_gate_made(override, by)
    return override


def take_back(override: GateOverride, because: str, *, by: Actor) -> None:
    """Ends an override now and tells the provider; below the gate, new offers stop. Raises Invalid, Conflict."""
    if not because.strip():
        raise Invalid({"because": "Say why the override is taken back. The provider will read it."})
    holding = update(GateOverride).where(
        GateOverride.id == override.id, GateOverride.ended_at.is_(None), GateOverride.ends_on >= clock.today()
    )
    if not _changed(holding.values(ended_at=clock.now(), ended_because=because.strip())):
        raise Conflict("This override is over already.")
    db.session.refresh(override)
    audit.record("override:ended", override, by=by, reason=because.strip())
    tell(override.provider, letters.GATE_OVERRIDE_ENDED, override)
    hold_members_to_gate([override.provider.cqc_location_id])


def _reasons_against(draft: OverrideDraft) -> dict[str, str]:
    found: dict[str, str] = {}
    if not draft.reason.strip():
        found["reason"] = "Give the reason. The provider and every broker will read it."
    today = clock.today()
    if not today <= draft.ends_on <= today + timedelta(days=LONGEST_DAYS):
        found["ends_on"] = f"Enter a last day from today on, at most {LONGEST_DAYS} days ahead."
    return found


def _refuse_needless(scheme: Scheme, provider: Provider) -> None:
    member = select(Membership.id).where(
        Membership.scheme_id == scheme.id,
        Membership.provider_id == provider.id,
        Membership.state.in_(MEMBER_STATES),
    )
    if db.session.scalars(member.limit(1)).one_or_none() is None:
        raise Conflict("This location is no member of the scheme now.")
    policy = policy_on(scheme.id, clock.today())
    answer = gate(provider.cqc_rating, policy.min_cqc_rating, policy.unrated_policy)
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
    _changed(ran_out.values(ended_at=clock.now(), ended_because="Its last day was over."))
    try:
        with db.session.begin_nested():
            db.session.add(override)
    except IntegrityError as failure:
        raise Conflict("The CQC gate is overridden for this member already. Take that back first.") from failure


def _lift_what_the_gate_made(override: GateOverride, by: Actor) -> None:
    held = suspensions_on(override.scheme_id, clock.today(), [override.provider_id])
    for suspension in held:
        if suspension.by_gate:
            lift(suspension, f"The CQC gate is overridden: {override.reason}", by=by)


def _changed(command: Update) -> bool:
    result = db.session.execute(command.execution_options(synchronize_session="fetch"))
    return isinstance(result, CursorResult) and bool(result.rowcount)
