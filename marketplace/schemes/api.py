"""Schemes over the API: the list, one, and taking a scheme's file."""

from datetime import date
from typing import Any
from uuid import UUID

from app.api.routes import TaskOut
from app.api.shell import FileIn, Given, ListOut, PageQuery, api_blueprint, list_out
from app.auth import allows, current_viewer
from app.http.paging import paged
from marketplace.schemes.queries import scheme_for, visible_decline_codes, visible_schemes
from marketplace.schemes.regime_rules import Regime
from marketplace.schemes.steps import ImportScheme
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


class DeclineCodeOut(Given):
    """A reason for which a package of this authority can be declined; some need words as well."""

    authority_id: UUID
    code: str
    label: str
    text_required: bool


@bp.get("/decline-codes")
@allows("schemes:read")
@bp.input(PageQuery, location="query")
@bp.output(ListOut[DeclineCodeOut])
def show_decline_codes(query_data: PageQuery) -> dict[str, Any]:
    """The reasons to decline of every authority whose schemes the caller may read, in the order of its list."""
    page = paged(visible_decline_codes(current_viewer()), number=query_data.page)
    return list_out(page, page.rows)


@bp.get("/schemes")
@allows("schemes:read")
@bp.input(PageQuery, location="query")
@bp.output(ListOut[SchemeOut])
def index(query_data: PageQuery) -> dict[str, Any]:
    """The schemes that the caller may read, by name."""
    page = paged(visible_schemes(current_viewer()), number=query_data.page)
    return list_out(page, page.rows)


@bp.get("/schemes/<uuid:scheme_id>")
@allows("schemes:read")
@bp.output(SchemeOut)
def show(scheme_id: UUID) -> Any:
    """One scheme."""
    return scheme_for(current_viewer(), scheme_id)


@bp.post("/schemes/import")
@allows("schemes:manage")
@bp.input(FileIn, location="files")
@bp.output(TaskOut, status_code=202)
def import_file(files_data: FileIn) -> Any:
    """Queues a scheme's file (TOML) for the caller's authority; the task says what it did. The same file again changes nothing."""
    return ImportScheme.take((files_data.file.stream, files_data.file.filename or ""))
