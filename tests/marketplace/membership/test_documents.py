"""Documents of members that expire: reminders at 60, 30 and 7 days, a panel when they lapse, and renewing them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from app import clock
from app.audit import SYSTEM
from app.audit.models import AuditEntry
from app.database import db
from app.errors import Conflict, Invalid
from app.messages.models import Message
from marketplace.applications.models import ApplicationCheck
from marketplace.applications.rules import (
    CheckKind,
    CheckOutcome,
    Decision,
    expiry_colour,
    expiry_sentence,
    reminder_due,
)
from marketplace.applications.services import decide, record_check, renew
from marketplace.membership.jobs import remind_of_documents
from marketplace.membership.models import Membership
from marketplace.membership.queries import lapsed_documents
from marketplace.membership.rules import MembershipState
from tests.marketplace.applications.makers import all_checks_passed, an_application
from tests.marketplace.makers import a_scheme, coordinator_of

TODAY = date(2026, 11, 2)


@pytest.fixture
def by(people):
    return people.viewer("contracts").actor


def a_member_insured_for(people, days):
    """An admitted application whose insurance expires in so many days."""
    application = all_checks_passed(an_application(a_scheme(people)))
    ends = clock.today() + timedelta(days=days)
    record_check(application, CheckKind.INSURANCE, CheckOutcome.PASSED, "Policy 7 seen.", by=SYSTEM, expires_on=ends)
    decide(application, Decision(True, "Every check was passed.", 70), by=SYSTEM)
    db.session.commit()
    return application


def insurance_of(application):
    query = select(ApplicationCheck).where(
        ApplicationCheck.application_id == application.id, ApplicationCheck.kind == CheckKind.INSURANCE
    )
    return db.session.scalars(query).one()


def reminders():
    return len(db.session.scalars(select(Message.id).where(Message.kind == "document_expires")).all())


@pytest.mark.parametrize(
    ("left", "sent", "due"),
    [
        (61, None, None),
        (60, None, 60),
        (45, 60, None),
        (30, 60, 30),
        (30, None, 30),
        (8, 30, None),
        (7, 30, 7),
        (0, 30, 7),
        (0, 7, None),
        (-1, None, None),
    ],
)
def test_a_reminder_is_due_at_60_30_and_7_days_once_each(left, sent, due):
    assert reminder_due(TODAY + timedelta(days=left), TODAY, sent) == due


@pytest.mark.parametrize(
    ("left", "sentence", "colour"),
    [
        (61, "It expires in 61 days.", "green"),
        (1, "It expires in 1 day.", "yellow"),
        (0, "It expires today.", "yellow"),
        (-2, "It lapsed 2 days ago.", "red"),
    ],
)
def test_an_expiry_reads_in_words(left, sentence, colour):
    expires_on = TODAY + timedelta(days=left)
    assert (expiry_sentence(expires_on, TODAY), expiry_colour(expires_on, TODAY)) == (sentence, colour)


def test_the_provider_is_reminded_three_times_and_not_twice_for_the_same(session, people):
    application = a_member_insured_for(people, 70)
    for day, sent in ((0, 0), (10, 1), (11, 1), (40, 2), (63, 3), (63, 3), (71, 3)):
        with clock.moved_to(clock.now() + timedelta(days=day)):
            remind_of_documents()
        assert reminders() == sent
    tags = db.session.scalars(select(AuditEntry.tag).where(AuditEntry.subject_id == application.id))
    assert list(tags).count("document:reminded") == 3


def test_nobody_is_reminded_whose_membership_has_ended(session, people):
    a_member_insured_for(people, 5)
    for membership in db.session.scalars(select(Membership)):
        membership.state, membership.ended_on = MembershipState.LEFT, clock.today()
    db.session.commit()
    assert (remind_of_documents(), reminders()) == (0, 0)


def test_a_newer_document_ends_the_lapse_and_begins_the_reminders_anew(session, people, by):
    application = a_member_insured_for(people, 5)
    assert remind_of_documents() == 1
    viewer = people.viewer("contracts")
    with clock.moved_to(clock.now() + timedelta(days=6)):
        assert list(db.session.scalars(lapsed_documents(viewer))) == [insurance_of(application)]
        with pytest.raises(Invalid) as refusal:
            renew(application, CheckKind.INSURANCE, " ", clock.today() - timedelta(1), by=by)
        assert set(refusal.value.errors) == {"note", "expires_on"}
        renew(application, CheckKind.INSURANCE, "Policy 8 seen.", clock.today() + timedelta(30), by=by)
        assert list(db.session.scalars(lapsed_documents(viewer))) == []
        db.session.commit()
        assert remind_of_documents() == 1


def test_a_document_is_renewed_only_for_a_member(people, by):
    application = all_checks_passed(an_application(a_scheme(people)))
    with pytest.raises(Conflict):
        renew(application, CheckKind.INSURANCE, "Policy 8 seen.", clock.today(), by=by)


def test_the_contract_manager_finds_a_lapsed_document_on_the_home_page_and_renews_it(client, people):
    application = a_member_insured_for(people, 0)
    insurance_of(application).expires_on = clock.today() - timedelta(days=1)
    db.session.commit()
    client.sign_in(people["contracts"])
    page = f"/applications/{application.id}/documents?kind=insurance"
    assert "for a newer document" in client.get("/").text
    assert "not uploaded" in client.get(page).text
    membership = db.session.scalars(select(Membership)).one()
    assert "It lapsed 1 day ago." in client.get(f"/memberships/{membership.id}").text
    later = clock.today() + timedelta(days=365)
    typed = {"note": "Policy 8 seen.", "expires_on": [str(later.day), str(later.month), str(later.year)]}
    assert client.submit(page, {**typed, "note": ""}).status_code == 422
    assert client.submit(page, typed).status_code == 302
    assert "for a newer document" not in client.get("/").text
    assert "It expires in 365 days." in client.get(f"/applications/{application.id}").text
    assert client.get(f"/applications/{application.id}/documents?kind=passport").status_code == 404


def test_the_provider_reads_the_day_and_cannot_change_it(client, people):
    application = a_member_insured_for(people, 20)
    client.sign_in(coordinator_of(application.provider))
    assert "It expires in 20 days." in client.get(f"/our-applications/{application.id}").text
    assert client.get(f"/applications/{application.id}/documents?kind=insurance").status_code == 403
