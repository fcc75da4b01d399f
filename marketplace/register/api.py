"""Providers and the file of providers over the API: same services, permissions and reasons as the pages."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from apiflask.fields import UploadFile
from pydantic import ConfigDict

from app.api.routes import TaskOut
from app.api.shell import Given, PageOf, PageQuery, Sent, api_blueprint
from app.auth import allows, current_viewer
from app.http.paging import Page, paged
from marketplace.providers.queries import provider_for, providers_named, ratings_of, with_lists
from marketplace.register.importing import queue_import
from marketplace.schemes.queries import managed_scheme
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
    skills: list[str]
    languages: list[str]


class RatingOut(Given):
    """One published rating with its key questions."""

    published_on: date
    overall: Rating
    safe: Rating
    effective: Rating
    caring: Rating
    responsive: Rating
    well_led: Rating


class ProviderWithRatings(ProviderOut):
    """One CQC location with its ratings over time, newest first."""

    ratings: list[RatingOut]


class ProviderPage(PageOf):
    """A page of providers."""

    items: list[ProviderOut]


class ProvidersFile(Sent):
    """A file of providers (CSV or XLSX), sent as multipart form data."""

    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True)

    file: UploadFile


@bp.get("/providers")
@allows("providers:list")
@bp.input(ProvidersQuery, location="query")
@bp.output(ProviderPage)
@bp.doc(security="bearer")
def providers(query_data: ProvidersQuery) -> dict[str, Any]:
    """The register for councils; a provider's own locations for its people."""
    query = providers_named(current_viewer(), query_data.q.strip()[:80]).options(*with_lists())
    page = paged(query, number=query_data.page)
    return _framed(page, [_provider(one) for one in page.rows])


@bp.get("/providers/<uuid:provider_id>")
@allows("providers:list")
@bp.output(ProviderWithRatings)
@bp.doc(security="bearer")
def provider(provider_id: UUID) -> dict[str, Any]:
    """One provider with its ratings over time."""
    found = provider_for(current_viewer(), provider_id)
    return {**_provider(found), "ratings": ratings_of(found.id)}


@bp.post("/schemes/<uuid:scheme_id>/providers/import")
@allows("providers:import")
@bp.input(ProvidersFile, location="files")
@bp.output(TaskOut, status_code=202)
@bp.doc(security="bearer")
def import_file(scheme_id: UUID, files_data: ProvidersFile) -> Any:
    """Queues a file of providers; the task says what came of it, row by row."""
    viewer = current_viewer()
    scheme = managed_scheme(viewer, scheme_id)
    upload = files_data.file
    return queue_import(scheme, upload.stream, upload.filename or "", by=viewer.actor)


def _framed(page: Page[Any], items: list[dict[str, Any]]) -> dict[str, Any]:
    return {"page": page.number, "pages": page.pages, "total": page.total, "items": items}


def _provider(one: Any) -> dict[str, Any]:
    plain = {name: getattr(one, name) for name in ProviderOut.model_fields if name not in {"skills", "languages"}}
    skills, languages = [has.skill for has in one.skills], [spoken.language for spoken in one.languages]
    return {**plain, "skills": skills, "languages": languages}
