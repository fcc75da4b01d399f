"""What the provider's side of offers brings to the house: answering on pages, by link and over the API."""

from __future__ import annotations

from collections.abc import Sequence

from flask import url_for

from app.house import House, NavigationItem, Panel, WorkItem
from app.parties.roles import PROVIDER_ROLES, Role
from app.parties.viewer import Viewer
from app.values.words import counted
from marketplace.offers import api_provider, routes_link, routes_provider
from marketplace.offers.queries_provider import offer_referred_to, unanswered_count, unanswered_offers

ANSWER = "offers:answer"


def register_provider_side(house: House) -> None:
    """Adds the permission, the pages, the API, the work list, the navigation and the finder."""
    house.permissions.add(ANSWER, "Answering offers", *sorted(PROVIDER_ROLES))
    house.permissions.add("offers:export", "Exporting the own offers and answers", Role.PROVIDER_ADMINISTRATOR)
    house.register_blueprint(routes_provider.bp)
    house.register_blueprint(routes_link.bp)
    house.register_blueprint(api_provider.bp)
    house.extensions["csrf_protect"].exempt(api_provider.bp)
    house.navigation.append(NavigationItem("Offers", "provider_offers.inbox", ANSWER))
    house.panels.append(Panel("Offers to answer", ANSWER, unanswered_count, _work))
    house.finders.append(_find)


def _work(viewer: Viewer, limit: int) -> Sequence[WorkItem]:
    """One item per open offer with a package that waits."""
    return [
        WorkItem(
            sentence=f"Offer {row.reference}: {row.lot}, {counted(row.packages, 'package')}",
            why=f"{row.answered} of {row.packages} answered. At the deadline it is too late.",
            due=row.deadline,
            url=url_for("provider_offers.show", offer_id=row.offer_id),
            action="Answer",
        )
        for row in unanswered_offers(viewer, limit)
    ]


def _find(viewer: Viewer, text: str) -> str | None:
    """OFF-… of the viewer's own provider; others look like none."""
    if not viewer.is_provider or not text.upper().startswith("OFF-"):
        return None
    found = offer_referred_to(viewer, text)
    return url_for("provider_offers.show", offer_id=found) if found else None
