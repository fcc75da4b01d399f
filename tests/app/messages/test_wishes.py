"""How people want their emails: at once, once a day, or not; and what nobody can turn off for everybody."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from app import clock
from app.database import db
from app.messages.jobs import send_queued, send_summaries
from app.messages.letters import DeliveryState, MailWish
from app.messages.models import Delivery, Message
from app.messages.queries import wishes_of
from app.messages.services import choose
from tests.app.messages.makers import NOTICES, TOPIC, a_letter, states

ONE, TWO = "one@provider.example", "two@provider.example"


@pytest.fixture
def wish(people):
    def wished(email, topic, wish):
        choose(people.council.id, email, {topic: wish})
        db.session.commit()

    return wished


def test_who_has_chosen_nothing_is_told_at_once(session, people):
    a_letter(people, ONE, kind="test:summed")
    assert states() == {ONE: DeliveryState.QUEUED}


def test_who_wants_no_e_mail_gets_none_and_the_inbox_has_the_message(session, people, wish):
    wish(ONE, TOPIC, MailWish.NEVER)
    a_letter(people, ONE.upper(), TWO, kind="test:summed")
    assert states() == {TWO: DeliveryState.QUEUED}
    assert len(db.session.scalars(select(Message)).all()) == 1


def test_a_notice_still_reaches_somebody_when_everybody_has_turned_it_off(session, people, wish):
    wish(ONE, NOTICES, MailWish.NEVER)
    a_letter(people, ONE, TWO, kind="test:notice", number=1)
    assert states() == {TWO: DeliveryState.QUEUED}, "one may turn it off while another is told"
    wish(TWO, NOTICES, MailWish.DAILY)
    a_letter(people, ONE, TWO, kind="test:notice", number=2)
    second = select(Delivery.email).join(Delivery.message).where(Message.subject.endswith("2"))
    assert set(db.session.scalars(second)) == {ONE, TWO}


def test_a_wish_is_of_one_organisation_and_can_be_taken_back(session, people, wish):
    choose(people.icb.id, ONE, {TOPIC: MailWish.NEVER})
    a_letter(people, ONE, kind="test:summed")
    assert states() == {ONE: DeliveryState.QUEUED}
    wish(ONE, TOPIC, MailWish.NEVER)
    wish(ONE, TOPIC, MailWish.AT_ONCE)
    assert wishes_of(people.council.id, ONE) == {}


def test_a_summary_is_one_mail_with_every_subject_and_link(session, people, wish, sink):
    wish(ONE, TOPIC, MailWish.DAILY)
    a_letter(people, ONE, kind="test:summed", number=1)
    a_letter(people, ONE, kind="test:summed", number=2)
    assert send_queued() == 0, "not before the summary"
    assert (send_summaries(), send_summaries()) == (1, 0)
    assert send_queued() == 1
    assert "2 messages for you" in sink.mails[0]
    assert all(f"/offers/{number}" in sink.mails[0] for number in (1, 2))
    assert set(states().values()) == {DeliveryState.SENT}
    assert all(row.sent_at and not row.path for row in db.session.scalars(select(Delivery)))


def test_what_comes_after_a_summary_waits_for_the_next(session, people, wish, sink):
    wish(ONE, TOPIC, MailWish.DAILY)
    a_letter(people, ONE, kind="test:summed", number=1)
    send_summaries()
    a_letter(people, ONE, kind="test:summed", number=2)
    send_queued()
    with clock.moved_to(clock.now() + timedelta(days=1)):
        assert send_summaries() == 1
        send_queued()
    assert [("/offers/1" in mail, "/offers/2" in mail) for mail in sink.mails] == [(True, False), (False, True)]


def test_the_summary_is_not_in_the_inbox_which_has_each_message_already(client, people, wish):
    wish(people["navigator"].email, TOPIC, MailWish.DAILY)
    a_letter(people, people["navigator"].email, kind="test:summed")
    send_summaries()
    page = client.sign_in(people["navigator"]).get("/inbox").text
    assert ("An offer waits 1" in page, "1 message for you" in page) == (True, False)


@pytest.mark.parametrize("day", [(2026, 3, 29), (2026, 10, 25)])
def test_half_past_seven_comes_once_on_the_days_on_which_the_clocks_change(house, day):
    (job,) = [job for job in house.timetable if job.name == "send daily summaries"]
    at = datetime(*day, 7, 30, tzinfo=clock.LONDON).astimezone(UTC)
    assert (job.daily_at, at.hour) == ("07:30", 6 if day[1] == 3 else 7)
