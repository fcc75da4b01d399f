"""Commands on invitations: made, sent, sent again, withdrawn, accepted."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from app import audit, clock
from app.accounts import queries, role_services
from app.accounts.models import Invitation
from app.accounts.role_services import roles_in_teams, send_link
from app.accounts.terms import administrator_of, given_by_two, problem_with_roles
from app.audit import Actor, ActorKind
from app.auth.passwords import hash_password, reasons_against
from app.database import db
from app.database.many import rows_changed
from app.errors import Conflict, Invalid, LinkGone, NotAllowed
from app.parties import services as parties
from app.parties.models import User
from app.parties.roles import Role
from app.parties.viewer import Viewer

OTHER_ADDRESS = "Type the email address to which this invitation was sent."


def invite(
    viewer: Viewer, email: str, roles: Collection[Role], team_ids: Collection[UUID] = (), *, reason: str = ""
) -> Invitation:
    """Invites an address into the viewer's own organisation; roles that take two people wait for a second one.

    Whether the address has an account elsewhere is not told. Raises NotAllowed, Invalid by field, Conflict.
    """
    # Allowed roles come from the inviter's side.
    if not viewer.has(administrator_of(viewer.organisation_kind)):
        raise NotAllowed("Only an administrator of your organisation can do this.")
    email = parties.address_typed(email)
    if problem := problem_with_roles(viewer.organisation_kind, roles):
        raise Invalid({"roles": problem})
    known = queries.user_at(email)
    if known is not None and known.organisation_id == viewer.organisation_id:
        raise Invalid({"email": "Your organisation has a user with this email address already."})
    teams = queries.usable_teams(viewer, team_ids)
    invitation = _kept(viewer, email, sorted(roles), [str(team_id) for team_id in teams])
    if given_by_two((), roles, is_stranger=invitation.organisation.is_stranger(email)):
        role_services.propose(viewer, None, invitation, roles, reason)
    else:
        send_link(invitation, by=viewer.actor)
    return invitation


def invite_waiting_user(viewer: Viewer, user: User) -> Invitation:
    """Invites a provider's user who is there already and has never had a password; the address stays as it is.

    A council's administrator does this for the users that came with the list of providers. Raises Conflict.
    """
    if user.password_hash is not None:
        raise Conflict("This user has signed in before. If the password is lost, they ask for a new one themselves.")
    invitation = _kept(viewer, user.email, sorted(held.role for held in user.roles), [], user)
    send_link(invitation, by=viewer.actor)
    return invitation


def _kept(viewer: Viewer, email: str, roles: list[Role], teams: list[str], user: User | None = None) -> Invitation:
    invitation = Invitation(
        organisation_id=user.organisation_id if user else viewer.organisation_id,
        user_id=user.id if user else None,
        email=email,
        roles=[role.value for role in roles],
        team_ids=teams,
        invited_by=viewer.user_id,
    )
    try:
        with db.session.begin_nested():
            db.session.add(invitation)
    except IntegrityError as failure:
        raise Conflict("This address is invited already. Send that invitation again, or withdraw it.") from failure
    audit.record("invitation:made", invitation, by=viewer.actor, roles=", ".join(role.label for role in roles))
    return invitation


def send_again(invitation: Invitation, *, by: Actor) -> None:
    """Sends a new link. Raises Conflict while a second person has not agreed."""
    if invitation.secret_hash is None:
        raise Conflict("A second administrator must agree to the roles before this invitation is sent.")
    send_link(invitation, by=by)


def withdraw(invitation: Invitation, *, by: Actor) -> None:
    """Withdraws an invitation; its link is dead. Raises Conflict once it was used or withdrawn."""
    _settle(invitation, withdrawn_at=clock.now())
    role_services.drop_for(invitation, by=by)
    audit.record("invitation:withdrawn", invitation, by=by)


def accept(invitation: Invitation, email: str, name: str, password: str) -> None:
    """Spends its link: makes the account, or opens the one that waited for it. Raises LinkGone, Invalid, Conflict."""
    if email.strip().lower() != invitation.email:
        raise Invalid({"email": OTHER_ADDRESS})
    if not name.strip():
        raise Invalid({"name": "Enter your full name."})
    house = invitation.organisation
    if reasons := reasons_against(password, (invitation.email, name, house.name)):
        raise Invalid({"password": " ".join(reasons)})
    _settle(invitation, used_at=clock.now())
    actor = Actor(ActorKind.LINK, invitation.id, f"Link in an email, {house.name}", house.id)
    user = _account(invitation, name.strip(), hash_password(password), actor)
    audit.record("invitation:accepted", invitation, by=actor, user=str(user.id))


def _account(invitation: Invitation, name: str, password_hash: str, by: Actor) -> User:
    if invitation.user_id is not None:
        user = db.session.get_one(User, invitation.user_id)
        if user.disabled_at or user.password_hash is not None:
            raise LinkGone(queries.TOO_LATE)
        user.name, user.password_hash = name, password_hash
        db.session.flush()
        return user
    roles, house = invitation.named_roles, invitation.organisation
    try:
        user = parties.create_user(house, invitation.email, name, roles, by=by, password_hash=password_hash)
    except Invalid as refusal:  # an account was made for the address meanwhile
        raise LinkGone(queries.TOO_LATE) from refusal
    user.roles = roles_in_teams(roles, [UUID(team_id) for team_id in invitation.team_ids])
    db.session.flush()
    return user


def _settle(invitation: Invitation, **values: object) -> None:
    """Used or withdrawn, once, and only under the link that is out now."""
    command = update(Invitation).where(
        Invitation.id == invitation.id,
        Invitation.used_at.is_(None),
        Invitation.withdrawn_at.is_(None),
        Invitation.secret_hash.is_not_distinct_from(invitation.secret_hash),
    )
    if rows_changed(command.values(**values)) != 1:
        raise Conflict("This invitation has been used, withdrawn or sent again meanwhile.")
    db.session.refresh(invitation)
