"""The people of the tests: one council, one ICB and an officer of each role, all with the same password."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.audit import SYSTEM
from app.auth.passwords import hash_password
from app.database import db
from app.parties import services
from app.parties.models import Organisation, User
from app.parties.roles import OrganisationKind, Role
from app.parties.viewer import Viewer, viewer_of

PASSWORD = "a long enough password"


@dataclass
class People:
    """A council with its officers, an ICB with its health assessor, and a second council as a stranger."""

    council: Organisation
    icb: Organisation
    other_council: Organisation
    users: dict[str, User] = field(default_factory=dict)

    @classmethod
    def settle(cls) -> People:
        """Makes everybody and commits."""
        council = services.register_organisation(OrganisationKind.COUNCIL, "Testshire County Council", by=SYSTEM)
        icb = services.register_organisation(OrganisationKind.ICB, "Testshire ICB", by=SYSTEM)
        other = services.register_organisation(OrganisationKind.COUNCIL, "Elsewhere Council", by=SYSTEM)
        people = cls(council, icb, other)
        for name, role in OFFICERS.items():
            people.users[name] = a_user(council, f"{name}@testshire.example", role)
        people.users["healthassessor"] = a_user(icb, "healthassessor@icb.example", Role.HEALTH_ASSESSOR)
        people.users["stranger"] = a_user(other, "stranger@elsewhere.example", Role.NAVIGATOR, Role.BROKER)
        db.session.commit()
        return people

    def __getitem__(self, name: str) -> User:
        return self.users[name]

    def viewer(self, name: str) -> Viewer:
        """The viewer of an officer."""
        return viewer_of(self.users[name])


OFFICERS = {
    "navigator": Role.NAVIGATOR,
    "broker": Role.BROKER,
    "broker2": Role.BROKER,
    "socialworker": Role.SOCIAL_WORKER,
    "manager": Role.TEAM_MANAGER,
    "contracts": Role.CONTRACT_MANAGER,
    "finance": Role.FINANCE,
    "admin": Role.ADMINISTRATOR,
    "auditor": Role.AUDITOR,
}


def a_user(organisation: Organisation, email: str, *roles: Role) -> User:
    """A user with the tests' password."""
    name = email.partition("@")[0].title()
    return services.create_user(organisation, email, name, roles, by=SYSTEM, password_hash=hash_password(PASSWORD))
