"""Providers and the file of providers over the API: same services, permissions and reasons as the pages."""

from datetime import date, datetime
from operator import attrgetter
from typing import Annotated, Any
from uuid import UUID

from pydantic import BeforeValidator

from app.api.routes import TaskOut
from app.api.shell import Given, ListOut, PageQuery, TableFileIn, api_blueprint, list_out
from app.auth import allows, current_viewer
from app.http.paging import paged
from app.imports.kinds import SheetChoice
from marketplace.providers.queries import provider_for, providers_named, with_lists
from marketplace.register.routes import LoadProviders
from marketplace.vocabulary import Rating

bp = api_blueprint("register", __name__, "Providers and memberships")


class ProvidersQuery(PageQuery):
    """Which page, and what the name, reference, CQC location or base postcode holds."""

    q: str = ""


class ProviderOut(Given):
    """One CQC location."""

    id: UUID
    reference: str
    name: str
    cqc_location_id: str
    cqc_rating: Rating
    cqc_published_on: date | None
    vanished_at: datetime | None
    base_postcode: str
    carers_female: int
    carers_male: int
    skills: list[Annotated[str, BeforeValidator(attrgetter("skill"))]]
    languages: list[Annotated[str, BeforeValidator(attrgetter("language"))]]


class RatingOut(Given):
    """One published rating with its key questions."""

    published_on: date
    overall: Rating
    safe: Rating
    effective: Rating
    caring: Rating
    responsive: Rating
    well_led: Rating


class ProviderWithRatingsOut(ProviderOut):
    """One CQC location with its ratings over time, newest first."""

    ratings: list[RatingOut]


@bp.get("/providers")
@allows("providers:list")
@bp.input(ProvidersQuery, location="query")
@bp.output(ListOut[ProviderOut])
def providers(query_data: ProvidersQuery) -> dict[str, Any]:
    """The register for councils; a provider's own locations for its people."""
    query = providers_named(current_viewer(), query_data.q.strip()[:80]).options(*with_lists())
    page = paged(query, number=query_data.page)
    return list_out(page, page.rows)


@bp.get("/providers/<uuid:provider_id>")
@allows("providers:list")
@bp.output(ProviderWithRatingsOut)
def provider(provider_id: UUID) -> Any:
    """One provider with its ratings over time."""
    return provider_for(current_viewer(), provider_id)


@bp.post("/schemes/<uuid:scheme_id>/providers/import")
@allows("providers:import")
@bp.input(TableFileIn, location="files")
@bp.output(TaskOut, status_code=202)
def import_file(scheme_id: UUID, files_data: TableFileIn) -> Any:
    """Queues a file of providers (CSV or XLSX); the task says what came of it, row by row."""
    upload = files_data.file
    choice = SheetChoice(files_data.sheet, files_data.with_hidden_rows)
    return LoadProviders.take((upload.stream, upload.filename or "", choice), scheme_id=scheme_id)
