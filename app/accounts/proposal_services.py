"""Commands on roles that take two people: proposed by one administrator, given or refused by another."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app import audit, clock
from app.accounts import letters
from app.accounts.models import Invitation, ProposalState, RoleProposal
from app.accounts.queries import administrators_of, user_at
from app.accounts.terms import INVITATION_LASTS
from app.audit import Actor
from app.audit.moves import move, set_state
from app.auth.keys import hashed, new_secret
from app.database import db
from app.errors import Conflict, Invalid, NotAllowed
from app.parties.models import User, UserRole
from app.parties.roles import Role
from app.parties.viewer import Viewer

WITHDRAWN = "The invitation was withdrawn."


def propose(
    viewer: Viewer, user: User | None, invitation: Invitation | None, roles: Collection[Role], reason: str
) -> RoleProposal:
    """Writes down what one administrator wants to give; the others are told. Raises Invalid, Conflict."""
    if not reason.strip():
        raise Invalid({"reason": "Say why: a second administrator reads it and decides."})
    proposal = RoleProposal(
        organisation_id=viewer.organisation_id,
        user_id=user.id if user else None,
        invitation_id=invitation.id if invitation else None,
        roles=sorted(role.value for role in roles),
        reason=reason.strip(),
        proposed_by=viewer.user_id,
        proposed_by_label=viewer.actor.label,
    )
    try:
        with db.session.begin_nested():
            db.session.add(proposal)
    except IntegrityError as failure:
        raise Conflict("Roles are proposed for this user already. They must be decided first.") from failure
    titles = ", ".join(sorted(role.label for role in roles))
    audit.record("roles:proposed", proposal, by=viewer.actor, reason=reason.strip(), roles=titles)
    query = administrators_of(viewer.organisation_id, viewer.organisation_kind)
    others = [user for user in db.session.scalars(query) if user.id not in {viewer.user_id, proposal.user_id}]
    letters.tell_proposed(proposal, others)
    return proposal


def approve(viewer: Viewer, proposal: RoleProposal) -> None:
    """A second administrator gives the roles, or lets the invitation go out. Raises NotAllowed, Conflict."""
    _settle(viewer, proposal, ProposalState.APPROVED, None)
    if proposal.user is not None:
        _give(proposal.user, proposal.named_roles)
    elif proposal.invitation is not None:
        send_link(proposal.invitation, by=viewer.actor)
    audit.record("roles:approved", proposal, by=viewer.actor, roles=_titles(proposal))
    _tell_proposer(proposal)


def refuse(viewer: Viewer, proposal: RoleProposal, because: str) -> None:
    """A second administrator refuses, with a reason; an invitation that waited is withdrawn. Raises Invalid too."""
    if not because.strip():
        raise Invalid({"because": "Say why. Whoever proposed it reads it."})
    _settle(viewer, proposal, ProposalState.REFUSED, because.strip())
    if proposal.invitation is not None and proposal.invitation.used_at is None:
        proposal.invitation.withdrawn_at = clock.now()
    audit.record("roles:refused", proposal, by=viewer.actor, reason=because.strip(), roles=_titles(proposal))
    _tell_proposer(proposal)


def drop_for(invitation: Invitation, *, by: Actor) -> None:
    """What was proposed with an invitation falls with it."""
    query = select(RoleProposal).where(
        RoleProposal.invitation_id == invitation.id, RoleProposal.state == ProposalState.PROPOSED
    )
    for proposal in db.session.scalars(query).unique():
        decided = {"decided_at": clock.now(), "decision_note": WITHDRAWN}
        move(
            [proposal],
            ProposalState.REFUSED,
            "roles:refused",
            by=by,
            reason=WITHDRAWN,
            values=decided,
            roles=_titles(proposal),
        )


def _settle(viewer: Viewer, proposal: RoleProposal, to: ProposalState, note: str | None) -> None:
    if viewer.user_id == proposal.proposed_by:
        raise NotAllowed("You proposed this. A second administrator must decide on it.")
    if viewer.user_id == proposal.user_id:
        raise NotAllowed("Nobody decides on their own roles.")
    decided = {"decided_by": viewer.user_id, "decided_at": clock.now(), "decision_note": note}
    set_state([proposal], to, values=decided)


def _give(user: User, roles: Collection[Role]) -> None:
    if user.disabled_at:
        raise Conflict("This account is closed. Open it again before it gets roles.")
    held = {given.role for given in user.roles}
    user.roles.extend(UserRole(role=role) for role in sorted(set(roles) - held))
    db.session.flush()
    letters.tell_roles_changed(user)


def _tell_proposer(proposal: RoleProposal) -> None:
    if proposer := db.session.get(User, proposal.proposed_by):
        letters.tell_decided(proposal, proposer)


def _titles(proposal: RoleProposal) -> str:
    return ", ".join(sorted(role.label for role in proposal.named_roles))


def send_link(invitation: Invitation, *, by: Actor) -> None:
    """Sends a fresh link; one that was sent before is dead from now on."""
    secret = new_secret()
    invitation.secret_hash = hashed(secret)
    invitation.sent_at = clock.now()
    invitation.expires_at = clock.now() + INVITATION_LASTS
    db.session.flush()
    audit.record("invitation:sent", invitation, by=by)
    has_account = invitation.user_id is None and user_at(invitation.email) is not None
    letters.tell_invited(invitation, None if has_account else secret)
