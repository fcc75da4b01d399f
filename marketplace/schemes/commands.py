"""`flask import-scheme`: sets up or updates a scheme from its file."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app.audit import COMMAND
from app.database import db
from app.errors import Invalid, Refusal
from app.parties.models import Organisation
from app.values.spelling import same_as_read
from marketplace.schemes.importing import import_scheme
from marketplace.schemes.models import Scheme

Command = TypeVar("Command", bound=Callable[..., Any])


def scheme_options(help_text: str) -> Callable[[Command], Command]:
    """Into which scheme: its name, and of which authority where two have one of that name."""

    def options(command: Command) -> Command:
        owner = click.option("--authority", default="", help="Whose scheme, where two have one of that name.")
        return click.option("--scheme", required=True, help=help_text)(owner(command))

    return options


def scheme_named(name: str, authority: str = "") -> Scheme:
    """The one scheme of this name, of the authority named; raises ClickException with what there is."""
    query = select(Scheme, Organisation.name).join(Organisation, Organisation.id == Scheme.authority_id)
    known = db.session.execute(query.options(selectinload(Scheme.lots)).order_by(Scheme.name_key)).all()
    of_name = [(scheme, owner) for scheme, owner in known if same_as_read(scheme.name, name)]
    found = [scheme for scheme, owner in of_name if not authority or same_as_read(owner, authority)]
    if len(found) == 1:
        return found[0]
    if of_name and not authority:
        owners = ", ".join(sorted(owner for _, owner in of_name))
        raise click.ClickException(f"Several authorities have a scheme named {name}: {owners}. Name one: --authority.")
    there = ", ".join(f"{scheme.name} ({owner})" for scheme, owner in known) or "none"
    raise click.ClickException(f"There is no one scheme named {name}. There are: {there}.")


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
