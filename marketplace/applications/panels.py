"""The work lists of applications, for who decides and for who applied."""

from typing import Any

from flask import url_for
from sqlalchemy import Select

from app import clock
from app.calendar.deadlines import end_of_day
from app.database import db
from app.house import Panel, WorkItem, panel_of
from app.parties.viewer import Viewer
from marketplace.applications import queries
from marketplace.applications.models import Application
from marketplace.applications.rules import ApplicationState, decision_clock_text
from marketplace.providers.models import Provider


def panels() -> list[Panel]:
    """Applications to decide, and those that wait for their provider."""
    return [
        panel_of("Applications to decide", "applications:decide", queries.due_soon, _to_decide),
        panel_of("Applications that wait for us", "applications:apply", _waiting_for_provider, _to_complete),
    ]


def find(viewer: Viewer, text: str) -> str | None:
    """The page of the application with this reference, if the viewer may see it."""
    reference = text.upper().replace(" ", "")
    if not reference.startswith("APP"):
        return None
    query = queries.visible_applications(viewer).where(Application.reference == reference)
    application = db.session.scalars(query).one_or_none()
    if application is None:
        return None
    page = "applications.show" if viewer.is_commissioner else "applying.show_own"
    return url_for(page, application_id=application.id)


def _waiting_for_provider(viewer: Viewer) -> Select[Any]:
    query = queries.visible_applications(viewer)
    mine = Provider.organisation_id == viewer.organisation_id
    return query.where(mine, Application.state == ApplicationState.WAITING).order_by(Application.due_on)


def _to_decide(application: Application) -> WorkItem:
    due_on = application.due_on
    return WorkItem(
        f"Decide on application {application.reference} of {application.provider.name}",
        decision_clock_text(due_on, clock.today()) if due_on else "",
        end_of_day(due_on) if due_on else None,
        url_for("applications.show", application_id=application.id),
        "Check",
    )


def _to_complete(application: Application) -> WorkItem:
    return WorkItem(
        f"Send what is missing for application {application.reference}",
        application.asked_for or "",
        end_of_day(application.due_on) if application.due_on else None,
        url_for("applying.show_own", application_id=application.id),
    )
