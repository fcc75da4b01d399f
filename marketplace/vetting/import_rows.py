"""The rows that a file of providers becomes in the register, inserted set by set."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app import audit, clock
from app.audit import Actor
from app.audit.services import RowSubject
from app.calendar.working_days import england
from app.database import db, new_id
from app.database.bulk import insert_rows
from app.parties.models import Organisation, User, UserRole
from app.parties.roles import OrganisationKind, Role
from app.postcodes.queries import Located, locate_many
from app.values.reference import new_reference
from marketplace.providers.models import CqcRating, Provider, ProviderContact, ProviderLanguage, ProviderSkill
from marketplace.providers.ratings import AssessmentStyle
from marketplace.schemes.models import Scheme
from marketplace.vetting.import_rules import ProviderRow
from marketplace.vetting.rules import ApplicationState, decision_due

SOURCE = "file of providers"

Values = dict[str, Any]


def write_register(rows: Sequence[ProviderRow], *, by: Actor, password_hash: str | None) -> None:
    """Inserts what the register does not know yet: organisations, locations with their lists, users.

    A location that another authority registered before is kept as it is; it only applies to one more scheme.
    """
    query = select(Provider.cqc_location_id).where(Provider.cqc_location_id.in_([row.cqc_location_id for row in rows]))
    known = set(db.session.scalars(query))
    new = [row for row in rows if row.cqc_location_id not in known]
    organisations = _organisations(new)
    providers = _providers(new, organisations)
    ids = {value["cqc_location_id"]: value["id"] for value in providers}
    insert_rows(Provider, providers)
    insert_rows(CqcRating, [_rating(ids[row.cqc_location_id], row) for row in new if row.cqc_report_date])
    insert_rows(ProviderSkill, _many(new, ids, "skill", lambda row: row.skills))
    insert_rows(ProviderLanguage, _many(new, ids, "language", lambda row: row.languages))
    insert_rows(ProviderContact, [_contact(ids[row.cqc_location_id], row) for row in new])
    _users(new, organisations, password_hash, by)


def application_row(scheme: Scheme, provider_id: UUID, row: ProviderRow) -> Values:
    """The application that a row is, sent today."""
    return {
        "id": new_id(),
        "authority_id": scheme.authority_id,
        "reference": new_reference("APP", secrets.randbits(40)),
        "scheme_id": scheme.id,
        "provider_id": provider_id,
        "state": ApplicationState.SUBMITTED,
        "submitted_at": clock.now(),
        "due_on": decision_due(clock.today(), england().working_days_after),
        "lot_ids": list(row.lots),
        "areas": list(row.outcodes),
        "declarations": [],
        "capacity_minutes": row.capacity_hours_per_week,
        "entry_score": row.entry_assessment_score,
    }


def _organisations(rows: Sequence[ProviderRow]) -> dict[str, UUID]:
    """The organisation of each location: a new one that the file names, that of its contact, or one of its own.

    Two providers may have the same name, so a name joins locations only where the file says so in its own column, and
    one that is registered is joined by an address with which somebody there signs in.
    """
    query = select(User.email, User.organisation_id).where(User.email.in_([row.contact_email for row in rows]))
    working: dict[str, UUID] = {row.email: row.organisation_id for row in db.session.execute(query)}
    known = {row.cqc_location_id: working[row.contact_email] for row in rows if row.contact_email in working}
    others = [row for row in rows if row.cqc_location_id not in known]
    fresh = {name: new_id() for name in sorted({row.organisation for row in others if row.organisation})}
    single = {row.cqc_location_id: new_id() for row in others if not row.organisation}
    names = {row.cqc_location_id: row.name for row in rows}
    added = [(one, name) for name, one in fresh.items()] + [(one, names[at]) for at, one in single.items()]
    kind = OrganisationKind.PROVIDER
    insert_rows(
        Organisation, [{"id": one, "kind": kind, "name": name, "created_at": clock.now()} for one, name in added]
    )
    return known | single | {row.cqc_location_id: fresh[row.organisation] for row in others if row.organisation}


def _providers(rows: Sequence[ProviderRow], organisations: dict[str, UUID]) -> list[Values]:
    places = locate_many({row.base_postcode for row in rows})
    return [
        {
            "id": new_id(),
            "organisation_id": organisations[row.cqc_location_id],
            "reference": new_reference("PRV", secrets.randbits(40)),
            "name": row.name,
            "cqc_location_id": row.cqc_location_id,
            "base_postcode": row.base_postcode,
            "telephone": row.telephone,
            "carers_female": row.carers_female,
            "carers_male": row.carers_male,
            "cqc_rating": row.cqc_overall,
            "cqc_published_on": row.cqc_report_date,
            "created_at": clock.now(),
            **_base(places.get(row.base_postcode)),
        }
        for row in rows
    ]


def _base(place: Located | None) -> Values:
    return {
        "base_easting": place.easting if place else None,
        "base_northing": place.northing if place else None,
    }


def _rating(provider_id: UUID, row: ProviderRow) -> Values:
    return {
        "id": new_id(),
        "provider_id": provider_id,
        "published_on": row.cqc_report_date,
        "style": AssessmentStyle.OLD,
        "overall": row.cqc_overall,
        "source": SOURCE,
        "recorded_at": clock.now(),
        **row.questions,
    }


def _many(rows: Sequence[ProviderRow], ids: dict[str, UUID], column: str, items: Any) -> list[Values]:
    return [
        {"id": new_id(), "provider_id": ids[row.cqc_location_id], column: item} for row in rows for item in items(row)
    ]


def _contact(provider_id: UUID, row: ProviderRow) -> Values:
    return {
        "id": new_id(),
        "provider_id": provider_id,
        "name": row.contact_name,
        "email": row.contact_email,
        "telephone": row.telephone,
    }


FIRST_USER = (Role.PROVIDER_COORDINATOR, Role.PROVIDER_ADMINISTRATOR)
"""The first user of a provider answers offers, and invites the others."""


def _users(rows: Sequence[ProviderRow], organisations: dict[str, UUID], password_hash: str | None, by: Actor) -> None:
    query = select(User.email).where(User.email.in_([row.contact_email for row in rows]))
    known = set(db.session.scalars(query))
    first = {row.contact_email: row for row in reversed(rows) if row.contact_email not in known}
    users: list[Values] = [
        {
            "id": new_id(),
            "organisation_id": organisations[row.cqc_location_id],
            "email": email,
            "name": row.contact_name,
            "password_hash": password_hash,
            "created_at": clock.now(),
        }
        for email, row in first.items()
    ]
    insert_rows(User, users)
    roles = [{"id": new_id(), "user_id": user["id"], "role": role} for user in users for role in FIRST_USER]
    insert_rows(UserRole, roles)
    made = [RowSubject(user["id"], User.__tablename__) for user in users]
    audit.record_each("user:created", made, by=by, roles=sorted(FIRST_USER))
