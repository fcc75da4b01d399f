"""Commands on roles: given and taken, or proposed by one administrator where another must give or refuse them; and
closing and opening an account. Nobody does any of it to themselves.
"""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from app import audit, clock
from app.accounts import letters, terms
from app.accounts.models import Invitation, ProposalState, RoleProposal
from app.accounts.queries import administrators_of, usable_teams, user_at
from app.audit import Actor
from app.audit.moves import move
from app.auth.keys import hashed, new_secret
from app.auth.sessions import end_sessions_of
from app.auth.tokens import end_tokens
from app.database import db, locked
from app.errors import Conflict, Invalid, NotAllowed
from app.parties.models import Organisation, User, UserRole
from app.parties.roles import Role, titles
from app.parties.viewer import Viewer

ROLE_TAKEN = "A role was taken from this user."
ACCOUNT_CLOSED = "The account was closed."
NOT_GIVEN_BACK = "The account was opened again by one person, and these roles take two."
LAST_ONE = "This is the last administrator of the organisation. Make somebody else an administrator first."
WITHDRAWN = "The invitation was withdrawn."


def set_roles(
    viewer: Viewer, user: User, wanted: Collection[Role], team_ids: Collection[UUID], *, reason: str = ""
) -> RoleProposal | None:
    """Gives and takes roles; those that take two people are proposed and not yet given (the proposal is returned).

    Whoever loses a role is signed out everywhere. Raises NotAllowed, Invalid by field, Conflict.
    """
    refuse_oneself(viewer, user)
    if problem := terms.problem_with_roles(viewer.organisation_kind, wanted):
        raise Invalid({"roles": problem})
    teams = usable_teams(viewer, team_ids)
    held = {held_role.role for held_role in user.roles}
    by_two = terms.given_by_two(held, wanted, is_stranger=user.organisation.is_stranger(user.email))
    proposal = propose(viewer, user, None, by_two, reason, teams) if by_two else None
    _write_roles(viewer, user, frozenset(wanted) - by_two, teams)
    return proposal


def _write_roles(viewer: Viewer, user: User, wanted: frozenset[Role], teams: list[UUID]) -> None:
    before = {(held_role.role, held_role.team_id) for held_role in user.roles}
    rows = roles_in_teams(wanted, teams)
    after = {(held_role.role, held_role.team_id) for held_role in rows}
    if before == after:
        return
    held = frozenset(role for role, _ in before)
    if terms.administrator_of(viewer.organisation_kind) in held - wanted:
        refuse_last_administrator(user)
    user.roles = [held_role for held_role in user.roles if (held_role.role, held_role.team_id) in after]
    user.roles.extend(held_role for held_role in rows if (held_role.role, held_role.team_id) not in before)
    db.session.flush()
    _note_change(viewer, user, given=wanted - held, taken=held - wanted)
    if not before <= after:
        end_sessions_of(user, because=ROLE_TAKEN, by=viewer.actor)
    letters.tell_roles_changed(user)


def roles_in_teams(roles: Collection[Role], team_ids: Collection[UUID]) -> list[UserRole]:
    """The rows of roles: those of teams once for each team, or free where there is none."""
    return [
        UserRole(role=role, team_id=team_id)
        for role in sorted(roles)
        for team_id in (sorted(team_ids) if role in terms.OF_TEAMS and team_ids else [None])
    ]


def disable(viewer: Viewer, user: User, because: str) -> None:
    """Closes an account: its sessions and tokens end now. Raises NotAllowed, Invalid, Conflict."""
    refuse_oneself(viewer, user)
    if not because.strip():
        raise Invalid({"because": "Say why the account is closed."})
    if user.disabled_at:
        raise Conflict("This account is closed already.")
    if any(held_role.role is terms.administrator_of(viewer.organisation_kind) for held_role in user.roles):
        refuse_last_administrator(user)
    user.disabled_at = clock.now()
    audit.record("user:disabled", user, by=viewer.actor, reason=because.strip())
    end_sessions_of(user, because=ACCOUNT_CLOSED, by=viewer.actor)
    end_tokens(user, by=viewer.actor)


def enable(viewer: Viewer, user: User) -> frozenset[Role]:
    """Opens a closed account again, with the roles it had but for those that take two people; they are returned.

    One person opens accounts, so those roles must be proposed anew. Raises NotAllowed, Conflict.
    """
    refuse_oneself(viewer, user)
    if not user.disabled_at:
        raise Conflict("This account is open.")
    user.disabled_at = None
    held = {held_role.role for held_role in user.roles}
    lost = terms.given_by_two((), held, is_stranger=user.organisation.is_stranger(user.email))
    user.roles = [held_role for held_role in user.roles if held_role.role not in lost]
    db.session.flush()
    audit.record("user:enabled", user, by=viewer.actor)
    if lost:
        _note_change(viewer, user, NOT_GIVEN_BACK, taken=lost)
        letters.tell_roles_changed(user)
    return lost


def refuse_oneself(viewer: Viewer, user: User) -> None:
    """Nobody changes their own account's roles, state or second factor here. Raises NotAllowed."""
    if user.id == viewer.user_id:
        raise NotAllowed("You cannot change your own account. Ask another administrator.")


def refuse_last_administrator(user: User) -> None:
    """Raises Conflict where nobody else looks after the users. The organisation is locked, so two cannot go at once."""
    house = db.session.scalars(locked(select(Organisation).where(Organisation.id == user.organisation_id))).one()
    others = administrators_of(house.id, house.kind).where(User.id != user.id)
    if not db.session.scalar(select(func.count()).select_from(others.subquery())):
        raise Conflict(LAST_ONE)


def _note_change(
    viewer: Viewer, user: User, reason: str | None = None, *, given: Collection[Role] = (), taken: Collection[Role]
) -> None:
    changed = {"given": titles(given) or "none", "taken": titles(taken) or "none"}
    audit.record("roles:changed", user, by=viewer.actor, reason=reason, **changed)


def propose(
    viewer: Viewer,
    user: User | None,
    invitation: Invitation | None,
    roles: Collection[Role],
    reason: str,
    team_ids: Collection[UUID] = (),
) -> RoleProposal:
    """Writes down what one administrator wants to give; the others are told. Raises Invalid, Conflict."""
    if not reason.strip():
        raise Invalid({"reason": "Say why: a second administrator reads it and decides."})
    proposal = RoleProposal(
        organisation_id=viewer.organisation_id,
        user_id=user.id if user else None,
        invitation_id=invitation.id if invitation else None,
        roles=sorted(role.value for role in roles),
        team_ids=[str(team_id) for team_id in team_ids],
        reason=reason.strip(),
        proposed_by=viewer.user_id,
        proposed_by_label=viewer.actor.label,
    )
    try:
        with db.session.begin_nested():
            db.session.add(proposal)
    except IntegrityError as failure:
        raise Conflict("Roles are proposed for this user already. They must be decided first.") from failure
    audit.record("roles:proposed", proposal, by=viewer.actor, reason=reason.strip(), roles=titles(roles))
    query = administrators_of(viewer.organisation_id, viewer.organisation_kind)
    others = [user for user in db.session.scalars(query) if user.id not in {viewer.user_id, proposal.user_id}]
    letters.tell_proposed(proposal, others)
    return proposal


def approve(viewer: Viewer, proposal: RoleProposal) -> None:
    """A second administrator gives the roles, or lets the invitation go out. Raises NotAllowed, Conflict."""
    _decide(viewer, proposal, ProposalState.APPROVED, "roles:approved")
    if proposal.user is not None:
        _give(proposal.user, proposal.named_roles, [UUID(team_id) for team_id in proposal.team_ids])
    elif proposal.invitation is not None:
        send_link(proposal.invitation, by=viewer.actor)


def refuse(viewer: Viewer, proposal: RoleProposal, because: str) -> None:
    """A second administrator refuses, with a reason; an invitation that waited is withdrawn. Raises Invalid too."""
    if not because.strip():
        raise Invalid({"because": "Say why. Whoever proposed it reads it."})
    _decide(viewer, proposal, ProposalState.REFUSED, "roles:refused", because.strip())
    if proposal.invitation is not None and proposal.invitation.used_at is None:
        proposal.invitation.withdrawn_at = clock.now()


def drop_for(invitation: Invitation, *, by: Actor) -> None:
    """What was proposed with an invitation falls with it."""
    query = select(RoleProposal).where(
        RoleProposal.invitation_id == invitation.id, RoleProposal.state == ProposalState.PROPOSED
    )
    for proposal in db.session.scalars(query).unique():
        _end(proposal, ProposalState.REFUSED, "roles:refused", WITHDRAWN, by=by)


def _decide(viewer: Viewer, proposal: RoleProposal, to: ProposalState, tag: str, note: str | None = None) -> None:
    if viewer.user_id == proposal.proposed_by:
        raise NotAllowed("You proposed this. A second administrator must decide on it.")
    if viewer.user_id == proposal.user_id:
        raise NotAllowed("Nobody decides on their own roles.")
    _end(proposal, to, tag, note, by=viewer.actor, decided_by=viewer.user_id)
    if proposer := db.session.get(User, proposal.proposed_by):
        letters.tell_decided(proposal, proposer)


def _end(
    proposal: RoleProposal, to: ProposalState, tag: str, note: str | None, *, by: Actor, decided_by: UUID | None = None
) -> None:
    decided = {"decided_by": decided_by, "decided_at": clock.now(), "decision_note": note}
    move([proposal], to, tag, by=by, reason=note, values=decided, roles=titles(proposal.named_roles))


def _give(user: User, roles: Collection[Role], team_ids: Collection[UUID]) -> None:
    if user.disabled_at:
        raise Conflict("This account is closed. Open it again before it gets roles.")
    held = {given.role for given in user.roles}
    user.roles.extend(roles_in_teams(set(roles) - held, team_ids))
    db.session.flush()
    letters.tell_roles_changed(user)


def send_link(invitation: Invitation, *, by: Actor) -> None:
    """Sends a fresh link; one that was sent before is dead from now on."""
    secret = new_secret()
    invitation.secret_hash = hashed(secret)
    invitation.sent_at = clock.now()
    invitation.expires_at = clock.now() + terms.INVITATION_LASTS
    db.session.flush()
    audit.record("invitation:sent", invitation, by=by)
    has_account = invitation.user_id is None and user_at(invitation.email) is not None
    letters.tell_invited(invitation, None if has_account else secret)
