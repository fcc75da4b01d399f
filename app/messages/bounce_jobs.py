"""Taking in bounces: from a mailbox, from a file or from a pipe; safe to read twice."""

from __future__ import annotations

import mailbox
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from flask import current_app
from sqlalchemy import update

from app import clock
from app.audit.moves import set_state_where
from app.database import db
from app.messages.bounces import Report, Verdict, report_in
from app.messages.jobs import return_paths
from app.messages.letters import DeliveryState
from app.messages.mailbox import Mailbox
from app.messages.models import Delivery
from app.messages.services import with_its_items
from config import Config


@dataclass(slots=True)
class BouncesRead:
    """What was found in a number of messages."""

    read: int = 0
    bounced: int = 0
    noted: int = 0

    @property
    def sentence(self) -> str:
        others = self.read - self.bounced - self.noted
        return f"{self.read} read: {self.bounced} bounced, {self.noted} noted, {others} that say nothing."


def read_mailbox() -> int:
    """The timed job: reads what is new in the bounce mailbox; the number of bounces. Without a mailbox: nothing."""
    config: Config = current_app.extensions["config"]
    if not config.bounce_mailbox_url:
        return 0
    intake = BouncesRead()
    with Mailbox(config.bounce_mailbox_url).opened() as box:
        for message in box.unread():
            take_in([message.content], intake)
            message.mark_read()
    return intake.bounced


def take_in(messages: Iterable[bytes], intake: BouncesRead | None = None) -> BouncesRead:
    """Notes what each message says about the email that came back; commits per message."""
    intake, paths = intake or BouncesRead(), return_paths()
    for content in messages:
        intake.read += 1
        report = report_in(content, paths)
        if report is not None and _note(report):
            intake.bounced += report.verdict is Verdict.BOUNCED
            intake.noted += report.verdict is not Verdict.BOUNCED
    return intake


def messages_in(content: bytes) -> Iterator[bytes]:
    """One message as it stands, or each message of an mbox file."""
    if not content.startswith(b"From "):
        yield content
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bounces.mbox"
        path.write_bytes(content)
        box = mailbox.mbox(path, create=False)
        yield from (box.get_bytes(key) for key in box.iterkeys())
        box.close()


def _note(report: Report) -> bool:
    """Whether there is such an email, and the report changes what is known of it."""
    delivery = db.session.get(Delivery, report.delivery_id)
    known = delivery is not None and _change(delivery, report)
    db.session.commit()
    return known


def _change(delivery: Delivery, report: Report) -> bool:
    these = with_its_items(delivery)
    match report.verdict:
        case Verdict.BOUNCED:
            problem = f"it came back with status {report.status}"
            gone = {"bounced_at": clock.now(), "path": None, "problem": problem}
            return bool(set_state_where(Delivery, these, to=DeliveryState.BOUNCED, **gone))
        case Verdict.ARRIVED:
            return bool(set_state_where(Delivery, these, to=DeliveryState.DELIVERED, problem=None))
        case Verdict.LATE:
            sent = update(Delivery).where(these, Delivery.state == DeliveryState.SENT)
            late = sent.values(problem=f"late, status {report.status}").returning(Delivery.id)
            return bool(db.session.scalars(late.execution_options(synchronize_session=False)).all())
