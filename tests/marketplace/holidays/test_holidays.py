"""A bank holiday proclaimed at short notice: entered by page, with effect on the offers that are open."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from app import clock
from app.calendar.deadlines import LONDON, local_text
from app.calendar.working_days import england
from app.database import db
from app.messages.models import Message
from marketplace.holidays.models import BankHoliday
from marketplace.holidays.queries import calendar_of
from marketplace.holidays.rules import reasons_against
from marketplace.rounds.issuing import issue_batch, issue_package
from marketplace.rounds.models import DeadlineChange
from marketplace.rounds.services import extend
from tests.marketplace.makers import a_member, a_package, a_scheme, utc
from tests.marketplace.rounds.makers import a_sealed_batch

MONDAY = utc(2026, 9, 14, 9)
PROCLAIMED = date(2026, 9, 21)
SENT = {"day": ["21", "9", "2026"], "name": "State funeral", "because": "London Gazette of 12 September"}


@pytest.fixture
def scheme(people):
    return a_scheme(people)


@pytest.fixture
def batch_issue(people, scheme):
    """Offered on the Monday a week before, so that the five working days end on the day that is proclaimed."""
    a_member(scheme)
    package = a_package(scheme)
    with clock.moved_to(MONDAY):
        made = issue_batch(a_sealed_batch(scheme, [package]), by=people.viewer("navigator").actor)
        db.session.commit()
    return made


@pytest.mark.parametrize(
    ("day", "said"),
    [(date(2026, 9, 13), "past"), (date(2027, 9, 20), "within a year"), (date(2026, 12, 25), "already")],
)
def test_a_day_that_is_past_far_ahead_or_known_is_refused(day, said):
    assert said in reasons_against(day, MONDAY.date(), england().is_holiday)["day"]
    assert not reasons_against(PROCLAIMED, MONDAY.date(), england().is_holiday)


@pytest.mark.database
def test_an_entered_bank_holiday_moves_open_deadlines_and_everybody_asked_is_told(client, people, batch_issue):
    assert batch_issue.deadline == utc(2026, 9, 21, 16)
    with clock.moved_to(MONDAY + timedelta(days=1)):
        client.sign_in(people["contracts"])
        page = client.submit("/bank-holidays/new", SENT, follow_redirects=True).text
    assert "State funeral, entered by" in page
    db.session.refresh(batch_issue)
    assert batch_issue.deadline == utc(2026, 9, 22, 16)
    change = db.session.scalars(select(DeadlineChange)).one()
    assert change.reason == "21 September 2026 has become a bank holiday."
    told = db.session.scalars(select(Message).where(Message.kind == "offer:extended")).all()
    assert told
    assert all(local_text(batch_issue.deadline) in message.subject for message in told)


@pytest.mark.database
def test_a_deadline_in_hours_and_one_set_by_hand_leave_the_day_too(client, people, scheme):
    a_member(scheme)
    navigator = people.viewer("navigator").actor
    by_hand = datetime(2026, 9, 21, 11, tzinfo=LONDON)
    with clock.moved_to(utc(2026, 9, 20, 13)):
        in_hours = issue_package(a_package(scheme), by=navigator)
        moved = issue_package(a_package(scheme), by=navigator)
        extend(moved, by_hand + timedelta(hours=8), "Late mail", by=navigator)
        db.session.commit()
        client.sign_in(people["contracts"])
        assert client.submit("/bank-holidays/new", SENT).status_code == 302
    assert in_hours.deadline == datetime(2026, 9, 22, 8, tzinfo=LONDON)
    assert moved.deadline == by_hand + timedelta(days=1, hours=8)


@pytest.mark.database
def test_a_day_entered_twice_or_in_the_past_is_refused_with_everything_typed(client, people, scheme):
    with clock.moved_to(MONDAY):
        client.sign_in(people["contracts"])
        client.submit("/bank-holidays/new", SENT)
        again = client.submit("/bank-holidays/new", SENT)
    assert again.status_code == 422
    assert "The day is a bank holiday already." in again.text
    assert "State funeral" in again.text


@pytest.mark.database
def test_a_mistake_is_taken_back_before_the_day_and_shortens_no_deadline(client, people, batch_issue):
    with clock.moved_to(MONDAY + timedelta(days=1)):
        client.sign_in(people["contracts"])
        client.submit("/bank-holidays/new", SENT)
        holiday = db.session.scalars(select(BankHoliday)).one()
        page = client.submit(f"/bank-holidays/{holiday.id}/take-back", {}, follow_redirects=True).text
    assert "State funeral" not in page
    db.session.refresh(batch_issue)
    assert batch_issue.deadline == utc(2026, 9, 22, 16)


@pytest.mark.database
def test_once_the_day_has_begun_it_stays(client, people, scheme):
    with clock.moved_to(MONDAY):
        client.sign_in(people["contracts"])
        client.submit("/bank-holidays/new", SENT)
    holiday = db.session.scalars(select(BankHoliday)).one()
    with clock.moved_to(utc(2026, 9, 21, 9)):
        client.sign_in(people["contracts"])
        assert client.submit(f"/bank-holidays/{holiday.id}/take-back", {}).status_code == 409
    assert db.session.get(BankHoliday, holiday.id) is not None


@pytest.mark.database
def test_another_council_has_its_own_days(client, people, scheme):
    with clock.moved_to(MONDAY):
        client.sign_in(people["contracts"])
        client.submit("/bank-holidays/new", SENT)
        holiday = db.session.scalars(select(BankHoliday)).one()
        client.sign_in(people["stranger"])
        assert "State funeral" not in client.get("/bank-holidays").text
        assert client.submit(f"/bank-holidays/{holiday.id}/take-back", {}).status_code in {403, 404}
    assert calendar_of(scheme.authority_id).is_holiday(PROCLAIMED)
    assert not calendar_of(people["stranger"].organisation_id).is_holiday(PROCLAIMED)


@pytest.mark.database
@pytest.mark.parametrize("role", ["navigator", "broker", "finance", "auditor"])
def test_other_officers_read_the_days_and_enter_none(client, people, role):
    client.sign_in(people[role])
    assert "25 December" in client.get("/bank-holidays").text
    assert client.get("/bank-holidays/new").status_code == 403


@pytest.mark.database
def test_a_moved_deadline_is_shown_with_where_the_hours_end_before_anybody_is_asked(client, people, scheme):
    a_member(scheme)
    with clock.moved_to(utc(2026, 12, 24, 13)):
        package = a_package(scheme)
        db.session.commit()
        client.sign_in(people["navigator"])
        page = client.get(f"/packages/{package.id}/offer").text
    assert "29 December 2026 at 8:00am GMT" in page
    assert "The hours to answer end on 25 December 2026 at 1:00pm GMT" in page
