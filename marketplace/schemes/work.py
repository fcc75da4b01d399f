"""A scheme's file as work that a person waits for: queued, scanned and checked first, then put in place at once."""

from __future__ import annotations

from typing import IO

from app.audit import Actor
from app.database import db
from app.errors import Invalid, Refusal
from app.files.source import Source
from app.parties.models import Organisation
from app.parties.viewer import Viewer
from app.tasks import Progress, Task, TaskKind
from app.tasks.imports import queue_file
from app.tasks.kinds import Refused
from app.tasks.services import actor_of
from marketplace.schemes.file_rules import SchemeTerms
from marketplace.schemes.services import Imported, own_terms, put_in_place

NOTHING_CHANGED = "Nothing was changed. Correct what is named below and upload the file again."


def queue_scheme_file(viewer: Viewer, source: Source, filename: str, *, by: Actor) -> Task:
    """Queues a scheme's file for the viewer's authority. Raises Conflict while another import runs.

    The same file may come again: it brings back what was changed since.
    """
    title, owner = "Set up or update a scheme", viewer.authority_id
    kind = PUT_IN_PLACE.name
    return queue_file(kind, title, source, filename, authority_id=owner, target_id=owner, by=by, again=True)


def imported_sentence(done: Imported) -> str:
    """What a file did, in one sentence."""
    if done.created:
        return f"The scheme {done.scheme.name} is set up."
    return f"Changed: {' '.join(done.changes)}" if done.changes else "Everything in this file was so already."


def _check(task: Task, file: IO[bytes], progress: Progress) -> SchemeTerms:
    progress(0, 1)
    try:
        terms = own_terms(_authority(task), file.read())
    except Refusal as refusal:
        raise _refused(refusal) from refusal
    progress(1, 1)
    return terms


def _apply(task: Task, terms: SchemeTerms) -> dict[str, object]:
    try:
        done = put_in_place(terms, _authority(task), by=actor_of(task))
    except Refusal as refusal:
        raise _refused(refusal) from refusal
    result: dict[str, object] = {"scheme": done.scheme.name, "created": "yes" if done.created else "no"}
    return result | {"changes": imported_sentence(done), "url": f"/schemes/{done.scheme.id}"}


def _authority(task: Task) -> Organisation:
    return db.session.get_one(Organisation, task.authority_id)


def _refused(refusal: Refusal) -> Refused:
    """A file of this kind is told by key, not by line; the key stands in a column of its own."""
    if not isinstance(refusal, Invalid):
        return Refused(refusal.sentence)
    told = {key: sentence.removeprefix(f"{key}: ") for key, sentence in refusal.errors.items()}
    return Refused(NOTHING_CHANGED, [{"line": "–", "column": key, "reason": said} for key, said in told.items()])


PUT_IN_PLACE = TaskKind("schemes:import", _check, _apply)
