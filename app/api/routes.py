"""The shell's own part of the API: tasks."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from flask import Response

from app.api.shell import EXPORT, ExportAsked, Given, api_blueprint
from app.auth import allows, current_viewer, signed_in
from app.auth.fresh_routes import password_again
from app.exports import file_answer
from app.pages.audit import EXPORTED, table_of_authority, table_of_provider
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
def show(task_id: UUID) -> Any:
    """One task."""
    return task_for(current_viewer(), task_id)


audit_bp = api_blueprint("audit", __name__, "Audit")


@audit_bp.post("/audit/export")
@allows("audit:read")
@password_again
@audit_bp.input(ExportAsked)
@audit_bp.doc(**EXPORT)
def of_authority(json_data: ExportAsked) -> Response:
    """Every entry of the authority, the oldest first, without reasons."""
    return file_answer(partial(table_of_authority, current_viewer()), EXPORTED, json_data.format)


@audit_bp.post("/audit/own/export")
@allows("audit:own")
@password_again
@audit_bp.input(ExportAsked)
@audit_bp.doc(**EXPORT)
def of_provider(json_data: ExportAsked) -> Response:
    """What the provider's own people did, the oldest first, with the facts that a provider may see."""
    return file_answer(partial(table_of_provider, current_viewer()), EXPORTED, json_data.format)
