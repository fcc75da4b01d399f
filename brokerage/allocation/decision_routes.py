"""What is decided about an award after it was proposed or made: approve, refuse, step back."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from flask import Blueprint, Response, flash, redirect, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.auth import allows, current_viewer
from app.database import db
from app.errors import Refusal
from brokerage.allocation import queries, services
from brokerage.allocation.forms import ApprovalForm, ReasonForm
from brokerage.allocation.models import Award
from brokerage.allocation.routes import award_page
from brokerage.ranking.queries import refuse_seeing

bp = Blueprint("award_decisions", __name__)


@bp.post("/awards/<uuid:award_id>/approve")
@allows("awards:approve")
def approve(award_id: UUID) -> AnyResponse:
    """A second person approves, and that is the award."""
    viewer, form = current_viewer(), ApprovalForm()
    award = queries.award_for(viewer, award_id)
    refuse_seeing(viewer, award.round.issue)
    if not form.validate_on_submit():
        return Response(award_page(viewer, award, approval=form), status=422)
    try:
        services.approve(award, need_confirmed_with=form.need_confirmed_with.data or "", by=viewer.actor)
    except Refusal as refusal:
        db.session.rollback()
        form.take(refusal)
        return Response(award_page(viewer, queries.award_for(viewer, award_id), approval=form), status=refusal.status)
    flash("Awarded. Everybody who answered is told.", "success")
    return redirect(url_for("allocation.show", award_id=award_id))


@bp.post("/awards/<uuid:award_id>/refuse")
@allows("awards:approve")
def refuse(award_id: UUID) -> AnyResponse:
    """Refuses a proposed award."""
    refuse_seeing(current_viewer(), queries.award_for(current_viewer(), award_id).round.issue)
    actor = current_viewer().actor
    return _with_reason(award_id, lambda award, why: services.refuse_proposed(award, why, by=actor), "Refused.")


@bp.post("/awards/<uuid:award_id>/pull-out")
@allows("awards:pull-out")
def pull_out(award_id: UUID) -> AnyResponse:
    """The provider awarded steps back before care begins; a broker may record it for them."""
    actor = current_viewer().actor
    done = "Noted. The agreement is cancelled and the council is told."
    return _with_reason(award_id, lambda award, why: services.pull_out(award, why, by=actor), done)


def _with_reason(award_id: UUID, act: Callable[[Award, str], None], done: str) -> AnyResponse:
    viewer, form = current_viewer(), ReasonForm()
    award = queries.award_for(viewer, award_id)
    if not form.validate_on_submit():
        return Response(award_page(viewer, award, reason=form), status=422)
    try:
        act(award, form.because.data or "")
    except Refusal as refusal:
        db.session.rollback()
        form.take(refusal)
        return Response(award_page(viewer, queries.award_for(viewer, award_id), reason=form), status=refusal.status)
    flash(done, "success")
    return redirect(url_for("allocation.show", award_id=award_id))
