"""Work in progress: the page of one task, and the same as JSON for the live region."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from app.auth import current_viewer, signed_in
from app.auth.idle import unattended
from app.database import db
from app.errors import NotFoundForViewer
from app.parties.viewer import Viewer
from app.tasks.models import TASK_COLOURS, TASK_SENTENCES, Task

bp = Blueprint("tasks", __name__)


@bp.get("/tasks/<uuid:task_id>")
@signed_in
def show(task_id: UUID) -> str:
    """How far the work is, and what came of it."""
    task = task_for(current_viewer(), task_id)
    return render_template("pages/task.html", task=task, colours=TASK_COLOURS, sentences=TASK_SENTENCES)


@bp.get("/tasks/<uuid:task_id>/progress")
@signed_in
@unattended
def progress(task_id: UUID) -> ResponseReturnValue:
    """The same for the page's script."""
    task = task_for(current_viewer(), task_id)
    return {"state": task.state, "done": task.progress_done, "total": task.progress_total, "over": task.is_over}


def task_for(viewer: Viewer, task_id: UUID) -> Task:
    """The task, for people of the authority that queued it."""
    task = db.session.get(Task, task_id)
    if task is None or not viewer.is_commissioner or task.authority_id != viewer.authority_id:
        raise NotFoundForViewer
    return task
