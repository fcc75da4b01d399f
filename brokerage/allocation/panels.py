"""What awards add to people's work lists: proposed awards that a second person must decide."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time

from flask import url_for
from sqlalchemy import func, select

from app.calendar.deadlines import local_date, parse_local
from app.calendar.working_days import england
from app.database import db
from app.house import Panel, WorkItem
from app.parties.viewer import Viewer
from brokerage.allocation.queries import proposed_awards
from brokerage.allocation.rules import lapses_on


def approvals_panel() -> Panel:
    """For team managers and brokers: awards that wait for a second person."""
    return Panel("Awards to approve", "awards:approve", _count, _items)


def _count(viewer: Viewer) -> int:
    rows = proposed_awards(viewer).order_by(None).options().subquery()
    return db.session.scalar(select(func.count()).select_from(rows)) or 0


def _items(viewer: Viewer, most: int) -> Sequence[WorkItem]:
    return [
        WorkItem(
            f"Approve or refuse the award {award.reference} of package {award.round.package.reference}",
            "A colleague proposed it. No provider knows until it is approved.",
            parse_local(lapses_on(local_date(award.proposed_at), england().working_days_after), time(23, 59)),
            url_for("allocation.show", award_id=award.id),
            "Decide",
        )
        for award in db.session.scalars(proposed_awards(viewer).limit(most)).unique()
    ]
