"""Bounces: only a delivery report to a signed return path says anything about an address."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.database import db
from app.messages.bounce_jobs import messages_in, take_in
from app.messages.bounces import MOST_BYTES, Verdict, report_in
from app.messages.jobs import return_paths, send_queued, send_summaries
from app.messages.letters import DeliveryState, MailWish
from app.messages.models import Delivery
from app.messages.services import choose
from tests.app.messages.makers import TOPIC, a_letter
from tests.app.messages.reports import away, report


@pytest.fixture
def sent(session, people, sink):
    """An email that the server has taken."""
    a_letter(people, "one@provider.example")
    send_queued()
    return db.session.scalars(select(Delivery)).one()


@pytest.fixture
def to(sent):
    return return_paths().address(sent.id)


def test_a_final_failure_bounces_the_mail_and_keeps_the_status_only(sent, to):
    assert take_in([report(to)]).sentence == "1 read: 1 bounced, 0 noted, 0 that say nothing."
    db.session.refresh(sent)
    assert (sent.state, sent.problem) == (DeliveryState.BOUNCED, "it came back with status 5.1.1")
    assert sent.bounced_at >= sent.sent_at


def test_a_server_that_gave_up_trying_has_failed_for_good(sent, to):
    assert take_in([report(to, status="4.4.7")]).bounced == 1


def test_a_delay_is_noted_and_bounces_nothing(sent, to):
    assert take_in([report(to, action="delayed", status="4.4.1")]).noted == 1
    db.session.refresh(sent)
    assert (sent.state, sent.problem) == (DeliveryState.SENT, "late, status 4.4.1")


def test_a_receipt_says_that_the_mail_has_arrived_and_a_later_bounce_still_counts(sent, to):
    take_in([report(to, action="delivered", status="2.0.0")])
    db.session.refresh(sent)
    assert sent.state is DeliveryState.DELIVERED
    assert take_in([report(to)]).bounced == 1


def test_a_bounce_that_is_read_twice_counts_once(sent, to):
    assert take_in([report(to), report(to)]).bounced == 1


@pytest.mark.parametrize(
    "spoil",
    [
        lambda to: away(to),
        lambda to: report(to, kind="disposition-notification"),
        lambda to: report(to, status="2.0.0"),
        lambda to: report(to, status="five"),
        lambda to: report("homeward@localhost"),
        lambda to: report(to.replace("bounce+", "bounce+0")),
        lambda to: report(f"{to[:40]}{'0' * 16}@localhost"),
        lambda to: report(to).replace(b"multipart/report", b"multipart/mixed"),
        lambda to: report(to).replace(b'boundary="=_b"', b'boundary="=_c"'),
        lambda to: report(to)[:300],
        lambda to: b"\x00\xff" * 500,
        lambda to: b"",
        lambda to: report(to) + b"x" * MOST_BYTES,
        lambda to: b'Content-Type: multipart/report; boundary="' + b"(" * 5000 + b"\r\n\r\n",
    ],
    ids=lambda spoil: "spoilt",
)
def test_whatever_is_no_report_of_ours_says_nothing(sent, to, spoil):
    assert report_in(spoil(to), return_paths()) is None
    assert take_in([spoil(to)]).bounced == 0
    db.session.refresh(sent)
    assert sent.state is DeliveryState.SENT


def test_a_report_can_come_by_an_alias(sent, to):
    content = report("postmaster@localhost").replace(b"Subject:", f"Delivered-To: {to}\r\nSubject:".encode())
    assert report_in(content, return_paths()).verdict is Verdict.BOUNCED


def test_a_report_about_a_mail_that_is_gone_changes_nothing(sent, to):
    db.session.delete(sent)
    db.session.commit()
    assert take_in([report(to)]).bounced == 0


def test_a_file_of_bounces_is_read_one_by_one(sent, to):
    box = b"".join(b"From MAILER-DAEMON Sun Nov 22 10:00:00 2026\n" + one + b"\n" for one in [away(to), report(to)])
    assert take_in(messages_in(box)).sentence == "2 read: 1 bounced, 0 noted, 1 that say nothing."
    assert list(messages_in(report(to))) == [report(to)]


def test_a_bounce_of_a_summary_bounces_what_it_took_along(session, people, sink):
    choose(people.council.id, "one@provider.example", {TOPIC: MailWish.DAILY})
    a_letter(people, "one@provider.example", kind="test:summed")
    assert send_summaries() == 1
    send_queued()
    summary = db.session.scalars(select(Delivery).where(Delivery.summary_id.is_(None))).one()
    assert take_in([report(return_paths().address(summary.id))]).bounced == 1
    assert {row.state for row in db.session.scalars(select(Delivery))} == {DeliveryState.BOUNCED}
