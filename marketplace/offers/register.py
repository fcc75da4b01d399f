"""What the slice `offers` brings to the house."""

from __future__ import annotations

from uuid import UUID

from flask import url_for

from app.house import Gauge, House, PageLink, Panel, TimedJob
from app.parties.roles import Role
from app.parties.viewer import Viewer
from marketplace.offers import api_council, market_routes, panels_council, routes_council, routes_phone
from marketplace.offers.jobs import close_due, offers_overdue
from marketplace.offers.queries_council import newest_round
from marketplace.offers.register_provider import register_provider_side

OFFERING = (Role.NAVIGATOR, Role.BROKER)
WATCHING = (*OFFERING, Role.TEAM_MANAGER, Role.CONTRACT_MANAGER, Role.AUDITOR)


def register(house: House) -> None:
    """Adds the permissions, the pages and the API of both sides, the closing of rounds, work lists and finders."""
    _add_permissions(house)
    for blueprint in (routes_council.bp, routes_phone.bp, market_routes.bp, api_council.bp):
        house.register_blueprint(blueprint)
    house.extensions["csrf_protect"].exempt(api_council.bp)
    house.panels.append(
        Panel("Offers that end soon", "offers:extend", panels_council.ending_soon_count, panels_council.ending_soon)
    )
    house.panels.append(
        Panel("Providers not reached", "offers:extend", panels_council.bounced_count, panels_council.bounced)
    )
    house.timetable.append(TimedJob("close offers", "Closes the rounds whose deadline has come.", close_due, every=5))
    house.gauges.append(Gauge("homeward_offers_overdue", "Issues open past their deadline.", offers_overdue))
    house.finders.append(panels_council.find)
    house.page_links.append(PageLink("package", "Who was asked, and how far the offer is", "offers:watch", _issue_url))
    register_provider_side(house)


def _issue_url(_viewer: Viewer, package_id: UUID) -> str | None:
    newest = newest_round(package_id)
    return url_for("offers.show", issue_id=newest.issue_id) if newest else None


def _add_permissions(house: House) -> None:
    house.permissions.add("offers:issue", "Offering packages to providers", *OFFERING)
    house.permissions.add("offers:watch", "Seeing who was asked, who was not and why", *WATCHING)
    house.permissions.add("offers:extend", "Extending a deadline", *OFFERING)
    house.permissions.add("offers:withdraw", "Taking an offer back", *OFFERING)
    house.permissions.add("responses:by-phone", "Entering an answer heard by telephone", Role.BROKER)
