"""Commands on organisations, teams and users."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select

from app import audit
from app.audit.actor import Actor
from app.audit.services import RowSubject
from app.database import db, new_id
from app.database.bulk import insert_rows
from app.errors import Invalid
from app.parties.models import BroughtUser, Organisation, Team, User, UserRole
from app.parties.roles import ROLES_OF_KIND, OrganisationKind, Role
from app.values.email import read_email


@dataclass(frozen=True, slots=True)
class NewUser:
    """Somebody who is to sign in, with an address in small letters."""

    organisation_id: UUID
    email: str
    name: str
    team_id: UUID | None = None


def register_organisation(kind: OrganisationKind, name: str, *, by: Actor) -> Organisation:
    organisation = Organisation(kind=kind, name=name)
    db.session.add(organisation)
    db.session.flush()
    audit.record("organisation:registered", organisation, by=by, name=name, kind=kind.value)
    return organisation


def organisation_named(kind: OrganisationKind, name: str, *, by: Actor) -> Organisation:
    """The organisation of this kind and name, registered now if it is new."""
    query = select(Organisation).where(Organisation.kind == kind, Organisation.name == name)
    return db.session.scalars(query).one_or_none() or register_organisation(kind, name, by=by)


def team_named(organisation: Organisation, name: str, email: str | None) -> Team:
    """The team of this name, made now if it is new; its address is kept up to date."""
    team = db.session.scalars(
        select(Team).where(Team.organisation_id == organisation.id, Team.name == name)
    ).one_or_none()
    if team is None:
        team = Team(organisation_id=organisation.id, name=name)
        db.session.add(team)
    team.email = email
    db.session.flush()
    return team


def address_typed(text: str) -> str:
    """An address with which somebody is to sign in, as it is kept; raises Invalid at `email`."""
    try:
        return read_email(text)
    except ValueError as wrong:
        raise Invalid({"email": str(wrong)}) from wrong


def create_user(
    organisation: Organisation,
    email: str,
    name: str,
    roles: Iterable[Role],
    *,
    by: Actor,
    password_hash: str | None = None,
    team_id: UUID | None = None,
) -> User:
    """Adds a user with roles that this kind of organisation may have; raises Invalid by field."""
    email = address_typed(email)
    wanted = frozenset(roles)
    if not wanted or not wanted <= ROLES_OF_KIND[organisation.kind]:
        raise Invalid({"roles": f"Choose roles that people of a {organisation.kind.value} can have."})
    if db.session.scalar(select(func.count()).select_from(User).where(User.email == email)):
        raise Invalid({"email": "There is already a user with this email address."})
    new = NewUser(organisation.id, email, name, team_id)
    (user_id,) = add_users([new], wanted, by=by, password_hash=password_hash)
    return db.session.get_one(User, user_id)


def bring_users(authority_id: UUID, named: Collection[tuple[UUID, str]]) -> None:
    """Notes that a council's list names these users, by organisation and address: it may invite those who wait.

    Whoever signs in for another organisation than the one named is left out, so that a list finds nobody out.
    """
    there = select(BroughtUser.user_id).where(BroughtUser.authority_id == authority_id)
    query = select(User.id, User.organisation_id, User.email).where(
        User.email.in_({email for _, email in named}), User.id.not_in(there)
    )
    found = [row.id for row in db.session.execute(query) if (row.organisation_id, row.email) in named]
    insert_rows(BroughtUser, [{"authority_id": authority_id, "user_id": user_id} for user_id in found])


def add_users(
    users: Sequence[NewUser],
    roles: Iterable[Role],
    *,
    by: Actor,
    password_hash: str | None = None,
    authority_id: UUID | None = None,
) -> list[UUID]:
    """Adds users whose addresses are free, all with the same roles; their ids in the order given.

    Those that an authority brings in stand in its audit, the others in that of their own organisation.
    """
    granted, new = sorted(roles), {new_id(): user for user in users}
    rows = [
        {"id": user_id, "organisation_id": user.organisation_id, "email": user.email, "name": user.name}
        for user_id, user in new.items()
    ]
    insert_rows(User, [row | {"password_hash": password_hash} for row in rows])
    held = [{"user_id": key, "role": role, "team_id": user.team_id} for key, user in new.items() for role in granted]
    insert_rows(UserRole, held)
    audit.record_each(
        "user:created",
        [RowSubject(key, User.__tablename__, authority_id or user.organisation_id) for key, user in new.items()],
        by=by,
        roles=granted,
    )
    return list(new)
