"""Commands about emails: reading bounces, and what is to be done after a restore."""

from __future__ import annotations

from typing import BinaryIO

import click

from app import clock
from app.audit import COMMAND
from app.database import db
from app.messages.bounce_jobs import messages_in, read_mailbox, take_in
from app.messages.holding import hold_queued, release, set_aside


@click.command("read-bounces")
@click.argument("file", type=click.File("rb"), required=False)
def read_bounces_command(file: BinaryIO | None) -> None:
    """Read bounces from FILE: one message or an mbox, - for a pipe. Without FILE: from BOUNCE_MAILBOX_URL."""
    if file is None:
        click.echo(f"{read_mailbox()} bounced.")
        return
    click.echo(take_in(messages_in(file.read())).sentence)


@click.command("after-restore")
def after_restore_command() -> None:
    """Hold back every email that the restored data believes unsent. Run it before the timetable starts."""
    count = hold_queued(before=clock.now(), by=COMMAND)
    db.session.commit()
    click.echo(f"{count} emails are held back. `release-emails` sends them, `set-aside-emails` gives them up.")


@click.command("release-emails")
def release_mail_command() -> None:
    """Send every email that is held back."""
    count = release(None, by=COMMAND)
    db.session.commit()
    click.echo(f"{count} emails are being sent.")


@click.command("set-aside-emails")
def set_aside_mail_command() -> None:
    """Give up every email that is held back."""
    count = set_aside(None, by=COMMAND)
    db.session.commit()
    click.echo(f"{count} emails will not be sent.")


MAIL_COMMANDS = (read_bounces_command, after_restore_command, release_mail_command, set_aside_mail_command)
