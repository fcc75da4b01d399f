"""The council's work with offers on its home page: deadlines that come soon, and providers whose mail bounced."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from flask import url_for
from sqlalchemy import Select, func, select

from app import clock
from app.database import db
from app.house import WorkItem
from app.parties.viewer import Viewer
from app.values.reference import parse_reference
from marketplace.rounds.models import Issue, Offer
from marketplace.rounds.notice import bounced_offers
from marketplace.rounds.queries import newest_round
from marketplace.rounds.rules import OfferState, time_left_text

SOON = timedelta(days=1)


def ending_soon_count(viewer: Viewer) -> int:
    """How many offers of the authority end within a day."""
    return db.session.scalar(select(func.count()).select_from(_ending_soon(viewer).subquery())) or 0


def ending_soon(viewer: Viewer, limit: int) -> Sequence[WorkItem]:
    """The offers that end within a day, the next one first."""
    issues = db.session.scalars(_ending_soon(viewer).order_by(Issue.deadline, Issue.id).limit(limit)).unique()
    return [
        WorkItem(
            sentence=f"Offers {issue.reference} ({issue.lot.name}) end soon",
            why=f"{time_left_text(clock.now(), issue.deadline)}. See who has not been reached or has not answered.",
            due=issue.deadline,
            url=url_for("offers.show", issue_id=issue.id),
        )
        for issue in issues
    ]


def bounced_count(viewer: Viewer) -> int:
    """How many open offers reached nobody, because every email bounced."""
    return db.session.scalar(select(func.count()).select_from(bounced_offers(viewer).subquery())) or 0


def bounced(viewer: Viewer, limit: int) -> Sequence[WorkItem]:
    """The providers to ring: none of their contacts could be reached by email."""
    return [
        WorkItem(
            sentence=f"Reach {row[1]}: every email about its offer bounced",
            why="Its silence cannot count. Telephone, and ask for an address that works.",
            due=row[2],
            url=url_for("offers.show", issue_id=row[3]),
        )
        for row in db.session.execute(bounced_offers(viewer).limit(limit))
    ]


def find(viewer: Viewer, text: str) -> str | None:
    """The address of what ISS-… or OFF-… names, for the council; offers are found under their issue."""
    reference = parse_reference(text)
    if not (viewer.is_commissioner and reference):
        return None
    table, issue = (Offer, Offer.issue_id) if reference.startswith("OFF-") else (Issue, Issue.id)
    query = select(issue).where(table.reference == reference, table.authority_id == viewer.authority_id)
    issue_id = db.session.scalars(query).one_or_none()
    return url_for("offers.show", issue_id=issue_id) if issue_id else None


def issue_url(_viewer: Viewer, package_id: UUID) -> str | None:
    """The page of the newest round of a package."""
    newest = newest_round(package_id)
    return url_for("offers.show", issue_id=newest.issue_id) if newest else None


def _ending_soon(viewer: Viewer) -> Select[Issue]:
    now = clock.now()
    return select(Issue).where(
        Issue.authority_id == viewer.authority_id,
        Issue.state == OfferState.OPEN,
        Issue.deadline > now,
        Issue.deadline <= now + SOON,
    )
