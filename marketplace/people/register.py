"""What the slice `people` brings to the house."""

from __future__ import annotations

from app.house import House, NavigationItem
from app.parties.roles import Role
from marketplace.people import glass_routes, queries, routes
from marketplace.people.glass import MAY_OPEN

WRITERS = (Role.NAVIGATOR, Role.BROKER, Role.SOCIAL_WORKER)
COUNCIL_READERS = (*WRITERS, Role.TEAM_MANAGER)


def register(house: House) -> None:
    """Adds permissions, pages and the search by reference."""
    readers = (*COUNCIL_READERS, Role.HEALTH_ASSESSOR, Role.AUDITOR)
    house.permissions.add("people:read", "Reading who a person is", *readers)
    house.permissions.add("people:write", "Changing a person's contact, representatives and advocacy", *WRITERS)
    house.permissions.add("people:looks", "Reading who looked at a person's record", *COUNCIL_READERS, Role.AUDITOR)
    house.permissions.add("people:break-glass", "Opening who a person is, out of scope, with a reason", *MAY_OPEN)
    house.permissions.add("people:opened", "Reading which identities were opened out of scope", Role.AUDITOR)
    house.register_blueprint(routes.bp)
    house.register_blueprint(glass_routes.bp)
    house.navigation.append(NavigationItem("Opened identities", "glass.opened", "people:opened"))
    house.finders.append(queries.address_of_reference)
