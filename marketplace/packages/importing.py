"""A file of packages: its columns, what makes a row of it wrong, and what becomes of good ones.

Every row becomes a package, and a person unless the NHS number is known. Reasons never repeat what a cell about a person
holds, because they are shown, stored with the task and sent in mails.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import Select, select

from app import audit
from app.audit import Actor
from app.database import db
from app.database.bulk import ReadyRows
from app.files.source import Source as FileSource
from app.imports.columns import Named, column
from app.imports.kinds import FileKind, Intake, Upload, checking, target_of
from app.imports.queuing import note_imported
from app.imports.readers import choice, day, optional, split_items, text, yes_or_no
from app.imports.staging import StagedRows
from app.imports.tables import BadRow, Cells, Table
from app.parties.models import Team
from app.tasks.models import Task
from app.tasks.services import actor_of
from app.values.money import Money
from app.values.nhs_number import NhsNumber
from app.values.postcode import Postcode
from marketplace.packages.models import Package
from marketplace.packages.needs import MadeRows, NewPackage, PackageMaker, is_another, people_numbered
from marketplace.packages.rules import Funding, FundingSplit, Need, Source, Urgency, funding_split
from marketplace.packages.visits import (
    EXAMPLE_WEEK,
    UnreadableVisits,
    Visit,
    first_of_each_day_critical,
    parse_weekly_visits,
    reasons_against_visits,
)
from marketplace.people.disclosure import Finding, identity_in_text, judge_texts, questions, refused
from marketplace.people.models import Person
from marketplace.people.queries import name_parts
from marketplace.people.rules import PersonDetails
from marketplace.providers.models import Provider
from marketplace.schemes.models import Lot, Scheme
from marketplace.vocabulary import CarerGender

KIND = "packages:import"
OLDEST_PERSON_YEARS = 125
MOST_SKILLS, LONGEST_SKILL = 20, 60
PUBLISHED = ("pen_picture", "carer_gender_reason", "short_visit_reason", "language")
"""Texts that providers read; they are searched for what tells who the person is."""
_PERCENT = re.compile(r"[0-9]{1,3}")
_TELEPHONE = re.compile(r"\+?[0-9]{10,15}")


def _visits(cell: str) -> tuple[Visit, ...]:
    try:
        return parse_weekly_visits(cell, time_critical=False)
    except UnreadableVisits as unreadable:
        raise ValueError(*unreadable.reasons) from unreadable


def _skills(cell: str) -> tuple[str, ...]:
    """A skill named like the person is no disclosure."""
    skills = tuple(dict.fromkeys(split_items(cell)))
    if len(skills) > MOST_SKILLS or any(len(skill) > LONGEST_SKILL for skill in skills):
        raise ValueError(f"Give at most {MOST_SKILLS} items of at most {LONGEST_SKILL} characters, split by |.")
    if refused(identity_in_text(" | ".join(skills))):
        raise ValueError("Take out the telephone number, postcode or NHS number.")
    return skills


def _percent(cell: str) -> int:
    """A share, judged together with the funding; -1 where it is none."""
    return int(cell) if _PERCENT.fullmatch(cell) else -1


def _telephone(cell: str) -> str:
    digits = re.sub(r"[\s().-]", "", cell)
    if cell and not (_TELEPHONE.fullmatch(digits) and digits[0] in "0+"):
        raise ValueError("Give a full telephone number that begins with 0 or +.")
    return cell


@dataclass(frozen=True, slots=True)
class PackageRow:
    """One good row. `questions` are words that somebody must answer for before it is offered."""

    line: int
    reference: str = column(text(40), "Your own reference. Each stands once in a scheme.", "LCC-00017")
    lot: str = column(Named("lots", "a lot of this scheme"), "A lot of the scheme.", "homecare")
    source: Source = column(choice(Source), "What brought the need about.", "hospital discharge")
    urgency: Urgency = column(choice(Urgency), "urgent or standard.", "standard")
    planned_start: date = column(day, "The day of the first visit.", "2026-12-06")
    postcode: Postcode = column(Postcode.parse, "Where the visits take place.", "PR1 8XJ", personal=True)
    weekly_visits: tuple[Visit, ...] = column(
        _visits, "Days, window, and minutes x carers of every visit of the week, split by ;", EXAMPLE_WEEK
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
    date_of_birth: date = column(day, "The date of birth.", "1943-09-12", personal=True)
    nhs_number: NhsNumber = column(NhsNumber.parse, "The NHS number.", "999 000 0018", personal=True)
    address: str = column(text(300), "Where the person lives.", "38 Weavers Row", personal=True)
    telephone: str = column(_telephone, "How to ring the person, or empty.", "01632 960001", personal=True)
    referrer: str = column(Named("teams", "a referring team of this scheme"), "A team.", "Age Well team")
    incumbent_provider: str = column(
        Named("providers", "a provider in the register", needed=False), "The provider of before, for a reallocation."
    )
    short_visit_reason: str = column(
        text(300, needed=False), "Why a visit is shorter than 30 minutes.", personal=True, required=False
    )
    questions: tuple[Finding, ...] = ()

    @property
    def split(self) -> FundingSplit:
        """Who pays how much."""
        return funding_split(self.funding, self.health_percent)


@dataclass(frozen=True, slots=True)
class PackageFileFacts:
    """What the file may refer to: names of the scheme and its providers, and references already taken."""

    lots: frozenset[str]
    teams: frozenset[str]
    providers: frozenset[str]
    existing_references: frozenset[str]


def judge(facts: PackageFileFacts) -> Callable[[Cells], None]:
    """Judges rows beyond their single cells; every cell is looked at, so that all reasons are found."""
    taken = frozenset(reference.casefold() for reference in facts.existing_references)
    people: dict[str, tuple[int, str, date]] = {}

    def judge_row(cells: Cells) -> None:
        if cells.text("reference").casefold() in taken:
            cells.refuse("reference", "This reference is already used by a package.")
        if cells["source"] is Source.REALLOCATION and not cells.text("incumbent_provider"):
            cells.refuse("incumbent_provider", "A reallocation must name the provider of before.")
        _judge_texts(cells)
        _judge_visits(cells)
        _judge_share(cells)
        _judge_birth(cells)
        if not cells.reasons:
            _refuse_other_person(cells, people)

    return judge_row


def _judge_texts(cells: Cells) -> None:
    in_question: list[Finding] = []
    for name in PUBLISHED:
        findings = identity_in_text(cells[name], [cells.text("person_name")]) if cells[name] else []
        for sentence in dict.fromkeys(finding.sentence for finding in refused(findings)):
            cells.refuse(name, sentence)
        in_question += questions(findings)
    cells.values["questions"] = tuple(in_question)
    gender = cells["carer_gender"]
    if gender and gender is not CarerGender.ANY and not cells.text("carer_gender_reason"):
        cells.refuse("carer_gender_reason", "Say why the carer must be of this gender.")


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
    if born and starts and not 0 <= starts.year - born.year <= OLDEST_PERSON_YEARS:
        cells.refuse("date_of_birth", "The date of birth does not fit the planned start: look for a wrong year.")


def _refuse_other_person(cells: Cells, people: dict[str, tuple[int, str, date]]) -> None:
    """One NHS number is one person: rows with the same number must agree on the name and the date of birth."""
    identity = (cells["person_name"].casefold(), cells["date_of_birth"])
    first, *known = people.setdefault(cells["nhs_number"].digits, (cells.line, *identity))
    if tuple(known) != identity:
        cells.refuse("nhs_number", f"Line {first} has the same NHS number with another name or date of birth.")


PACKAGES = Table(PackageRow, once={"reference": "This reference is also on line {line}."}, judge=judge)


def queue_import(scheme: Scheme, source: FileSource, filename: str, *, by: Actor) -> Task:
    """Queues the import of a file. Raises Conflict when it was imported before or another import runs."""
    title, owner = f"Import of packages into {scheme.name}", scheme.authority_id
    return PACKAGES_FILE.queue(title, source, filename, authority_id=owner, target_id=scheme.id, by=by)


class PackageIntake(Intake[PackageRow]):
    """The packages of one file."""

    def __init__(self, task: Task, upload: Upload) -> None:
        self._task, self._sha256 = task, upload.sha256
        self._scheme = db.session.get_one(Scheme, target_of(task))
        self._lots = _by_name(select(Lot.name, Lot.id).where(Lot.scheme_id == self._scheme.id))
        self._teams = _by_name(select(Team.name, Team.id).where(Team.organisation_id == self._scheme.authority_id))
        self._providers = _by_name(select(Provider.name, Provider.id).order_by(Provider.name, Provider.id.desc()))
        self.facts = self._facts()
        self._known: dict[str | None, Person] = {}
        self._maker, self._rows = PackageMaker(self._scheme), StagedRows()
        self._packages = self._drafts = self._people = 0

    def _facts(self) -> PackageFileFacts:
        taken = select(Package.council_reference).where(
            Package.scheme_id == self._scheme.id, Package.council_reference.is_not(None)
        )
        references = frozenset(reference for reference in db.session.scalars(taken) if reference)
        return PackageFileFacts(frozenset(self._lots), frozenset(self._teams), frozenset(self._providers), references)

    def against(self, rows: Sequence[PackageRow]) -> list[BadRow]:
        """One NHS number is one person, of those already known too."""
        reason = "A person already known has this NHS number with another name or date of birth."
        numbers = sorted({row.nhs_number.digits for row in rows})
        self._known = people_numbered(self._scheme.authority_id, numbers)
        return [
            BadRow(row.line, "nhs_number", reason)
            for row in rows
            if (person := self._known.get(row.nhs_number.digits)) and is_another(person, _details(row))
        ]

    def stage(self, rows: Sequence[PackageRow]) -> None:
        """Makes the rows ready for the driver, the audit included, so that the writing is short."""
        made = self._maker.rows_of([self._new(row) for row in rows])
        self._packages += len(rows)
        self._drafts += made.drafts
        self._people += len(made.by_table[Person])
        self._rows.add((*made.ready(), *self._entries(made)))

    def _entries(self, made: MadeRows) -> list[ReadyRows]:
        by, task = actor_of(self._task), str(self._task.id)
        registered = audit.entries_for("person:registered", made.subjects(Person), by=by)
        return [*registered, *audit.entries_for("package:imported", made.subjects(Package), by=by, task=task)]

    def _new(self, row: PackageRow) -> NewPackage:
        person, need = self._known.get(row.nhs_number.digits), self._need(row)
        questions = len(row.questions)
        if person and person.known_as:
            questions += len(judge_texts(need.texts, name_parts(person)).questions)
        return NewPackage(need, person or _details(row), questions, row.reference)

    def _need(self, row: PackageRow) -> Need:
        return Need(
            lot_id=self._lots[row.lot],
            source=row.source,
            urgency=row.urgency,
            planned_start=row.planned_start,
            postcode=row.postcode,
            visits=row.weekly_visits,
            pen_picture=row.pen_picture,
            short_visit_reason=row.short_visit_reason,
            carer_gender=row.carer_gender,
            carer_gender_reason=row.carer_gender_reason,
            skills=row.skills,
            language=row.language,
            split=row.split,
            cost_ceiling_pence=row.cost_ceiling_weekly.pence if row.cost_ceiling_weekly else None,
            referring_team_id=self._teams[row.referrer],
            incumbent_provider_id=self._providers.get(row.incumbent_provider),
        )

    def write(self, by: Actor) -> dict[str, object]:
        """Writes everything, a few statements for each table; raises AlreadyImported when somebody was faster."""
        scheme, loaded = self._scheme, self._packages
        note_imported(scheme.authority_id, KIND, scheme.id, self._sha256, loaded, by=by, task=self._task)
        self._rows.write()
        audit.record("packages:imported", scheme, by=by, rows=loaded, drafts=self._drafts, sha256=self._sha256)
        counts = {"packages": loaded, "ready": loaded - self._drafts, "to_look_at": self._drafts}
        url = f"/packages?scheme={scheme.id}" + ("&status=draft" if self._drafts else "")
        return {**counts, "new_people": self._people, "url": url}


def _details(row: PackageRow) -> PersonDetails:
    return PersonDetails(row.person_name, row.date_of_birth, row.nhs_number, row.address, row.telephone)


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
