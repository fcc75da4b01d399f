"""Kinds of file: queued as work that a person waits for, checked without a lock, applied at once or not at all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import IO, Any, Generic, NamedTuple, TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.audit import Actor
from app.database import db
from app.database.bulk import ReadyRows
from app.errors import Invalid, Refusal
from app.files.reading import read_rows
from app.files.sheets import SheetRead
from app.files.source import Source, UnreadableFile
from app.files.spool import Spool
from app.imports.queuing import digest_of_sheet, refuse_imported, refuse_upload
from app.imports.tables import BadRow, Checker, Table
from app.tasks.kinds import Progress, Refused, TaskKind
from app.tasks.models import Task, TaskFile
from app.tasks.services import actor_of, queue
from app.tasks.storing import digest_of

GoodRow = TypeVar("GoodRow")
Plan = TypeVar("Plan")


class SheetChoice(NamedTuple):
    """What somebody said of a file: which sheet of a workbook is to be read, whether with rows that are hidden in it, and
    whether it is to be loaded although all of it is of another place.
    """

    sheet: str = ""
    with_hidden_rows: bool = False
    though_outside: bool = False


AS_SHOWN = SheetChoice()


def _untold(_done: int, _total: int) -> None:
    """Nobody waits."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it was uploaded; how far its reading is, is told to `progress`."""

    content: Source
    filename: str
    sha256: str
    progress: Progress = _untold
    choice: SheetChoice = AS_SHOWN


@dataclass(frozen=True, kw_only=True)
class FileKind(Generic[Plan]):
    """A kind of file that people bring: `check` reads it into a plan and changes nothing, `apply` writes the plan.

    Refusals and unreadable files become the sentence of the task; an Invalid that names keys becomes its report, under
    the sentence `refused`. `overtaken` is said when somebody else wrote the same meanwhile. One that may come `again`
    says how things are; of the others the same bytes are taken once for a target.
    """

    name: str
    check: Callable[[Task, Upload], Plan]
    apply: Callable[[Task, Plan, Actor], dict[str, object]]
    refused: str = ""
    overtaken: str = ""
    again: bool = False

    def queue(
        self,
        title: str,
        source: Source,
        filename: str,
        choice: SheetChoice = AS_SHOWN,
        *,
        authority_id: UUID,
        target_id: UUID,
        by: Actor,
    ) -> Task:
        """Queues a file for a target. Raises Invalid, NoRoom, AlreadyImported, or Conflict while another import runs."""
        before = None if self.again else digest_of_sheet(digest_of(source), choice.sheet)
        refuse_upload(self.name, source, authority_id=authority_id, target_id=target_id, before=before)
        sent: dict[str, Any] = {"content": source, "filename": filename, "target_id": str(target_id)}
        return queue(self.name, title[:200], authority_id=authority_id, by=by, **sent, **choice._asdict())

    @property
    def task_kind(self) -> TaskKind:
        """The kind as the queue runs it."""
        return TaskKind(self.name, self._check, self._apply)

    def _check(self, task: Task, file: IO[bytes], progress: Progress) -> Plan:
        stored = db.session.scalars(select(TaskFile).where(TaskFile.task_id == task.id)).one()
        progress(0, 1)
        answers = (bool(task.params.get(name)) for name in ("with_hidden_rows", "though_outside"))
        choice = SheetChoice(str(task.params.get("sheet", "")), *answers)
        sha256 = digest_of_sheet(stored.sha256, choice.sheet)
        try:
            if not self.again:
                refuse_imported(task.authority_id, self.name, target_of(task), sha256)
            return self.check(task, Upload(file, stored.filename, sha256, progress, choice))
        except (UnreadableFile, Refusal) as refusal:
            raise self._refused(refusal) from refusal

    def _apply(self, task: Task, plan: Plan) -> dict[str, object]:
        try:
            return self.apply(task, plan, actor_of(task))
        except Refusal as refusal:
            raise self._refused(refusal) from refusal
        except IntegrityError as lost:
            if not self.overtaken:
                raise
            raise Refused(self.overtaken) from lost

    def _refused(self, refusal: UnreadableFile | Refusal) -> Refused:
        """A file without lines is told by key; the key stands in the column of the report."""
        if not self.refused or not isinstance(refusal, Invalid):
            return Refused(refusal.sentence)
        told = {key: sentence.removeprefix(f"{key}: ") for key, sentence in refusal.errors.items()}
        return Refused(self.refused, [{"line": "–", "column": key, "reason": said} for key, said in told.items()])


class Intake(Generic[GoodRow]):
    """What becomes of the rows of one file. They come some hundreds at a time, and are written all at once or not at all."""

    facts: Any = None
    """What the file may refer to, as the table's readers and judge take it."""
    bad_rows: tuple[BadRow, ...] = ()
    told: Mapping[str, object] = {}
    """What of the file was read, where it is a workbook: the sheet, and how many rows of it are hidden."""

    def against(self, _rows: Sequence[GoodRow]) -> Sequence[BadRow]:
        """What is said against good rows by what is stored already."""
        return ()

    def stage(self, rows: Sequence[GoodRow]) -> None:
        """Makes rows ready to be written, while nothing is wrong with the file."""
        raise NotImplementedError

    def take(self, table: Table[GoodRow], upload: Upload) -> None:
        """Reads, checks and stages a whole file; raises UnreadableFile. Nothing is written."""
        read, (sheet, hidden, _) = SheetRead(), upload.choice
        columns = (table.required, table.optional, read)
        rows = read_rows(upload.content, upload.filename, *columns, sheet=sheet, with_hidden_rows=hidden)
        self.told = told_of(read)
        checker, done = Checker(table, self.facts), 0
        for part in rows.parts():
            upload.progress(done, len(rows))
            good = [row for line, raw in part if (row := checker.check(line, raw)) is not None]
            checker.refuse(self.against(good))
            if not checker.bad:
                self.stage(good)
            done += len(part)
        upload.progress(done, len(rows))
        self.bad_rows = checker.bad_rows


def told_of(read: SheetRead) -> dict[str, object]:
    """What the result of an import says of the workbook that was read."""
    return {name: value for name, value in (("sheet", read.title), ("hidden_rows", len(read.hidden))) if value}


class StagedRows:
    """Rows of several tables, made ready part by part and kept in unnamed files: however long the file, the transaction
    is as short as with everything in memory. Those of the first table are written first, so that later ones may point to
    them.
    """

    def __init__(self) -> None:
        self._tables: defaultdict[int, Spool[ReadyRows]] = defaultdict(partial(Spool, at_once=1))

    def add(self, tables: Iterable[ReadyRows]) -> None:
        """Adds some rows of each table, always in the same order of tables."""
        for order, rows in enumerate(tables):
            if rows.parameters:
                self._tables[order].add(rows)

    def write(self) -> None:
        """Writes everything into the current transaction."""
        for _, table in sorted(self._tables.items()):
            for rows in table:
                rows.write()


Rows = TypeVar("Rows", bound=Intake[Any])


def checking(
    table: Table[Any], intake: Callable[[Task, Upload], Rows], sentence: Callable[[Sequence[BadRow]], str]
) -> Callable[[Task, Upload], Rows]:
    """The `check` of a kind that is a table: an intake full of good rows, or Refused with every bad row named."""

    def check(task: Task, upload: Upload) -> Rows:
        rows = intake(task, upload)
        rows.take(table, upload)
        if rows.bad_rows:
            raise Refused(sentence(rows.bad_rows), [asdict(bad) for bad in rows.bad_rows])
        return rows

    return check


def target_of(task: Task) -> UUID:
    """Into what the file of a task is imported."""
    return UUID(str(task.params["target_id"]))
