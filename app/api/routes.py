"""The shell's own part of the API: tasks."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from app.api.shell import Given, api_blueprint
from app.auth import current_viewer, signed_in
from app.pages.work import task_for
from app.tasks.models import TaskState

bp = api_blueprint("tasks", __name__, "Tasks")


class TaskOut(Given):
    """Long work: how far it is and what came of it. `report` names every bad row of a file."""

    id: UUID
    kind: str
    title: str
    state: TaskState
    created_at: datetime
    finished_at: datetime | None
    progress_done: int
    progress_total: int
    sentence: str | None
    result: dict[str, Any] | None
    report: list[dict[str, Any]] | None


@bp.get("/tasks/<uuid:task_id>")
@signed_in
@bp.output(TaskOut)
@bp.doc(security="bearer")
def show(task_id: UUID) -> Any:
    """One task."""
    return task_for(current_viewer(), task_id)
