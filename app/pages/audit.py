"""The audit on pages and as a file: the authority's own trail for its auditors, a provider's own for its administrators."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, cast
from uuid import UUID

from flask import Blueprint, Response, current_app, render_template, request
from sqlalchemy import Select, select

from app.audit.digests import canonical
from app.audit.models import AuditEntry, AuditFact
from app.audit.queries import as_read, timeline
from app.audit.tags import Audience, seen_by, tag_named
from app.audit.verify import ChainVerdict, verify
from app.auth import allows, current_viewer
from app.auth.fresh_routes import password_again
from app.database import db, only_one
from app.exports import ExportTable, file_answer, reading_alone
from app.files.writing import Cell
from app.house import House
from app.http.paging import paged
from app.pages.audit_reading import AuditFilterForm, entries_of, filter_form, officers_named, references_of
from app.parties.viewer import Viewer

bp = Blueprint("oversight", __name__)
exports_bp = Blueprint("audit_exports", __name__)

COLUMNS = ("at", "tag", "what", "subject_type", "subject_id", "who", "name", "facts")
ROWS_AT_ONCE = 500
EXPORTED = "audit:exported"
COUNTED = 10_000
"""More entries than so many are not counted for a page: a filter or the export finds what lies behind them."""


@bp.get("/audit")
@allows("audit:read")
def audit_list() -> str:
    """Every entry of the authority that the filter lets through, newest first."""
    form = filter_form(current_app.extensions["audit_tags"].values(), request.args)
    return _page(form if form.validate() else None, form)


@bp.post("/audit/check")
@allows("audit:read")
def audit_check() -> str:
    """Checks the whole audit now, without holding up anybody who writes."""
    with reading_alone():
        verdict = verify()
    return _page(None, filter_form(current_app.extensions["audit_tags"].values(), None), verdict)


@bp.get("/audit/<uuid:subject_id>")
@allows("audit:read")
def audit_subject(subject_id: UUID) -> str:
    """The whole timeline of one thing of the authority, with the address of its page if the auditor may open it."""
    viewer = current_viewer()
    entry = only_one(entries_of(viewer).where(AuditEntry.subject_id == subject_id).limit(1))
    reference = references_of([entry]).get(subject_id)
    finders = cast(House, current_app).finders if reference else []
    href = next((url for find in finders if reference and (url := find(viewer, reference))), None)
    items = timeline(subject_id, Audience.AUDITOR, limit=200, of=(viewer.authority_id,))
    names = officers_named(viewer, (item.actor_id for item in items))
    shown = {"kind": entry.subject_type.replace("_", " "), "reference": reference, "href": href}
    return render_template("pages/audit_subject.html", items=[item.told_by(names) for item in items], **shown)


def _page(asked: AuditFilterForm | None, form: AuditFilterForm, verdict: ChainVerdict | None = None) -> str:
    viewer = current_viewer()
    page = paged(entries_of(viewer, asked), number=1 if verdict else None, counted=COUNTED)
    return render_template(
        "pages/audit.html",
        page=page,
        form=form,
        names=officers_named(viewer, (entry.actor_id for entry in page.rows)),
        references=references_of(page.rows),
        tag_named=tag_named,
        verdict=verdict,
    )


@exports_bp.post("/audit/export")
@allows("audit:read")
@password_again
def of_authority() -> Response:
    """Every entry of the authority, oldest first. Reasons are words about people: they stay on the pages."""
    return file_answer(partial(table_of_authority, current_viewer()), EXPORTED)


@exports_bp.get("/audit/own")
@allows("audit:own")
def own() -> str:
    """What the provider's own people did, newest first."""
    query = select(AuditEntry).where(_own(current_viewer()), AuditEntry.tag.in_(seen_by(Audience.PROVIDER)))
    page = paged(query.order_by(AuditEntry.at.desc(), AuditEntry.id))
    return render_template("pages/audit_own.html", page=page, tag_named=tag_named)


@exports_bp.post("/audit/own/export")
@allows("audit:own")
@password_again
def of_provider() -> Response:
    """The same as a file, oldest first, with the facts that a provider may see."""
    return file_answer(partial(table_of_provider, current_viewer()), EXPORTED)


def _own(viewer: Viewer) -> Any:
    return AuditEntry.actor_organisation_id == viewer.organisation_id


def table_of_authority(viewer: Viewer) -> ExportTable:
    """Every entry of the viewer's authority."""
    return _table(AuditEntry.authority_id == viewer.authority_id, Audience.AUDITOR, officers_named(viewer))


def table_of_provider(viewer: Viewer) -> ExportTable:
    """What the people of the viewer's organisation did."""
    return _table(_own(viewer), Audience.PROVIDER)


def _table(scope: Any, audience: Audience, names: Mapping[UUID, str] | None = None) -> ExportTable:
    query = select(AuditEntry, AuditFact).outerjoin(AuditFact, AuditFact.entry_id == AuditEntry.id).where(scope)
    if audience is not Audience.AUDITOR:
        query = query.where(AuditEntry.tag.in_(seen_by(audience)))
    return ExportTable(
        "audit-trail", COLUMNS, _rows(query.order_by(AuditEntry.at, AuditEntry.id), audience, names or {})
    )


def _rows(query: Select[AuditEntry, AuditFact], audience: Audience, names: Mapping[UUID, str]) -> Iterator[list[Cell]]:
    for rows in db.session.execute(query.execution_options(yield_per=ROWS_AT_ONCE)).partitions():
        yield from (_row(entry, facts, audience, names) for entry, _, facts in as_read(rows, audience))


def _row(entry: AuditEntry, facts: dict[str, object], audience: Audience, names: Mapping[UUID, str]) -> list[Cell]:
    who = entry.actor_label if audience is Audience.AUDITOR else entry.actor_label.split(", ")[-1]
    about = [entry.subject_type, str(entry.subject_id)]
    name = names.get(entry.actor_id, "") if entry.actor_id else ""
    said = canonical(facts) if facts else ""
    return [entry.at.isoformat(), entry.tag, tag_named(entry.tag).sentence, *about, who, name, said]
