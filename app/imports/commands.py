"""`flask import-postcodes`: loads a file of unit postcodes, and can be run again at any time."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import click

from app.database import db
from app.errors import Invalid
from app.imports.unit_postcodes import count_units, read_units, store_units

ROWS_A_TRANSACTION = 10_000


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
