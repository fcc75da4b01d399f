"""The ranking of a package over the API: the same figures, refusals and permissions as the page."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from app.api.shell import Given, Sent, Tick, api_blueprint
from app.auth import allows, current_viewer
from app.errors import Conflict
from brokerage.ranking.models import ConflictDeclaration
from brokerage.ranking.queries import newest_of_package, refuse_seeing, why_unranked
from brokerage.ranking.steps import Declare
from brokerage.ranking.views import RankingOut, view_of
from marketplace.rounds.rules import RoundState

bp = api_blueprint("ranking", __name__, "Rankings")


class DeclarationIn(Sent):
    """Whether you have an interest in a provider of this issue; `note` says which, where you have."""

    has_conflict: Tick
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
def declare(issue_id: UUID, json_data: DeclarationIn) -> Any:
    """Declares your interests in an issue, which must come before seeing its answers."""
    declared: ConflictDeclaration = Declare.take((json_data.has_conflict, json_data.note), issue_id=issue_id)
    return DeclarationOut.model_validate(declared)


@bp.get("/packages/<uuid:package_id>/ranking")
@allows("rankings:read")
@bp.output(RankingOut)
def show(package_id: UUID) -> Any:
    """The newest ranking of a package's newest round; 409 while sealed, undeclared, or where nobody said yes."""
    viewer = current_viewer()
    round_ = newest_of_package(viewer, package_id)
    if round_.state is RoundState.NONE_ACCEPTED:
        raise Conflict(why_unranked(round_))
    refuse_seeing(viewer, round_.issue)
    view = view_of(round_)
    if view is None:
        raise Conflict(why_unranked(round_))
    return view
