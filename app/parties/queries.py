"""How people of an organisation are reached: the inbox of one user, or of everybody in a role."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from app.database import db
from app.messages import Address, Recipient
from app.parties.models import Organisation, User, UserRole
from app.parties.roles import OrganisationKind, Role


def to_user(user: User, path: str | None = None) -> Recipient:
    """One user's inbox, and an email to them; `path` is a link for that email alone."""
    return Recipient(user.organisation_id, user.id, (Address(user.email, path=path),))


def known_organisations(kind: OrganisationKind) -> list[Organisation]:
    """Every organisation of a kind, by name."""
    query = select(Organisation).where(Organisation.kind == kind)
    return list(db.session.scalars(query.order_by(Organisation.name_key, Organisation.id)))


def to_role(organisation_id: UUID, role: Role) -> list[Recipient]:
    """Everybody of an organisation who has this role and an open account."""
    holders = select(UserRole.user_id).where(UserRole.role == role)
    query = select(User).where(
        User.organisation_id == organisation_id, User.id.in_(holders), User.disabled_at.is_(None)
    )
    return [to_user(user) for user in db.session.scalars(query.order_by(User.email))]
