"""`flask import-postcodes` loads a file of unit postcodes, and can be run again at any time; what other imports share."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import click

from app.database import db
from app.errors import Invalid
from app.files.reading import LOAD_HIDDEN
from app.files.sheets import NAME_THE_SHEET
from app.imports.unit_postcodes import count_units, read_units, store_units

ROWS_A_TRANSACTION = 10_000
Command = TypeVar("Command", bound=Callable[..., Any])
_OPTIONS = {NAME_THE_SHEET: "--sheet", LOAD_HIDDEN: "--with-hidden-rows"}


def sheet_options(command: Command) -> Command:
    """The two answers that a page would ask for: which sheet of a workbook, and whether with its hidden rows."""
    hidden = click.option("--with-hidden-rows", is_flag=True, help="Load rows that are hidden in the sheet, too.")
    return click.option("--sheet", default="", help="The sheet to read, where a workbook has several.")(hidden(command))


def said_on_terminal(sentence: str) -> str:
    """A refusal, with the option that answers what it asks."""
    return " ".join([sentence, *(f"Use {option}." for asked, option in _OPTIONS.items() if asked in sentence)])


@click.command("import-postcodes")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_postcodes_command(file: Path) -> None:
    """Load unit postcodes (CSV, plain or gzip). The whole file is checked before the first row is written."""
    try:
        total = count_units(file)
        rows = read_units(file)
        while some := list(islice(rows, ROWS_A_TRANSACTION)):
            store_units(some)
            # Short transactions, so that nobody waits; run again, an interrupted import goes on where it must.
            db.session.commit()
    except Invalid as refusal:
        raise click.ClickException(refusal.sentence) from refusal
    click.echo(f"{total:,} unit postcodes are loaded.")
