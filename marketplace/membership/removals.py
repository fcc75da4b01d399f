"""Commands on removals: told first with reasons, heard, and approved by a second person (rules H4 and H5)."""

from datetime import date
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from app import audit, clock
from app.audit import Actor
from app.audit.moves import move, set_state
from app.database import db
from app.errors import Conflict, Invalid, NotAllowed
from app.hooks import Hook
from marketplace.applications.letters import tell
from marketplace.membership import letters, rules
from marketplace.membership.models import Membership, Removal, RemovalStage
from marketplace.membership.services import set_membership_state

membership_removed: Hook[[Membership]] = Hook(
    "membership.removed", "A membership of one lot ended by removal, decided by a second person."
)


def propose_removal(membership: Membership, reasons: str, answer_until: date, *, by: Actor) -> Removal:
    """Tells the provider that it may be removed from a lot, why, and until when it can answer.

    Raises Invalid by field, Conflict when a removal is proposed already or the membership has ended.
    """
    if errors := rules.reasons_against_proposing_removal(reasons, answer_until, clock.today()):
        raise Invalid(errors)
    set_membership_state(membership, rules.MembershipState.REMOVAL_PROPOSED)
    removal = Removal(
        authority_id=membership.authority_id,
        membership_id=membership.id,
        stage=RemovalStage.TOLD,
        reason=reasons.strip(),
        answer_until=answer_until,
        proposed_by=_person(by),
    )
    try:
        with db.session.begin_nested():
            db.session.add(removal)
    except IntegrityError as failure:
        raise Conflict("A removal of this membership is proposed already.") from failure
    audit.record("removal:proposed", removal, by=by, reason=removal.reason, until=str(answer_until))
    tell(membership.provider, letters.REMOVAL_PROPOSED, removal)
    return removal


def answer_removal(removal: Removal, answer: str, *, by: Actor) -> None:
    """The provider answers. Raises Invalid when it says nothing, Conflict once it is decided or the time is over."""
    if not answer.strip():
        raise Invalid({"answer": "Write what you want the council to take into account."})
    if clock.today() > removal.answer_until:
        raise Conflict("The time to answer is over. Contact the council if something has changed.")
    move([removal], RemovalStage.TOLD, "removal:answered", by=by, values={"answer": answer.strip()})


def approve_removal(removal: Removal, considered: str, *, by: Actor) -> None:
    """A second person ends the membership; the provider is told, and higher slices act in the same transaction.

    Raises NotAllowed for the person who proposed it, Invalid while the provider is not heard, Conflict when decided.
    """
    if by.id == removal.proposed_by:
        raise NotAllowed("You proposed this removal. A second person must decide on it.")
    membership = removal.membership
    if errors := rules.reasons_against_removal(removal.answer_until, removal.answer or "", considered, clock.today()):
        raise Invalid(errors)
    set_state([removal], RemovalStage.APPROVED, values=_decided(considered, by))
    ended = {"ended_on": clock.today(), "ended_because": removal.reason}
    set_membership_state(membership, rules.MembershipState.REMOVED, **ended)
    audit.record("removal:approved", removal, by=by, reason=removal.reason)
    tell(membership.provider, letters.REMOVED, removal)
    membership_removed(membership)


def drop_removal(removal: Removal, because: str, *, by: Actor) -> None:
    """Drops a removal; the membership goes on and the provider is told why. Raises Invalid, Conflict."""
    if not because.strip():
        raise Invalid({"because": "Say why the removal is dropped. The provider will read it."})
    set_state([removal], RemovalStage.DROPPED, values=_decided(because, by))
    set_membership_state(removal.membership, rules.MembershipState.ACTIVE)
    audit.record("removal:dropped", removal, by=by, reason=because.strip())
    tell(removal.membership.provider, letters.REMOVAL_DROPPED, removal)


def _decided(note: str, by: Actor) -> dict[str, object]:
    return {"decided_at": clock.now(), "decided_by": _person(by), "decision_note": note.strip() or None}


def _person(by: Actor) -> UUID:
    """Removals are decided by people who are signed in, so that two of them can be told apart."""
    if by.id is None:
        raise NotAllowed("Only somebody who is signed in can propose or decide a removal.")
    return by.id
