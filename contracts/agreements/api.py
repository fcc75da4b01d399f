"""Agreements over the API: the same scope and the same facts as on the pages."""

from datetime import date, datetime
from functools import partial
from typing import Any
from uuid import UUID

from flask import Response

from app.api.shell import EXPORT, ExportAsked, Given, ListOut, PageQuery, api_blueprint, list_out
from app.auth import allows, current_viewer
from app.auth.fresh_routes import password_again
from app.exports import file_answer
from contracts.agreements import queries
from contracts.agreements.models import Agreement, AgreementVersion
from contracts.agreements.rules import AgreementState
from marketplace.vocabulary import LotUnit

bp = api_blueprint("agreements", __name__, "Agreements")


class AgreementOut(Given):
    """An agreement in a list. Money in pence, hours in minutes."""

    id: UUID
    reference: str
    package_id: UUID
    package_reference: str
    provider_id: UUID
    provider: str
    state: AgreementState
    contract_from: datetime
    starts_on: date
    ends_on: date | None
    weekly_minutes: int
    weekly_cost_pence: int


class VersionOut(Given):
    """What holds from a date on. `visits` are left out for those who read amounts only."""

    number: int
    starts_on: date
    weekly_minutes: int
    price_pence: int
    unit: LotUnit
    weekly_cost_pence: int
    lines: list[dict[str, Any]]
    funding: list[dict[str, Any]]
    visits: list[dict[str, Any]] | None
    because: str


class AddressToComeOut(Given):
    """Where the person will live from a day on."""

    address: str | None
    postcode: str
    holds_from: date


class PersonOut(Given):
    """Who the person is; only for those who may know, and every read is logged."""

    name: str
    known_as: str | None
    date_of_birth: date | None
    address: str | None
    postcode: str
    address_from: date | None = None
    telephone: str | None
    addresses_to_come: list[AddressToComeOut] = []


class AgreementWhole(AgreementOut):
    """One agreement with its versions. `person` is null where the caller may not know; `person_note` says why."""

    versions: list[VersionOut]
    person: PersonOut | None
    person_note: str


@bp.get("/agreements")
@allows("agreements:read")
@bp.input(PageQuery, location="query")
@bp.output(ListOut[AgreementOut])
def show_list(query_data: PageQuery) -> dict[str, Any]:
    """The agreements the caller may read, newest first."""
    page = queries.agreements_page(current_viewer(), number=query_data.page)
    return list_out(page, [as_given(agreement) for agreement in page.rows])


class AgreementsAsked(ExportAsked):
    """Which agreements leave: those in one state, or all."""

    state: AgreementState | None = None


@bp.post("/agreements/export")
@allows("agreements:export")
@password_again
@bp.input(AgreementsAsked)
@bp.doc(**EXPORT)
def export(json_data: AgreementsAsked) -> Response:
    """The agreements of the caller's own organisation, without identity."""
    table_of = partial(queries.agreements_table, current_viewer(), json_data.state)
    return file_answer(table_of, "agreements:exported", json_data.format)


@bp.get("/agreements/<uuid:agreement_id>")
@allows("agreements:read")
@bp.output(AgreementWhole)
def show(agreement_id: UUID) -> dict[str, Any]:
    """One agreement."""
    viewer = current_viewer()
    agreement = queries.agreement_for(viewer, agreement_id)
    identity = queries.identity_for(viewer, agreement)
    amounts_only = queries.sees_amounts_only(viewer)
    party_only = queries.is_party_only(viewer, agreement)
    versions = [_version(version, amounts_only, party_only) for version in agreement.versions]
    return {
        **as_given(agreement),
        "versions": versions,
        "person": PersonOut.model_validate(identity.person) if identity.person else None,
        "person_note": identity.sentence,
    }


def as_given(agreement: Agreement) -> dict[str, Any]:
    """An agreement as lists and awards give it."""
    version = queries.version_shown(agreement)
    names = ("id", "reference", "package_id", "provider_id", "state", "contract_from", "starts_on", "ends_on")
    return {
        **{name: getattr(agreement, name) for name in names},
        "package_reference": agreement.package.reference,
        "provider": agreement.provider.name,
        "weekly_minutes": version.weekly_minutes,
        "weekly_cost_pence": version.weekly_cost_pence,
    }


def _version(version: AgreementVersion, amounts_only: bool, party_only: bool) -> dict[str, Any]:
    names = ("number", "starts_on", "weekly_minutes", "price_pence", "unit", "weekly_cost_pence", "lines", "because")
    funding = [share for share in version.funding if not party_only or share["funder"] == "health"]
    visits = None if amounts_only else version.visits
    return {**{name: getattr(version, name) for name in names}, "visits": visits, "funding": funding}
