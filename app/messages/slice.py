"""What messages bring to the house; their pages are among those of `pages`."""

from __future__ import annotations

from app.audit import Tag
from app.auth import Permission
from app.house import Slice, TimedJob
from app.messages import models
from app.messages.bounce_jobs import read_mailbox
from app.messages.commands import MAIL_COMMANDS
from app.messages.jobs import DAILY_SUMMARY, send_queued, send_summaries
from app.parties.roles import Role

READERS = (Role.ADMINISTRATOR, Role.CONTRACT_MANAGER, Role.AUDITOR)
WATCHERS = (Role.ADMINISTRATOR, Role.NAVIGATOR, Role.BROKER)
RELEASERS = (Role.ADMINISTRATOR,)

TAGS = (
    Tag("mail:held", "Its emails were held back after a restore", council=()),
    Tag("mail:released", "Its emails that were held back were sent after all", council=()),
    Tag("mail:set_aside", "Its emails that were held back are not sent", council=()),
)

MESSAGES = Slice(
    name="messages",
    models=models,
    permissions=(
        Permission("mail:watch", "Seeing which emails have not left", WATCHERS),
        Permission("letters:read", "Reading every letter that the system sends", READERS),
        Permission("mail:release", "Sending or setting aside emails held back after a restore", RELEASERS),
    ),
    tags=TAGS,
    jobs=(
        TimedJob("send emails", "Sends what is in the outbox.", send_queued, every=5),
        TimedJob("send daily summaries", "Sends what people want once a day.", send_summaries, daily_at="07:30"),
        TimedJob("read bounces", "Reads which emails came back.", read_mailbox, every=60),
    ),
    letters=(DAILY_SUMMARY,),
    commands=MAIL_COMMANDS,
)
