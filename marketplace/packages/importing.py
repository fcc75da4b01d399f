"""Importing a file of packages: queued as one piece of long work, checked without a lock, applied at once or not at all.

The same bytes are taken once for a scheme, and an authority imports one file at a time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import IO
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.exc import IntegrityError

from app import audit, clock
from app.audit import Actor
from app.database import db
from app.database.bulk import ready_rows
from app.database.prepared import Prepared
from app.files.reading import Row, Rows, UnreadableFile, read_rows
from app.files.source import Source
from app.parties.models import Team
from app.tasks.imports import already_sentence, imported_before, queue_file
from app.tasks.kinds import Progress, Refused, TaskKind
from app.tasks.models import ImportedFile, Task, TaskFile
from app.tasks.services import actor_of
from marketplace.packages.import_rules import (
    OPTIONAL_COLUMNS,
    REQUIRED_COLUMNS,
    BadRow,
    ImportFacts,
    Judge,
    PackageRow,
)
from marketplace.packages.models import FundingShare, Package, PackageParty, PackageSkill, PackageVisit
from marketplace.packages.moves import parts
from marketplace.packages.staging import Names, Stage, Staged, Stager
from marketplace.people.models import Person
from marketplace.providers.models import Provider
from marketplace.schemes.models import Lot, Scheme

KIND = "packages:import"


@dataclass(slots=True)
class Plan:
    """What an import will write, and the digest of the file it came from."""

    digest: str
    packages: int = 0
    drafts: int = 0
    people: int = 0
    rows: Prepared = field(default_factory=Prepared)


def queue_import(scheme: Scheme, source: Source, filename: str, *, by: Actor) -> Task:
    """Queues the import of a file. Raises Conflict when it was imported before or another import runs."""
    title = f"Import of packages into {scheme.name}"
    owner, target = scheme.authority_id, scheme.id
    return queue_file(
        KIND, title, source, filename, authority_id=owner, target_id=target, by=by, scheme_id=str(scheme.id)
    )


def check(task: Task, file: IO[bytes], progress: Progress) -> Plan:
    """Judges the file without writing; raises Refused with every bad row."""
    scheme = db.session.get_one(Scheme, UUID(str(task.params["scheme_id"])))
    stored = db.session.scalars(select(TaskFile).where(TaskFile.task_id == task.id)).one()
    if before := imported_before(scheme.authority_id, KIND, scheme.id, stored.sha256):
        raise Refused(already_sentence(before))
    rows = _read(file, stored.filename).rows
    names, done = names_for(scheme), 0
    judge, stager, plan = Judge(_facts(scheme, names)), Stager(scheme, names, len(rows)), Plan(stored.sha256)
    for part in rows.parts():
        progress(done, len(rows))
        known, good = _judge_part(judge, scheme.authority_id, part)
        if not judge.bad_rows:
            _add(plan, task, stager.stage(known, good))
        done += len(part)
    progress(done, len(rows))
    if bad := judge.bad_rows:
        raise Refused(_sentence(bad), [asdict(row) for row in bad])
    return plan


def _judge_part(judge: Judge, authority_id: UUID, part: Sequence[Row]) -> tuple[dict[str, Person], list[PackageRow]]:
    good = [row for line, cells in part if (row := judge.judge(line, cells))]
    known = _known_people(authority_id, [row.person.nhs_number.digits for row in good])
    for bad in _other_people(good, known):
        judge.refuse(bad)
    return known, good


def _read(file: IO[bytes], filename: str) -> Rows:
    try:
        return read_rows(file, filename, REQUIRED_COLUMNS, OPTIONAL_COLUMNS)
    except UnreadableFile as unreadable:
        raise Refused(unreadable.sentence) from unreadable


def names_for(scheme: Scheme) -> Names:
    """The names that a file for this scheme may use."""
    teams = select(Team.name, Team.id).where(Team.organisation_id == scheme.authority_id)
    return Names(
        lots=_by_name(select(Lot.name, Lot.id).where(Lot.scheme_id == scheme.id)),
        teams=_by_name(teams),
        providers=_by_name(select(Provider.name, Provider.id).order_by(Provider.name, Provider.id.desc())),
    )


def _by_name(query: Select[str, UUID]) -> dict[str, UUID]:
    return {row.name: row.id for row in db.session.execute(query)}


def _facts(scheme: Scheme, names: Names) -> ImportFacts:
    taken = select(Package.council_reference).where(
        Package.scheme_id == scheme.id, Package.council_reference.is_not(None)
    )
    references = frozenset(reference for reference in db.session.scalars(taken) if reference)
    return ImportFacts(frozenset(names.lots), frozenset(names.teams), frozenset(names.providers), references)


def _known_people(authority_id: UUID, numbers: Sequence[str]) -> dict[str, Person]:
    known: dict[str, Person] = {}
    for some in parts(sorted(set(numbers))):
        query = select(Person).where(Person.authority_id == authority_id, Person.nhs_number.in_(some))
        known |= {person.nhs_number: person for person in db.session.scalars(query) if person.nhs_number}
    return known


def _other_people(rows: Sequence[PackageRow], known: Mapping[str, Person]) -> list[BadRow]:
    reason = "A person already known has this NHS number with another name or date of birth."
    bad = []
    for row in rows:
        person = known.get(row.person.nhs_number.digits)
        told = (row.person.name.casefold(), row.person.date_of_birth)
        if person and (person.name.casefold(), person.date_of_birth) != told:
            bad.append(BadRow(row.line, "nhs_number", reason))
    return bad


def _sentence(bad: Sequence[BadRow]) -> str:
    lines = len({row.line for row in bad})
    return f"Nothing was loaded: {lines} {'row needs' if lines == 1 else 'rows need'} correcting."


def apply(task: Task, plan: Plan) -> dict[str, object]:
    """Writes the plan, a statement for each table; raises Refused when somebody was faster."""
    scheme = db.session.get_one(Scheme, UUID(str(task.params["scheme_id"])))
    file = {"kind": KIND, "target_id": scheme.id, "sha256": plan.digest, "rows": plan.packages}
    try:
        done = {"imported_at": clock.now(), "by_label": task.created_by_label, "task_id": task.id}
        db.session.add(ImportedFile(authority_id=scheme.authority_id, **done, **file))
        db.session.flush()
        plan.rows.write()
    except IntegrityError as lost:
        db.session.rollback()
        raise Refused(
            "Nothing was loaded: while the file was checked, somebody entered the same packages or people. "
            "Upload it again to see which."
        ) from lost
    by = actor_of(task)
    audit.record("packages:imported", scheme, by=by, rows=plan.packages, drafts=plan.drafts, sha256=plan.digest)
    result: dict[str, object] = {
        "packages": plan.packages,
        "ready": plan.packages - plan.drafts,
        "to_look_at": plan.drafts,
        "new_people": plan.people,
    }
    return result | {"url": f"/packages?scheme={scheme.id}" + ("&status=draft" if plan.drafts else "")}


def _add(plan: Plan, task: Task, made: Stage) -> None:
    """Some more rows made ready for the driver, the audit included, so that the writing is short."""
    by, owner = actor_of(task), task.authority_id
    people = [Staged(row["id"], owner, Person.__tablename__) for row in made.people]
    packages = [Staged(row["id"], owner, Package.__tablename__) for row in made.packages]
    plan.packages, plan.drafts = plan.packages + len(made.packages), plan.drafts + made.drafts
    plan.people += len(made.people)
    tables = (
        ready_rows(Person, made.people),
        ready_rows(Package, made.packages),
        ready_rows(PackageVisit, made.visits),
        ready_rows(PackageSkill, made.skills),
        ready_rows(FundingShare, made.shares),
        ready_rows(PackageParty, made.parties),
        *audit.entries_for("person:registered", people, by=by),
        *audit.entries_for("package:imported", packages, by=by, task=str(task.id)),
    )
    plan.rows.add(tables)


IMPORT = TaskKind(KIND, check, apply)
