"""Proof of notice from what really became of the messages."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import select

from app import clock
from app.database import db
from app.messages.channel import Down, MailRefused
from app.messages.jobs import send_queued
from app.messages.models import Delivery
from marketplace.answers.rules import ResponseDraft
from marketplace.rounds.issuing import issue_package
from marketplace.rounds.notice import bounced_offers, notice_of_issue
from marketplace.rounds.rules import NoticeState, ResponseKind
from marketplace.rounds.services import extend, withdraw_issue
from tests.marketplace.answers.makers import enter_by_phone
from tests.marketplace.makers import a_member, a_package, a_scheme, line_of

NO = ResponseDraft(ResponseKind.DECLINE, decline_code="at_capacity")


class Server:
    """A mail server that takes, refuses or is down, as the test says."""

    def __init__(self, trouble=None):
        self.trouble = trouble

    @contextmanager
    def line(self):
        yield self

    def deliver(self, mail, return_path):
        if self.trouble:
            raise self.trouble(f"for {mail['To']}")


@pytest.fixture
def by(people):
    return people.viewer("broker").actor


@pytest.fixture
def issue(people, by):
    scheme = a_scheme(people)
    a_member(scheme)
    made = issue_package(a_package(scheme), by=by)
    db.session.commit()
    return made


@pytest.fixture
def send(house):
    before = house.extensions["mail_channel"]

    def sent_by(server, at):
        house.extensions["mail_channel"] = server
        with clock.moved_to(at):
            return send_queued()

    yield sent_by
    house.extensions["mail_channel"] = before


def state_at(issue, moment):
    with clock.moved_to(moment):
        (one,) = notice_of_issue(issue)
    return one.notice


def test_a_message_that_left_in_the_first_half_of_the_window_proves_notice(issue, send):
    assert state_at(issue, issue.issued_at) is NoticeState.NOT_YET
    assert send(Server(), issue.issued_at + timedelta(hours=1)) == 1
    (one,) = notice_of_issue(issue)
    assert (one.notice, one.emails, one.sent, one.bounced) == (NoticeState.PROVEN, 1, 1, 0)


def test_a_message_that_left_too_late_proves_nothing_and_leaves_the_row_out(issue, send):
    send(Server(Down), issue.issued_at + timedelta(minutes=1))
    send(Server(), issue.issued_at + timedelta(hours=20))
    assert state_at(issue, issue.deadline) is NoticeState.EXCLUDED


def test_a_bounce_leaves_the_row_out_and_asks_somebody_to_ring(issue, send, people):
    send(Server(MailRefused), issue.issued_at + timedelta(minutes=1))
    (one,) = notice_of_issue(issue)
    assert (one.notice, one.bounced) == (NoticeState.EXCLUDED, 1)
    rows = db.session.execute(bounced_offers(people.viewer("navigator"))).all()
    assert [row[3] for row in rows] == [issue.id]
    assert db.session.execute(bounced_offers(people.viewer("stranger"))).all() == []


def test_an_extension_gives_late_mail_its_half_of_the_window(issue, send, by):
    late = issue.issued_at + timedelta(hours=20)
    with clock.moved_to(late):
        extend(issue, issue.deadline + timedelta(hours=20), "The mail was late.", by=by)
        db.session.commit()
    send(Server(), late)
    assert state_at(issue, issue.deadline) is NoticeState.PROVEN


def test_an_offer_taken_back_before_its_deadline_is_left_out(issue, send, by):
    send(Server(), issue.issued_at)
    withdraw_issue(issue, "The wrong lot", by=by)
    assert state_at(issue, issue.deadline) is NoticeState.EXCLUDED


def test_a_telephone_call_counts_at_its_time_and_its_answer_is_marked(issue, by):
    line = line_of(issue, issue.rounds[0].package, issue.offers[0].provider)
    spoken = issue.issued_at + timedelta(hours=2)
    with clock.moved_to(spoken + timedelta(hours=10)):
        enter_by_phone(line, NO, spoken, by=by)
        (one,) = notice_of_issue(issue)
    assert (one.notice, one.phoned_at, one.answered) == (NoticeState.PROVEN, spoken, 1)
    kinds = db.session.scalars(select(Delivery.email).join(Delivery.message).where(Delivery.path.is_(None)))
    assert kinds.all() == [issue.offers[0].provider.contacts[0].email]
