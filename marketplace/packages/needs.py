"""What is asked for: entered as new packages, as many as wanted, and changed while nobody has been asked yet.

The rows of every table are made ready before anything is written. A stale page is told what changed meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, update

from app import audit, clock
from app.audit import Actor, Audience
from app.audit.queries import timeline
from app.audit.services import RowSubject
from app.database import Owned, db, new_id
from app.database.bulk import ReadyRows, insert_rows, ready_rows
from app.database.many import FreeReferences
from app.errors import Conflict, Invalid
from app.parties.models import Team
from app.parties.viewer import Viewer
from app.postcodes.queries import Located, locate_many
from app.values.spelling import plain
from marketplace.disclosure.known import Record
from marketplace.disclosure.rules import judge_texts
from marketplace.membership.queries import known_providers
from marketplace.packages.models import (
    Funder,
    FundingShare,
    Package,
    PackageParty,
    PackageSkill,
    PackageVisit,
    PartyRole,
    ToldAddress,
)
from marketplace.packages.queries import errors_against_ready, need_of, waits_for_reader
from marketplace.packages.rules import EDITABLE, Need, PackageStatus, reasons_not_ready
from marketplace.packages.services import move, note_blind_text, note_texts_read, ready_if_complete
from marketplace.people.models import Person
from marketplace.people.queries import reads_all_of, reads_everybody, records_of, records_read_by, whereabouts_of
from marketplace.people.rules import PersonDetails, Whereabouts, birth_in_question, problem_with_birth
from marketplace.people.services import find_or_register, person_row
from marketplace.providers.models import Provider
from marketplace.schemes.models import Lot, Scheme
from marketplace.schemes.queries import zone_finder

Values = dict[str, Any]

Part = PackageVisit | PackageSkill | FundingShare

# What a reader calls each part of a need.
NAMES = {
    "lot_id": "lot",
    "split": "funding",
    "cost_ceiling_pence": "cost ceiling",
    "referring_team_id": "referring team",
    "incumbent_provider_id": "provider of before",
}

PARTS = (PackageVisit, PackageSkill, FundingShare, PackageParty, ToldAddress)
TABLES: tuple[type[Owned], ...] = (Person, Package, *PARTS)
"""In the order in which rows point to each other."""


@dataclass(frozen=True, slots=True)
class NewPackage:
    """What is asked for, and for whom: somebody known, or somebody to be registered.

    `questions` counts what somebody must look at; with one the package begins as a draft. `told` is what was
    told now of somebody known.
    """

    need: Need
    person: Person | PersonDetails
    questions: int
    council_reference: str | None = None
    told: PersonDetails | None = None


class MadeRows:
    """The rows of some new packages, by table."""

    def __init__(self) -> None:
        self.by_table: dict[type[Owned], list[Values]] = {table: [] for table in TABLES}

    def ready(self) -> tuple[ReadyRows, ...]:
        """The rows as the database takes them, to be written in this order."""
        return tuple(ready_rows(table, rows) for table, rows in self.by_table.items())

    def subjects(self, table: type[Owned]) -> list[RowSubject]:
        """The rows of one table as the audit names them."""
        rows = self.by_table[table]
        return [RowSubject(row["id"], table.__tablename__, row["authority_id"]) for row in rows]

    @property
    def drafts(self) -> int:
        """How many packages somebody must look at."""
        return sum(row["status"] is PackageStatus.DRAFT for row in self.by_table[Package])


class PackageMaker:
    """Makes the rows of new packages of one scheme, some hundreds at a time."""

    def __init__(self, scheme: Scheme) -> None:
        self._scheme = scheme
        self._zone_of = zone_finder(scheme.id)
        self._references = FreeReferences("PKG", Package.reference)
        self._person_references = FreeReferences("PER", Person.reference)
        self._person_ids: dict[str, UUID] = {}
        self._now, self._today = clock.now(), clock.today()

    def rows_of(self, packages: Sequence[NewPackage]) -> MadeRows:
        """The rows of every table; a package is ready when everything is known and no word of it is in question."""
        made = MadeRows()
        self._register(packages, made)
        places = locate_many({new.need.postcode.text for new in packages})
        references = self._references.take(len(packages))
        for new, reference in zip(packages, references, strict=True):
            self._add(new, reference, places, made)
        return made

    def _register(self, packages: Iterable[NewPackage], made: MadeRows) -> None:
        """Makes the records of people who are not known; rows with the same NHS number are about the same person.

        Without a number each row is about somebody else, as from the form: nobody is taken for another.
        """
        new: dict[str, NewPackage] = {}
        for package in packages:
            if (key := _key_of(package)) and key not in self._person_ids:
                new.setdefault(key, package)
        for (key, package), reference in zip(new.items(), self._person_references.take(len(new)), strict=True):
            details, need = package.person, package.need
            assert isinstance(details, PersonDetails)
            about = (details, need.postcode, need.referring_team_id, need.language)
            row = person_row(self._scheme.authority_id, reference, *about)
            self._person_ids[key] = row["id"]
            made.by_table[Person].append(row)

    def _add(self, new: NewPackage, reference: str, places: dict[str, Located], made: MadeRows) -> None:
        need, package_id, authority_id = new.need, new_id(), self._scheme.authority_id
        person_id = new.person.id if isinstance(new.person, Person) else self._person_ids[_key_of(new)]
        reasons = reasons_not_ready(need, self._today, birth_in_question=_asks_about_birth(new))
        told = self._told_otherwise(new)
        ready = not new.questions and not told and not reasons
        package = {
            "id": package_id,
            "authority_id": authority_id,
            "reference": reference,
            "council_reference": plain(new.council_reference or "") or None,
            "scheme_id": self._scheme.id,
            "person_id": person_id,
            "parent_id": None,
            "status": PackageStatus.READY if ready else PackageStatus.DRAFT,
            "status_since": self._now,
            "status_reason": None,
            "version": 1,
            "created_at": self._now,
            **need.columns,
            **self.place_of(need, places),
        }
        made.by_table[Package].append(package)
        for table, rows in part_rows(authority_id, package_id, need).items():
            made.by_table[table] += rows
        made.by_table[PackageParty] += self._party_rows(package_id, need)
        if told:
            row = {"id": new_id(), "authority_id": authority_id, "package_id": package_id, "told_at": self._now}
            made.by_table[ToldAddress].append({**row, **asdict(told), "decided_at": None, "decided_by_label": None})

    def _told_otherwise(self, new: NewPackage) -> Whereabouts | None:
        """Where somebody known lives and is rung as told with a package, where the record says another thing."""
        if not isinstance(new.person, Person) or new.told is None:
            return None
        known, told = whereabouts_of(new.person), new.told.told_at(new.need.postcode.text)
        differ = told.differences(known)
        return replace(told, name=told.name if "name" in differ else "") if differ else None

    def place_of(self, need: Need, places: dict[str, Located]) -> Values:
        """Where the visits take place: the scheme's zone and the point on the map, as far as they are known."""
        zone = self._zone_of(str(need.postcode.outcode), str(need.postcode.sector))
        place = places.get(need.postcode.text)
        return {
            "zone_id": zone.id if zone else None,
            "easting": place.easting if place else None,
            "northing": place.northing if place else None,
        }

    def _party_rows(self, package_id: UUID, need: Need) -> list[Values]:
        """The scheme's ICB takes part when the NHS pays a share."""
        if not (need.split.health_percent and self._scheme.default_icb_id):
            return []
        party = {"organisation_id": self._scheme.default_icb_id, "role": PartyRole.FUNDER}
        owned = {"id": new_id(), "authority_id": self._scheme.authority_id, "package_id": package_id}
        return [{**owned, **party, "starts_on": clock.today(), "ends_on": None}]


def _asks_about_birth(new: NewPackage) -> bool:
    confirmed = new.person.birth_confirmed if isinstance(new.person, Person) else None
    return birth_in_question(new.person.date_of_birth, new.need.planned_start, confirmed)


def _key_of(new: NewPackage) -> str:
    """By what somebody to be registered is told from others: the NHS number, else the council's own reference."""
    if isinstance(new.person, Person):
        return ""
    return new.person.nhs_number.digits if new.person.nhs_number else f"reference {new.council_reference}"


def part_rows(authority_id: UUID, package_id: UUID, need: Need) -> dict[type[Part], list[Values]]:
    """The rows that hang on a package: its visits, skills and shares."""
    owned = {"authority_id": authority_id, "package_id": package_id}
    shares = ((Funder.COUNCIL, need.split.council_percent), (Funder.HEALTH, need.split.health_percent))
    owned_share = {**owned, "starts_on": need.planned_start, "ends_on": None}
    return {
        PackageVisit: [{"id": new_id(), **owned, **visit.columns} for visit in need.visits],
        PackageSkill: [{"id": new_id(), **owned, "skill": skill} for skill in need.skills],
        FundingShare: [
            {"id": new_id(), **owned_share, "funder": funder, "percent": percent}
            for funder, percent in shares
            if percent
        ],
    }


def create_package(
    scheme: Scheme,
    person: PersonDetails,
    need: Need,
    *,
    by: Actor,
    council_reference: str | None = None,
    viewer: Viewer | None = None,
) -> Package:
    """Enters a package: ready when everything is known and no text raises a question, else a draft.

    Raises Invalid when a text gives the person away, what is named is not of the scheme, or the date of birth cannot be.
    What somebody writes who may not read every record waits to be read, unless their own people were read already: it is
    the same whether the person is known to others or to nobody.
    """
    refuse_texts(need, person.known_at(need.postcode.text))
    refuse_strangers(scheme, need)
    if problem := problem_with_birth(person.date_of_birth, need.planned_start):
        raise Invalid({"date_of_birth": problem})
    team_id = need.referring_team_id or (min(viewer.team_ids) if viewer and not reads_everybody(viewer) else None)
    known = find_or_register(scheme.authority_id, person, need.postcode, team_id, by=by, viewer=viewer)
    waits = waits_for_reader(viewer, known)
    records = records_of([known]) if viewer is None else records_read_by(viewer, known)
    refuse_texts(need, *records)
    in_question = len(judge_texts(need.texts, *records).questions) + waits
    made = PackageMaker(scheme).rows_of([NewPackage(need, known, in_question, council_reference, person)])
    for rows in made.ready():
        rows.write()
    package = db.session.get_one(Package, made.by_table[Package][0]["id"])
    audit.record("package:created", package, by=by, reference=package.reference, version=package.version)
    if waits:
        note_blind_text(package, by=by)
    if package.status is PackageStatus.READY:
        audit.record("package:ready", package, by=by)
    return package


def refuse_texts(need: Need, *records: Record) -> None:
    """Raises Invalid at the fields that give somebody away: by what anybody can see, and by what these records know."""
    if refusals := judge_texts(need.texts, *records).refusals:
        raise Invalid(refusals)


def refuse_strangers(scheme: Scheme, need: Need) -> None:
    """Raises Invalid when the lot is not the scheme's, the team not the authority's or the provider unknown."""
    errors = {}
    if not db.session.scalar(select(Lot.id).where(Lot.id == need.lot_id, Lot.scheme_id == scheme.id)):
        errors["lot"] = "Choose a lot of this scheme."
    team = select(Team.id).where(Team.id == need.referring_team_id, Team.organisation_id == scheme.authority_id)
    if need.referring_team_id and not db.session.scalar(team):
        errors["team"] = "Choose one of your authority’s teams."
    provider = known_providers(scheme.authority_id).where(Provider.id == need.incumbent_provider_id)
    if need.incumbent_provider_id and not db.session.scalar(provider):
        errors["incumbent"] = "Choose a provider that is or was a member of your schemes, or applied."
    if errors:
        raise Invalid(errors)


def edit_package(
    package: Package, need: Need, *, expected_version: int, by: Actor, viewer: Viewer | None = None
) -> None:
    """Changes the need. A draft becomes ready when it is complete, and a ready package a draft when it is not.

    Raises Conflict when the package changed since `expected_version` or providers have been asked, Invalid when a
    text cannot be published or an unsourced package would no longer be complete. As when it is entered, a viewer who may
    not read the person's record is not told what meets it.
    """
    if package.status not in EDITABLE:
        raise Conflict(f"This package is {package.status.label.lower()}, so what is asked for stays as it is.")
    reads = viewer is None or reads_all_of(viewer, package.person)
    refuse_texts(need, *(records_read_by(viewer, package.person) if viewer else records_of([package.person])))
    refuse_strangers(package.scheme, need)
    before = need_of(package)
    differ = [part.name for part in fields(Need) if getattr(before, part.name) != getattr(need, part.name)]
    if not reads and package.status is PackageStatus.UNSOURCED:
        raise Conflict("A package that was offered is changed by those who may see the person’s record.")
    if package.version != expected_version:
        raise _stale(package, expected_version)
    if not differ:
        return
    version = _written(package, need, expected_version)
    changed = [NAMES.get(name, name.replace("_", " ")) for name in differ]
    audit.record("package:edited", package, by=by, changed=changed, version=version)
    if viewer is None or reads_everybody(viewer):
        note_texts_read(package, by=by)
    elif not reads:
        note_blind_text(package, by=by)
    _settle(package, by=by, viewer=viewer)


def _written(package: Package, need: Need, expected: int) -> int:
    place = PackageMaker(package.scheme).place_of(need, locate_many([need.postcode.text]))
    statement = (
        update(Package)
        .where(Package.id == package.id, Package.version == expected, Package.status.in_(sorted(EDITABLE)))
        .values(**need.columns, **place, version=expected + 1)
        .returning(Package.version)
        .execution_options(synchronize_session=False)
    )
    version = db.session.scalars(statement).one_or_none()
    if version is None:
        raise _stale(package, expected)
    for table, rows in part_rows(package.authority_id, package.id, need).items():
        db.session.execute(delete(table).where(table.package_id == package.id))
        insert_rows(table, rows)
    db.session.refresh(package)
    _set_party(package, takes_part=need.split.health_percent > 0)
    return version


def _settle(package: Package, *, by: Actor, viewer: Viewer | None) -> None:
    if package.status is PackageStatus.UNSOURCED and (errors := errors_against_ready(package, viewer)):
        raise Invalid(errors)
    if package.status is PackageStatus.READY and errors_against_ready(package):
        move([package], PackageStatus.DRAFT, "package:draft_again", by=by)
    ready_if_complete(package, by=by)


def _stale(package: Package, expected: int) -> Conflict:
    return Conflict(
        f"{package.reference} was changed since you opened it. {changes_since(package, expected)} "
        "What you typed is still here: compare it with the package, then send it again."
    )


def changes_since(package: Package, version: int) -> str:
    """Who changed which parts of the need after a version, as sentences."""
    edits = [item for item in timeline(package.id, Audience.COUNCIL) if item.tag == "package:edited"]
    later = [item for item in reversed(edits) if int(str(item.facts.get("version", 0))) > version]
    parts = [(item.who, item.facts.get("changed")) for item in later]
    changes = [f"{who} changed: {', '.join(changed) if isinstance(changed, list) else ''}." for who, changed in parts]
    return " ".join(changes) or f"It is {package.status.label.lower()} now."


def _set_party(package: Package, *, takes_part: bool) -> None:
    """The scheme's ICB becomes a party of a package that has not begun, or stops being one."""
    icb_id = package.scheme.default_icb_id
    if icb_id is None:
        return
    funder = {"package_id": package.id, "organisation_id": icb_id, "role": PartyRole.FUNDER}
    party = db.session.scalars(select(PackageParty).filter_by(**funder)).one_or_none()
    if party is None and takes_part:
        db.session.add(PackageParty(authority_id=package.authority_id, starts_on=clock.today(), **funder))
    elif party is not None:
        party.ends_on = None if takes_part else clock.today() - timedelta(days=1)
