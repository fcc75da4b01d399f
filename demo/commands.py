"""`flask seed-demo`: fills an empty database with the demo's data."""

from __future__ import annotations

import click
from sqlalchemy import func, select

from app.database import db
from app.parties.models import Organisation


@click.command("seed-demo")
def seed_demo_command() -> None:
    """Fill an empty database with Lancashire and its simulated past, and mark it as a demo."""
    from demo.seeding import seed

    if db.session.scalar(select(func.count()).select_from(Organisation)):
        raise click.ClickException("This database is in use. The demo's data goes into an empty one only.")
    seed(say=click.echo)
