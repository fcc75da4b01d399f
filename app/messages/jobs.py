"""Sending what is in the outbox: one transaction per email, safe to run twice or on two machines.

The line to the mail server is opened before any email is claimed, so an hour without a server costs no email a try:
when it is back, all of them are due at once. No transaction is open while the server is spoken to.
"""

from __future__ import annotations

import logging
import time
from datetime import timedelta
from email.message import EmailMessage
from uuid import UUID

from flask import current_app
from sqlalchemy import Select, select, update

from app import clock
from app.audit.moves import set_state_where
from app.database import db, locked, new_id, reading_only
from app.database.bulk import insert_rows
from app.database.many import rows_changed
from app.messages.channel import Channel, Down, Line, MailRefused, PutOff
from app.messages.letters import SUMMARY, DeliveryState, Recipient
from app.messages.mail import ReturnPaths, mail_of
from app.messages.models import Delivery, Message
from app.messages.services import message_row, with_its_items
from app.messages.templates import LetterTemplate

AT_ONCE = 500
BACK_OFF = (1, 2, 5, 10)
"""Minutes until an email that was handed over and not taken is tried again; the last one from then on. The longest must
leave room within the 15 minutes that are promised after a mail server's return."""
GIVE_UP_AFTER = timedelta(days=3)
"""After so long an address that says "not now" is given up. A server that is away is never given up."""
PASS_SECONDS = 120
"""A pass ends then and the next one begins, so that a slow server is not spoken to by who no longer leads."""

log = logging.getLogger(__name__)


def send_queued() -> int:
    """Sends the emails that are due; the number that left. Without a mail server they wait."""
    channel: Channel | None = current_app.extensions["mail_channel"]
    ids = _due() if channel else []
    if channel is None or not ids:
        return 0
    sent: list[UUID] = []
    try:
        with channel.line() as line:
            _send_each(line, ids, sent)
    except Down as trouble:
        _note_server(str(trouble))
    else:
        _note_server(None)
    return len(sent)


def _send_each(line: Line, ids: list[UUID], sent: list[UUID]) -> None:
    """One after the other over the same line; raises Down when the line breaks."""
    until = time.monotonic() + PASS_SECONDS
    for delivery_id in ids:
        if time.monotonic() > until:
            return
        if _send_one(line, delivery_id):
            sent.append(delivery_id)


def _send_one(line: Line, delivery_id: UUID) -> bool:
    """Claims one email by pushing its next try forward, commits, then sends: a crash means a copy, never a loss."""
    mail = _claim(delivery_id)
    if mail is None:
        return False
    try:
        line.deliver(mail, return_paths().address(delivery_id))
    except MailRefused as refusal:
        _bounced(delivery_id, str(refusal))
    except PutOff as refusal:
        _put_off(delivery_id, str(refusal))
    except Down as trouble:
        _note(delivery_id, problem=str(trouble))
        raise
    else:
        _sent(delivery_id)
        return True
    return False


def return_paths() -> ReturnPaths:
    return ReturnPaths.of(current_app.extensions["config"])


def _waiting() -> Select[Delivery]:
    """What may be sent now, by the machine's clock: a pass can last longer than a job's one instant."""
    return select(Delivery).where(Delivery.state == DeliveryState.QUEUED, Delivery.due_at <= clock.machine_time())


def _due() -> list[UUID]:
    with reading_only():
        query = _waiting().with_only_columns(Delivery.id).order_by(Delivery.due_at, Delivery.id).limit(AT_ONCE)
        ids = list(db.session.scalars(query))
        db.session.rollback()
    return ids


def _claim(delivery_id: UUID) -> EmailMessage | None:
    delivery = db.session.scalars(locked(_waiting().where(Delivery.id == delivery_id), skip=True)).one_or_none()
    if delivery is None:
        db.session.rollback()
        return None
    minutes = BACK_OFF[min(delivery.attempts, len(BACK_OFF) - 1)]
    delivery.attempts += 1
    delivery.due_at = clock.machine_time() + timedelta(minutes=minutes)
    try:
        mail = mail_of(delivery, current_app.extensions["config"])
    except ValueError:
        log.exception("an email could not be written", extra={"delivery": str(delivery_id)})
        delivery.state, delivery.problem, mail = DeliveryState.FAILED, "the email could not be written", None
    db.session.commit()
    return mail


def _sent(delivery_id: UUID) -> None:
    # A demo's mailbox page is where its emails arrive: there the personal link must still lead somewhere.
    forgotten: dict[str, object] = {} if current_app.extensions["config"].demo else {"path": None}
    _settle(delivery_id, DeliveryState.SENT, sent_at=clock.machine_time(), problem=None, **forgotten)


def _bounced(delivery_id: UUID, problem: str) -> None:
    now = clock.machine_time()
    _settle(delivery_id, DeliveryState.BOUNCED, bounced_at=now, path=None, problem=problem)


def _put_off(delivery_id: UUID, problem: str) -> None:
    now = clock.machine_time()
    delivery = db.session.get_one(Delivery, delivery_id)
    if now - delivery.queued_at > GIVE_UP_AFTER:
        _settle(delivery_id, DeliveryState.FAILED, put_off_at=now, problem=problem, path=None)
    else:
        _note(delivery_id, put_off_at=now, problem=problem)


def _note(delivery_id: UUID, **values: object) -> None:
    """Writes why an email still waits."""
    this = (Delivery.id == delivery_id) & (Delivery.state == DeliveryState.QUEUED)
    db.session.execute(update(Delivery).where(this).values(**values))
    db.session.commit()


def _settle(delivery_id: UUID, to: DeliveryState, **values: object) -> None:
    """Writes what became of an email, unless a bounce has come back meanwhile; a summary's fate is that of its items."""
    delivery = db.session.get_one(Delivery, delivery_id)
    waits = Delivery.state.in_([DeliveryState.QUEUED, DeliveryState.FOR_SUMMARY])
    set_state_where(Delivery, with_its_items(delivery), waits, to=to, **values)
    db.session.commit()


def _note_server(trouble: str | None) -> None:
    """Logs once when the mail server goes away, and once when it is back."""
    before = current_app.extensions.get("mail_trouble")
    current_app.extensions["mail_trouble"] = trouble
    if trouble and not before:
        log.warning("%s; emails wait and are tried again", trouble)
    if before and not trouble:
        log.warning("the mail server takes emails again")


DAILY_SUMMARY = LetterTemplate("daily_summary", SUMMARY, folder="app.messages.letters", about="message", link="/inbox")


def send_summaries() -> int:
    """Queues a summary for each address that something waits for; commits per address. The number queued."""
    waits = Delivery.state == DeliveryState.FOR_SUMMARY
    query = (
        select(Message.organisation_id, Delivery.email)
        .join(Message, Message.id == Delivery.message_id)
        .where(waits, Delivery.summary_id.is_(None))
        .distinct()
        .order_by(Message.organisation_id, Delivery.email)
    )
    addresses = [(row.organisation_id, row.email) for row in db.session.execute(query)]
    db.session.rollback()
    return sum(_summarise(organisation_id, email) for organisation_id, email in addresses)


def _summarise(organisation_id: UUID, email: str) -> bool:
    """Takes what waits for one address, in one statement, so that two who try at once send one summary."""
    summary_id = new_id()
    waits = (Delivery.state == DeliveryState.FOR_SUMMARY) & Delivery.summary_id.is_(None) & (Delivery.email == email)
    ours = select(Message.id).where(Message.organisation_id == organisation_id)
    count = rows_changed(update(Delivery).where(waits, Delivery.message_id.in_(ours)).values(summary_id=summary_id))
    if not count:
        db.session.rollback()
        return False
    letter = DAILY_SUMMARY.write(summary_id, count=count)
    insert_rows(Message, [message_row(Recipient(organisation_id), letter, summary_id)])
    db.session.add(Delivery(message_id=summary_id, email=email))
    db.session.commit()
    return True
