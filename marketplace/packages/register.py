"""What the slice `packages` brings to the house."""

from __future__ import annotations

from app.house import House, NavigationItem
from app.parties.roles import Role
from marketplace.packages import api, api_exports, commands, edit_routes, importing, panels, person_week, step_routes  # noqa: F401 (adds its pages to the blueprint)
from marketplace.packages.routes import bp
from marketplace.people.sections import offer_section

READERS = (
    Role.NAVIGATOR,
    Role.BROKER,
    Role.REFERRER,
    Role.SOCIAL_WORKER,
    Role.TEAM_MANAGER,
    Role.HEALTH_ASSESSOR,
    Role.CONTRACT_MANAGER,
    Role.AUDITOR,
)
ASKERS = (Role.NAVIGATOR, Role.BROKER, Role.REFERRER, Role.SOCIAL_WORKER)
SOURCERS = (Role.NAVIGATOR, Role.BROKER)


def register(house: House) -> None:
    """Adds permissions, pages, jobs and commands."""
    add = house.permissions.add
    add("packages:read", "Reading packages of care", *READERS)
    add("packages:write", "Entering and changing packages", *ASKERS)
    add("packages:import", "Importing packages", *SOURCERS)
    add("packages:export", "Exporting packages without identity", *SOURCERS)
    add("packages:export-people", "Exporting packages with their people", *SOURCERS)
    add("packages:withdraw", "Withdrawing packages and putting them on hold", *SOURCERS)
    add("needs:confirm", "Confirming that care is still needed", *ASKERS, Role.TEAM_MANAGER)
    house.register_blueprint(bp)
    for blueprint in (api.bp, api_exports.bp):
        house.register_blueprint(blueprint)
        house.extensions["csrf_protect"].exempt(blueprint)
    house.navigation.append(NavigationItem("Packages", "packages.index", "packages:read"))
    offer_section(house, person_week.section)
    house.panels.extend(panels.panels())
    house.finders.append(panels.find)
    house.add_task_kind(importing.IMPORT)
    house.cli.add_command(commands.import_packages_command)
