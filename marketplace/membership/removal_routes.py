"""Pages of removals: proposed by one person, answered by the provider, decided by a second person."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from flask import Blueprint, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from app import clock
from app.audit.queries import timeline
from app.audit.tags import Audience
from app.auth import allows, current_viewer
from app.ui.forms import HomewardForm
from marketplace.applications.answering import answered, form_page
from marketplace.applications.forms import ReasonForm, day_in
from marketplace.membership import queries
from marketplace.membership import removals as services
from marketplace.membership.forms import AnswerForm, ConsideredForm, RemovalForm
from marketplace.membership.models import Membership, Removal, RemovalStage

bp = Blueprint("removals", __name__)

TIME_TO_ANSWER = timedelta(days=14)
STAGES = {
    RemovalStage.TOLD: ("The provider has been told and can answer.", "orange"),
    RemovalStage.APPROVED: ("The membership has ended.", "red"),
    RemovalStage.DROPPED: ("The removal was dropped; the membership goes on.", "green"),
}
TOLD = (
    "The provider is told these reasons now and can answer. Nothing changes before a second person has decided. "
    "Care that is given now goes on."
)


@bp.get("/memberships/<uuid:membership_id>/removal")
@allows("removals:propose")
def propose_form(membership_id: UUID) -> str:
    """The form of a proposal."""
    membership = queries.membership_for(current_viewer(), membership_id)
    return _propose_page(membership, RemovalForm(representations_until=clock.today() + TIME_TO_ANSWER))


@bp.post("/memberships/<uuid:membership_id>/removal")
@allows("removals:propose")
def propose(membership_id: UUID) -> AnyResponse:
    """Tells the provider of a removal."""
    viewer, form = current_viewer(), RemovalForm()
    membership = queries.membership_for(viewer, membership_id)

    def do() -> None:
        services.propose_removal(
            membership, form.reasons.data or "", day_in(form.representations_until), by=viewer.actor
        )

    return answered(
        form,
        do,
        lambda: _propose_page(membership, form),
        lambda: url_for("memberships.show", membership_id=membership_id),
        "The provider has been told and can answer.",
    )


def _propose_page(membership: Membership, form: RemovalForm) -> str:
    back = url_for("memberships.show", membership_id=membership.id)
    caption = f"{membership.provider.name}, {membership.lot.name}"
    return form_page(form, "Propose a removal", "Tell the provider", back, caption, TOLD)


@bp.get("/removals/<uuid:removal_id>")
@allows("memberships:read")
def show(removal_id: UUID) -> str:
    """One removal: reasons, answer, decision."""
    return _page(queries.removal_for(current_viewer(), removal_id), Audience.COUNCIL)


def _page(removal: Removal, audience: Audience) -> str:
    return render_template(
        "marketplace/membership/removal.html",
        removal=removal,
        membership=removal.membership,
        stage=STAGES[removal.stage],
        is_open=removal.stage is RemovalStage.TOLD,
        proposed_by_viewer=removal.proposed_by == current_viewer().user_id,
        can_answer=removal.stage is RemovalStage.TOLD and clock.today() <= removal.answer_until,
        entries=timeline(removal.id, audience),
    )


@bp.get("/removals/<uuid:removal_id>/approve")
@allows("removals:approve")
def approve_form(removal_id: UUID) -> str:
    """The form that approves."""
    return _decide_page(queries.removal_for(current_viewer(), removal_id), ConsideredForm(), *APPROVE)


@bp.post("/removals/<uuid:removal_id>/approve")
@allows("removals:approve")
def approve(removal_id: UUID) -> AnyResponse:
    """A second person approves."""
    viewer, form = current_viewer(), ConsideredForm()
    removal = queries.removal_for(viewer, removal_id)
    return answered(
        form,
        lambda: services.approve_removal(removal, form.considered.data or "", by=viewer.actor),
        lambda: _decide_page(removal, form, *APPROVE),
        lambda: url_for("removals.show", removal_id=removal_id),
        "The membership has ended and the provider has been told.",
    )


@bp.get("/removals/<uuid:removal_id>/drop")
@allows("removals:approve")
def drop_form(removal_id: UUID) -> str:
    """The form that drops it."""
    return _decide_page(queries.removal_for(current_viewer(), removal_id), ReasonForm(), *DROP)


@bp.post("/removals/<uuid:removal_id>/drop")
@allows("removals:approve")
def drop(removal_id: UUID) -> AnyResponse:
    """Drops a removal."""
    viewer, form = current_viewer(), ReasonForm()
    removal = queries.removal_for(viewer, removal_id)
    return answered(
        form,
        lambda: services.drop_removal(removal, form.because.data or "", by=viewer.actor),
        lambda: _decide_page(removal, form, *DROP),
        lambda: url_for("removals.show", removal_id=removal_id),
        "The removal is dropped and the provider has been told.",
    )


APPROVE = ("Approve the removal", "End the membership")
DROP = ("Drop the removal", "Drop it")


def _decide_page(removal: Removal, form: HomewardForm, heading: str, button: str) -> str:
    caption = f"{removal.membership.provider.name}, {removal.membership.lot.name}"
    return form_page(form, heading, button, url_for("removals.show", removal_id=removal.id), caption)


@bp.get("/our-removals/<uuid:removal_id>")
@allows("memberships:own")
def show_own(removal_id: UUID) -> str:
    """What the provider is told, and where it answers."""
    return _page(queries.removal_for(current_viewer(), removal_id), Audience.PROVIDER)


@bp.get("/our-removals/<uuid:removal_id>/answer")
@allows("memberships:own")
def answer_form(removal_id: UUID) -> str:
    """The form of the answer."""
    return _answer_page(queries.removal_for(current_viewer(), removal_id), AnswerForm())


@bp.post("/our-removals/<uuid:removal_id>/answer")
@allows("memberships:own")
def answer(removal_id: UUID) -> AnyResponse:
    """The provider answers."""
    viewer, form = current_viewer(), AnswerForm()
    removal = queries.removal_for(viewer, removal_id)
    return answered(
        form,
        lambda: services.answer_removal(removal, form.answer.data or "", by=viewer.actor),
        lambda: _answer_page(removal, form),
        lambda: url_for("removals.show_own", removal_id=removal_id),
        "Your answer has been sent.",
    )


def _answer_page(removal: Removal, form: AnswerForm) -> str:
    back = url_for("removals.show_own", removal_id=removal.id)
    return form_page(form, "Answer before we decide", "Send your answer", back, removal.membership.provider.name)
