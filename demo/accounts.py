"""The accounts of the demo. All have one password and no second factor; demo mode shows them on the sign-in page."""

from __future__ import annotations

from uuid import UUID

from app.audit import SYSTEM
from app.auth.passwords import hash_password
from app.parties import services
from app.parties.models import User
from app.parties.roles import OrganisationKind, Role

PASSWORD = "care-at-home-demo"
COUNCIL = "Lancashire County Council"
TEAM = "Age Well team"
ICB = "Lancashire and South Cumbria ICB"

OFFICERS: dict[str, tuple[str, Role]] = {
    "navigator@lancashire.example": ("Nadia Ormerod", Role.NAVIGATOR),
    "broker@lancashire.example": ("Ben Fairclough", Role.BROKER),
    "broker2@lancashire.example": ("Bridget Tattersall", Role.BROKER),
    "socialworker@lancashire.example": ("Sunita Rawlinson", Role.SOCIAL_WORKER),
    "manager@lancashire.example": ("Martin Threlfall", Role.TEAM_MANAGER),
    "contracts@lancashire.example": ("Carys Holden", Role.CONTRACT_MANAGER),
    "finance@lancashire.example": ("Farah Whiteside", Role.FINANCE),
    "admin@lancashire.example": ("Alan Sharples", Role.ADMINISTRATOR),
    "auditor@lancashire.example": ("Audrey Entwistle", Role.AUDITOR),
}


def add_officers() -> dict[str, User]:
    """Adds the council, the ICB and their officers; the users by address."""
    council = services.organisation_named(OrganisationKind.COUNCIL, COUNCIL, by=SYSTEM)
    icb = services.organisation_named(OrganisationKind.ICB, ICB, by=SYSTEM)
    password = hash_password(PASSWORD)
    users = {
        email: services.create_user(council, email, name, [role], by=SYSTEM, password_hash=password)
        for email, (name, role) in OFFICERS.items()
    }
    assessor = "healthassessor@lsc-icb.example"
    users[assessor] = services.create_user(
        icb, assessor, "Helen Catterall", [Role.HEALTH_ASSESSOR], by=SYSTEM, password_hash=password
    )
    return users


def join_team(council_users: dict[str, User], team_id: UUID) -> None:
    """Puts those whose role is a team's into one, so that they see that team's packages and no others."""
    for email in ("socialworker@lancashire.example", "manager@lancashire.example"):
        for held in council_users[email].roles:
            held.team_id = team_id
