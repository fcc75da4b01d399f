"""The deadline board, and what it adds to work lists: what is open, what waits for a decision, what was awarded lately.

No answer's content.
"""

from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from flask import url_for
from sqlalchemy import Exists, Integer, Select, Subquery, Uuid, bindparam, exists, func, select, union_all
from sqlalchemy.types import TypeEngine

from app import clock
from app.calendar.deadlines import local_text
from app.database import UtcDateTime, db
from app.house import Panel, WorkItem
from app.http.paging import PER_PAGE, Page, one_page, page_number, page_of
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


RANKED = frozenset({RoundState.CLOSED, RoundState.AWARDED, RoundState.NONE_SUITABLE})
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


def _shown(page: Subquery) -> Select[Any]:
    """What the board shows of rounds that have been found, so that it is read for the rows of a page only."""
    return (
        select(Round.id, Round.number, Round.area_shown, Round.ended_at, Package.reference, Package.planned_start)
        .add_columns(Issue.deadline, Issue.reference.label("offer"))
        .join(page, page.c.id == Round.id)
        .join(Package, Package.id == Round.package_id)
        .join(Issue, Issue.id == Round.issue_id)
    )


def _awarded_rounds() -> Select[Any]:
    order = Round.ended_at.desc(), Round.id
    return _shown(one_page(select(Round.id).where(*_AWARDED).order_by(*order)).subquery()).order_by(*order)


# What is to decide is found issue by issue, for the order of a few issues is soon told, that of their rounds not:
# which issues the page reaches, and of each the rounds in the order of an index.
_TO_DECIDE = select(Round.issue_id, func.count().label("rounds")).where(*_CLOSED).group_by(Round.issue_id).subquery()
_ISSUES_TO_DECIDE = (
    select(Issue.id, _TO_DECIDE.c.rounds)
    .join(_TO_DECIDE, _TO_DECIDE.c.issue_id == Issue.id)
    .order_by(Issue.deadline, Issue.id)
    .limit(bindparam("page_end", type_=Integer()))
)


def _rounds_to_decide() -> Select[Any]:
    whole = select(Round.id).where(*_CLOSED, Round.issue_id.in_(bindparam("whole", expanding=True, type_=Uuid())))
    parts = [select(_part_of_issue(name).subquery()) for name in ("first", "last")]
    return _shown(union_all(whole, *parts).subquery()).order_by(Issue.deadline, Issue.id, Round.id)


def _part_of_issue(name: str) -> Select[Any]:
    """Of an issue with more rounds than the page takes those that it takes."""
    issue, skipped, taken = (bindparam(f"{name}_{what}", type_=kind) for what, kind in _PART.items())
    return select(Round.id).where(*_CLOSED, Round.issue_id == issue).order_by(Round.id).offset(skipped).limit(taken)


_PART: dict[str, TypeEngine[Any]] = {"issue": Uuid(), "skipped": Integer(), "taken": Integer()}
_ROUNDS_TO_DECIDE = _rounds_to_decide()
_LISTS: dict[BoardPart, Select[Any]] = {BoardPart.OPEN: _open_issues(), BoardPart.AWARDED: _awarded_rounds()}

_EARLY = (
    select(EarlyClosing.issue_id, EarlyClosing.reason, EarlyClosing.asked_at, Issue.reference)
    .join(Issue, Issue.id == EarlyClosing.issue_id)
    .where(EarlyClosing.authority_id == _MINE, EarlyClosing.agreed_at.is_(None), Issue.state == OfferState.OPEN)
    .order_by(EarlyClosing.asked_at, EarlyClosing.id)
    .limit(50)
)


def counts(viewer: Viewer) -> dict[BoardPart, int]:
    """How much stands in each part, in one statement."""
    row = db.session.execute(_COUNTS, _values(viewer)).one()
    return dict(zip(BoardPart, row, strict=True))


def listed(viewer: Viewer, show: BoardPart, total: int) -> Page[Any]:
    """One page of a part of the board, as plain rows.

    To decide: rounds past their deadline that wait for an award, the oldest first. Open: issues, the next deadline
    first, with the number of packages and whether somebody has still to answer. Awarded: in the last four weeks, the
    newest first. `offer` is the reference of a round's issue.
    """
    if show is not BoardPart.DECIDE:
        return page_of(_LISTS[show], _values(viewer), total)
    number = page_number()
    return Page(_to_decide(viewer, (number - 1) * PER_PAGE, PER_PAGE), number, total)


def early_requests(viewer: Viewer) -> Sequence[Any]:
    """Requests to close early that wait for a second person, the oldest first, with the issue's reference."""
    return db.session.execute(_EARLY, {"authority_id": viewer.authority_id}).all()


def _number_to_decide(viewer: Viewer) -> int:
    """How many rounds wait for an award."""
    return db.session.scalar(select(func.count(Round.id)).where(*_CLOSED), {"authority_id": viewer.authority_id}) or 0


def _work_to_decide(viewer: Viewer, limit: int) -> list[WorkItem]:
    """Rounds that wait for an award, the oldest first, for the work list."""
    return [
        WorkItem(
            sentence=f"Decide who is awarded {round_.reference}",
            why=f"Its deadline was {local_text(round_.deadline)}.",
            due=round_.deadline,
            url=url_for("ranking.show", round_id=round_.id),
            action="See the ranking",
        )
        for round_ in _to_decide(viewer, 0, limit)
    ]


def _to_decide(viewer: Viewer, offset: int, limit: int) -> Sequence[Any]:
    mine = {"authority_id": viewer.authority_id}
    issues = db.session.execute(_ISSUES_TO_DECIDE, mine | {"page_end": offset + limit}).all()
    slices = _slices([(row.id, row.rounds) for row in issues], offset, limit)
    cut = [part for part in slices if part.is_cut] + [_Slice(None, 0, 0, False)] * 2
    parts = {
        f"{name}_{what}": value
        for name, part in zip(("first", "last"), cut, strict=False)
        for what, value in zip(_PART, part, strict=False)
    }
    whole = [part.issue_id for part in slices if not part.is_cut]
    return db.session.execute(_ROUNDS_TO_DECIDE, mine | {"whole": whole} | parts).all()


class _Slice(NamedTuple):
    """The rounds of one issue that a page takes."""

    issue_id: UUID | None
    skipped: int
    taken: int
    is_cut: bool


def _slices(issues: Sequence[tuple[UUID, int]], offset: int, limit: int) -> list[_Slice]:
    """What a page takes of these issues, given with the number of their rounds. At most two are cut: by its two ends."""
    slices, before = [], 0
    for issue_id, rounds in issues:
        start, end = max(offset - before, 0), min(offset + limit - before, rounds)
        if start < end:
            slices.append(_Slice(issue_id, start, end - start, end - start < rounds))
        before += rounds
    return slices


def _values(viewer: Viewer) -> dict[str, object]:
    return {"authority_id": viewer.authority_id, "since": clock.now() - timedelta(days=RECENT_DAYS)}


def ranking_url(_viewer: Viewer, package_id: UUID) -> str | None:
    """The ranking of a package's newest round, where it has one."""
    newest = newest_round(package_id)
    return url_for("ranking.show", round_id=newest.id) if newest and newest.state in RANKED else None


TO_DECIDE = Panel("To decide", "rankings:declare", _number_to_decide, _work_to_decide)
