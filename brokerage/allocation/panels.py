"""What awards add to people's work lists: proposed awards that a second person must decide; and awards found by their reference."""

from collections.abc import Sequence
from datetime import time
from uuid import UUID

from flask import url_for
from sqlalchemy import func, select

from app.calendar.deadlines import parse_local
from app.database import db
from app.house import Panel, WorkItem
from app.parties.viewer import Viewer
from brokerage.allocation.candidates import last_day_of
from brokerage.allocation.models import Award
from brokerage.allocation.queries import award_with_reference, proposed_awards
from contracts.agreements.models import Agreement


def _count(viewer: Viewer) -> int:
    rows = proposed_awards(viewer).order_by(None).options().subquery()
    return db.session.scalar(select(func.count()).select_from(rows)) or 0


def _items(viewer: Viewer, most: int) -> Sequence[WorkItem]:
    return [
        WorkItem(
            f"Approve or refuse the award {award.reference} of package {award.round.package.reference}",
            "A colleague proposed it. No provider knows until it is approved.",
            parse_local(last_day_of(award), time(23, 59)),
            url_for("allocation.show", award_id=award.id),
            "Decide",
        )
        for award in db.session.scalars(proposed_awards(viewer).limit(most)).unique()
    ]


TO_APPROVE = Panel("Awards to approve", "awards:approve", _count, _items)
"""For team managers and brokers: awards that wait for a second person."""


def find(viewer: Viewer, text: str) -> str | None:
    """The page of the award with this reference."""
    award_id = award_with_reference(viewer, text)
    return url_for("allocation.show", award_id=award_id) if award_id else None


def award_url(_viewer: Viewer, agreement_id: UUID) -> str | None:
    """The page of the award on which an agreement rests."""
    query = select(Award.id).join(Agreement, Agreement.award_id == Award.id).where(Agreement.id == agreement_id)
    award_id = db.session.scalar(query)
    return url_for("allocation.show", award_id=award_id) if award_id else None
