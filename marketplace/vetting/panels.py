"""The work lists of vetting: what is due, held, to be reviewed or to be approved."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time
from typing import Any

from flask import url_for
from sqlalchemy import Select, func, select

from app import clock
from app.database import db
from app.house import Panel, WorkItem
from app.parties.viewer import Viewer
from marketplace.providers.models import CqcImport, CqcImportState, Provider
from marketplace.vetting import application_queries, document_services, membership_queries
from marketplace.vetting.models import Application, ApplicationCheck, Removal, RemovalStage, Suspension
from marketplace.vetting.rules import CHECK_NAMES, ApplicationState, decision_clock_text

Query = Callable[[Viewer], Select[Any]]


def panels() -> list[Panel]:
    """Every panel of vetting."""
    return [
        _panel("Applications to decide", "applications:decide", application_queries.due_soon, _application),
        _panel("CQC data that is held", "cqc:import", _held_runs, _run),
        _panel("Suspensions to look at", "suspensions:manage", membership_queries.suspensions_to_review, _suspension),
        _panel("Documents that have lapsed", "applications:decide", document_services.lapsed, _document),
        _panel("Removals to approve", "removals:approve", membership_queries.removals_to_decide, _removal),
        _panel("Applications that wait for us", "applications:apply", _waiting_for_provider, _own_application),
        _panel("Removals to answer", "memberships:own", _to_answer, _own_removal),
    ]


def _panel(name: str, permission: str, query: Query, item: Callable[[Any], WorkItem]) -> Panel:
    def count(viewer: Viewer) -> int:
        return db.session.scalar(select(func.count()).select_from(query(viewer).order_by(None).subquery())) or 0

    def items(viewer: Viewer, limit: int) -> Sequence[WorkItem]:
        return [item(row) for row in db.session.scalars(query(viewer).limit(limit)).unique()]

    return Panel(name, permission, count, items)


def _held_runs(viewer: Viewer) -> Select[Any]:
    query = select(CqcImport).where(
        CqcImport.authority_id == viewer.authority_id, CqcImport.state == CqcImportState.HELD
    )
    return query.order_by(CqcImport.imported_at)


def _waiting_for_provider(viewer: Viewer) -> Select[Any]:
    query = application_queries.visible_applications(viewer)
    mine = Provider.organisation_id == viewer.organisation_id
    return query.where(mine, Application.state == ApplicationState.WAITING).order_by(Application.due_on)


def _to_answer(viewer: Viewer) -> Select[Any]:
    still_open = Removal.answer_until >= clock.today()
    query = membership_queries.visible_removals(viewer).where(
        Removal.stage == RemovalStage.TOLD, Removal.answer.is_(None), still_open
    )
    return query.order_by(Removal.answer_until)


def _application(one: Application) -> WorkItem:
    return WorkItem(
        f"Decide on application {one.reference} of {one.provider.name}",
        decision_clock_text(one.due_on, clock.today()) if one.due_on else "",
        _end_of(one.due_on),
        url_for("applications.show", application_id=one.id),
        "Check",
    )


def _run(one: CqcImport) -> WorkItem:
    url = url_for("vetting_imports.run", run_id=one.id)
    return WorkItem("Release or refuse the CQC data that is held", one.sentence, one.imported_at, url, "Look")


def _suspension(one: Suspension) -> WorkItem:
    cause = "The CQC rating fell below the gate." if one.by_gate else "Its review or its end is near."
    return WorkItem(
        f"Look at the suspension of {one.provider.name} again",
        cause,
        _end_of(min(one.review_on, one.ends_on)),
        url_for("memberships.suspension", suspension_id=one.id),
        "Review",
    )


def _document(one: ApplicationCheck) -> WorkItem:
    return WorkItem(
        f"Ask {one.application.provider.name} for a newer document",
        f"What was seen has lapsed: {CHECK_NAMES[one.kind]}.",
        _end_of(one.expires_on),
        url_for("documents.renew_form", application_id=one.application_id, kind=one.kind.value),
        "Renew",
    )


def _removal(one: Removal) -> WorkItem:
    return WorkItem(
        f"Decide on the removal of {one.membership.provider.name} from {one.membership.lot.name}",
        "The provider has answered." if one.answer else "The provider's time to answer is over.",
        _end_of(one.answer_until),
        url_for("removals.show", removal_id=one.id),
        "Decide",
    )


def _own_application(one: Application) -> WorkItem:
    sentence = f"Send what is missing for application {one.reference}"
    return WorkItem(
        sentence, one.asked_for or "", _end_of(one.due_on), url_for("applying.show_own", application_id=one.id)
    )


def _own_removal(one: Removal) -> WorkItem:
    sentence = f"Answer before {one.membership.provider.name} is removed from {one.membership.lot.name}"
    url = url_for("removals.show_own", removal_id=one.id)
    return WorkItem(
        sentence, "You can say what should be taken into account.", _end_of(one.answer_until), url, "Answer"
    )


def _end_of(day: date | None) -> datetime | None:
    return datetime.combine(day, time(23, 59), clock.LONDON).astimezone(UTC) if day else None


def find(viewer: Viewer, text: str) -> str | None:
    """The page of what carries a reference of this slice, if the viewer may see it."""
    reference = text.upper().replace(" ", "")
    if reference.startswith("APP"):
        return _find_application(viewer, reference)
    if reference.startswith("PRV") and viewer.is_commissioner:
        provider = db.session.scalars(select(Provider).where(Provider.reference == reference)).one_or_none()
        return url_for("register.show", provider_id=provider.id) if provider else None
    return None


def _find_application(viewer: Viewer, reference: str) -> str | None:
    query = application_queries.visible_applications(viewer).where(Application.reference == reference)
    found = db.session.scalars(query).one_or_none()
    if found is None:
        return None
    page = "applications.show" if viewer.is_commissioner else "applying.show_own"
    return url_for(page, application_id=found.id)
