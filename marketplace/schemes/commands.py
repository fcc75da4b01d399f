"""`flask import-scheme`: sets up or updates a scheme from its file."""

from pathlib import Path

import click

from app.audit import COMMAND
from app.database import db
from app.errors import Invalid, Refusal
from marketplace.schemes.importing import import_scheme


@click.command("import-scheme")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--authority", default="", help="The authority's name, if another than the file says; made if it is new.")
def import_scheme_command(file: Path, authority: str) -> None:
    """Set up or update a scheme from FILE (TOML). The same file again changes nothing."""
    try:
        done = import_scheme(file.read_bytes(), by=COMMAND, authority_name=authority)
    except Invalid as refusal:
        raise click.ClickException("\n".join(["Nothing was loaded.", *refusal.errors.values()])) from refusal
    except Refusal as refusal:
        raise click.ClickException(refusal.sentence) from refusal
    db.session.commit()
    what = "is set up" if done.created else "is brought up to date" if done.changes else "was so already"
    click.echo(f"{done.scheme.name} {what}.")
