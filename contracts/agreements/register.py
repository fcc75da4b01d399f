"""What the slice `agreements` brings to the house."""

from __future__ import annotations

from uuid import UUID

from flask import url_for
from sqlalchemy import select

from app.database import db
from app.house import House, NavigationItem, PageLink, TimedJob
from app.parties.roles import Role
from app.parties.viewer import Viewer
from contracts.agreements import api, routes
from contracts.agreements.jobs import start_due
from contracts.agreements.models import Agreement
from contracts.agreements.panels import council_panel, provider_panel
from contracts.agreements.queries import READERS, agreement_with_reference

EXPORTERS = (Role.NAVIGATOR, Role.BROKER, Role.CONTRACT_MANAGER, Role.FINANCE, Role.PROVIDER_ADMINISTRATOR)
EVERY_TEN_MINUTES = 600


def register(house: House) -> None:
    """Adds permissions, pages, jobs and commands."""
    house.permissions.add("agreements:read", "Reading agreements", *READERS)
    house.permissions.add("agreements:export", "Exporting the own agreements", *EXPORTERS)
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
    house.page_links.append(PageLink("package", "The agreement", "agreements:read", _agreement_url))


def find(viewer: Viewer, text: str) -> str | None:
    """The page of the agreement with this reference."""
    found = agreement_with_reference(viewer, text)
    return url_for("agreements.show", agreement_id=found) if found else None


def _agreement_url(_viewer: Viewer, package_id: UUID) -> str | None:
    newest = select(Agreement.id).where(Agreement.package_id == package_id).order_by(Agreement.contract_from.desc())
    found = db.session.scalar(newest.limit(1))
    return url_for("agreements.show", agreement_id=found) if found else None
