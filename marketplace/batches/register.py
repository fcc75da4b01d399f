"""What the slice `batches` brings to the house."""

from __future__ import annotations

from app.house import House, NavigationItem
from app.parties.roles import Role
from marketplace.batches import api, edit_routes, panels, routes

READERS = (Role.NAVIGATOR, Role.BROKER, Role.TEAM_MANAGER, Role.CONTRACT_MANAGER, Role.AUDITOR)


def register(house: House) -> None:
    """Adds permissions, pages, the API, the panel of the home page and the search by reference."""
    house.permissions.add("batches:read", "Reading batches", *READERS)
    house.permissions.add("batches:write", "Proposing, changing and sealing batches", Role.NAVIGATOR, Role.BROKER)
    house.register_blueprint(routes.bp)
    house.register_blueprint(edit_routes.bp)
    house.register_blueprint(api.bp)
    house.extensions["csrf_protect"].exempt(api.bp)
    house.navigation.append(NavigationItem("Batches", "batches.index", "batches:read"))
    house.panels.append(panels.panel())
    house.finders.append(panels.find)
