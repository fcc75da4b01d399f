"""Work in progress: the page of one task, what its file must be corrected in, and the way to cancel it."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from app.auth import current_viewer, signed_in
from app.database import db
from app.errors import NotFoundForViewer
from app.files.writing import csv_parts
from app.http.paging import paged_list
from app.parties.models import UserRole
from app.parties.viewer import Viewer
from app.tasks.models import Task
from app.tasks.services import cancel

bp = Blueprint("tasks", __name__)

REPORT_COLUMNS = ("line", "column", "reason")
ROWS_ON_A_PAGE = 100


@bp.get("/tasks/<uuid:task_id>")
@signed_in
def show(task_id: UUID) -> str:
    """How far the work is, and what came of it."""
    task = task_for(current_viewer(), task_id)
    page = paged_list(task.report or [], ROWS_ON_A_PAGE)
    return render_template("pages/task.html", task=task, page=page)


@bp.get("/tasks/<uuid:task_id>/progress")
@signed_in
def progress(task_id: UUID) -> ResponseReturnValue:
    """The same for the page's script."""
    task = task_for(current_viewer(), task_id)
    return {"state": task.state, "done": task.progress_done, "total": task.progress_total, "over": task.is_over}


@bp.post("/tasks/<uuid:task_id>/cancel")
@signed_in
def stop(task_id: UUID) -> AnyResponse:
    """Cancels work that has changed nothing yet."""
    viewer = current_viewer()
    cancel(task_for(viewer, task_id), by=viewer.actor)
    flash("Cancelled. Nothing was loaded.", "success")
    return redirect(url_for("tasks.show", task_id=task_id))


@bp.get("/tasks/<uuid:task_id>/report.csv")
@signed_in
def report(task_id: UUID) -> Response:
    """What must be corrected, as a file to work through: lines, columns and reasons, never a cell."""
    rows = task_for(current_viewer(), task_id).report or []
    if not rows:
        raise NotFoundForViewer
    headers = {"Content-Disposition": 'attachment; filename="rows-to-correct.csv"'}
    return Response(csv_parts(REPORT_COLUMNS, _cells(rows)), content_type="text/csv; charset=utf-8", headers=headers)


def _cells(rows: list[dict[str, object]]) -> Iterator[list[str | int]]:
    for row in rows:
        yield [value if isinstance(value := row.get(name), int) else str(value or "") for name in REPORT_COLUMNS]


def task_for(viewer: Viewer, task_id: UUID) -> Task:
    """The task, for whoever queued it and their team; NotFoundForViewer for everybody else.

    What a file holds is told in its report, so the report is for those who may see the file.
    """
    task = db.session.get(Task, task_id)
    if task is None or not viewer.is_commissioner or task.authority_id != viewer.authority_id:
        raise NotFoundForViewer
    if task.created_by not in {None, viewer.user_id} and not _works_with(viewer, task.created_by):
        raise NotFoundForViewer
    return task


def _works_with(viewer: Viewer, user_id: UUID | None) -> bool:
    """Whether they share a team; those who are in no team share it when they have a role in common."""
    held = db.session.execute(select(UserRole.team_id, UserRole.role).where(UserRole.user_id == user_id)).all()
    teams = {row.team_id for row in held if row.team_id}
    if teams or viewer.team_ids:
        return not viewer.team_ids.isdisjoint(teams)
    return viewer.has(*(row.role for row in held))
