"""A file of packages: every row becomes a package, and a person unless the NHS number is known."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Select, select

from app import audit
from app.audit import Actor
from app.database import db
from app.database.bulk import ReadyRows
from app.files.source import Source
from app.imports.kinds import FileKind, Intake, Upload, checking, target_of
from app.imports.queuing import note_imported
from app.imports.staging import StagedRows
from app.imports.tables import BadRow
from app.parties.models import Team
from app.tasks.models import Task
from app.tasks.services import actor_of
from marketplace.packages.creating import MadeRows, NewPackage, PackageMaker, is_another, people_numbered
from marketplace.packages.import_rules import PACKAGES, ImportFacts, PackageRow
from marketplace.packages.models import Package
from marketplace.packages.needs import Need, PersonDetails
from marketplace.packages.texts import judge_texts, names_of
from marketplace.people.models import Person
from marketplace.providers.models import Provider
from marketplace.schemes.models import Lot, Scheme

KIND = "packages:import"


def queue_import(scheme: Scheme, source: Source, filename: str, *, by: Actor) -> Task:
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

    def _facts(self) -> ImportFacts:
        taken = select(Package.council_reference).where(
            Package.scheme_id == self._scheme.id, Package.council_reference.is_not(None)
        )
        references = frozenset(reference for reference in db.session.scalars(taken) if reference)
        return ImportFacts(frozenset(self._lots), frozenset(self._teams), frozenset(self._providers), references)

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
            questions += len(judge_texts(need.texts, names_of(person)).questions)
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
