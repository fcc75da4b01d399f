"""Good rows of a file turned into rows of tables, in memory: nothing is written until all of them are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from app import clock
from app.database import new_id
from app.postcodes.queries import Located, locate_many
from marketplace.packages.creating import visit_columns
from marketplace.packages.funding import share_values
from marketplace.packages.import_rules import PackageRow
from marketplace.packages.models import PartyRole
from marketplace.packages.needs import Need
from marketplace.packages.references import free_person_references, free_references
from marketplace.packages.rules import PackageStatus, ReadinessFacts, reasons_not_ready
from marketplace.packages.texts import judge_texts, names_of
from marketplace.people.models import ContactPreference, Person
from marketplace.schemes.models import Scheme, Zone
from marketplace.schemes.queries import zone_finder

Values = dict[str, Any]


class Staged(NamedTuple):
    """A row to come, as the audit takes its subjects."""

    id: UUID
    authority_id: UUID
    table: str

    @property
    def __tablename__(self) -> str:
        return self.table


@dataclass(slots=True)
class Stage:
    """Everything that one file will write, by table."""

    people: list[Values] = field(default_factory=list)
    packages: list[Values] = field(default_factory=list)
    visits: list[Values] = field(default_factory=list)
    skills: list[Values] = field(default_factory=list)
    shares: list[Values] = field(default_factory=list)
    parties: list[Values] = field(default_factory=list)

    @property
    def drafts(self) -> int:
        """How many packages somebody must look at."""
        return sum(row["status"] is PackageStatus.DRAFT for row in self.packages)


@dataclass(frozen=True, slots=True)
class Names:
    """The names that a file may use, with the rows they mean."""

    lots: dict[str, UUID]
    teams: dict[str, UUID]
    providers: dict[str, UUID]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the rows of one file share."""

    scheme: Scheme
    names: Names
    known: dict[str, Person]
    places: dict[str, Located]
    zone_of: Callable[[str, str], Zone | None]
    now: datetime
    today: date


class Stager:
    """Turns the good rows of one file into rows of tables, some hundreds at a time."""

    def __init__(self, scheme: Scheme, names: Names, rows: int) -> None:
        self._scheme, self._names = scheme, names
        self._zone_of = zone_finder(scheme.id)
        self._references = iter(free_references(rows))
        self._person_references = iter(free_person_references(rows))
        self._person_ids: dict[str, UUID] = {}

    def stage(self, known: dict[str, Person], rows: Sequence[PackageRow]) -> Stage:
        """The rows of every table for these rows of the file; `known` are the people registered before.

        A package is ready when it is complete and no word of it may be the person's name.
        """
        places = locate_many({row.postcode.text for row in rows})
        now, today = clock.now(), clock.today()
        around = Surroundings(self._scheme, self._names, known, places, self._zone_of, now, today)
        made = Stage()
        for row in rows:
            person_id = self._person_of(row, made, around)
            _stage_row(made, row, next(self._references), person_id, around)
        return made

    def _person_of(self, row: PackageRow, made: Stage, around: Surroundings) -> UUID:
        number = row.person.nhs_number.digits
        if number in around.known:
            return around.known[number].id
        if number not in self._person_ids:
            self._person_ids[number] = new_id()
            values = _person(self._person_ids[number], row, around)
            made.people.append(values | {"reference": next(self._person_references)})
        return self._person_ids[number]


def _stage_row(made: Stage, row: PackageRow, reference: str, person_id: UUID, around: Surroundings) -> None:
    need = need_of_row(row, around.names)
    package_id = new_id()
    owned = {"authority_id": around.scheme.authority_id, "package_id": package_id}
    made.packages.append(_package(package_id, row, need, around) | {"reference": reference, "person_id": person_id})
    made.visits += [{"id": new_id(), **owned, **visit_columns(visit)} for visit in need.visits]
    made.skills += [{"id": new_id(), **owned, "skill": skill} for skill in need.skills]
    for funder, percent in share_values(need.split):
        period = {"starts_on": need.planned_start, "ends_on": None}
        made.shares.append({"id": new_id(), **owned, "funder": funder, "percent": percent, **period})
    if need.split.health_percent and around.scheme.default_icb_id:
        party = {"organisation_id": around.scheme.default_icb_id, "role": PartyRole.FUNDER}
        made.parties.append({"id": new_id(), **owned, **party, "starts_on": around.today, "ends_on": None})


def need_of_row(row: PackageRow, names: Names) -> Need:
    """A good row as a need."""
    care = row.care
    return Need(
        lot_id=names.lots[row.lot],
        source=row.source,
        urgency=row.urgency,
        planned_start=row.planned_start,
        postcode=row.postcode,
        visits=care.visits,
        pen_picture=care.pen_picture,
        short_visit_reason=care.short_visit_reason,
        carer_gender=care.carer_gender,
        carer_gender_reason=care.carer_gender_reason,
        skills=care.skills,
        language=care.language,
        split=row.split,
        cost_ceiling_pence=row.cost_ceiling_weekly.pence if row.cost_ceiling_weekly else None,
        referring_team_id=names.teams[row.referrer],
        incumbent_provider_id=names.providers.get(row.incumbent_provider),
    )


def _package(package_id: UUID, row: PackageRow, need: Need, around: Surroundings) -> Values:
    place = around.places.get(row.postcode.text)
    zone = around.zone_of(str(row.postcode.outcode), str(row.postcode.sector))
    return {
        "id": package_id,
        "authority_id": around.scheme.authority_id,
        "council_reference": row.reference,
        "scheme_id": around.scheme.id,
        "parent_id": None,
        "status": PackageStatus.READY if _is_ready(row, need, around) else PackageStatus.DRAFT,
        "status_since": around.now,
        "status_reason": None,
        "zone_id": zone.id if zone else None,
        "easting": place.easting if place else None,
        "northing": place.northing if place else None,
        "version": 1,
        "created_at": around.now,
        **need.columns,
    }


def _is_ready(row: PackageRow, need: Need, around: Surroundings) -> bool:
    known = around.known.get(row.person.nhs_number.digits)
    in_question = row.questions or (known and known.known_as and judge_texts(need.texts, names_of(known)).questions)
    facts = ReadinessFacts(
        has_lot=True,
        has_postcode=True,
        has_referring_team=True,
        planned_start=need.planned_start,
        today=around.today,
        pen_picture=need.pen_picture,
        visits=need.visits,
        short_visit_reason=need.short_visit_reason,
        carer_gender=need.carer_gender,
        carer_gender_reason=need.carer_gender_reason,
        names_in_question=len(in_question or ()),
    )
    return not reasons_not_ready(facts)


def _person(person_id: UUID, row: PackageRow, around: Surroundings) -> Values:
    person = row.person
    return {
        "id": person_id,
        "authority_id": around.scheme.authority_id,
        "name": person.name,
        "known_as": None,
        "date_of_birth": person.date_of_birth,
        "nhs_number": person.nhs_number.digits,
        "address": person.address,
        "postcode": row.postcode.text,
        "telephone": person.telephone or None,
        "email": None,
        "contact_preference": ContactPreference.POST,
        "language": row.care.language or None,
        "team_id": around.names.teams[row.referrer],
        "created_at": around.now,
        "died_on": None,
    }
