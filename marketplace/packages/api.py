"""Packages over the API: list, enter, read, import, export. The same steps, permissions and reasons as on the pages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any, cast
from uuid import UUID

from flask import Response, current_app
from pydantic import Field

from app.api.routes import TaskOut
from app.api.shell import (
    EXPORT,
    Day,
    ExportAsked,
    Given,
    ListOut,
    PageQuery,
    Sent,
    TableFileIn,
    Tick,
    Whole,
    api_blueprint,
    list_out,
)
from app.auth import allows, current_viewer
from app.auth.fresh_routes import password_again
from app.errors import Invalid, Reading
from app.exports import file_answer
from app.house import House
from app.http.paging import paged
from app.imports.kinds import SheetChoice
from app.parties.viewer import Viewer
from app.values.nhs_number import NhsNumber
from app.values.postcode import Postcode
from marketplace.packages.listing import (
    PackageFilter,
    own_drafts,
    packages_listed,
    packages_table,
    rows_to_export,
    teams_for,
    whole_table,
)
from marketplace.packages.models import Funder, Package
from marketplace.packages.panels import reasons_by_package
from marketplace.packages.queries import identity_for, is_lead, package_for
from marketplace.packages.rules import NEED_COLUMNS, FundingSplit, Need, PackageStatus, Source, Urgency
from marketplace.packages.steps import EnterPackage, GiveNewStart, ImportPackages, MoveLateStarts
from marketplace.packages.visits import Visit, parse_weekly_visits, weekly_visits_text, window_of
from marketplace.people.rules import PersonDetails
from marketplace.vocabulary import CarerGender

bp = api_blueprint("packages", __name__, "Packages")


class PackageQuery(PackageFilter, PageQuery):
    """Which packages, and which page of them."""


class PackagesExportIn(PackageFilter, ExportAsked):
    """Which packages leave, and in which format."""


class PersonIn(Sent):
    """Who needs care. A person already known is found by the NHS number."""

    name: Annotated[str, Field(min_length=1, max_length=120)]
    date_of_birth: Day
    nhs_number: str | None = None
    address: Annotated[str, Field(max_length=300)] = ""
    telephone: Annotated[str, Field(max_length=30)] = ""


class VisitIn(Sent):
    """One visit: weekday 0 (Monday) to 6, a window in minutes of the day (0 to 1440 is the whole day), its length, one
    or two carers.
    """

    weekday: Annotated[Whole, Field(ge=0, le=6)]
    window_start: Annotated[Whole, Field(ge=0, le=1439)]
    window_end: Annotated[Whole, Field(ge=0, le=1440)]
    minutes: Annotated[Whole, Field(ge=1, le=1440)]
    carers: Annotated[Whole, Field(ge=1, le=2)] = 1
    time_critical: Tick = False
    tasks: Annotated[str, Field(max_length=500)] = ""


class PackageIn(Sent):
    """What is asked for. Visits come one by one, or as text in the form of the import."""

    scheme_id: UUID
    lot_id: UUID
    person: PersonIn
    source: Source
    urgency: Urgency = Urgency.STANDARD
    planned_start: Day
    postcode: Annotated[str, Field(max_length=12)]
    visits: Annotated[list[VisitIn], Field(max_length=140)] = []
    weekly_visits: Annotated[str, Field(max_length=4000)] = ""
    pen_picture: Annotated[str, Field(max_length=2000)] = ""
    short_visit_reason: Annotated[str, Field(max_length=300)] = ""
    carer_gender: CarerGender = CarerGender.ANY
    carer_gender_reason: Annotated[str, Field(max_length=300)] = ""
    skills: Annotated[list[Annotated[str, Field(min_length=1, max_length=60)]], Field(max_length=20)] = []
    language: Annotated[str, Field(max_length=60)] = ""
    health_percent: Annotated[Whole, Field(ge=0, le=100)] = 0
    cost_ceiling_pence: Annotated[Whole, Field(ge=0, le=100_000_00)] | None = None
    referring_team_id: UUID | None = None
    incumbent_provider_id: UUID | None = None
    council_reference: Annotated[str, Field(max_length=40)] | None = None


class NewStartIn(Sent):
    """A new earliest start, later than the one that the package has."""

    start: Day


class PackageFileIn(TableFileIn):
    """A CSV or Excel file of packages for one scheme, as multipart form data."""

    scheme_id: UUID
    though_outside: bool = False


class PackageOut(Given):
    """A package in a list. The outcode stands for the postcode; minutes are a week's, with carers counted.

    `council_reference` is the own reference of the council that leads it; null for others.
    """

    id: UUID
    reference: str
    council_reference: str | None
    status: PackageStatus
    status_since: datetime
    source: Source
    urgency: Urgency
    scheme_id: UUID
    lot_id: UUID
    zone_id: UUID | None
    outcode: str
    planned_start: date
    first_wanted_start: date | None
    weekly_minutes: int
    version: int


class VisitOut(Given):
    """One visit of the week."""

    weekday: int
    window_start: int
    window_end: int
    minutes: int
    carers: int
    time_critical: bool
    tasks: str


class ShareOut(Given):
    """A funder's share in per cent."""

    funder: Funder
    percent: int
    starts_on: date
    ends_on: date | None


class PackageWholeOut(PackageOut):
    """One package with its visits, needs and shares; never whose it is.

    `nobody` says that nobody could take it as it stands, with the number of members that each need leaves.
    """

    pen_picture: str
    short_visit_reason: str | None
    carer_gender: CarerGender
    carer_gender_reason: str | None
    language: str | None
    skills: list[str]
    visits: list[VisitOut]
    funding: list[ShareOut]
    nobody: str | None


class PackagePersonOut(Given):
    """Whose package it is. Every answer of this kind is recorded."""

    reference: str
    name: str
    date_of_birth: date | None
    nhs_number: str | None
    address: str | None
    postcode: str
    telephone: str | None


@bp.get("/packages")
@allows("packages:read")
@bp.input(PackageQuery, location="query")
@bp.output(ListOut[PackageOut])
def index(query_data: PackageQuery) -> dict[str, Any]:
    """The packages that the caller may see."""
    page = packages_listed(current_viewer(), query_data)
    return list_out(page, page.rows)


@bp.post("/packages")
@allows("packages:write")
@bp.input(PackageIn, location="json")
@bp.output(PackageWholeOut, status_code=201)
def create(json_data: PackageIn) -> dict[str, Any]:
    """Enters a package: ready when it is complete and no word of it may be the person's name, else a draft."""
    person, need = _read(current_viewer(), json_data)
    return _whole(EnterPackage.take((person, need, json_data.council_reference), scheme_id=json_data.scheme_id))


class DraftsQuery(PageQuery):
    """Of which scheme, or all, and which page."""

    scheme_id: UUID | None = None


class DraftOut(Given):
    """A package that cannot be offered yet, and everything that it lacks."""

    id: UUID
    reference: str
    council_reference: str | None
    planned_start: date
    reasons: list[str]


class LateStartsIn(Sent):
    """A new earliest start for every draft, of one scheme or all, whose planned start is in the past."""

    scheme_id: UUID | None = None
    start: Day


class LateStartsOut(Given):
    """How many packages got the new start, and how many of them lacked nothing else and are ready."""

    moved: int
    ready: int


@bp.get("/packages/to-look-at")
@allows("packages:write")
@bp.input(DraftsQuery, location="query")
@bp.output(ListOut[DraftOut])
def show_drafts(query_data: DraftsQuery) -> dict[str, Any]:
    """The drafts of the caller's authority, the earliest start first, each with what it lacks."""
    viewer = current_viewer()
    page = paged(own_drafts(viewer, query_data.scheme_id), number=query_data.page)
    reasons = reasons_by_package(page.rows)
    names = DraftOut.model_fields.keys() - {"reasons"}
    rows = [{**{name: getattr(row, name) for name in names}, "reasons": reasons[row.id]} for row in page.rows]
    return list_out(page, rows)


@bp.post("/packages/to-look-at/start")
@allows("packages:write")
@bp.input(LateStartsIn, location="json")
@bp.output(LateStartsOut)
def move_late_starts(json_data: LateStartsIn) -> Any:
    """Gives every draft whose planned start is in the past a new one; the first one is kept."""
    return LateStartsOut.model_validate(MoveLateStarts.take(json_data.start, scheme_id=json_data.scheme_id))


@bp.get("/packages/<uuid:package_id>")
@allows("packages:read")
@bp.output(PackageWholeOut)
def show(package_id: UUID) -> dict[str, Any]:
    """One package."""
    return _whole(package_for(current_viewer(), package_id))


@bp.post("/packages/<uuid:package_id>/start")
@allows("packages:write")
@bp.input(NewStartIn, location="json")
@bp.output(PackageWholeOut)
def give_new_start(package_id: UUID, json_data: NewStartIn) -> dict[str, Any]:
    """Gives a package a new earliest start; the one that was wanted first is kept."""
    GiveNewStart.take(json_data.start, package_id=package_id)
    return _whole(package_for(current_viewer(), package_id))


@bp.get("/packages/<uuid:package_id>/person")
@allows("packages:read")
@bp.output(PackagePersonOut)
def person(package_id: UUID) -> Any:
    """Whose package it is, for roles that need to know; recorded."""
    viewer = current_viewer()
    return identity_for(viewer, package_for(viewer, package_id))


@bp.post("/packages/import")
@allows("packages:import")
@bp.input(PackageFileIn, location="files")
@bp.output(TaskOut, status_code=202)
def import_file(files_data: PackageFileIn) -> Any:
    """Queues the import of a file; the task says how far it is and names every bad row."""
    upload = files_data.file
    choice = SheetChoice(files_data.sheet, files_data.with_hidden_rows, files_data.though_outside)
    return ImportPackages.take((str(files_data.scheme_id), (upload.stream, upload.filename or "", choice)))


@bp.post("/packages/export")
@allows("packages:export")
@password_again
@bp.input(PackagesExportIn)
@bp.doc(**EXPORT)
def export(json_data: PackagesExportIn) -> Response:
    """The packages of the authority without identity."""
    viewer = current_viewer()
    return file_answer(lambda: packages_table(rows_to_export(viewer, json_data)), "packages:exported", json_data.format)


@bp.post("/packages/export-with-people")
@allows("packages:export-people")
@password_again
@bp.input(PackagesExportIn)
@bp.doc(**EXPORT)
def export_with_people(json_data: PackagesExportIn) -> Response:
    """The same in the columns of the import, with names and addresses: every person is noted as looked at."""
    viewer = current_viewer()
    tag = "packages:exported_with_people"
    return file_answer(lambda: whole_table(rows_to_export(viewer, json_data)), tag, json_data.format)


def _read(viewer: Viewer, sent: PackageIn) -> tuple[PersonDetails, Need]:
    """The values of what was sent, or Invalid naming every field that cannot be used."""
    read = Reading()
    postcode = read.value("postcode", Postcode.parse, sent.postcode)
    visits = read.value("visits", _visits, sent)
    who = sent.person
    number = read.value("nhs_number", NhsNumber.parse, who.nhs_number) if who.nhs_number else None
    read.finish()
    assert postcode
    assert visits is not None
    if sent.referring_team_id and sent.referring_team_id not in {team.id for team in teams_for(viewer)}:
        raise Invalid({"referring_team_id": "Choose a team for which you may ask for care."})
    need = Need(
        **{name: getattr(sent, name) for name in NEED_COLUMNS},
        postcode=postcode,
        visits=visits,
        split=FundingSplit(100 - sent.health_percent, sent.health_percent),
        skills=tuple(dict.fromkeys(sent.skills)),
    )
    return PersonDetails(who.name, who.date_of_birth, number, who.address, who.telephone), need


def _visits(sent: PackageIn) -> tuple[Visit, ...]:
    if sent.weekly_visits:
        return parse_weekly_visits(visits_text(sent.visits, sent.weekly_visits), time_critical=False)
    return tuple(sorted(_visit(visit) for visit in sent.visits))


def visits_text(visits: Sequence[VisitIn], text: str) -> str:
    """A week sent visit by visit or as text, as the form of the import; one that is not a week raises ValueError."""
    if visits and text:
        raise ValueError("Send the visits one by one or as text, not both.")
    return text or weekly_visits_text(map(_visit, visits))


def _visit(sent: VisitIn) -> Visit:
    start, end = window_of(sent.window_start, sent.window_end)
    return Visit(**sent.model_dump() | {"window_start": start, "window_end": end})


def _whole(package: Package) -> dict[str, Any]:
    viewer, others = current_viewer(), {"skills", "nobody"}
    plain = {name: getattr(package, name) for name in PackageWholeOut.model_fields.keys() - others}
    if not is_lead(viewer, package):
        plain["council_reference"] = None
    notes = cast(House, current_app).notes_about(viewer, "package need", [package.id])
    return {**plain, "skills": [skill.skill for skill in package.skills], "nobody": notes.get(package.id)}
