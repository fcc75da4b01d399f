"""A scheme's file as work that a person waits for: queued, scanned and checked first, then put in place at once."""

from __future__ import annotations

from app.audit import Actor
from app.database import db
from app.files.source import Source, stream_of
from app.imports.kinds import FileKind, Upload
from app.parties.models import Organisation
from app.parties.viewer import Viewer
from app.tasks import Task
from marketplace.schemes.file_rules import SchemeTerms
from marketplace.schemes.services import Imported, own_terms, put_in_place


def queue_scheme_file(viewer: Viewer, source: Source, filename: str, *, by: Actor) -> Task:
    """Queues a scheme's file for the viewer's authority. Raises Conflict while another import runs.

    The same file may come again: it brings back what was changed since.
    """
    title, owner = "Set up or update a scheme", viewer.authority_id
    return SCHEME_FILE.queue(title, source, filename, authority_id=owner, target_id=owner, by=by)


def imported_sentence(done: Imported) -> str:
    """What a file did, in one sentence."""
    if done.created:
        return f"The scheme {done.scheme.name} is set up."
    return f"Changed: {' '.join(done.changes)}" if done.changes else "Everything in this file was so already."


def _check(task: Task, upload: Upload) -> SchemeTerms:
    return own_terms(_authority(task), stream_of(upload.content).read())


def _apply(task: Task, terms: SchemeTerms, by: Actor) -> dict[str, object]:
    done = put_in_place(terms, _authority(task), by=by)
    result: dict[str, object] = {"scheme": done.scheme.name, "created": "yes" if done.created else "no"}
    return result | {"changes": imported_sentence(done), "url": f"/schemes/{done.scheme.id}"}


def _authority(task: Task) -> Organisation:
    return db.session.get_one(Organisation, task.authority_id)


SCHEME_FILE = FileKind(
    name="schemes:import",
    check=_check,
    apply=_apply,
    refused="Nothing was changed. Correct what is named below and upload the file again.",
    again=True,
)
