"""Pages of changes: the list, one change, and the part that changes have on the page of an agreement."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, current_app, render_template, request
from markupsafe import Markup

from app.audit.queries import timeline
from app.auth import allows, current_viewer
from app.parties.viewer import Viewer
from contracts.agreements.queries import agreement_for, audience_of, reads_why
from contracts.agreements.rules import AgreementState
from contracts.changes import queries
from contracts.changes.rules import OPEN_STATES, ChangeState, reason_against, reason_against_taking_back
from contracts.changes.steps import EndAgreement, HandBack, ResumeAgreement, SuspendAgreement

bp = Blueprint("changes", __name__)

BUTTONS = (
    (SuspendAgreement, "change_steps.suspend_agreement"),
    (ResumeAgreement, "change_steps.resume_agreement"),
    (HandBack, "change_steps.hand_back"),
    (EndAgreement, "change_steps.end_agreement"),
)


@bp.get("/changes")
@allows("changes:read")
def show_list() -> str:
    """The changes of the agreements that the viewer may read."""
    chosen = request.args.get("state", "")
    state = ChangeState(chosen) if chosen in set(ChangeState) else None
    page = queries.changes_page(current_viewer(), state)
    lines = [queries.line_of(current_viewer(), change) for change in page.rows]
    return render_template("contracts/changes/list.html", page=page, lines=lines, state=state, states=ChangeState)


@bp.get("/changes/<uuid:change_id>")
@allows("changes:read")
def show(change_id: UUID) -> str:
    """One change: what, from when, why, who wanted it, who decided, and what came of it."""
    viewer = current_viewer()
    change = queries.change_for(viewer, change_id)
    goes_back = change.state in OPEN_STATES and not reason_against_taking_back(
        change.kind, change.asked_by, change.state, is_provider=viewer.is_provider
    )
    return render_template(
        "contracts/changes/show.html",
        change=queries.line_of(viewer, change),
        made_by=change.made_by_label,
        waits=change.state is ChangeState.ASKED,
        goes_back=goes_back,
        entries=timeline(change.id, audience_of(viewer), reasons=reads_why(viewer, change.agreement)),
    )


def section(viewer: Viewer, agreement_id: UUID) -> Markup:
    """What was changed in an agreement, and what the viewer may change now."""
    agreement = agreement_for(viewer, agreement_id)
    table = current_app.extensions["permissions"]
    buttons = [
        (step.kind.label, endpoint)
        for step, endpoint in BUTTONS
        if reason_against(step.kind, agreement.state) is None and table.may(viewer.roles, step.permission)
    ]
    if agreement.state is AgreementState.AWAITING_START and table.may(viewer.roles, "changes:decide"):
        buttons.append(("Move the first day", "change_steps.move_first_day"))
    lines = queries.changes_of(viewer, agreement)
    shown = render_template("contracts/changes/section.html", lines=lines, buttons=buttons, agreement_id=agreement_id)
    return Markup(shown)  # noqa: S704 (a template of our own, which escapes)
