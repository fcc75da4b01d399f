"""The people of the tests: one council, one ICB and an officer of each role, all with the same password."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table, insert, select

from app.audit import SYSTEM
from app.auth.passwords import hash_password
from app.database import db
from app.parties import services
from app.parties.models import Organisation, User
from app.parties.roles import OrganisationKind, Role
from app.parties.viewer import Viewer, viewer_of

PASSWORD = "a long enough password"
KEY = "for tests only, and as long as in use"
"""The SECRET_KEY of the house and of servers on its database: digests are the same in all of them."""


@dataclass
class People:
    """A council with its officers, an ICB with its health assessor, and a second council as a stranger."""

    council: Organisation
    icb: Organisation
    other_council: Organisation
    users: dict[str, User]

    @classmethod
    def settle(cls) -> People:
        """Everybody in an empty database, committed: made by the services once, written again as they were after that."""
        if not MADE:
            cls._make()
            MADE.extend((table, rows) for table in db.metadata.sorted_tables if (rows := rows_of(table)))
        else:
            for table, rows in MADE:
                db.session.execute(insert(table), rows)
            db.session.commit()
        houses = {one.name: one for one in db.session.scalars(select(Organisation))}
        users = {one.email.partition("@")[0]: one for one in db.session.scalars(select(User))}
        return cls(houses[COUNCIL], houses[ICB], houses[OTHER_COUNCIL], users)

    @staticmethod
    def _make() -> None:
        council = services.register_organisation(OrganisationKind.COUNCIL, COUNCIL, by=SYSTEM)
        icb = services.register_organisation(OrganisationKind.ICB, ICB, by=SYSTEM)
        other = services.register_organisation(OrganisationKind.COUNCIL, OTHER_COUNCIL, by=SYSTEM)
        for name, role in OFFICERS.items():
            a_user(council, f"{name}@testshire.example", role)
        a_user(icb, "healthassessor@icb.example", Role.HEALTH_ASSESSOR)
        a_user(other, "stranger@elsewhere.example", Role.NAVIGATOR, Role.BROKER)
        db.session.commit()

    def elsewhere(self) -> People:
        """The second council as the first one is: an officer of each role, with the same names."""
        password_hash = self.users["broker"].password_hash
        users = {
            name: services.create_user(
                self.other_council,
                f"{name}@elsewhere.example",
                name.title(),
                [role],
                by=SYSTEM,
                password_hash=password_hash,
            )
            for name, role in {**OFFICERS, "referrer": Role.REFERRER, "contracts2": Role.CONTRACT_MANAGER}.items()
        }
        return People(self.other_council, self.icb, self.council, users)

    @property
    def domain(self) -> str:
        """Where the officers have their addresses."""
        return self.users["broker"].email.partition("@")[2]

    def __getitem__(self, name: str) -> User:
        return self.users[name]

    def viewer(self, name: str) -> Viewer:
        """The viewer of an officer."""
        return viewer_of(self.users[name])


COUNCIL, ICB, OTHER_COUNCIL = "Testshire County Council", "Testshire ICB", "Elsewhere Council"
MADE: list[tuple[Table, list[dict[str, Any]]]] = []
"""Every row that making everybody wrote, by table, parents first."""


def rows_of(table: Table) -> list[dict[str, Any]]:
    """The rows of a table by column."""
    return [dict(row) for row in db.session.execute(select(table)).mappings()]


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
