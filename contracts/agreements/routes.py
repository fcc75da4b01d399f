"""Pages of agreements: the list, and one agreement with all that the viewer may read of it."""

from functools import partial
from typing import cast
from uuid import UUID

from flask import Blueprint, current_app, render_template, request
from werkzeug.wrappers import Response as AnyResponse
from wtforms.validators import InputRequired, Length

from app.auth import allows, current_viewer
from app.auth.fresh_routes import password_again
from app.exports import file_answer
from app.house import House
from app.steps import FormStep, at
from app.ui.drawing import visit_grid
from app.ui.drawing.week import DrawnVisit
from app.ui.fields import TextField
from app.ui.forms import HomewardForm
from contracts.agreements import queries
from contracts.agreements.models import Agreement, AgreementVersion
from contracts.agreements.rules import AgreementState
from marketplace.packages.services import confirm_need

bp = Blueprint("agreements", __name__)


@bp.get("/agreements")
@allows("agreements:read")
def show_list() -> str:
    """The agreements the viewer may read."""
    asked = request.args.get("state", "")
    state = AgreementState(asked) if asked in set(AgreementState) else None
    page = queries.agreements_page(current_viewer(), state)
    return render_template("contracts/agreements/list.html", page=page, state=state, states=AgreementState)


@bp.post("/agreements/export")
@allows("agreements:export")
@password_again
def export() -> AnyResponse:
    """The viewer's own agreements as a file, without identity; recorded."""
    asked = request.form.get("state", "")
    state = AgreementState(asked) if asked in set(AgreementState) else None
    return file_answer(partial(queries.agreements_table, current_viewer(), state), "agreements:exported")


@bp.get("/agreements/<uuid:agreement_id>")
@allows("agreements:read")
def show(agreement_id: UUID) -> str:
    """One agreement: parties, visits, cost, versions, funding, what has happened."""
    return _page(queries.agreement_for(current_viewer(), agreement_id), StillNeededForm())


class StillNeededForm(HomewardForm):
    """The question before the first visit: is the care still needed, and who says so?"""

    with_whom = TextField(
        "Confirmed with",
        description="For example the ward, the social worker or the person. A name and a role are enough.",
        validators=[InputRequired("Say with whom you confirmed it."), Length(max=200)],
    )


@at(bp, "/agreements/<uuid:agreement_id>/still-needed")
class ConfirmStillNeeded(FormStep[Agreement, str]):
    """Notes, before the first visit, that the care is still needed."""

    permission = "agreements:watch-starts"
    form_class = StillNeededForm
    said, leads_to = "Noted: the care is still needed.", "agreements.show"
    query = staticmethod(queries.agreement_in_scope)

    def act(self, agreement: Agreement, typed: str) -> None:
        confirm_need([agreement.package], needed=True, with_whom=typed, by=self.viewer.actor)

    def page(self, form: HomewardForm, agreement: Agreement) -> str:
        return _page(agreement, form)


def _page(agreement: Agreement, form: HomewardForm) -> str:
    viewer, version = current_viewer(), queries.version_shown(agreement)
    amounts_only, house = queries.sees_amounts_only(viewer), cast(House, current_app)
    return render_template(
        "contracts/agreements/show.html",
        agreement=agreement,
        version=version,
        identity=queries.identity_for(viewer, agreement),
        grid=None if amounts_only else visit_grid([DrawnVisit(**visit) for visit in version.visits]),
        shares=shares_of(version, health_only=queries.is_party_only(viewer, agreement)),
        why_shown=queries.reads_why(viewer, agreement),
        history=queries.history_of(viewer, agreement),
        links=house.links_about(viewer, Agreement.__tablename__, agreement.id),
        sections=house.sections_about(viewer, Agreement.__tablename__, agreement.id),
        waits=agreement.state is AgreementState.AWAITING_START,
        form=form,
    )


def shares_of(version: AgreementVersion, *, health_only: bool) -> list[tuple[str, int, int]]:
    """Who pays: funder, per cent, pence a week; the last takes the rounding, so that the shares add up."""
    left, shares = version.weekly_cost_pence, []
    for number, share in enumerate(version.funding, 1):
        percent = cast(int, share["percent"])
        last = number == len(version.funding)
        pence = left if last else (version.weekly_cost_pence * percent + 50) // 100
        left -= pence
        shares.append((str(share["funder"]), percent, pence))
    return [share for share in shares if share[0] == "health"] if health_only else shares
