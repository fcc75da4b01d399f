"""Importing a file of packages: queued as one piece of long work, checked without a lock, applied at once or not at all.

The same bytes are taken once for a scheme, and an authority imports one file at a time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from hashlib import sha256
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.exc import IntegrityError

from app import audit, clock
from app.audit import Actor, ActorKind
from app.database import db, locked
from app.database.bulk import ReadyRows, ready_rows
from app.errors import Conflict, Invalid
from app.files.reading import Rows, UnreadableFile, read_rows
from app.parties.models import Organisation, Team
from app.tasks.kinds import Progress, Refused, TaskKind
from app.tasks.models import ImportedFile, Task, TaskFile, TaskState
from app.tasks.services import queue
from app.web.context import day_text
from marketplace.packages.import_rules import (
    OPTIONAL_COLUMNS,
    REQUIRED_COLUMNS,
    BadRow,
    ImportFacts,
    PackageRow,
    check_rows,
)
from marketplace.packages.models import FundingShare, Package, PackageParty, PackageSkill, PackageVisit
from marketplace.packages.moves import parts
from marketplace.packages.staging import Names, Stage, Staged, stage
from marketplace.people.models import Person
from marketplace.providers.models import Provider
from marketplace.schemes.models import Lot, Scheme

KIND = "packages:import"
MOST_BYTES = 20_000_000
ROWS_PER_PROGRESS = 500


@dataclass(frozen=True, slots=True)
class Plan:
    """What an import will write, and the digest of the file it came from."""

    digest: str
    packages: int
    drafts: int
    people: int
    rows: tuple[ReadyRows, ...]


def queue_import(scheme: Scheme, content: bytes, filename: str, *, by: Actor) -> Task:
    """Queues the import of a file. Raises Conflict when it was imported before or another import runs."""
    if not content:
        raise Invalid({"file": "Choose a CSV or Excel file with packages."})
    if len(content) > MOST_BYTES:
        raise Invalid({"file": "The file is larger than 20 MB. Split it into smaller files."})
    # The authority's row is the turnstile: two uploads at the same instant pass it one after the other.
    db.session.execute(locked(select(Organisation.id).where(Organisation.id == scheme.authority_id)))
    if before := imported_before(scheme, sha256(content).hexdigest()):
        raise Conflict(_already(before))
    if running := _running(scheme.authority_id):
        raise Conflict(f"Another import is not finished: {running.title}. Wait until it is, then upload this file.")
    title = f"Import of packages into {scheme.name}"[:200]
    return queue(
        KIND,
        title,
        authority_id=scheme.authority_id,
        by=by,
        content=content,
        filename=filename,
        scheme_id=str(scheme.id),
    )


def imported_before(scheme: Scheme, digest: str) -> ImportedFile | None:
    """The earlier import of the same bytes into the same scheme."""
    query = select(ImportedFile).where(
        ImportedFile.authority_id == scheme.authority_id,
        ImportedFile.kind == KIND,
        ImportedFile.target_id == scheme.id,
        ImportedFile.sha256 == digest,
    )
    return db.session.scalars(query).one_or_none()


def _already(before: ImportedFile) -> str:
    return (
        f"This file was already imported on {day_text(before.imported_at)}: {before.rows} packages. "
        "Nothing was loaded again."
    )


def _running(authority_id: UUID) -> Task | None:
    query = select(Task).where(
        Task.authority_id == authority_id,
        Task.kind == KIND,
        Task.state.in_([TaskState.QUEUED, TaskState.RUNNING]),
    )
    return db.session.scalars(query.limit(1)).one_or_none()


def check(task: Task, content: bytes, progress: Progress) -> Plan:
    """Judges the file without writing; raises Refused with every bad row."""
    scheme = db.session.get_one(Scheme, UUID(str(task.params["scheme_id"])))
    file = db.session.scalars(select(TaskFile).where(TaskFile.task_id == task.id)).one()
    if before := imported_before(scheme, file.sha256):
        raise Refused(_already(before))
    found = _read(content, file.filename)
    progress(0, len(found.rows))
    names = names_for(scheme)
    told = partial(_tell, progress, len(found.rows))
    verdict = check_rows(found.rows, _facts(scheme, names), told)
    known = _known_people(scheme.authority_id, [row.person.nhs_number.digits for row in verdict.rows])
    bad = [*verdict.bad_rows, *_other_people(verdict.rows, known)]
    if bad:
        raise Refused(_sentence(bad), [asdict(row) for row in sorted(bad)])
    return _plan(task, file.sha256, stage(scheme, names, known, verdict.rows))


def _read(content: bytes, filename: str) -> Rows:
    try:
        return read_rows(content, filename, REQUIRED_COLUMNS, OPTIONAL_COLUMNS)
    except UnreadableFile as unreadable:
        raise Refused(unreadable.sentence) from unreadable


def _tell(progress: Progress, total: int, count: int) -> None:
    if count % ROWS_PER_PROGRESS == 0:
        progress(count, total)


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
        db.session.add(ImportedFile(authority_id=scheme.authority_id, imported_at=clock.now(), **file))
        db.session.flush()
        for rows in plan.rows:
            rows.write()
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


def _plan(task: Task, digest: str, made: Stage) -> Plan:
    """Everything made ready for the driver, the audit included, so that the writing is short."""
    by, owner = actor_of(task), task.authority_id
    people = [Staged(row["id"], owner, Person.__tablename__) for row in made.people]
    packages = [Staged(row["id"], owner, Package.__tablename__) for row in made.packages]
    rows = (
        ready_rows(Person, made.people),
        ready_rows(Package, made.packages),
        ready_rows(PackageVisit, made.visits),
        ready_rows(PackageSkill, made.skills),
        ready_rows(FundingShare, made.shares),
        ready_rows(PackageParty, made.parties),
        *audit.entries_for("person:registered", people, by=by),
        *audit.entries_for("package:imported", packages, by=by, task=str(task.id)),
    )
    return Plan(digest, len(made.packages), made.drafts, len(made.people), rows)


def actor_of(task: Task) -> Actor:
    """Who asked for the work."""
    kind = ActorKind.USER if task.created_by else ActorKind.COMMAND
    return Actor(kind, task.created_by, task.created_by_label, task.authority_id)


IMPORT = TaskKind(KIND, check, apply)
