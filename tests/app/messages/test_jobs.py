"""The outbox against a real SMTP server."""

from __future__ import annotations

import socket
from datetime import timedelta
from email import message_from_string

from sqlalchemy import select

from app import clock
from app.database import db
from app.messages.channel import READ_SECONDS, SEND_SECONDS
from app.messages.jobs import BACK_OFF, return_paths, send_queued
from app.messages.letters import DeliveryState
from app.messages.models import Delivery, Message
from app.messages.queries import waiting
from tests.app.messages.makers import Sink, a_letter, connected, free_port, many_letters, serving, states
from tests.waiting import LONGEST


def test_a_letter_stands_in_the_inbox_before_any_mail_leaves(session, people):
    a_letter(people, "one@provider.example")
    assert db.session.scalars(select(Message)).one().subject == "An offer waits 1"
    assert send_queued() == 0
    assert states() == {"one@provider.example": DeliveryState.QUEUED}


def test_a_mail_leaves_once_with_its_link(session, people, sink):
    a_letter(people, "one@provider.example")
    assert send_queued() == 1
    assert send_queued() == 0
    assert len(sink.mails) == 1
    assert "http://127.0.0.1:8000/offers/1" in sink.mails[0]
    assert states() == {"one@provider.example": DeliveryState.SENT}


def test_each_mail_has_a_return_path_that_says_which_it_is(session, people, sink):
    a_letter(people, "one@provider.example", "two@provider.example")
    send_queued()
    known = {delivery.id for delivery in db.session.scalars(select(Delivery))}
    assert {one for sender in sink.senders for one in return_paths().deliveries_in(sender)} == known


def test_many_mails_leave_over_one_line(session, people, sink):
    many_letters(people, 20)
    a_letter(people, "gone@provider.example", "busy@provider.example")
    assert send_queued() == 20
    assert sink.connections == 1


def test_a_refused_address_bounces_and_the_others_are_told(session, people, sink):
    a_letter(people, "gone@provider.example", "one@provider.example")
    send_queued()
    assert states() == {"gone@provider.example": DeliveryState.BOUNCED, "one@provider.example": DeliveryState.SENT}


def test_an_address_that_puts_off_is_tried_again_with_the_same_message_id(session, people, sink):
    a_letter(people, "busy@provider.example")
    assert send_queued() == 0
    assert states() == {"busy@provider.example": DeliveryState.QUEUED}
    delivery = db.session.scalars(select(Delivery)).one()
    delivery.email = "one@provider.example"
    db.session.commit()
    assert send_queued() == 0, "not before its time"
    with clock.moved_to(clock.now() + timedelta(minutes=2)):
        assert send_queued() == 1
    assert sink.message_ids == [f"<{delivery.id.hex}@localhost>"]


def test_an_address_that_puts_off_says_nothing_against_the_server(session, people, sink):
    a_letter(people, "busy@provider.example")
    send_queued()
    with clock.moved_to(clock.now() + timedelta(hours=1)):
        assert (waiting().count, waiting().is_long) == (0, False)


def test_what_an_address_never_took_fails_after_three_days(session, people, sink):
    a_letter(people, "busy@provider.example")
    with clock.moved_to(clock.now() + timedelta(days=3, minutes=1)):
        send_queued()
    assert states() == {"busy@provider.example": DeliveryState.FAILED}


def test_a_server_that_is_away_costs_no_mail_a_try(house, session, people):
    a_letter(people, "one@provider.example")
    with connected(house, free_port()):
        assert send_queued() == 0
    delivery = db.session.scalars(select(Delivery)).one()
    assert (delivery.attempts, delivery.state) == (0, DeliveryState.QUEUED)
    with clock.moved_to(clock.now() + timedelta(minutes=11)):
        assert (waiting().count, waiting().is_long) == (1, True)


def test_after_an_hour_without_a_server_every_mail_leaves_once_within_a_minute_of_its_return(house, session, people):
    """In steps of half a minute, though the timetable asks every five seconds; the long proof takes those."""
    begin, port = clock.now(), free_port()
    many_letters(people, 120)
    with connected(house, port):
        for step in range(120):
            with clock.moved_to(begin + timedelta(seconds=30 * step)):
                assert send_queued() == 0
        with serving(Sink(), port) as sink, clock.moved_to(begin + timedelta(hours=1, minutes=1)):
            assert send_queued() == 120
    assert len(set(sink.message_ids)) == len(sink.mails) == 120
    assert set(states().values()) == {DeliveryState.SENT}


def test_a_line_that_breaks_leads_to_a_copy_with_the_same_message_id_and_to_no_other(house, session, people, sink):
    many_letters(people, 6)
    sink.breaks, begin = 2, clock.now()
    for minute in range(15):
        with clock.moved_to(begin + timedelta(minutes=minute)):
            send_queued()
    assert set(states().values()) == {DeliveryState.SENT}
    assert (len(sink.mails), len(set(sink.message_ids))) == (8, 6)


def test_the_longest_wait_leaves_room_in_the_quarter_of_an_hour_that_is_promised():
    assert max(BACK_OFF) <= 12


def test_a_server_that_says_nothing_or_drips_is_cut_off(house, session, people):
    a_letter(people, "one@provider.example")
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        connected(house, silent.getsockname()[1], read_seconds=0.3, send_seconds=0.6),
    ):
        assert send_queued() == 0
        line, _ = silent.accept()
        with line:
            line.settimeout(LONGEST)
            assert line.recv(1) == b"", "nobody is at the other end any more"
    assert (READ_SECONDS, SEND_SECONDS) == (10, 30), "in use"
    assert states() == {"one@provider.example": DeliveryState.QUEUED}


def test_no_head_of_a_mail_can_be_bent_by_a_subject(session, people, sink):
    a_letter(people, "one@provider.example", number="1\r\nBcc: spy@example.org")
    assert send_queued() == 1
    mail = message_from_string(sink.mails[0])
    assert mail["Bcc"] is None
    assert mail["Subject"] == "An offer waits 1 Bcc: spy@example.org"
