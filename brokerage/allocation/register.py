"""What the slice `allocation` brings to the house."""

from __future__ import annotations

from uuid import UUID

from flask import url_for
from sqlalchemy import select

from app.database import db
from app.house import House, NavigationItem, PageLink, TimedJob
from app.parties.roles import Role
from app.parties.viewer import Viewer
from brokerage.allocation import api, batch_routes, decision_routes, routes
from brokerage.allocation.jobs import end_reopened, lapse_due
from brokerage.allocation.panels import approvals_panel
from brokerage.allocation.queries import award_with_reference
from contracts.agreements.models import Agreement

PROVIDERS = (Role.PROVIDER_COORDINATOR, Role.PROVIDER_ADMINISTRATOR)
READERS = (Role.NAVIGATOR, Role.BROKER, Role.TEAM_MANAGER, Role.CONTRACT_MANAGER, Role.AUDITOR)


def register(house: House) -> None:
    """Adds permissions, pages, jobs and commands."""
    house.permissions.add("awards:read", "Reading awards", *READERS, *PROVIDERS)
    house.permissions.add("awards:make", "Awarding a package, or ending a round without an award", Role.BROKER)
    house.permissions.add("awards:approve", "Approving a proposed award", Role.TEAM_MANAGER, Role.BROKER)
    house.permissions.add("awards:propose-batch", "Awarding a whole batch at once", Role.BROKER)
    house.permissions.add("awards:pull-out", "Withdrawing after an award, before care begins", *PROVIDERS, Role.BROKER)
    for blueprint in (routes.bp, decision_routes.bp, batch_routes.bp):
        house.register_blueprint(blueprint)
    house.register_blueprint(api.bp)
    house.extensions["csrf_protect"].exempt(api.bp)
    house.panels.append(approvals_panel())
    house.navigation.append(NavigationItem("Awards", "allocation.show_list", "awards:read"))
    house.timetable += [
        TimedJob("lapse proposed awards", "Proposed awards end after two working days", lapse_due, every=900),
        TimedJob(
            "end reopened rankings", "Rankings opened again end when their time is over", end_reopened, daily_at="03:10"
        ),
    ]
    house.finders.append(find)
    house.page_links.append(PageLink("agreement", "The award it rests on", "awards:read", _award_url))


def find(viewer: Viewer, text: str) -> str | None:
    """The page of the award with this reference."""
    found = award_with_reference(viewer, text)
    return url_for("allocation.show", award_id=found) if found else None


def _award_url(_viewer: Viewer, agreement_id: UUID) -> str | None:
    award_id = db.session.scalar(select(Agreement.award_id).where(Agreement.id == agreement_id))
    return url_for("allocation.show", award_id=award_id)
