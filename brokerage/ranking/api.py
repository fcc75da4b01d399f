"""The ranking of a package over the API: the same figures, refusals and permissions as the page."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from app.api.shell import Given, Sent, api_blueprint
from app.auth import allows, current_viewer
from app.errors import Conflict
from brokerage.ranking import queries, services
from brokerage.ranking.viewing import view_of

bp = api_blueprint("ranking", __name__, "Rankings")


class ComponentOut(Given):
    """One part of quality that counted."""

    name: str
    value: str
    weight: int
    share: str
    points: str
    source: str
    date: datetime


class AbsentOut(Given):
    """One part of quality that did not count, and why."""

    name: str
    reason: str


class PlaceOut(Given):
    """One answer. Texts are rounded half up to two decimals; `..._exact` are fractions. `position` is null below the
    quality minimum."""

    position: int | None
    place_list: str
    provider_id: UUID
    line_id: UUID | None
    name: str
    quality: str | None
    quality_exact: str | None
    quality_points: str
    price: str
    price_score: str
    price_score_exact: str
    price_formula: str
    price_points: str
    total: str
    total_exact: str
    hours: str
    ticket: str
    draw: str
    tie_break: str
    difference: str
    would_have_changed: str
    flags: list[str]
    components: list[ComponentOut]
    absent: list[AbsentOut]


class LeftOutOut(Given):
    """A yes that did not take part."""

    name: str
    reasons: list[str]


class RankingOut(Given):
    """A frozen ranking with what is needed to check it."""

    reference: str
    round_id: UUID
    round_number: int
    issue_reference: str
    number: int
    made_at: datetime
    because: str
    deadline: datetime
    quality_weight: int
    price_weight: int
    price_scoring: str
    quality_minimum: str
    seed: str
    seed_hash: str
    digest: str
    replays: bool
    firm: list[PlaceOut]
    changed: list[PlaceOut]
    below: list[PlaceOut]
    left_out: list[LeftOutOut]


class DeclarationIn(Sent):
    """Whether you have an interest in a provider of this issue; `note` says which, where you have."""

    has_conflict: bool
    note: Annotated[str, Field(max_length=500)] = ""


class DeclarationOut(Given):
    """What you declared."""

    issue_id: UUID
    has_conflict: bool
    declared_at: datetime


@bp.post("/issues/<uuid:issue_id>/declaration")
@allows("rankings:declare")
@bp.input(DeclarationIn)
@bp.output(DeclarationOut, status_code=201)
@bp.doc(security="bearer")
def declare(issue_id: UUID, json_data: DeclarationIn) -> Any:
    """Declares your interests in an issue, which must come before seeing its answers."""
    viewer = current_viewer()
    issue = queries.issue_seen(viewer, issue_id)
    declared = services.declare_conflict(issue, json_data.has_conflict, json_data.note, by=viewer.actor)
    return DeclarationOut.model_validate(declared)


@bp.get("/packages/<uuid:package_id>/ranking")
@allows("rankings:read")
@bp.output(RankingOut)
@bp.doc(security="bearer")
def show(package_id: UUID) -> Any:
    """The newest ranking of a package's newest round; 409 while the answers are sealed or nothing is declared."""
    viewer = current_viewer()
    round_ = queries.newest_of_package(viewer, package_id)
    queries.refuse_seeing(viewer, round_.issue)
    view = view_of(round_)
    if view is None:
        raise Conflict("The answers have not been ranked yet. Try again in a minute.")
    return view
