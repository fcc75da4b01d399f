"""Applications: what is written, who is told, what is refused."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from app import clock
from app.audit import SYSTEM
from app.database import db
from app.errors import Conflict, Invalid
from app.messages.models import Message
from marketplace.applications import services as applications
from marketplace.applications.rules import ApplicationState, CheckKind, CheckOutcome, Decision
from marketplace.membership.models import Capacity, EntryAssessment, Membership
from marketplace.vocabulary import Rating
from tests.marketplace.applications.makers import a_draft, all_checks_passed, an_application
from tests.marketplace.makers import a_lot, a_provider, a_scheme

ADMIT = Decision(True, "Meets every condition.", 71)


REFUSE = Decision(False, "Below the minimum rating.")


def letters(kind):
    return db.session.scalars(select(Message).where(Message.kind == kind)).all()


def membership_of(provider):
    return db.session.scalars(select(Membership).where(Membership.provider_id == provider.id)).one()


def test_admission_makes_memberships_areas_standing_and_capacity(people):
    scheme = a_scheme(people)
    night = a_lot(scheme, "night sitting")
    application = all_checks_passed(an_application(scheme, lot_ids=[scheme.lots[0].id, night.id]))
    applications.decide(application, ADMIT, by=SYSTEM)
    rows = db.session.scalars(select(Membership)).all()
    assert {row.lot_id for row in rows} == {scheme.lots[0].id, night.id}
    assert all([area.area for area in row.areas] == ["PR1", "PR2"] for row in rows)
    assert db.session.scalars(select(EntryAssessment)).one().entry_score == 71
    assert db.session.scalars(select(Capacity)).one().declared_minutes == 6000
    [letter] = letters("application_decided")
    assert "Meets every condition." in letter.body
    assert application.provider.name not in letter.subject


def test_a_refusal_needs_reasons_and_tells_them(people):
    application = an_application(a_scheme(people))
    with pytest.raises(Invalid) as refused:
        applications.decide(application, Decision(False, "No."), by=SYSTEM)
    assert set(refused.value.errors) == {"reasons"}
    applications.decide(application, REFUSE, by=SYSTEM)
    assert application.state is ApplicationState.REFUSED
    assert "Below the minimum rating." in letters("application_decided")[0].body
    with pytest.raises(Conflict):
        applications.decide(application, REFUSE, by=SYSTEM)


def test_a_location_below_the_gate_cannot_be_admitted(people):
    scheme = a_scheme(people)
    low = a_provider(rating=Rating.REQUIRES_IMPROVEMENT)
    application = all_checks_passed(an_application(scheme, low))
    with pytest.raises(Invalid) as refused:
        applications.decide(application, ADMIT, by=SYSTEM)
    assert "Requires improvement" in refused.value.errors["gate"]


def test_only_one_application_is_open_at_a_time_and_a_refused_provider_may_apply_again(people):
    scheme, provider = a_scheme(people), a_provider()
    first = an_application(scheme, provider)
    with pytest.raises(Conflict, match="already an open application"):
        an_application(scheme, provider)
    applications.decide(first, REFUSE, by=SYSTEM)
    again = an_application(scheme, provider)
    applications.decide(all_checks_passed(again), ADMIT, by=SYSTEM)
    with pytest.raises(Invalid, match="member already"):
        applications.apply_to_join(provider, scheme, a_draft(scheme), by=SYSTEM)


def test_the_decision_is_due_after_10_working_days_or_15_with_a_reason(people):
    with clock.moved_to(datetime(2026, 12, 18, 9, tzinfo=UTC)):
        application = an_application(a_scheme(people))
        # Christmas Day, the substitute for Boxing Day and New Year's Day do not work.
        assert application.due_on.isoformat() == "2027-01-06"
        applications.justify_longer(application, "The accounts must be read.", by=SYSTEM)
        assert application.due_on.isoformat() == "2027-01-13"
        with pytest.raises(Conflict):
            applications.justify_longer(application, "Again.", by=SYSTEM)


def test_a_check_says_what_was_seen(people):
    application = an_application(a_scheme(people))
    with pytest.raises(Invalid, match="Say what you saw"):
        applications.record_check(application, CheckKind.INSURANCE, CheckOutcome.PASSED, " ", by=SYSTEM)


def test_of_two_decisions_at_once_the_second_is_refused(people):
    application = an_application(a_scheme(people))
    db.session.execute(Membership.metadata.tables["application"].update().values(state="withdrawn"))
    with pytest.raises(Conflict, match="at the same moment"):
        applications.take_up_again(application, by=SYSTEM)
