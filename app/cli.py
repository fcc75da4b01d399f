"""Commands of the shell: users, tokens, the timetable, the audit's check. Slices list their own."""

from __future__ import annotations

import csv
import os
import signal
import sys
import threading
from collections.abc import Sequence
from re import fullmatch
from typing import TextIO

import click
from flask import current_app
from sqlalchemy import select

from app.audit import COMMAND
from app.audit.verify import Head, verify
from app.auth.passwords import hash_password, reasons_against
from app.auth.permissions import permissions_text
from app.auth.tokens import create_token
from app.database import db
from app.database.retention_page import grants, lifecycles_text, retention_text
from app.errors import Refusal
from app.house import House, Slice
from app.parties import services
from app.parties.models import Organisation, User
from app.parties.queries import known_organisations
from app.parties.roles import OrganisationKind, Role
from app.scheduler import Timekeeper, run_if_due
from app.values.spelling import same_as_read


@click.command("create-user")
@click.argument("email")
@click.option("--name", required=True, help="The person's full name.")
@click.option("--organisation", required=True, help="The organisation's name.")
@click.option("--new", "is_new", is_flag=True, help="Make the organisation; without it one of that name must be there.")
@click.option("--kind", type=click.Choice([kind.value for kind in OrganisationKind]), default="council")
@click.option("--role", "roles", multiple=True, required=True, type=click.Choice([role.value for role in Role]))
@click.password_option(help="At least 12 characters.")
def create_user_command(
    email: str, name: str, organisation: str, is_new: bool, kind: str, roles: tuple[str, ...], password: str
) -> None:
    """Add a user who can sign in."""
    if reasons := reasons_against(password, about=(email, name, organisation)):
        raise click.ClickException(" ".join(reasons))
    house = _organisation(OrganisationKind(kind), organisation, is_new=is_new)
    try:
        user = services.create_user(
            house, email, name, [Role(role) for role in roles], by=COMMAND, password_hash=hash_password(password)
        )
    except Refusal as refusal:
        raise click.ClickException(refusal.sentence) from refusal
    db.session.commit()
    click.echo(f"Added {user.email}.")


def _organisation(kind: OrganisationKind, name: str, *, is_new: bool) -> Organisation:
    """The one of this kind that is called so, or a new one; a name that is typed wrongly makes none."""
    named = [house for house in known_organisations(kind) if same_as_read(house.name, name)]
    if len(named) == 1:
        return named[0]
    if is_new and not named:
        return services.register_organisation(kind, name, by=COMMAND)
    if named:
        raise click.ClickException(f"Several organisations are called {name}.")
    there = ", ".join(house.name for house in known_organisations(kind)) or "none"
    raise click.ClickException(f"There is no {kind.value} called {name}. There are: {there}. To make it, add --new.")


@click.command("create-token")
@click.argument("email")
@click.option("--name", default="command line", help="What the token is for.")
def create_token_command(email: str, name: str) -> None:
    """Print a bearer token for the API; it cannot be shown again."""
    [(_, secret)] = _tokens_for([email], name)
    click.echo(secret)


@click.command("create-tokens")
@click.argument("file", type=click.File(encoding="utf-8-sig"))
@click.option("--name", default="command line", help="What the tokens are for.")
def create_tokens_command(file: TextIO, name: str) -> None:
    """Print a bearer token for each address of a file, one a line, as CSV; or none, where one cannot be made."""
    emails = list(dict.fromkeys(filter(None, (line.strip() for line in file))))
    if not emails:
        raise click.ClickException("The file names nobody. Write one email address in each line.")
    csv.writer(sys.stdout, lineterminator="\n").writerows([("email", "token"), *_tokens_for(emails, name)])


def _tokens_for(emails: Sequence[str], name: str) -> list[tuple[str, str]]:
    """A new token for each address, committed; refused whole, naming everybody for whom none can be made."""
    found = {
        user.email: user
        for user in db.session.scalars(select(User).where(User.email.in_({email.lower() for email in emails})))
    }
    problems = [f"There is no user {email}." for email in emails if email.lower() not in found]
    made = []
    for email in emails if not problems else ():
        try:
            made.append((email, create_token(found[email.lower()], name, by=COMMAND)))
        except Refusal as refusal:
            problems.append(f"{email}: {refusal.sentence}")
    if problems:
        raise click.ClickException("\n".join(problems))
    db.session.commit()
    return made


@click.command("database-grants")
@click.argument("role")
def database_grants_command(role: str) -> None:
    """Print what to GRANT to the PostgreSQL role as which the web processes connect."""
    for statement in grants(role):
        click.echo(statement)


@click.command("retention")
def retention_command() -> None:
    """Print every table with its retention class and its personal columns as Markdown."""
    click.echo(retention_text(), nl=False)


@click.command("lifecycles")
def lifecycles_command() -> None:
    """Print every state, what may follow it and what it means, as Markdown with diagrams."""
    click.echo(lifecycles_text(), nl=False)


@click.command("permissions")
def permissions_command() -> None:
    """Print who may do what as Markdown."""
    click.echo(permissions_text(_house()), nl=False)


@click.command("run-due")
def run_due_command() -> None:
    """Do everything that is due, once, and exit."""
    house, owner = _house(), f"run-due {os.getpid()}"
    for job in house.timetable:
        click.echo(f"{job.name}: {run_if_due(job, owner)}")


@click.command("run-scheduler")
def run_scheduler_command() -> None:
    """Run the timetable until stopped; one of several such processes leads."""
    house = _house()
    house.extensions["config"].refuse_weak_key()
    keeper = Timekeeper(house)
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    signal.signal(signal.SIGINT, lambda *_: stop.set())
    keeper.start()
    click.echo("The timetable runs.")
    stop.wait()
    keeper.stop()


class HeadText(click.ParamType[Head]):
    """A block's number and hash, as the daily message to the auditors gives them."""

    name = "NUMBER:HASH"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Head:
        """The head; refuses anything that is not a number, a colon and 64 hexadecimal digits."""
        found = fullmatch(r"(\d{1,12}):([0-9a-f]{64})", str(value))
        if found is None:
            self.fail("Write the number and the hash as they were told, such as 12:3fa9…", param, ctx)
        return Head(int(found[1]), found[2])


@click.command("verify-audit")
@click.option("--head", "remembered", type=HeadText(), help="The last block as the auditors were told.")
def verify_audit_command(remembered: Head | None) -> None:
    """Check every audit entry and block; exits 1 at the first fault."""
    verdict = verify(remembered)
    click.echo(verdict.sentence)
    if verdict.fault:
        raise SystemExit(1)


def _house() -> House:
    house: House = current_app._get_current_object()  # type: ignore[attr-defined]
    return house


SHELL = Slice(
    name="shell",
    commands=(
        create_user_command,
        database_grants_command,
        create_token_command,
        create_tokens_command,
        lifecycles_command,
        permissions_command,
        retention_command,
        run_due_command,
        run_scheduler_command,
        verify_audit_command,
    ),
)
