"""Schemes over the API: the list, one, and taking a scheme's file."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from apiflask.fields import UploadFile
from pydantic import ConfigDict

from app.api.routes import TaskOut
from app.api.shell import Given, PageOf, PageQuery, Sent, api_blueprint
from app.auth import allows, current_viewer
from app.http.paging import paged
from marketplace.schemes.queries import scheme_for, visible_schemes
from marketplace.schemes.regime_rules import Regime
from marketplace.schemes.services import queue_scheme_file
from marketplace.vocabulary import LotUnit

bp = api_blueprint("schemes", __name__, "Schemes")


class LotOut(Given):
    """A lot; prices are per its unit."""

    id: UUID
    name: str
    unit: LotUnit


class SchemeOut(Given):
    """A scheme with its lots."""

    id: UUID
    name: str
    regime: Regime
    established_on: date
    ends_on: date | None
    lots: list[LotOut]


class SchemePage(PageOf):
    """A page of schemes."""

    items: list[SchemeOut]


class SchemeFile(Sent):
    """A scheme's file (TOML), sent as multipart form data."""

    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True)

    file: UploadFile


@bp.get("/schemes")
@allows("schemes:read")
@bp.input(PageQuery, location="query")
@bp.output(SchemePage)
@bp.doc(security="bearer")
def index(query_data: PageQuery) -> dict[str, Any]:
    """The schemes that the caller may read, by name."""
    page = paged(visible_schemes(current_viewer()), number=query_data.page)
    return {"page": page.number, "pages": page.pages, "total": page.total, "items": page.rows}


@bp.get("/schemes/<uuid:scheme_id>")
@allows("schemes:read")
@bp.output(SchemeOut)
@bp.doc(security="bearer")
def show(scheme_id: UUID) -> Any:
    """One scheme."""
    return scheme_for(current_viewer(), scheme_id)


@bp.post("/schemes/import")
@allows("schemes:manage")
@bp.input(SchemeFile, location="files")
@bp.output(TaskOut, status_code=202)
@bp.doc(security="bearer")
def import_file(files_data: SchemeFile) -> Any:
    """Queues a scheme's file for the caller's authority; the task says what it did. The same file again changes nothing."""
    viewer, upload = current_viewer(), files_data.file
    return queue_scheme_file(viewer, upload.stream, upload.filename or "", by=viewer.actor)
