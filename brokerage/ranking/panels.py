"""The deadline board, and what it adds to work lists: what is open, what waits for a decision, what was awarded lately.

No answer's content.
"""

from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from flask import url_for
from sqlalchemy import ColumnElement, Exists, Select, Uuid, bindparam, exists, func, select

from app import clock
from app.calendar.deadlines import local_text
from app.database import UtcDateTime, db
from app.house import Panel, WorkItem, panel_of
from app.http.paging import Page, one_page, page_of, plain_rows
from app.parties.viewer import Viewer
from brokerage.ranking.models import EarlyClosing
from marketplace.batches.models import Batch
from marketplace.packages.models import Package
from marketplace.rounds.models import Issue, Offer, OfferLine, Response, Round
from marketplace.rounds.queries import newest_round
from marketplace.rounds.rules import OfferState, ResponseState, RoundState

RECENT_DAYS = 28
"""Awards of so many days are on the board."""


class BoardPart(StrEnum):
    """A part of the board."""

    DECIDE = "decide"
    OPEN = "open"
    AWARDED = "awarded"


RANKED = frozenset({RoundState.CLOSED, RoundState.AWARDED, RoundState.NONE_ACCEPTED, RoundState.NONE_SUITABLE})
TITLES: dict[BoardPart, str] = {
    BoardPart.DECIDE: "To decide",
    BoardPart.OPEN: "Open",
    BoardPart.AWARDED: "Awarded lately",
}

# Statements are put together once, here; a page only gives them its values.
_MINE, _SINCE = bindparam("authority_id", type_=Uuid()), bindparam("since", type_=UtcDateTime())
_OPEN = Issue.authority_id == _MINE, Issue.state == OfferState.OPEN
_CLOSED = Round.authority_id == _MINE, Round.state == RoundState.CLOSED
_AWARDED = Round.authority_id == _MINE, Round.state == RoundState.AWARDED, Round.ended_at >= _SINCE

_COUNTS = select(
    select(func.count()).select_from(Round).where(*_CLOSED).scalar_subquery().label(BoardPart.DECIDE),
    select(func.count()).select_from(Issue).where(*_OPEN).scalar_subquery().label(BoardPart.OPEN),
    select(func.count()).select_from(Round).where(*_AWARDED).scalar_subquery().label(BoardPart.AWARDED),
)


def _waits_for_answers() -> Exists:
    """Whether somebody invited to an issue has not sent an answer."""
    sent = exists().where(Response.line_id == OfferLine.id, Response.state == ResponseState.SUBMITTED)
    line = exists().where(Offer.issue_id == Issue.id, OfferLine.offer_id == Offer.id, ~sent.correlate(OfferLine))
    return line.correlate(Issue)


def _open_issues() -> Select[Any]:
    packages = select(func.count(Round.id)).where(Round.issue_id == Issue.id).scalar_subquery()
    return one_page(
        select(Issue.id, Issue.reference, Issue.issued_at, Issue.deadline, Batch.title)
        .add_columns(packages.label("packages"), _waits_for_answers().label("waiting"))
        .outerjoin(Batch, Batch.id == Issue.batch_id)
        .where(*_OPEN)
        .order_by(Issue.deadline, Issue.id)
    )


def _rounds(which: Sequence[ColumnElement[bool]], *order: Any) -> Select[Any]:
    """Rounds with what the board shows; the page is found first, by an index, and the rest read for its rows only."""
    page = one_page(select(Round.id).where(*which).order_by(*order)).subquery()
    return (
        select(Round.id, Round.number, Round.area_shown, Round.ended_at, Package.reference, Package.planned_start)
        .add_columns(Issue.deadline, Issue.reference.label("offer"))
        .join(page, page.c.id == Round.id)
        .join(Package, Package.id == Round.package_id)
        .join(Issue, Issue.id == Round.issue_id)
        .order_by(*order)
    )


_LISTS: dict[BoardPart, Select[Any]] = {
    BoardPart.DECIDE: _rounds(_CLOSED, Round.closed_at, Round.issue_id, Round.id),
    BoardPart.OPEN: _open_issues(),
    BoardPart.AWARDED: _rounds(_AWARDED, Round.ended_at.desc(), Round.id),
}

_EARLY = (
    select(EarlyClosing.issue_id, EarlyClosing.reason, EarlyClosing.asked_at, Issue.reference)
    .join(Issue, Issue.id == EarlyClosing.issue_id)
    .where(EarlyClosing.authority_id == _MINE, EarlyClosing.agreed_at.is_(None), Issue.state == OfferState.OPEN)
    .order_by(EarlyClosing.asked_at, EarlyClosing.id)
    .limit(50)
)


def counts(viewer: Viewer) -> dict[BoardPart, int]:
    """How much stands in each part, in one statement."""
    (row,) = plain_rows(_COUNTS, _values(viewer))
    return dict(zip(BoardPart, row, strict=True))


def listed(viewer: Viewer, show: BoardPart, total: int) -> Page[Any]:
    """One page of a part of the board, as plain rows.

    To decide: rounds past their deadline that wait for an award, the oldest first. Open: issues, the next deadline
    first, with the number of packages and whether somebody has still to answer. Awarded: in the last four weeks, the
    newest first. `offer` is the reference of a round's issue.
    """
    return page_of(_LISTS[show], _values(viewer), total)


def early_requests(viewer: Viewer) -> Sequence[Any]:
    """Requests to close early that wait for a second person, the oldest first, with the issue's reference."""
    return plain_rows(_EARLY, {"authority_id": viewer.authority_id})


def _number_to_decide(viewer: Viewer) -> int:
    """How many rounds wait for an award."""
    return db.session.scalar(select(func.count(Round.id)).where(*_CLOSED), {"authority_id": viewer.authority_id}) or 0


def _work_to_decide(viewer: Viewer, limit: int) -> list[WorkItem]:
    """Rounds that wait for an award, the oldest first, for the work list."""
    values = _values(viewer) | {"page_limit": limit, "page_offset": 0}
    return [
        WorkItem(
            sentence=f"Decide who is awarded {round_.reference}",
            why=f"Its deadline was {local_text(round_.deadline)}.",
            due=round_.deadline,
            url=url_for("ranking.show", round_id=round_.id),
            action="See the ranking",
        )
        for round_ in db.session.execute(_LISTS[BoardPart.DECIDE], values)
    ]


def _to_agree(viewer: Viewer) -> Select[EarlyClosing]:
    """Requests of colleagues to close an open offer early."""
    return (
        select(EarlyClosing)
        .join(Issue, Issue.id == EarlyClosing.issue_id)
        .where(EarlyClosing.authority_id == viewer.authority_id, EarlyClosing.asked_by != viewer.user_id)
        .where(EarlyClosing.agreed_at.is_(None), Issue.state == OfferState.OPEN)
        .order_by(EarlyClosing.asked_at, EarlyClosing.id)
    )


def _work_to_agree(request: EarlyClosing) -> WorkItem:
    issue = db.session.get_one(Issue, request.issue_id)
    return WorkItem(
        sentence=f"Agree to close {issue.reference} early, or let it be",
        why=f"Asked on {local_text(request.asked_at)}: {request.reason}",
        due=issue.deadline,
        url=url_for("ranking_steps.ask_to_close_early", issue_id=issue.id),
        action="Read the request",
    )


def _values(viewer: Viewer) -> dict[str, object]:
    return {"authority_id": viewer.authority_id, "since": clock.now() - timedelta(days=RECENT_DAYS)}


def ranking_url(_viewer: Viewer, package_id: UUID) -> str | None:
    """The ranking of a package's newest round, where it has one."""
    newest = newest_round(package_id)
    return url_for("ranking.show", round_id=newest.id) if newest and newest.state in RANKED else None


TO_AGREE = panel_of("Early closings to agree to", "rounds:close-early", _to_agree, _work_to_agree)
TO_DECIDE = Panel("To decide", "rankings:declare", _number_to_decide, _work_to_decide)
