"""People over the API: reading a record, correcting it, where somebody lives, and comparing two records of one number."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from app.api.shell import Day, Given, ListOut, PageQuery, Sent, Tick, api_blueprint, list_out
from app.auth import allows, current_viewer
from app.http.paging import paged
from marketplace.people import matching, queries, steps
from marketplace.people.forms import Compared, read_correction
from marketplace.people.models import ContactPreference
from marketplace.people.services import REACHED, Contact

bp = api_blueprint("people", __name__, "People")


class DatedAddressOut(Given):
    """An address of before, or one that is to come; without `held_until` its day has not come."""

    address: str | None
    postcode: str
    holds_from: date
    held_until: date | None


class PersonRecordOut(Given):
    """Who somebody is and where they live today. Every answer of this kind is recorded."""

    id: UUID
    reference: str
    name: str
    known_as: str | None
    date_of_birth: date | None
    nhs_number: str | None
    address: str | None
    postcode: str
    address_from: date
    telephone: str | None
    email: str | None
    contact_preference: ContactPreference
    language: str | None
    other_addresses: list[DatedAddressOut]


class CorrectionIn(Sent):
    """What the record should have said all along; what is not sent stays."""

    name: Annotated[str, Field(max_length=120)] | None = None
    date_of_birth: Day | None = None
    nhs_number: Annotated[str, Field(max_length=20)] | None = None
    address: Annotated[str, Field(max_length=400)] | None = None
    postcode: Annotated[str, Field(max_length=12)] | None = None
    because: str


class ContactIn(Sent):
    """How to reach the person; what is not sent stays. An address comes with its postcode, or with `other_stays`."""

    contact_preference: ContactPreference | None = None
    telephone: Annotated[str, Field(max_length=30)] | None = None
    email: Annotated[str, Field(max_length=254)] | None = None
    language: Annotated[str, Field(max_length=60)] | None = None
    known_as: Annotated[str, Field(max_length=100)] | None = None
    address: Annotated[str, Field(max_length=400)] | None = None
    postcode: Annotated[str, Field(max_length=12)] | None = None
    other_stays: Tick = False
    holds_from: Day | None = None


class ToldPersonOut(Given):
    """What was told of somebody whom the caller holds, by others who could not know them."""

    id: UUID
    reference: str
    known_record_id: UUID


class ComparisonIn(Sent):
    """Whether both are one person (`told` or `record` holds) or not (`another`), from which day, and how that is known."""

    outcome: Compared
    holds_from: Day | None = None
    because: str


@bp.get("/people/<uuid:person_id>")
@allows("people:read")
@bp.output(PersonRecordOut)
def show(person_id: UUID) -> Any:
    """Who the person is, for those who may open the record; recorded."""
    return queries.person_for(current_viewer(), person_id)


@bp.post("/people/<uuid:person_id>/corrections")
@allows("people:correct")
@bp.input(CorrectionIn)
@bp.output(PersonRecordOut)
def correct(person_id: UUID, json_data: CorrectionIn) -> Any:
    """Puts right what the record should have said all along, with a reason (UK GDPR Article 16)."""
    person = queries.person_to_correct(current_viewer(), person_id)
    sent = json_data.model_dump(exclude_none=True)
    texts = {
        name: sent.get(name, getattr(person, name) or "") for name in ("name", "address", "nhs_number", "postcode")
    }
    wanted = read_correction(texts, json_data.date_of_birth or person.date_of_birth)
    steps.CorrectPerson.take((wanted, json_data.because), person_id=person_id)
    return person


@bp.post("/people/<uuid:person_id>/contact")
@allows("people:write")
@bp.input(ContactIn)
@bp.output(PersonRecordOut)
def change_contact(person_id: UUID, json_data: ContactIn) -> Any:
    """Changes how to reach the person, and where they live from which day on."""
    person = queries.person_to_change(current_viewer(), person_id)
    known = {name: getattr(person, name) or "" for name in (*REACHED, "address")}
    contact = Contact(**{**known, **json_data.model_dump(exclude_none=True)})
    steps.ChangeContact.take(contact, person_id=person_id)
    return person


@bp.get("/people/told")
@allows("people:write")
@bp.input(PageQuery, location="query")
@bp.output(ListOut[ToldPersonOut])
def to_compare(query_data: PageQuery) -> dict[str, Any]:
    """What was told of people whom the caller holds, and waits to be compared with what is known."""
    page = paged(matching.to_compare(current_viewer()), number=query_data.page)
    return list_out(page, page.rows)


@bp.get("/people/told/<uuid:person_id>")
@allows("people:write")
@bp.output(PersonRecordOut)
def told(person_id: UUID) -> Any:
    """What was told of one of them; recorded."""
    return matching.told_to_compare(current_viewer(), person_id)


@bp.post("/people/told/<uuid:person_id>/comparison")
@allows("people:write")
@bp.input(ComparisonIn)
@bp.output(PersonRecordOut)
def compare(person_id: UUID, json_data: ComparisonIn) -> Any:
    """Says whether both are one person, and which of them holds; the answer is the record that was known."""
    answer = (json_data.outcome, json_data.holds_from, json_data.because)
    return steps.CompareRecords.take(answer, person_id=person_id)
