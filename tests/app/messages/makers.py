"""Letters of the messages' tests, and a real mail server that does as it is told."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_string
from typing import Any

from aiosmtpd.controller import Controller
from sqlalchemy import select

from app.database import db
from app.house import House
from app.messages import Address, Letter, Recipient, Topic, send, send_many
from app.messages.channel import SmtpChannel
from app.messages.letters import DeliveryState
from app.messages.models import Delivery
from tests.people import People

TOPIC, NOTICES = "tests", "notices_in_tests"
TOPICS = {
    "test:summed": Topic(TOPIC, "Tests", "For tests.", frozenset()),
    "test:notice": Topic(NOTICES, "Notices", "For tests.", frozenset(), notice=True),
}


class Sink:
    """A mail server that keeps what it takes. It refuses addresses that start with `gone`, and `busy` ones for now.

    With `breaks` it takes that many emails and then breaks the line before it says so.
    """

    def __init__(self) -> None:
        self.mails: list[str] = []
        self.senders: list[str] = []
        self.breaks, self.connections, self.port = 0, 0, 0

    async def handle_EHLO(self, server: Any, session: Any, envelope: Any, hostname: Any, responses: Any) -> Any:  # noqa: N802 (aiosmtpd's name)
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, rcpt_options: Any) -> str:  # noqa: N802 (aiosmtpd's name)
        if address.startswith("gone"):
            return "550 no such person here"
        if address.startswith("busy"):
            return "451 try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 (aiosmtpd's name)
        self.mails.append(envelope.content.decode())
        self.senders.append(envelope.mail_from)
        if self.breaks:
            self.breaks -= 1
            server.transport.abort()
        return "250 taken"

    @property
    def message_ids(self) -> list[str]:
        return [str(message_from_string(mail)["Message-ID"]) for mail in self.mails]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(handler: Sink, port: int) -> Iterator[Sink]:
    """The mail server on this port, for as long as it is in use."""
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    handler.port = port
    controller.start()
    try:
        yield handler
    finally:
        controller.stop()


@contextmanager
def connected(house: House, port: int, **limits: Any) -> Iterator[None]:
    """The house using the mail server of this port, whether or not there is one."""
    house.extensions["mail_channel"] = SmtpChannel(f"smtp://127.0.0.1:{port}", **limits)
    house.extensions["mail_trouble"] = None
    try:
        yield
    finally:
        house.extensions["mail_channel"] = None


def a_letter(people: People, *addresses: str, kind: str = "test", number: int | str = 1) -> None:
    """A letter to the council's inbox and these addresses."""
    subject, path = f"An offer waits {number}", f"/offers/{number}"
    letter = Letter(kind, subject, "Please look.", path, "offer", people.council.id, topic=TOPICS.get(kind))
    send(Recipient(people.council.id, addresses=tuple(Address(email) for email in addresses)), letter)
    db.session.commit()


def many_letters(people: People, count: int) -> None:
    """As many letters, each to one address of its own."""
    letters = (Letter("test", f"Offer {n}", "Look.", f"/offers/{n}", "offer", people.council.id) for n in range(count))
    send_many(
        (Recipient(people.council.id, addresses=(Address(f"one{n}@provider.example"),)), letter)
        for n, letter in enumerate(letters)
    )
    db.session.commit()


def states() -> dict[str, DeliveryState]:
    """The state of each email by address."""
    return {delivery.email: delivery.state for delivery in db.session.scalars(select(Delivery))}
