"""Providers and the file of providers over the API: same services, permissions and reasons as the pages."""

from collections.abc import Sequence
from datetime import date, datetime
from operator import attrgetter
from typing import Annotated, Any, TypeVar
from uuid import UUID

from pydantic import BeforeValidator

from app.api.routes import TaskOut
from app.api.shell import Given, ListOut, PageQuery, TableFileIn, api_blueprint, list_out
from app.auth import allows, current_viewer
from app.http.paging import paged
from app.imports.kinds import SheetChoice
from marketplace.providers.known import Known
from marketplace.providers.models import Provider
from marketplace.providers.queries import known_for, providers_named, ratings_for, with_lists
from marketplace.register.queries import is_shown, shown_provider
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

    ratings: list[RatingOut] = []


Shape = TypeVar("Shape", bound=ProviderOut)


def _out(providers: Sequence[Provider], shape: type[Shape]) -> list[Shape]:
    """What the caller may know of each: with the rating that counts for their authority."""
    known = known_for(current_viewer(), providers)
    return [shape.model_validate(provider).model_copy(update=_cqc(known[provider.id])) for provider in providers]


def _cqc(known: Known) -> dict[str, object]:
    return {"cqc_rating": known.rating, "cqc_published_on": known.published_on, "vanished_at": known.vanished_at}


@bp.get("/providers")
@allows("providers:list")
@bp.input(ProvidersQuery, location="query")
@bp.output(ListOut[ProviderOut])
def providers(query_data: ProvidersQuery) -> dict[str, Any]:
    """The register for councils; a provider's own locations for its people."""
    viewer = current_viewer()
    query = providers_named(viewer, query_data.q.strip()[:80]).where(is_shown(viewer)).options(*with_lists())
    page = paged(query, number=query_data.page)
    return list_out(page, _out(page.rows, ProviderOut))


@bp.get("/providers/<uuid:provider_id>")
@allows("providers:list")
@bp.output(ProviderWithRatingsOut)
def provider(provider_id: UUID) -> Any:
    """One provider with its ratings over time."""
    shown = shown_provider(current_viewer(), provider_id)
    ratings = [RatingOut.model_validate(row) for row in ratings_for(current_viewer(), shown)]
    return _out([shown], ProviderWithRatingsOut)[0].model_copy(update={"ratings": ratings})


@bp.post("/schemes/<uuid:scheme_id>/providers/import")
@allows("providers:import")
@bp.input(TableFileIn, location="files")
@bp.output(TaskOut, status_code=202)
def import_file(scheme_id: UUID, files_data: TableFileIn) -> Any:
    """Queues a file of providers (CSV or XLSX); the task says what came of it, row by row."""
    upload = files_data.file
    choice = SheetChoice(files_data.sheet, files_data.with_hidden_rows)
    return LoadProviders.take((upload.stream, upload.filename or "", choice), scheme_id=scheme_id)
