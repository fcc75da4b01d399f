"""What the slice `schemes` brings to the house."""

from __future__ import annotations

from app.house import House, NavigationItem
from app.parties.roles import COMMISSIONER_ROLES, PROVIDER_ROLES, Role
from marketplace.schemes import api, panels, routes
from marketplace.schemes.commands import import_scheme_command
from marketplace.schemes.work import PUT_IN_PLACE


def register(house: House) -> None:
    """Adds permissions, pages, the API, the panel of warnings and the command."""
    # Administrators look after users and settings: what a scheme pays and weighs is no business of theirs.
    readers = COMMISSIONER_ROLES - {Role.ADMINISTRATOR}
    house.permissions.add("schemes:read", "Reading schemes", *readers, *PROVIDER_ROLES)
    house.permissions.add("schemes:manage", "Setting up and changing schemes", Role.CONTRACT_MANAGER)
    house.register_blueprint(routes.bp)
    house.register_blueprint(api.bp)
    house.extensions["csrf_protect"].exempt(api.bp)
    house.navigation.append(NavigationItem("Schemes", "schemes.index", "schemes:read"))
    house.panels.append(panels.panel())
    house.add_task_kind(PUT_IN_PLACE)
    house.cli.add_command(import_scheme_command)
