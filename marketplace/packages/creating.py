"""A new package: the person found again or registered, the place on the map, the visits, shares and parties."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from app import audit
from app.audit import Actor
from app.database import db
from app.errors import Invalid
from app.parties.models import Team
from app.postcodes.queries import locate
from marketplace.packages.funding import set_shares
from marketplace.packages.models import Package, PackageSkill, PackageVisit
from marketplace.packages.moves import move
from marketplace.packages.needs import Need, PersonDetails
from marketplace.packages.readiness import errors_against_ready
from marketplace.packages.references import free_references
from marketplace.packages.rules import PackageStatus
from marketplace.packages.texts import judge_texts
from marketplace.packages.visits import Visit
from marketplace.people.models import Person
from marketplace.people.services import register_person
from marketplace.providers.models import Provider
from marketplace.schemes.models import Lot, Scheme
from marketplace.schemes.queries import zone_finder


def create_package(
    scheme: Scheme, person: Person | PersonDetails, need: Need, *, by: Actor, council_reference: str | None = None
) -> Package:
    """Enters a package: ready when everything is known and no text raises a question, else a draft.

    Raises Invalid when a text holds a telephone number, postcode or NHS number, or what is named is not of the scheme.
    """
    refuse_texts(need)
    refuse_strangers(scheme, need)
    if isinstance(person, PersonDetails):
        person = find_or_register(scheme.authority_id, person, need, by=by)
    package = Package(
        authority_id=scheme.authority_id,
        reference=free_references(1)[0],
        council_reference=council_reference or None,
        scheme_id=scheme.id,
        person_id=person.id,
        **need.columns,
        **place_of(scheme, need),
    )
    write_parts(package, need)
    db.session.add(package)
    db.session.flush()
    set_shares(package, need.split, need.planned_start)
    audit.record("package:created", package, by=by, reference=package.reference, version=package.version)
    ready_if_complete(package, by=by)
    return package


def ready_if_complete(package: Package, *, by: Actor) -> bool:
    """Calls a draft ready when nothing is against it; whether it did."""
    if package.status is not PackageStatus.DRAFT or errors_against_ready(package):
        return False
    move([package], PackageStatus.READY, "package:ready", by=by)
    return True


def refuse_texts(need: Need) -> None:
    """Raises Invalid at the fields that hold a telephone number, a postcode or an NHS number."""
    if refusals := judge_texts(need.texts, []).refusals:
        raise Invalid(refusals)


def refuse_strangers(scheme: Scheme, need: Need) -> None:
    """Raises Invalid when the lot is not the scheme's, the team not the authority's or the provider unknown."""
    errors = {}
    if not db.session.scalar(select(Lot.id).where(Lot.id == need.lot_id, Lot.scheme_id == scheme.id)):
        errors["lot"] = "Choose a lot of this scheme."
    team = select(Team.id).where(Team.id == need.referring_team_id, Team.organisation_id == scheme.authority_id)
    if need.referring_team_id and not db.session.scalar(team):
        errors["team"] = "Choose one of your authority’s teams."
    provider = select(Provider.id).where(Provider.id == need.incumbent_provider_id)
    if need.incumbent_provider_id and not db.session.scalar(provider):
        errors["incumbent"] = "Choose a provider in the register."
    if errors:
        raise Invalid(errors)


def find_or_register(authority_id: UUID, details: PersonDetails, need: Need, *, by: Actor) -> Person:
    """The person with this NHS number, or a new one. Raises Invalid when the number is somebody else's."""
    number = details.nhs_number.digits if details.nhs_number else None
    known = select(Person).where(Person.authority_id == authority_id, Person.nhs_number == number)
    found = db.session.scalars(known).one_or_none() if number else None
    if found is None:
        return register_person(
            authority_id,
            details.name,
            details.date_of_birth,
            number,
            details.address,
            need.postcode.text,
            details.telephone,
            by=by,
            team_id=need.referring_team_id,
        )
    if (found.name.casefold(), found.date_of_birth) != (details.name.casefold(), details.date_of_birth):
        raise Invalid({"nhs_number": "Another person has this NHS number. Check the number, name and date of birth."})
    return found


def place_of(scheme: Scheme, need: Need) -> dict[str, object]:
    """Where the visits take place: the scheme's zone and the point on the map, as far as they are known."""
    zone = zone_finder(scheme.id)(str(need.postcode.outcode), str(need.postcode.sector))
    located = locate(need.postcode.text)
    return {
        "zone_id": zone.id if zone else None,
        "easting": located.easting if located else None,
        "northing": located.northing if located else None,
    }


def write_parts(package: Package, need: Need) -> None:
    """Gives the package its visits and skills, in place of those it had."""
    owned = {"authority_id": package.authority_id}
    package.visits = [PackageVisit(**owned, **visit_columns(visit)) for visit in need.visits]
    package.skills = [PackageSkill(**owned, skill=skill) for skill in need.skills]


def visit_columns(visit: Visit) -> dict[str, object]:
    """The columns of a visit's row."""
    return {
        "weekday": visit.weekday,
        "window_start": visit.window_start,
        "window_end": visit.window_end,
        "minutes": visit.minutes,
        "carers": visit.carers,
        "time_critical": visit.time_critical,
        "tasks": visit.tasks,
    }
