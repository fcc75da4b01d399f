"""`flask import-packages`: the same import as the page's, waited for and told on the terminal."""

from __future__ import annotations

import time
from pathlib import Path
from uuid import UUID

import click

from app.audit import COMMAND
from app.database import db
from app.errors import Refusal
from app.imports.commands import said_on_terminal, sheet_options
from app.imports.kinds import SheetChoice
from app.tasks.jobs import run_queued
from app.tasks.models import Task, TaskState
from marketplace.packages.importing import OUTSIDE, queue_import
from marketplace.schemes.commands import scheme_named, scheme_options

WAIT_SECONDS = 600


@click.command("import-packages")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@scheme_options("The name of the scheme the packages belong to.")
@click.option("--though-outside", is_flag=True, help="Load packages although all lie outside the scheme's zones.")
@sheet_options
def import_packages_command(
    file: Path, scheme: str, authority: str, sheet: str, with_hidden_rows: bool, though_outside: bool
) -> None:
    """Load packages of care from a CSV or Excel file: all rows or none."""
    try:
        choice = SheetChoice(sheet, with_hidden_rows, though_outside)
        task = queue_import(scheme_named(scheme, authority), file.read_bytes(), file.name, choice, by=COMMAND)
    except Refusal as refusal:
        raise click.ClickException(refusal.sentence) from refusal
    task_id = task.id
    db.session.commit()
    run_queued()
    _tell(_finished(task_id))


def _finished(task_id: UUID) -> Task:
    """The task when it is over; a server that runs beside this command may have taken it."""
    until = time.monotonic() + WAIT_SECONDS
    while True:
        db.session.rollback()
        task = db.session.get_one(Task, task_id, populate_existing=True)
        if task.is_over or time.monotonic() > until:
            return task
        time.sleep(0.2)


def _tell(task: Task) -> None:
    for row in task.report or []:
        click.echo(f"line {row['line']}, {row['column']}: {row['reason']}", err=True)
    if task.state is not TaskState.DONE:
        sentence = said_on_terminal(task.sentence or "The import is not finished yet.")
        raise click.ClickException(f"{sentence} Use --though-outside." if OUTSIDE in sentence else sentence)
    counts = task.result or {}
    if "sheet" in counts:
        click.echo(f"The sheet “{counts['sheet']}” was read, {counts.get('hidden_rows', 0)} hidden rows with it.")
    click.echo(f"{counts['packages']} packages loaded: {counts['ready']} ready, {counts['to_look_at']} to look at.")
