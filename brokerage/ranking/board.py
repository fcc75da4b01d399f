"""The deadline board: what is open, what waits for a decision, what was awarded lately. No answer's content."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum
from typing import Any, cast

from flask import url_for
from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload, selectinload

from app import clock
from app.calendar.deadlines import local_text
from app.database import db
from app.house import WorkItem
from app.parties.viewer import Viewer
from app.web.paging import Page, paged
from brokerage.ranking.early import unanswered_lines
from brokerage.ranking.models import EarlyClosing
from marketplace.offers.models import Issue, Round
from marketplace.offers.rules import OfferState, RoundState

RECENT_DAYS = 28
"""Awards of so many days are on the board."""


class Show(StrEnum):
    """A part of the board."""

    DECIDE = "decide"
    OPEN = "open"
    AWARDED = "awarded"


TITLES: dict[Show, str] = {Show.DECIDE: "To decide", Show.OPEN: "Open", Show.AWARDED: "Awarded lately"}


def open_issues(viewer: Viewer) -> Page[tuple[Issue, bool]]:
    """Open issues, the next deadline first, each with whether somebody has still to answer."""
    query = (
        select(Issue, unanswered_lines(Issue.id.expression).label("waiting"))
        .where(Issue.authority_id == viewer.authority_id, Issue.state == OfferState.OPEN)
        .options(selectinload(Issue.rounds), joinedload(Issue.batch))
        .order_by(Issue.deadline, Issue.id)
    )
    return paged(cast(Select[Any], query))


def rounds_to_decide(viewer: Viewer) -> Page[Round]:
    """Rounds past their deadline that wait for an award, the oldest first."""
    return paged(_to_decide(viewer))


def rounds_awarded(viewer: Viewer) -> Page[Round]:
    """Rounds awarded in the last four weeks, the newest first."""
    since = clock.now() - timedelta(days=RECENT_DAYS)
    query = _rounds(viewer, RoundState.AWARDED).where(Round.ended_at >= since)
    return paged(query.order_by(Round.ended_at.desc(), Round.id))


def counts(viewer: Viewer) -> dict[Show, int]:
    """How much stands in each part."""
    since = clock.now() - timedelta(days=RECENT_DAYS)
    mine = Round.authority_id == viewer.authority_id
    awarded = select(func.count(Round.id)).where(mine, Round.state == RoundState.AWARDED, Round.ended_at >= since)
    opened = select(func.count(Issue.id)).where(
        Issue.authority_id == viewer.authority_id, Issue.state == OfferState.OPEN
    )
    return {
        Show.DECIDE: number_to_decide(viewer),
        Show.OPEN: db.session.scalar(opened) or 0,
        Show.AWARDED: db.session.scalar(awarded) or 0,
    }


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
    query = select(func.count(Round.id)).where(
        Round.authority_id == viewer.authority_id, Round.state == RoundState.CLOSED
    )
    return db.session.scalar(query) or 0


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
