"""The outbox against a real SMTP server."""

from __future__ import annotations

import socket
from datetime import timedelta

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import select

from app import clock
from app.database import db
from app.messages import Address, Letter, Recipient, send
from app.messages.channel import SmtpChannel
from app.messages.jobs import send_queued
from app.messages.letters import DeliveryState
from app.messages.models import Delivery, Message


class Sink:
    """A mail server that keeps what it takes and refuses addresses that start with `gone`."""

    def __init__(self):
        self.mails = []

    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):  # noqa: N802 (aiosmtpd's name)
        if address.startswith("gone"):
            return "550 no such person here"
        if address.startswith("busy"):
            return "451 try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 (aiosmtpd's name)
        self.mails.append(envelope.content.decode())
        return "250 taken"


@pytest.fixture
def sink(house):
    """A mail server on a free port, and the house using it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    handler = Sink()
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    house.extensions["mail_channel"] = SmtpChannel(f"smtp://127.0.0.1:{port}")
    yield handler
    house.extensions["mail_channel"] = None
    controller.stop()


def a_letter(people, *addresses):
    """A letter to the council's inbox and these addresses."""
    letter = Letter("test", "An offer waits", "Please look.", "/offers/1", "offer", people.council.id)
    send(Recipient(people.council.id, addresses=tuple(Address(email) for email in addresses)), letter)
    db.session.commit()


def states():
    """The state of each e-mail by address."""
    return {delivery.email: delivery.state for delivery in db.session.scalars(select(Delivery))}


def test_a_letter_stands_in_the_inbox_before_any_mail_leaves(session, people):
    a_letter(people, "one@provider.example")
    assert db.session.scalars(select(Message)).one().subject == "An offer waits"
    assert send_queued() == 0
    assert states() == {"one@provider.example": DeliveryState.QUEUED}


def test_a_mail_leaves_once_with_its_link(session, people, sink):
    a_letter(people, "one@provider.example")
    assert send_queued() == 1
    assert send_queued() == 0
    assert len(sink.mails) == 1
    assert "http://127.0.0.1:8000/offers/1" in sink.mails[0]
    assert states() == {"one@provider.example": DeliveryState.SENT}


def test_a_refused_address_bounces_and_the_others_are_told(session, people, sink):
    a_letter(people, "gone@provider.example", "one@provider.example")
    send_queued()
    assert states() == {"gone@provider.example": DeliveryState.BOUNCED, "one@provider.example": DeliveryState.SENT}


def test_a_server_that_is_down_is_tried_again_with_the_same_message_id(session, people, sink):
    a_letter(people, "busy@provider.example")
    assert send_queued() == 0
    assert states() == {"busy@provider.example": DeliveryState.QUEUED}
    delivery = db.session.scalars(select(Delivery)).one()
    delivery.email = "one@provider.example"
    db.session.commit()
    assert send_queued() == 0, "not before its time"
    with clock.moved_to(clock.now() + timedelta(minutes=2)):
        assert send_queued() == 1
    assert f"Message-ID: <{delivery.id.hex}@localhost>" in sink.mails[0].replace("\r\n", "\n").replace("\n ", " ")


def test_what_was_never_taken_fails_after_three_days(session, people, sink):
    a_letter(people, "busy@provider.example")
    with clock.moved_to(clock.now() + timedelta(days=3, minutes=1)):
        send_queued()
    assert states() == {"busy@provider.example": DeliveryState.FAILED}
