"""The deadline board: what is open, what waits for a decision, what was awarded lately. No answer's content."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum
from typing import Any

from flask import url_for
from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from app import clock
from app.calendar.deadlines import local_text
from app.database import db
from app.house import WorkItem
from app.parties.viewer import Viewer
from app.web.paging import Page, paged_rows
from brokerage.ranking.early import unanswered_lines
from brokerage.ranking.models import EarlyClosing
from marketplace.batches.models import Batch
from marketplace.offers.models import Issue, Round
from marketplace.offers.rules import OfferState, RoundState
from marketplace.packages.models import Package

RECENT_DAYS = 28
"""Awards of so many days are on the board."""


class Show(StrEnum):
    """A part of the board."""

    DECIDE = "decide"
    OPEN = "open"
    AWARDED = "awarded"


TITLES: dict[Show, str] = {Show.DECIDE: "To decide", Show.OPEN: "Open", Show.AWARDED: "Awarded lately"}


def open_issues(viewer: Viewer) -> Page[Any]:
    """Open issues, the next deadline first: how many packages, and whether somebody has still to answer."""
    packages = select(func.count(Round.id)).where(Round.issue_id == Issue.id).scalar_subquery()
    query = (
        select(Issue.id, Issue.reference, Issue.issued_at, Issue.deadline, Batch.title)
        .add_columns(packages.label("packages"), unanswered_lines(Issue.id.expression).label("waiting"))
        .outerjoin(Batch, Batch.id == Issue.batch_id)
        .where(Issue.authority_id == viewer.authority_id, Issue.state == OfferState.OPEN)
        .order_by(Issue.deadline, Issue.id)
    )
    return paged_rows(
        query, select(Issue.id).where(Issue.authority_id == viewer.authority_id, Issue.state == OfferState.OPEN)
    )


def rounds_to_decide(viewer: Viewer) -> Page[Any]:
    """Rounds past their deadline that wait for an award, the oldest first."""
    return _rounds_listed(_to_decide(viewer))


def rounds_awarded(viewer: Viewer) -> Page[Any]:
    """Rounds awarded in the last four weeks, the newest first."""
    since = clock.now() - timedelta(days=RECENT_DAYS)
    query = _rounds(viewer, RoundState.AWARDED).where(Round.ended_at >= since)
    return _rounds_listed(query.order_by(Round.ended_at.desc(), Round.id))


def _rounds_listed(query: Select[Round]) -> Page[Any]:
    """Rounds as plain rows with what the board shows; `offer` is the reference of the issue."""
    shown = (Round.number, Round.area_shown, Round.ended_at, Package.reference, Package.planned_start, Issue.deadline)
    rows = query.join(Package, Package.id == Round.package_id).with_only_columns(Round.id, *shown)
    return paged_rows(rows.add_columns(Issue.reference.label("offer")), query.with_only_columns(Round.id))


def counts(viewer: Viewer) -> dict[Show, int]:
    """How much stands in each part, in one statement."""
    since = clock.now() - timedelta(days=RECENT_DAYS)
    mine = Round.authority_id == viewer.authority_id
    found = {
        Show.DECIDE: _waiting(viewer),
        Show.OPEN: select(func.count(Issue.id)).where(
            Issue.authority_id == viewer.authority_id, Issue.state == OfferState.OPEN
        ),
        Show.AWARDED: select(func.count(Round.id)).where(
            mine, Round.state == RoundState.AWARDED, Round.ended_at >= since
        ),
    }
    row = db.session.execute(select(*(one.scalar_subquery() for one in found.values()))).one()
    return dict(zip(found, row, strict=True))


def early_requests(viewer: Viewer) -> Sequence[tuple[EarlyClosing, Issue]]:
    """Requests to close early that wait for a second person, the oldest first."""
    query = (
        select(EarlyClosing, Issue)
        .join(Issue, Issue.id == EarlyClosing.issue_id)
        .where(
            EarlyClosing.authority_id == viewer.authority_id,
            EarlyClosing.agreed_at.is_(None),
            Issue.state == OfferState.OPEN,
        )
        .order_by(EarlyClosing.asked_at, EarlyClosing.id)
        .limit(50)
    )
    return [(asked, issue) for asked, issue in db.session.execute(query).unique()]


def number_to_decide(viewer: Viewer) -> int:
    """How many rounds wait for an award."""
    return db.session.scalar(_waiting(viewer)) or 0


def _waiting(viewer: Viewer) -> Select[int]:
    return select(func.count(Round.id)).where(
        Round.authority_id == viewer.authority_id, Round.state == RoundState.CLOSED
    )


def work_to_decide(viewer: Viewer, limit: int) -> list[WorkItem]:
    """Rounds that wait for an award, the oldest first, for the work list."""
    rounds = db.session.scalars(_to_decide(viewer).limit(limit)).unique()
    return [
        WorkItem(
            sentence=f"Decide who is awarded {one.package.reference}",
            why=f"Its deadline was {local_text(one.issue.deadline)}.",
            due=one.issue.deadline,
            url=url_for("ranking.show", round_id=one.id),
            action="See the ranking",
        )
        for one in rounds
    ]


def _to_decide(viewer: Viewer) -> Select[Round]:
    return _rounds(viewer, RoundState.CLOSED).order_by(Issue.deadline, Round.id)


def _rounds(viewer: Viewer, state: RoundState) -> Select[Round]:
    return (
        select(Round)
        .join(Issue, Issue.id == Round.issue_id)
        .where(Round.authority_id == viewer.authority_id, Round.state == state)
        .options(joinedload(Round.issue), joinedload(Round.package))
    )
