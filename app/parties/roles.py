"""The roles of the people who use Homeward, in the words the pages use."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class OrganisationKind(StrEnum):
    """What kind of organisation it is."""

    COUNCIL = "council"
    ICB = "icb"
    PROVIDER = "provider"
    ADVOCACY = "advocacy"


class Role(StrEnum):
    """What a user does here. A role says which functions are open; the query's scope says on what."""

    NAVIGATOR = "navigator"
    BROKER = "broker"
    REFERRER = "referrer"
    SOCIAL_WORKER = "social_worker"
    HEALTH_ASSESSOR = "health_assessor"
    TEAM_MANAGER = "team_manager"
    CONTRACT_MANAGER = "contract_manager"
    FINANCE = "finance"
    PROVIDER_COORDINATOR = "provider_coordinator"
    PROVIDER_ADMINISTRATOR = "provider_administrator"
    SERVICE_USER = "service_user"
    ADVOCATE = "advocate"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"

    @property
    def label(self) -> str:
        return LABELS.get(self) or self.value.replace("_", " ").capitalize()


LABELS = {
    Role.NAVIGATOR: "Care navigator",
    Role.FINANCE: "Finance officer",
    Role.ADMINISTRATOR: "System administrator",
}
"""Of the roles that are called otherwise than their value reads."""


def titles(roles: Iterable[Role]) -> str:
    """The roles as a page says them, in the order of the alphabet."""
    return ", ".join(sorted(role.label for role in roles))


PROVIDER_ROLES = frozenset({Role.PROVIDER_COORDINATOR, Role.PROVIDER_ADMINISTRATOR})
COMMISSIONER_ROLES = frozenset(
    {
        Role.NAVIGATOR,
        Role.BROKER,
        Role.REFERRER,
        Role.SOCIAL_WORKER,
        Role.HEALTH_ASSESSOR,
        Role.TEAM_MANAGER,
        Role.CONTRACT_MANAGER,
        Role.FINANCE,
        Role.ADMINISTRATOR,
        Role.AUDITOR,
    }
)
ROLES_OF_KIND: dict[OrganisationKind, frozenset[Role]] = {
    OrganisationKind.COUNCIL: COMMISSIONER_ROLES,
    OrganisationKind.ICB: COMMISSIONER_ROLES,
    OrganisationKind.PROVIDER: PROVIDER_ROLES,
    OrganisationKind.ADVOCACY: frozenset({Role.ADVOCATE}),
}
