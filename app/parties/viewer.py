"""Who is looking. Every query is asked on behalf of a viewer, and scope is computed from it once."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from app.audit.actor import Actor, ActorKind
from app.parties.models import User
from app.parties.roles import OrganisationKind, Role, titles


@dataclass(frozen=True, slots=True)
class Viewer:
    """A signed-in user as queries see them: plain values, no row."""

    user_id: UUID
    name: str
    email: str
    organisation_id: UUID
    organisation_name: str
    organisation_kind: OrganisationKind
    roles: frozenset[Role]
    team_ids: frozenset[UUID]

    @property
    def is_provider(self) -> bool:
        return self.organisation_kind is OrganisationKind.PROVIDER

    @property
    def is_commissioner(self) -> bool:
        return self.organisation_kind in {OrganisationKind.COUNCIL, OrganisationKind.ICB}

    @property
    def authority_id(self) -> UUID:
        """The authority whose rows a commissioner sees: their own organisation."""
        return self.organisation_id

    def has(self, *roles: Role) -> bool:
        return not self.roles.isdisjoint(roles)

    @property
    def actor(self) -> Actor:
        label = f"{titles(self.roles)}, {self.organisation_name}"
        return Actor(ActorKind.USER, self.user_id, label, self.organisation_id)


def viewer_of(user: User) -> Viewer:
    return Viewer(
        user_id=user.id,
        name=user.name,
        email=user.email,
        organisation_id=user.organisation_id,
        organisation_name=user.organisation.name,
        organisation_kind=user.organisation.kind,
        roles=frozenset(held.role for held in user.roles),
        team_ids=frozenset(held.team_id for held in user.roles if held.team_id),
    )
