"""What the slice `agreements` brings to the house."""

from __future__ import annotations

from flask import url_for

from app.house import House, NavigationItem, TimedJob
from app.parties.roles import Role
from app.parties.viewer import Viewer
from contracts.agreements import api, routes
from contracts.agreements.jobs import start_due
from contracts.agreements.panels import council_panel, provider_panel
from contracts.agreements.queries import LEAD_ROLES, agreement_with_reference

PROVIDERS = (Role.PROVIDER_COORDINATOR, Role.PROVIDER_ADMINISTRATOR)
EVERY_TEN_MINUTES = 600


def register(house: House) -> None:
    """Adds permissions, pages, jobs and commands."""
    house.permissions.add("agreements:read", "Reading agreements", *LEAD_ROLES, Role.HEALTH_ASSESSOR, *PROVIDERS)
    house.permissions.add(
        "agreements:watch-starts", "Confirming that care is still needed before it begins", Role.NAVIGATOR, Role.BROKER
    )
    house.register_blueprint(routes.bp)
    house.register_blueprint(api.bp)
    house.extensions["csrf_protect"].exempt(api.bp)
    house.panels += [provider_panel(), council_panel()]
    house.navigation.append(NavigationItem("Agreements", "agreements.show_list", "agreements:read"))
    house.timetable.append(
        TimedJob(
            "start agreements", "Care begins on the first day of its agreement", start_due, every=EVERY_TEN_MINUTES
        )
    )
    house.finders.append(find)


def find(viewer: Viewer, text: str) -> str | None:
    """The page of the agreement with this reference."""
    found = agreement_with_reference(viewer, text)
    return url_for("agreements.show", agreement_id=found) if found else None
