"""Commands on users: their roles and teams, closing and opening an account. Nobody does any of it to themselves."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import func, select

from app import audit, clock
from app.accounts import letters, proposal_services
from app.accounts.models import RoleProposal
from app.accounts.queries import administrators_of, usable_teams
from app.accounts.terms import OF_TEAMS, TAKES_TWO, administrator_of, given_by_two, problem_with_roles
from app.auth.sessions import end_sessions_of
from app.auth.tokens import end_tokens
from app.database import db, locked
from app.errors import Conflict, Invalid, NotAllowed
from app.parties.models import Organisation, User, UserRole
from app.parties.roles import Role
from app.parties.viewer import Viewer

ROLE_TAKEN = "A role was taken from this user."
ACCOUNT_CLOSED = "The account was closed."
NOT_GIVEN_BACK = "The account was opened again by one person, and these roles take two."
LAST_ONE = "This is the last administrator of the organisation. Make somebody else an administrator first."


def set_roles(
    viewer: Viewer, user: User, wanted: Collection[Role], team_ids: Collection[UUID], *, reason: str = ""
) -> RoleProposal | None:
    """Gives and takes roles; those that take two people are proposed and not yet given (the proposal is returned).

    Whoever loses a role is signed out everywhere. Raises NotAllowed, Invalid by field, Conflict.
    """
    refuse_oneself(viewer, user)
    if problem := problem_with_roles(viewer.organisation_kind, wanted):
        raise Invalid({"roles": problem})
    teams = usable_teams(viewer, team_ids)
    held = frozenset(held_role.role for held_role in user.roles)
    by_two = given_by_two(held, wanted)
    proposal = proposal_services.propose(viewer, user, None, by_two, reason) if by_two else None
    _write_roles(viewer, user, frozenset(wanted) - by_two, teams)
    return proposal


def _write_roles(viewer: Viewer, user: User, wanted: frozenset[Role], teams: list[UUID]) -> None:
    before = {(held_role.role, held_role.team_id) for held_role in user.roles}
    rows = roles_in_teams(wanted, teams)
    after = {(held_role.role, held_role.team_id) for held_role in rows}
    if before == after:
        return
    held = frozenset(role for role, _ in before)
    if administrator_of(viewer.organisation_kind) in held - wanted:
        refuse_last_administrator(user)
    user.roles = [held_role for held_role in user.roles if (held_role.role, held_role.team_id) in after]
    user.roles.extend(held_role for held_role in rows if (held_role.role, held_role.team_id) not in before)
    db.session.flush()
    audit.record("roles:changed", user, by=viewer.actor, given=_titles(wanted - held), taken=_titles(held - wanted))
    if not before <= after:
        end_sessions_of(user, because=ROLE_TAKEN, by=viewer.actor)
    letters.tell_roles_changed(user)


def roles_in_teams(roles: Collection[Role], team_ids: Collection[UUID]) -> list[UserRole]:
    """The rows of roles: those of teams once for each team, or free where there is none."""
    return [
        UserRole(role=role, team_id=team_id)
        for role in sorted(roles)
        for team_id in (sorted(team_ids) if role in OF_TEAMS and team_ids else [None])
    ]


def disable(viewer: Viewer, user: User, because: str) -> None:
    """Closes an account: its sessions and tokens end now. Raises NotAllowed, Invalid, Conflict."""
    refuse_oneself(viewer, user)
    if not because.strip():
        raise Invalid({"because": "Say why the account is closed."})
    if user.disabled_at:
        raise Conflict("This account is closed already.")
    if any(held_role.role is administrator_of(viewer.organisation_kind) for held_role in user.roles):
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
    lost = frozenset(held_role.role for held_role in user.roles) & TAKES_TWO
    user.roles = [held_role for held_role in user.roles if held_role.role not in lost]
    db.session.flush()
    audit.record("user:enabled", user, by=viewer.actor)
    if lost:
        taken = _titles(lost)
        audit.record("roles:changed", user, by=viewer.actor, reason=NOT_GIVEN_BACK, given=_titles(()), taken=taken)
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


def _titles(roles: Collection[Role]) -> str:
    return ", ".join(sorted(role.label for role in roles)) or "none"
