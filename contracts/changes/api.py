"""Changes over the API: the same steps and the same lines as on the pages."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from app.api.shell import Day, ListOut, PageQuery, Sent, Tick, api_blueprint, list_out
from app.auth import allows, current_viewer
from contracts.changes import queries, steps
from contracts.changes.queries import ChangeOut, line_of
from contracts.changes.rules import AskedBy, Cause, Wanted
from contracts.changes.steps import WantChange

bp = api_blueprint("changes", __name__, "Changes of agreements")


class ChangeIn(Sent):
    """A change: the last day of care or the first without or with it again, why, and who wants it.

    A suspension also says until when the place is held.
    """

    on: Day
    cause: Cause
    asked_by: AskedBy = AskedBy.PROVIDER
    reason: str
    hold_until: Day | None = None


class DecisionIn(Sent):
    """The answer to what a provider asked for."""

    agree: Tick
    note: str = ""


class TakeBackIn(Sent):
    """Why a change is given up."""

    because: str


@bp.get("/changes")
@allows("changes:read")
@bp.input(PageQuery, location="query")
@bp.output(ListOut[ChangeOut])
def show_list(query_data: PageQuery) -> dict[str, Any]:
    """The changes of the agreements that the caller may read, the earliest day first."""
    page = queries.changes_page(current_viewer(), None, number=query_data.page)
    return list_out(page, [line_of(current_viewer(), change) for change in page.rows])


@bp.get("/changes/<uuid:change_id>")
@allows("changes:read")
@bp.output(ChangeOut)
def show(change_id: UUID) -> ChangeOut:
    """One change."""
    return line_of(current_viewer(), queries.change_for(current_viewer(), change_id))


def add_endpoint(step: type[WantChange]) -> None:
    """Puts a step by which somebody wants a change at the address that its kind names."""

    @bp.post(f"/agreements/<uuid:agreement_id>/{step.kind.value.replace('_', '-')}", endpoint=step.kind.value)
    @allows(step.permission)
    @bp.input(ChangeIn)
    @bp.output(ChangeOut, status_code=201)
    @bp.doc(summary=step.__doc__)
    def want(agreement_id: UUID, json_data: ChangeIn) -> ChangeOut:
        wanted = Wanted(step.kind, **json_data.model_dump())
        return line_of(current_viewer(), step.take(wanted, agreement_id=agreement_id))


for step in (steps.EndAgreement, steps.SuspendAgreement, steps.ResumeAgreement, steps.HandBack):
    add_endpoint(step)


@bp.post("/changes/<uuid:change_id>/decide")
@allows("changes:decide")
@bp.input(DecisionIn)
@bp.output(ChangeOut)
def decide(change_id: UUID, json_data: DecisionIn) -> ChangeOut:
    """Agrees to what a provider asked for, or refuses it with a note."""
    return line_of(current_viewer(), steps.DecideChange.take((json_data.agree, json_data.note), change_id=change_id))


@bp.post("/changes/<uuid:change_id>/take-back")
@allows("changes:want")
@bp.input(TakeBackIn)
@bp.output(ChangeOut)
def take_back(change_id: UUID, json_data: TakeBackIn) -> ChangeOut:
    """Gives a change up before it takes effect."""
    return line_of(current_viewer(), steps.TakeBackChange.take(json_data.because, change_id=change_id))
