"""Changes over the API: the same steps and the same lines as on the pages."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from app.api.shell import Given, ListOut, PageQuery, Sent, api_blueprint, list_out
from app.auth import allows, current_viewer
from contracts.changes import queries, steps
from contracts.changes.models import AgreementChange
from contracts.changes.rules import AskedBy, Cause, ChangeKind, ChangeState, Wanted

bp = api_blueprint("changes", __name__, "Changes of agreements")


class ChangeIn(Sent):
    """A change: the last day of care or the first without or with it again, why, and who wants it.

    A suspension also says until when the place is held.
    """

    on: date
    cause: Cause
    asked_by: AskedBy = AskedBy.PROVIDER
    reason: str
    hold_until: date | None = None

    def wanted(self, kind: ChangeKind) -> Wanted:
        """The change as it was sent."""
        return Wanted(kind, **self.model_dump())


class DecisionIn(Sent):
    """The answer to what a provider asked for."""

    agree: bool
    note: str = ""


class TakeBackIn(Sent):
    """Why a change is given up."""

    because: str


class ChangeOut(Given):
    """A change. What was typed is null for those who may not know the person."""

    id: UUID
    agreement_id: UUID
    agreement: str
    kind: ChangeKind
    state: ChangeState
    on: date
    ends_on: date | None
    hold_until: date | None
    cause: Cause
    asked_by: AskedBy
    made_at: datetime
    successor_id: UUID | None
    successor: str | None
    reason: str | None
    decision_note: str | None


class ChangesOut(ListOut):
    """One page of changes."""

    items: list[ChangeOut]


@bp.get("/changes")
@allows("changes:read")
@bp.input(PageQuery, location="query")
@bp.output(ChangesOut)
def show_list(query_data: PageQuery) -> dict[str, Any]:
    """The changes of the agreements that the caller may read, the earliest day first."""
    page = queries.changes_page(current_viewer(), None, number=query_data.page)
    return list_out(page, [_line(change) for change in page.rows])


@bp.get("/changes/<uuid:change_id>")
@allows("changes:read")
@bp.output(ChangeOut)
def show(change_id: UUID) -> ChangeOut:
    """One change."""
    return _line(queries.change_for(current_viewer(), change_id))


@bp.post("/agreements/<uuid:agreement_id>/end")
@allows("changes:want")
@bp.input(ChangeIn)
@bp.output(ChangeOut, status_code=201)
def end(agreement_id: UUID, json_data: ChangeIn) -> ChangeOut:
    """Care ends on a day; a provider asks for it."""
    return _line(steps.EndAgreement.take(json_data.wanted(ChangeKind.END), agreement_id=agreement_id))


@bp.post("/agreements/<uuid:agreement_id>/suspend")
@allows("changes:want")
@bp.input(ChangeIn)
@bp.output(ChangeOut, status_code=201)
def suspend(agreement_id: UUID, json_data: ChangeIn) -> ChangeOut:
    """Care rests and the place is held; a provider asks for it."""
    return _line(steps.SuspendAgreement.take(json_data.wanted(ChangeKind.SUSPEND), agreement_id=agreement_id))


@bp.post("/agreements/<uuid:agreement_id>/resume")
@allows("changes:want")
@bp.input(ChangeIn)
@bp.output(ChangeOut, status_code=201)
def resume(agreement_id: UUID, json_data: ChangeIn) -> ChangeOut:
    """Care goes on; a provider asks for it."""
    return _line(steps.ResumeAgreement.take(json_data.wanted(ChangeKind.RESUME), agreement_id=agreement_id))


@bp.post("/agreements/<uuid:agreement_id>/hand-back")
@allows("changes:hand-back")
@bp.input(ChangeIn)
@bp.output(ChangeOut, status_code=201)
def hand_back(agreement_id: UUID, json_data: ChangeIn) -> ChangeOut:
    """The package is given back, and its successor goes to market at once."""
    return _line(steps.HandBack.take(json_data.wanted(ChangeKind.HAND_BACK), agreement_id=agreement_id))


@bp.post("/changes/<uuid:change_id>/decide")
@allows("changes:decide")
@bp.input(DecisionIn)
@bp.output(ChangeOut)
def decide(change_id: UUID, json_data: DecisionIn) -> ChangeOut:
    """Agrees to what a provider asked for, or refuses it with a note."""
    steps.DecideChange.take((json_data.agree, json_data.note), change_id=change_id)
    return _line(queries.change_for(current_viewer(), change_id))


@bp.post("/changes/<uuid:change_id>/take-back")
@allows("changes:want")
@bp.input(TakeBackIn)
@bp.output(ChangeOut)
def take_back(change_id: UUID, json_data: TakeBackIn) -> ChangeOut:
    """Gives a change up before it takes effect."""
    steps.TakeBackChange.take(json_data.because, change_id=change_id)
    return _line(queries.change_for(current_viewer(), change_id))


def _line(change: AgreementChange) -> ChangeOut:
    return ChangeOut.model_validate(queries.line_of(current_viewer(), change))
