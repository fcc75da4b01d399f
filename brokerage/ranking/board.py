"""The deadline board: what is open, what waits for a decision, what was awarded lately. No answer's content."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from flask import url_for
from sqlalchemy import Select, Uuid, bindparam, func, select

from app import clock
from app.calendar.deadlines import local_text
from app.database import UtcDateTime, db
from app.house import WorkItem
from app.http.paging import Page, one_page, page_of
from app.parties.viewer import Viewer
from brokerage.ranking.early import unanswered_lines
from brokerage.ranking.models import EarlyClosing
from marketplace.batches.models import Batch
from marketplace.packages.models import Package
from marketplace.rounds.models import Issue, Round
from marketplace.rounds.queries import newest_round
from marketplace.rounds.rules import OfferState, RoundState

RECENT_DAYS = 28
"""Awards of so many days are on the board."""


class Show(StrEnum):
    """A part of the board."""

    DECIDE = "decide"
    OPEN = "open"
    AWARDED = "awarded"


RANKED = frozenset({RoundState.CLOSED, RoundState.AWARDED, RoundState.NONE_SUITABLE})
TITLES: dict[Show, str] = {Show.DECIDE: "To decide", Show.OPEN: "Open", Show.AWARDED: "Awarded lately"}

# Statements are put together once, here; a page only gives them its values.
_MINE, _SINCE = bindparam("authority_id", type_=Uuid()), bindparam("since", type_=UtcDateTime())
_OPEN = Issue.authority_id == _MINE, Issue.state == OfferState.OPEN
_CLOSED = Round.authority_id == _MINE, Round.state == RoundState.CLOSED
_AWARDED = Round.authority_id == _MINE, Round.state == RoundState.AWARDED, Round.ended_at >= _SINCE

_COUNTS = select(
    select(func.count(Round.id)).where(*_CLOSED).scalar_subquery().label(Show.DECIDE),
    select(func.count(Issue.id)).where(*_OPEN).scalar_subquery().label(Show.OPEN),
    select(func.count(Round.id)).where(*_AWARDED).scalar_subquery().label(Show.AWARDED),
)


def _open_issues() -> Select[Any]:
    packages = select(func.count(Round.id)).where(Round.issue_id == Issue.id).scalar_subquery()
    return one_page(
        select(Issue.id, Issue.reference, Issue.issued_at, Issue.deadline, Batch.title)
        .add_columns(packages.label("packages"), unanswered_lines(Issue.id.expression).label("waiting"))
        .outerjoin(Batch, Batch.id == Issue.batch_id)
        .where(*_OPEN)
        .order_by(Issue.deadline, Issue.id)
    )


def _rounds_listed(found: Select[Any], *order: Any) -> Select[Any]:
    """Rounds with what the board shows; the page is found first, so that what it shows is read for its rows only."""
    page = one_page(found.order_by(*order)).subquery()
    return (
        select(Round.id, Round.number, Round.area_shown, Round.ended_at, Package.reference, Package.planned_start)
        .add_columns(Issue.deadline, Issue.reference.label("offer"))
        .join(page, page.c.id == Round.id)
        .join(Package, Package.id == Round.package_id)
        .join(Issue, Issue.id == Round.issue_id)
        .order_by(*order)
    )


_LISTS: dict[Show, Select[Any]] = {
    Show.DECIDE: _rounds_listed(
        select(Round.id).join(Issue, Issue.id == Round.issue_id).where(*_CLOSED), Issue.deadline, Issue.id, Round.id
    ),
    Show.OPEN: _open_issues(),
    Show.AWARDED: _rounds_listed(select(Round.id).where(*_AWARDED), Round.ended_at.desc(), Round.id),
}

_EARLY = (
    select(EarlyClosing.issue_id, EarlyClosing.reason, EarlyClosing.asked_at, Issue.reference)
    .join(Issue, Issue.id == EarlyClosing.issue_id)
    .where(EarlyClosing.authority_id == _MINE, EarlyClosing.agreed_at.is_(None), Issue.state == OfferState.OPEN)
    .order_by(EarlyClosing.asked_at, EarlyClosing.id)
    .limit(50)
)


def counts(viewer: Viewer) -> dict[Show, int]:
    """How much stands in each part, in one statement."""
    row = db.session.execute(_COUNTS, _values(viewer)).one()
    return dict(zip(Show, row, strict=True))


def listed(viewer: Viewer, show: Show, total: int) -> Page[Any]:
    """One page of a part of the board, as plain rows.

    To decide: rounds past their deadline that wait for an award, the oldest first. Open: issues, the next deadline
    first, with the number of packages and whether somebody has still to answer. Awarded: in the last four weeks, the
    newest first. `offer` is the reference of a round's issue.
    """
    return page_of(_LISTS[show], _values(viewer), total)


def early_requests(viewer: Viewer) -> Sequence[Any]:
    """Requests to close early that wait for a second person, the oldest first, with the issue's reference."""
    return db.session.execute(_EARLY, {"authority_id": viewer.authority_id}).all()


def number_to_decide(viewer: Viewer) -> int:
    """How many rounds wait for an award."""
    return db.session.scalar(select(func.count(Round.id)).where(*_CLOSED), {"authority_id": viewer.authority_id}) or 0


def work_to_decide(viewer: Viewer, limit: int) -> list[WorkItem]:
    """Rounds that wait for an award, the oldest first, for the work list."""
    place = {"page_limit": limit, "page_offset": 0}
    return [
        WorkItem(
            sentence=f"Decide who is awarded {one.reference}",
            why=f"Its deadline was {local_text(one.deadline)}.",
            due=one.deadline,
            url=url_for("ranking.show", round_id=one.id),
            action="See the ranking",
        )
        for one in db.session.execute(_LISTS[Show.DECIDE], _values(viewer) | place)
    ]


def _values(viewer: Viewer) -> dict[str, object]:
    return {"authority_id": viewer.authority_id, "since": clock.now() - timedelta(days=RECENT_DAYS)}


def ranking_url(_viewer: Viewer, package_id: UUID) -> str | None:
    """The ranking of a package's newest round, where it has one."""
    newest = newest_round(package_id)
    return url_for("ranking.show", round_id=newest.id) if newest and newest.state in RANKED else None
