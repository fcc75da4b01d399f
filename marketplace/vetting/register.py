"""What the slice `vetting` brings to the house, the pages of the register of providers among it."""

from __future__ import annotations

from app.house import House, NavigationItem, TimedJob
from app.parties.roles import PROVIDER_ROLES, Role
from marketplace.vetting import (
    api,
    application_routes,
    apply_routes,
    document_routes,
    import_routes,
    jobs,
    membership_routes,
    override_routes,
    own_location_routes,
    own_routes,
    panels,
    public_routes,
    register_routes,
    removal_routes,
)
from marketplace.vetting.commands import import_cqc_command, import_providers_command
from marketplace.vetting.work import LOAD_PROVIDERS, TAKE_IN_CQC

READERS = (
    Role.NAVIGATOR,
    Role.BROKER,
    Role.TEAM_MANAGER,
    Role.CONTRACT_MANAGER,
    Role.FINANCE,
    Role.AUDITOR,
)
"""Who reads of admission, suspension and removal (role matrix, row 25)."""

PAGES = (
    register_routes.bp,
    application_routes.bp,
    document_routes.bp,
    apply_routes.bp,
    membership_routes.bp,
    override_routes.bp,
    removal_routes.bp,
    own_routes.bp,
    own_location_routes.bp,
    import_routes.bp,
    public_routes.bp,
)


def register(house: House) -> None:
    """Adds permissions, pages, the API, panels, the reminder and commands."""
    _add_permissions(house)
    for blueprint in PAGES:
        house.register_blueprint(blueprint)
    house.register_blueprint(api.bp)
    house.extensions["csrf_protect"].exempt(api.bp)
    house.navigation.extend(
        [
            NavigationItem("Providers", "register.index", "providers:read"),
            NavigationItem("Members", "memberships.index", "memberships:read"),
            NavigationItem("Applications", "applications.index", "applications:read"),
            NavigationItem("CQC data", "vetting_imports.cqc", "cqc:import"),
            NavigationItem("Our memberships", "our_memberships.index", "memberships:own"),
        ]
    )
    house.panels.extend(panels.panels())
    house.finders.append(panels.find)
    house.add_task_kind(LOAD_PROVIDERS)
    house.add_task_kind(TAKE_IN_CQC)
    told = "Writes to contract managers about suspensions whose review is due."
    house.timetable.append(TimedJob("remind of suspension reviews", told, jobs.remind_of_reviews, daily_at="06:10"))
    told = "Writes to providers whose documents expire in 60, 30 or 7 days."
    house.timetable.append(TimedJob("remind of documents", told, jobs.remind_of_documents, daily_at="06:15"))
    house.cli.add_command(import_providers_command)
    house.cli.add_command(import_cqc_command)


def _add_permissions(house: House) -> None:
    table, managers = house.permissions, Role.CONTRACT_MANAGER
    table.add("providers:read", "Reading the register of providers", *READERS)
    table.add("providers:list", "Reading providers over the API", *READERS, *PROVIDER_ROLES)
    table.add("providers:import", "Loading providers from a file", managers)
    table.add("cqc:import", "Taking in CQC data", managers)
    table.add("applications:apply", "Applying to join a scheme", *PROVIDER_ROLES)
    table.add("applications:read", "Reading applications", *READERS)
    table.add("applications:decide", "Checking and deciding applications", managers)
    table.add("memberships:read", "Reading memberships and suspensions", *READERS)
    table.add("memberships:list", "Reading memberships over the API", *READERS, *PROVIDER_ROLES)
    table.add("memberships:own", "Looking after one's own memberships", *PROVIDER_ROLES)
    table.add("suspensions:manage", "Suspending members and lifting suspensions", managers)
    table.add("ratings:override", "Overriding the CQC gate for one member, with a reason", managers)
    table.add("removals:propose", "Proposing the removal of a member", managers)
    table.add("removals:approve", "Deciding on a removal as the second person", Role.TEAM_MANAGER, managers)
