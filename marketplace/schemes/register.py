"""What the slice `schemes` brings to the house."""

from __future__ import annotations

from app.house import House, NavigationItem
from app.parties.roles import COMMISSIONER_ROLES, PROVIDER_ROLES, Role
from marketplace.schemes import api, panels, routes
from marketplace.schemes.commands import import_scheme_command


def register(house: House) -> None:
    """Adds permissions, pages, the API, the panel of warnings and the command."""
    house.permissions.add("schemes:read", "Reading schemes", *COMMISSIONER_ROLES, *PROVIDER_ROLES)
    managers = (Role.CONTRACT_MANAGER, Role.ADMINISTRATOR)
    house.permissions.add("schemes:manage", "Setting up and changing schemes", *managers)
    house.register_blueprint(routes.bp)
    house.register_blueprint(api.bp)
    house.extensions["csrf_protect"].exempt(api.bp)
    house.navigation.append(NavigationItem("Schemes", "schemes.index", "schemes:read"))
    house.panels.append(panels.panel())
    house.cli.add_command(import_scheme_command)
