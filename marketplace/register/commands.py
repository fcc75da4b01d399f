"""`flask import-providers` and `flask import-cqc`: the same imports as the pages, from the machine."""

from pathlib import Path

import click
from sqlalchemy import select

from app.audit import COMMAND
from app.database import db
from app.errors import Refusal
from app.files.source import UnreadableFile
from app.imports.commands import said_on_terminal, sheet_options
from app.imports.kinds import SheetChoice
from app.parties.models import Organisation
from app.values.spelling import same_as_read
from marketplace.providers.cqc_files import read_cqc
from marketplace.providers.cqc_services import take_in
from marketplace.register.services import check_providers, import_providers
from marketplace.schemes.commands import scheme_named, scheme_options
from marketplace.schemes.models import Scheme

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("import-providers")
@click.argument("file", type=FILE)
@scheme_options("The name of the scheme that they apply to join.")
@sheet_options
def import_providers_command(file: Path, scheme: str, authority: str, sheet: str, with_hidden_rows: bool) -> None:
    """Load providers from FILE (CSV or XLSX), all rows or none; the CQC gate decides what it can."""
    joined = scheme_named(scheme, authority)
    try:
        plan = check_providers(joined, file.read_bytes(), file.name, SheetChoice(sheet, with_hidden_rows))
        if plan.bad_rows:
            told = [f"Line {bad.line}, {bad.column or 'whole row'}: {bad.reason}" for bad in plan.bad_rows]
            raise click.ClickException("\n".join(["Nothing was loaded.", *told]))
        done = import_providers(joined, plan, by=COMMAND)
    except (UnreadableFile, Refusal) as problem:
        raise click.ClickException(said_on_terminal(problem.sentence)) from problem
    db.session.commit()
    click.echo(
        f"{done.providers} providers: {done.admitted} admitted, {done.refused} refused, "
        f"{done.waiting} waiting for a contract manager."
    )


@click.command("import-cqc")
@click.argument("file", type=FILE)
@click.option("--authority", default="", help="The authority on whose behalf; needed when there are several.")
@click.option("--from-cqc", is_flag=True, help="FILE is as the CQC published it: what it says counts for all.")
@sheet_options
def import_cqc_command(file: Path, authority: str, from_cqc: bool, sheet: str, with_hidden_rows: bool) -> None:
    """Take in CQC data from FILE: the weekly directory, the monthly one with filters, or an API answer.

    Without --from-cqc it counts for the one authority alone, as a file that a council uploads.
    """
    owner = _authority(authority)
    try:
        choice = SheetChoice(sheet, with_hidden_rows)
        stated = read_cqc(file.read_bytes(), file.name, choice)
        run = take_in(stated, file.name, authority_id=owner.id, by=COMMAND, shared=from_cqc)
    except (UnreadableFile, Refusal) as problem:
        raise click.ClickException(said_on_terminal(problem.sentence)) from problem
    db.session.commit()
    click.echo(f"{run.state.value.capitalize()}: {run.sentence}")
    click.echo(f"{run.seen} locations seen, {run.changed} ratings changed, {run.fallen} fell, {run.vanished} gone.")


def _authority(name: str) -> Organisation:
    query = select(Organisation).where(Organisation.id.in_(select(Scheme.authority_id)))
    named = [authority for authority in db.session.scalars(query) if not name or same_as_read(name, authority.name)]
    if len(named) != 1:
        raise click.ClickException("Name one authority that has a scheme, with --authority.")
    return named[0]
