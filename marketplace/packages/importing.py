"""A file of packages: its columns, what makes a row of it wrong, and what becomes of good ones.

Every row becomes a package, and a person unless the NHS number is known. Reasons never repeat what a cell about a person
holds, because they are shown, stored with the task and sent in mails.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from uuid import UUID

from sqlalchemy import Select, select

from app import audit
from app.audit import Actor
from app.database import db
from app.files.source import Source as FileSource
from app.files.source import UnreadableFile
from app.imports.columns import Ambiguous, Named, column
from app.imports.kinds import AS_SHOWN, FileKind, Intake, SheetChoice, StagedRows, Upload, checking, target_of
from app.imports.queuing import note_imported
from app.imports.readers import choice, optional, split_items, text, yes_or_no
from app.imports.tables import BadRow, Cells, Table
from app.parties.models import Team
from app.tasks.models import Task
from app.tasks.services import actor_of
from app.values.days import read_day
from app.values.money import Money
from app.values.nhs_number import NhsNumber
from app.values.postcode import Postcode
from app.values.spelling import as_read, plain
from marketplace.disclosure.known import Record
from marketplace.disclosure.rules import Finding, findings_in, judge_texts, questions, refused
from marketplace.membership.queries import areas_covered, known_providers
from marketplace.packages.models import Package
from marketplace.packages.needs import NewPackage, PackageMaker
from marketplace.packages.rules import Funding, Need, Source, Urgency, funding_split
from marketplace.packages.visits import (
    EXAMPLE_WEEK,
    Visit,
    first_of_each_day_critical,
    parse_weekly_visits,
    reasons_against_visits,
)
from marketplace.people.models import Person
from marketplace.people.queries import is_another, people_numbered, records_of
from marketplace.people.rules import PersonDetails, Whereabouts, problem_with_birth
from marketplace.providers.models import Provider
from marketplace.providers.rules import called
from marketplace.schemes.models import Lot, Scheme
from marketplace.vocabulary import CarerGender

KIND = "packages:import"
PROVIDER_NAMES = (Provider.id, Provider.name, Provider.registered_name)
OUTSIDE = "Say that it is to be loaded though it lies outside, or choose another scheme"
MOST_SKILLS, LONGEST_SKILL = 20, 60
PUBLISHED = ("pen_picture", "carer_gender_reason", "short_visit_reason", "language")
"""Texts that providers read; they are searched for what tells who the person is."""
_PERCENT = re.compile(r"([0-9]{1,3})\s*%?")
_TELEPHONE = re.compile(r"\+?[0-9]{10,15}")


def _skills(cell: str) -> tuple[str, ...]:
    """A skill named like the person is no disclosure."""
    skills = tuple(dict.fromkeys(split_items(cell)))
    if len(skills) > MOST_SKILLS or any(len(skill) > LONGEST_SKILL for skill in skills):
        raise ValueError(f"Give at most {MOST_SKILLS} items of at most {LONGEST_SKILL} characters, split by |.")
    if against := refused(findings_in(" | ".join(skills))):
        raise ValueError(against[0].sentence)
    return skills


def _percent(cell: str) -> int:
    """A share, judged together with the funding; -1 where it is none."""
    return int(found[1]) if (found := _PERCENT.fullmatch(cell)) else -1


def _telephone(cell: str) -> str:
    digits = re.sub(r"[\s().-]", "", plain(cell))
    if cell and not (_TELEPHONE.fullmatch(digits) and digits[0] in "0+"):
        raise ValueError("Give a full telephone number that begins with 0 or +.")
    return cell


@dataclass(frozen=True, slots=True)
class PackageRow:
    """One good row; names are the ids of what they name. `questions` are words to answer for before it is offered."""

    line: int
    reference: str = column(text(40), "Your own reference. Each stands once in a scheme.", "LCC-00017")
    lot: UUID = column(Named("lots", "a lot of this scheme"), "A lot of the scheme.", "homecare")
    source: Source = column(choice(Source), "What brought the need about.", "hospital discharge")
    urgency: Urgency = column(choice(Urgency), "urgent or standard.", "standard")
    planned_start: date = column(read_day, "The day of the first visit.", "14/12/2026")
    postcode: Postcode = column(Postcode.parse, "Where the visits take place.", "PR1 8XJ", personal=True)
    weekly_visits: tuple[Visit, ...] = column(
        parse_weekly_visits, "Days, window, and minutes x carers of every visit of the week, split by ;", EXAMPLE_WEEK
    )
    time_critical: bool = column(yes_or_no, "Whether the first visit of each day must be on time.", "no")
    carer_gender: CarerGender = column(choice(CarerGender), "any, female or male.", "any")
    carer_gender_reason: str = column(text(300, needed=False), "Why, unless it is any.", personal=True)
    skills: tuple[str, ...] = column(_skills, "What a carer must be able to do, split by |", "hoist|PEG feeding")
    language: str = column(text(60, needed=False), "A language that the carer must speak.", "Urdu", personal=True)
    pen_picture: str = column(
        text(2000), "The needs, without anything that tells who it is.", "Walks with a frame.", personal=True
    )
    funding: Funding = column(choice(Funding), "Who pays: council, health or joint.", "joint")
    health_percent: int = column(_percent, "The share of the NHS in per cent.", "40")
    cost_ceiling_weekly: Money | None = column(optional(Money.parse), "Pounds a week, or empty.", "350.00")
    person_name: str = column(text(120), "The full name.", "Ada Marsden", personal=True)
    date_of_birth: date = column(read_day, "The date of birth.", "1943-09-12", personal=True)
    nhs_number: NhsNumber | None = column(
        optional(NhsNumber.parse), "The NHS number, or empty where it is not known.", "999 000 0018", personal=True
    )
    address: str = column(text(300), "Where the person lives.", "38 Weavers Row", personal=True)
    telephone: str = column(_telephone, "How to ring the person, or empty.", "01632 960001", personal=True)
    referrer: UUID = column(Named("teams", "a referring team of this scheme"), "A team.", "Age Well team")
    incumbent_provider: UUID | None = column(
        Named("providers", "a provider that is or was a member of your schemes, or applied", needed=False),
        "The provider of before, for a reallocation.",
    )
    short_visit_reason: str = column(
        text(300, needed=False), "Why a visit is shorter than 30 minutes.", personal=True, required=False
    )
    questions: tuple[Finding, ...] = ()

    @property
    def details(self) -> PersonDetails:
        """Who needs the care."""
        return PersonDetails(self.person_name, self.date_of_birth, self.nhs_number, self.address, self.telephone)

    @property
    def need(self) -> Need:
        """What is asked for."""
        return Need(
            **{name: getattr(self, name) for name in AS_ASKED},
            lot_id=self.lot,
            visits=self.weekly_visits,
            split=funding_split(self.funding, self.health_percent),
            cost_ceiling_pence=self.cost_ceiling_weekly.pence if self.cost_ceiling_weekly else None,
            referring_team_id=self.referrer,
            incumbent_provider_id=self.incumbent_provider,
        )


AS_ASKED = tuple({field.name for field in fields(Need)} & {field.name for field in fields(PackageRow)})
"""The columns that mean what the need calls so."""


@dataclass(frozen=True, slots=True)
class PackageFileFacts:
    """What the file may refer to: ids by name, of the scheme and of the register; and references already taken."""

    lots: Mapping[str, UUID]
    teams: Mapping[str, UUID]
    providers: Mapping[str, UUID | Ambiguous]
    existing_references: frozenset[str]


def judge(facts: PackageFileFacts) -> Callable[[Cells], None]:
    """Judges rows beyond their single cells; every cell is looked at, so that all reasons are found."""
    taken = frozenset(as_read(reference) for reference in facts.existing_references)

    def judge_row(cells: Cells) -> None:
        if as_read(cells.text("reference")) in taken:
            cells.refuse("reference", "This reference is already used by a package.")
        if cells["source"] is Source.REALLOCATION and not cells.text("incumbent_provider"):
            cells.refuse("incumbent_provider", "A reallocation must name the provider of before.")
        _judge_texts(cells)
        _judge_visits(cells)
        _judge_share(cells)
        _judge_birth(cells)

    return judge_row


def _judge_texts(cells: Cells) -> None:
    in_question: list[Finding] = []
    record = _record(cells)
    for name in PUBLISHED:
        findings = findings_in(cells[name], record) if cells[name] else []
        for sentence in dict.fromkeys(finding.sentence for finding in refused(findings)):
            cells.refuse(name, sentence)
        in_question += questions(findings)
    cells.values["questions"] = tuple(in_question)
    gender = cells["carer_gender"]
    if gender and gender is not CarerGender.ANY and not cells.text("carer_gender_reason"):
        cells.refuse("carer_gender_reason", "Say why the carer must be of this gender.")


def _record(cells: Cells) -> Record:
    """What the row itself tells of the person; cells that cannot be read know nothing."""
    number, postcode = cells["nhs_number"], cells["postcode"]
    return Record(
        names=(cells.text("person_name"),),
        born=cells["date_of_birth"],
        address=cells.text("address"),
        postcode=postcode.text if postcode else "",
        nhs_number=number.digits if number else "",
        telephones=(cells.text("telephone"),),
    )


def _judge_visits(cells: Cells) -> None:
    visits = cells["weekly_visits"]
    if visits is None:
        return
    for reason in reasons_against_visits(visits, cells.text("short_visit_reason")):
        cells.refuse("weekly_visits", reason)
    if cells["time_critical"]:
        cells.values["weekly_visits"] = first_of_each_day_critical(visits)


def _judge_share(cells: Cells) -> None:
    """No share can be right or wrong for a funding that nobody knows."""
    if cells["funding"] is None:
        return
    try:
        funding_split(cells["funding"], cells["health_percent"])
    except ValueError as wrong:
        cells.refuse("health_percent", str(wrong))


def _judge_birth(cells: Cells) -> None:
    born, starts = cells["date_of_birth"], cells["planned_start"]
    if problem := problem_with_birth(born, starts):
        cells.refuse("date_of_birth", problem)


PACKAGES = Table(PackageRow, once={"reference": "This reference is also on line {line}."}, judge=judge)


def queue_import(
    scheme: Scheme, source: FileSource, filename: str, choice: SheetChoice = AS_SHOWN, *, by: Actor
) -> Task:
    """Queues the import of a file. Raises Conflict when it was imported before or another import runs."""
    title, owner = f"Import of packages into {scheme.name}", scheme.authority_id
    return PACKAGES_FILE.queue(title, source, filename, choice, authority_id=owner, target_id=scheme.id, by=by)


@dataclass(frozen=True, slots=True)
class _Told:
    """What a row tells of a person, to be compared with other rows about the same one."""

    line: int
    born: date
    told: Whereabouts

    @classmethod
    def by(cls, row: PackageRow) -> _Told:
        """What this row tells."""
        return cls(row.line, row.date_of_birth, row.details.told_at(row.postcode.text))

    def differing(self, other: _Told) -> list[str]:
        """The columns in which the other says something else, but for the spelling and for what is not told."""
        columns = {"name": "person_name", "address": "address", "postcode": "postcode", "telephone": "telephone"}
        differ = set(other.told.differences(self.told))
        differ -= {name for name in differ if not getattr(self.told, name)}
        born = ["date_of_birth"] if self.born != other.born else []
        return [column for name, column in columns.items() if name in differ] + born


class PackageIntake(Intake[PackageRow]):
    """The packages of one file."""

    def __init__(self, task: Task, upload: Upload) -> None:
        self._task, self._sha256 = task, upload.sha256
        self._scheme = db.session.get_one(Scheme, target_of(task))
        owner = self._scheme.authority_id
        references = select(Package.council_reference).where(Package.scheme_id == self._scheme.id)
        self.facts = PackageFileFacts(
            _by_name(select(Lot.name, Lot.id).where(Lot.scheme_id == self._scheme.id)),
            _by_name(select(Team.name, Team.id).where(Team.organisation_id == owner)),
            called(db.session.execute(known_providers(owner).with_only_columns(*PROVIDER_NAMES))),
            frozenset(reference for reference in db.session.scalars(references) if reference),
        )
        self._covered = areas_covered(self._scheme.id)
        self._first: dict[str, _Told] = {}
        self._known: dict[str | None, Person] = {}
        self._records: dict[str | None, Record] = {}
        self._maker, self._rows, self._count = PackageMaker(self._scheme), StagedRows(), Counter[str]()

    def take(self, table: Table[PackageRow], upload: Upload) -> None:
        """Reads the whole file; one whose packages all lie outside, where no member covers either, is asked about."""
        super().take(table, upload)
        outside = self._count["packages"] and not self._count["inside"]
        if outside and not self.bad_rows and not upload.choice.though_outside and self._scheme.zones:
            raise UnreadableFile(
                f"Nothing was loaded: no package of this file lies in a zone of {self._scheme.name}. {OUTSIDE}."
            )

    def against(self, rows: Sequence[PackageRow]) -> list[BadRow]:
        """One NHS number is one person: rows that differ are named both, and those already known are looked at too."""
        reason = "A person already known has this NHS number with another name or date of birth."
        numbers = sorted({row.nhs_number.digits for row in rows if row.nhs_number})
        self._known = people_numbered(self._scheme.authority_id, numbers)
        records = records_of(self._known.values())
        self._records = {record.nhs_number: record for record in records}
        known = [
            BadRow(row.line, "nhs_number", reason)
            for row in rows
            if (person := self._person(row)) and is_another(person, row.details)
        ]
        return known + [bad for row in rows for bad in self._differing(row)]

    def _differing(self, row: PackageRow) -> list[BadRow]:
        """What a row says otherwise than the first one with the same NHS number: a reason against each of the two."""
        if row.nhs_number is None:
            return []
        told = _Told.by(row)
        first = self._first.setdefault(row.nhs_number.digits, told)
        columns = first.differing(told) if first is not told else []
        pairs = ((row.line, first.line), (first.line, row.line))
        return [
            BadRow(line, column, f"Line {other} has the same NHS number and says something else here.")
            for column in columns
            for line, other in pairs
        ]

    def stage(self, rows: Sequence[PackageRow]) -> None:
        """Makes the rows ready for the driver, the audit included, so that the writing is short."""
        made = self._maker.rows_of([self._new(row) for row in rows])
        inside = sum(self._lies_inside(row) for row in made.by_table[Package])
        self._count.update(packages=len(rows), drafts=made.drafts, people=len(made.by_table[Person]), inside=inside)
        by, task = actor_of(self._task), str(self._task.id)
        registered = audit.entries_for("person:registered", made.subjects(Person), by=by)
        imported = audit.entries_for("package:imported", made.subjects(Package), by=by, task=task)
        self._rows.add((*made.ready(), *registered, *imported))

    def _lies_inside(self, package: Mapping[str, object]) -> bool:
        """Whether it lies in a zone of the scheme, or where a member of it covers."""
        return package["zone_id"] is not None or not self._covered.isdisjoint((package["outcode"], package["sector"]))

    def _new(self, row: PackageRow) -> NewPackage:
        person, need, questions = self._person(row), row.need, len(row.questions)
        if person and (record := self._records.get(person.nhs_number or "")):
            verdict = judge_texts(need.texts, record)
            questions += len(verdict.questions) + len(verdict.refusals)
        return NewPackage(need, person or row.details, questions, row.reference, row.details)

    def _person(self, row: PackageRow) -> Person | None:
        return self._known.get(row.nhs_number.digits) if row.nhs_number else None

    def write(self, by: Actor) -> dict[str, object]:
        """Writes everything, a few statements for each table; raises AlreadyImported when somebody was faster."""
        scheme, loaded, drafts = self._scheme, self._count["packages"], self._count["drafts"]
        note_imported(scheme.authority_id, KIND, scheme.id, self._sha256, loaded, by=by, task=self._task)
        self._rows.write()
        audit.record("packages:imported", scheme, by=by, rows=loaded, drafts=drafts, sha256=self._sha256)
        counts = {"packages": loaded, "ready": loaded - drafts, "to_look_at": drafts}
        url = f"/packages{'/to-look-at' if drafts else ''}?scheme={scheme.id}"
        return {**counts, "figures": list(counts), "new_people": self._count["people"], **self.told, "url": url}


def _by_name(query: Select[str, UUID]) -> dict[str, UUID]:
    return {row.name: row.id for row in db.session.execute(query)}


def _sentence(bad: Sequence[BadRow]) -> str:
    lines = len({row.line for row in bad})
    return f"Nothing was loaded: {lines} {'row needs' if lines == 1 else 'rows need'} correcting."


PACKAGES_FILE = FileKind(
    name=KIND,
    check=checking(PACKAGES, PackageIntake, _sentence),
    apply=lambda _task, packages, by: packages.write(by),
    overtaken="Nothing was loaded: while the file was checked, somebody entered the same packages or people. "
    "Upload it again to see which.",
)
