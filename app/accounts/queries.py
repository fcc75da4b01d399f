"""Questions about accounts, on behalf of a viewer: always the viewer's own organisation."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import Select, exists, or_, select

from app.accounts.models import Invitation, ProposalState, RoleProposal
from app.accounts.terms import administrator_of
from app.auth.keys import hashed
from app.database import db, names_hold, only_one
from app.errors import Invalid, LinkGone
from app.http.paging import Page, paged
from app.parties.models import BroughtUser, Organisation, Team, User, UserRole
from app.parties.roles import OrganisationKind
from app.parties.viewer import Viewer

TOO_LATE = "This link cannot be used any more. Ask whoever invited you to send a new one."


def users_page(viewer: Viewer, words: str = "", *, number: int | None = None) -> Page[User]:
    """The users of the viewer's organisation, by name; those whose name or address holds the words."""
    query = select(User).where(User.organisation_id == viewer.organisation_id)
    if words:
        query = query.where(or_(names_hold(words, User.name_key), User.email.icontains(words, autoescape=True)))
    return paged(query.order_by(User.name_key, User.id), number=number)


def user_for(viewer: Viewer, user_id: UUID) -> User:
    """A user of the viewer's organisation; raises NotFoundForViewer."""
    query = select(User).where(User.id == user_id, User.organisation_id == viewer.organisation_id)
    return only_one(query)


def invitations_page(viewer: Viewer, *, number: int | None = None) -> Page[Invitation]:
    """The open invitations of the viewer's organisation and those the viewer has sent to others, the newest first."""
    query = _open_invitations(viewer).order_by(Invitation.invited_at.desc(), Invitation.id)
    return paged(query, number=number)


def invitation_for(viewer: Viewer, invitation_id: UUID) -> Invitation:
    """One of them; raises NotFoundForViewer."""
    return only_one(_open_invitations(viewer).where(Invitation.id == invitation_id))


def _open_invitations(viewer: Viewer) -> Select[Invitation]:
    own = or_(Invitation.organisation_id == viewer.organisation_id, Invitation.invited_by == viewer.user_id)
    return select(Invitation).where(own, Invitation.used_at.is_(None), Invitation.withdrawn_at.is_(None))


def invitation_with(secret: str) -> Invitation:
    """The invitation whose link this is, while it can be used; raises LinkGone with the way on."""
    found = db.session.scalars(select(Invitation).where(Invitation.secret_hash == hashed(secret))).one_or_none()
    if found is None or found.used_at or found.withdrawn_at or found.is_late or found.organisation.suspended_at:
        raise LinkGone(TOO_LATE)
    return found


def waiting_providers_page(viewer: Viewer, words: str = "") -> Page[User]:
    """Users of providers who have never had a password and are not invited: they came with the council's own lists."""
    invited = exists().where(
        Invitation.user_id == User.id, Invitation.used_at.is_(None), Invitation.withdrawn_at.is_(None)
    )
    query = _waiting(viewer).where(~invited)
    if words:
        query = query.where(or_(names_hold(words, Organisation.name_key), User.email.icontains(words, autoescape=True)))
    return paged(query.order_by(Organisation.name_key, User.email, User.id))


def waiting_user_for(viewer: Viewer, user_id: UUID) -> User:
    """One of them; raises NotFoundForViewer."""
    return only_one(_waiting(viewer).where(User.id == user_id))


def _waiting(viewer: Viewer) -> Select[User]:
    brought = select(BroughtUser.user_id).where(BroughtUser.authority_id == viewer.authority_id)
    return (
        select(User)
        .join(Organisation, Organisation.id == User.organisation_id)
        .where(
            Organisation.kind == OrganisationKind.PROVIDER,
            Organisation.suspended_at.is_(None),
            User.password_hash.is_(None),
            User.disabled_at.is_(None),
            User.id.in_(brought),
        )
    )


def proposals_to_decide(viewer: Viewer) -> Select[RoleProposal]:
    """Proposals that wait for the viewer: of the own organisation, by somebody else, about somebody else."""
    return (
        select(RoleProposal)
        .where(
            RoleProposal.organisation_id == viewer.organisation_id,
            RoleProposal.state == ProposalState.PROPOSED,
            RoleProposal.proposed_by != viewer.user_id,
            or_(RoleProposal.user_id.is_(None), RoleProposal.user_id != viewer.user_id),
        )
        .order_by(RoleProposal.proposed_at, RoleProposal.id)
    )


def proposal_for(viewer: Viewer, proposal_id: UUID) -> RoleProposal:
    """A proposal of the viewer's organisation; raises NotFoundForViewer."""
    query = select(RoleProposal).where(
        RoleProposal.id == proposal_id, RoleProposal.organisation_id == viewer.organisation_id
    )
    return only_one(query)


def open_proposal_about(user: User) -> RoleProposal | None:
    query = select(RoleProposal).where(RoleProposal.user_id == user.id, RoleProposal.state == ProposalState.PROPOSED)
    return db.session.scalars(query).one_or_none()


def teams_of(organisation_id: UUID) -> list[Team]:
    return list(db.session.scalars(select(Team).where(Team.organisation_id == organisation_id).order_by(Team.name_key)))


def usable_teams(viewer: Viewer, team_ids: Collection[UUID]) -> list[UUID]:
    """The same ids, where all are teams of the viewer's organisation; raises Invalid."""
    own = {team.id for team in teams_of(viewer.organisation_id)} if team_ids else set()
    if not set(team_ids) <= own:
        raise Invalid({"teams": "Choose teams of your organisation."})
    return sorted(set(team_ids))


def administrators_of(organisation_id: UUID, kind: OrganisationKind) -> Select[User]:
    """The administrators of an organisation who can sign in."""
    return (
        select(User)
        .where(User.organisation_id == organisation_id, User.disabled_at.is_(None), User.password_hash.is_not(None))
        .where(exists().where(UserRole.user_id == User.id, UserRole.role == administrator_of(kind)))
    )


def user_at(email: str) -> User | None:
    """Whoever has this address, in any organisation: for services, which tell nobody of it."""
    return db.session.scalars(select(User).where(User.email == email.strip().lower())).one_or_none()
