"""The same over the API: which packages wait for an answer about where somebody lives, and the answer."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from app.api.shell import Day, Given, ListOut, PageQuery, Sent, api_blueprint, list_out
from app.auth import allows, current_viewer
from app.errors import Conflict, NotFoundForViewer
from app.http.paging import paged
from marketplace.packages.queries import addresses_in_question
from marketplace.people.queries import in_scope
from marketplace.whereabouts import queries
from marketplace.whereabouts.steps import DecideAddress

bp = api_blueprint("whereabouts", __name__, "People")


class AddressWaitingOut(Given):
    """A package with which something else was told than the record says."""

    id: UUID
    reference: str
    person_id: UUID


class AddressQuestionOut(Given):
    """What was told and what the record says. Every answer of this kind is recorded."""

    told: str
    record: str


class AddressDecisionIn(Sent):
    """Which of them holds, from which day, and how that is known."""

    holds: Literal["told", "record"]
    holds_from: Day | None = None
    because: str


@bp.get("/packages/told-otherwise")
@allows("people:write")
@bp.input(PageQuery, location="query")
@bp.output(ListOut[AddressWaitingOut])
def told_otherwise(query_data: PageQuery) -> dict[str, Any]:
    """The packages that wait for the caller to say where somebody lives."""
    page = paged(queries.told_otherwise(current_viewer()), number=query_data.page)
    return list_out(page, page.rows)


@bp.get("/packages/<uuid:package_id>/address")
@allows("people:write")
@bp.output(AddressQuestionOut)
def show(package_id: UUID) -> dict[str, str]:
    """What was told with a package and what the record says, while nobody has decided."""
    step = DecideAddress()
    in_question = step.in_question(step.load(package_id=package_id))
    if not in_question:
        raise NotFoundForViewer
    told, record = in_question
    return {"told": told, "record": record}


@bp.post("/packages/<uuid:package_id>/address")
@allows("people:write")
@bp.input(AddressDecisionIn)
@bp.output(AddressWaitingOut)
def decide(package_id: UUID, json_data: AddressDecisionIn) -> Any:
    """Says which of them holds and from when."""
    viewer = current_viewer()
    package = queries.package_to_decide(viewer, package_id)
    if not in_scope(viewer, package.person):
        raise NotFoundForViewer
    if addresses_in_question(package) is None:
        raise Conflict("Nobody asks where the person lives any more.")
    typed = (json_data.holds == "told", json_data.holds_from, json_data.because)
    return DecideAddress.take(typed, package_id=package_id)
