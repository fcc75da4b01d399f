"""The work lists of membership: suspensions and documents to look at, removals to decide and to answer."""

from typing import Any

from flask import url_for
from sqlalchemy import Select

from app import clock
from app.calendar.deadlines import end_of_day
from app.house import Panel, WorkItem, panel_of
from app.parties.viewer import Viewer
from marketplace.applications.models import ApplicationCheck
from marketplace.applications.rules import CHECK_NAMES
from marketplace.membership import queries
from marketplace.membership.models import Removal, RemovalStage, Suspension


def panels() -> list[Panel]:
    """What waits for a contract manager, a second person and the provider."""
    return [
        panel_of("Suspensions to look at", "suspensions:manage", queries.suspensions_to_review, _suspension),
        panel_of("Documents that have lapsed", "applications:decide", queries.lapsed_documents, _document),
        panel_of("Removals to approve", "removals:approve", queries.removals_to_decide, _to_decide),
        panel_of("Removals to answer", "memberships:own", _unanswered, _to_answer),
    ]


def _unanswered(viewer: Viewer) -> Select[Any]:
    unheard = Removal.stage == RemovalStage.TOLD, Removal.answer.is_(None), Removal.answer_until >= clock.today()
    return queries.visible_removals(viewer).where(*unheard).order_by(Removal.answer_until)


def _suspension(suspension: Suspension) -> WorkItem:
    return WorkItem(
        f"Look at the suspension of {suspension.provider.name} again",
        "The CQC rating fell below the gate." if suspension.by_gate else "Its review or its end is near.",
        end_of_day(min(suspension.review_on, suspension.ends_on)),
        url_for("memberships.suspension", suspension_id=suspension.id),
        "Review",
    )


def _document(check: ApplicationCheck) -> WorkItem:
    return WorkItem(
        f"Ask {check.application.provider.name} for a newer document",
        f"What was seen has lapsed: {CHECK_NAMES[check.kind]}.",
        end_of_day(check.expires_on) if check.expires_on else None,
        url_for("application_steps.renew_document", application_id=check.application_id, kind=check.kind.value),
        "Renew",
    )


def _to_decide(removal: Removal) -> WorkItem:
    membership = removal.membership
    return WorkItem(
        f"Decide on the removal of {membership.provider.name} from {membership.lot.name}",
        "The provider has answered." if removal.answer else "The provider's time to answer is over.",
        end_of_day(removal.answer_until),
        url_for("removals.show", removal_id=removal.id),
        "Decide",
    )


def _to_answer(removal: Removal) -> WorkItem:
    membership = removal.membership
    return WorkItem(
        f"Answer before {membership.provider.name} is removed from {membership.lot.name}",
        "You can say what should be taken into account.",
        end_of_day(removal.answer_until),
        url_for("removals.show_own", removal_id=removal.id),
        "Answer",
    )
