"""Memberships, suspensions and removals: what is written, who is told, what is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from app import clock
from app.audit import SYSTEM
from app.database import db
from app.errors import Conflict, Invalid, NotAllowed
from app.messages.models import Message
from app.parties.viewer import viewer_of
from marketplace.applications import services as applications
from marketplace.applications.rules import Decision
from marketplace.membership import removals, suspensions
from marketplace.membership import services as memberships
from marketplace.membership.jobs import remind_of_reviews
from marketplace.membership.models import Membership
from marketplace.membership.queries import suspensions_on
from marketplace.membership.removals import membership_removed
from marketplace.membership.rules import MembershipState
from marketplace.membership.suspensions import SuspensionDraft, membership_suspended
from tests.marketplace.applications.makers import all_checks_passed, an_application
from tests.marketplace.makers import a_member, a_scheme, coordinator_of

ADMIT = Decision(True, "Meets every condition.", 71)


REFUSE = Decision(False, "Below the minimum rating.")


def letters(kind):
    return db.session.scalars(select(Message).where(Message.kind == kind)).all()


def membership_of(provider):
    return db.session.scalars(select(Membership).where(Membership.provider_id == provider.id)).one()


def a_suspension(scheme, provider, **changes):
    today = clock.today()
    values = {"reason": "Too few carers", "starts_on": today, "review_on": today, "ends_on": today + timedelta(30)}
    return suspensions.suspend(scheme, provider, SuspensionDraft(**{**values, **changes}), by=SYSTEM)


@pytest.fixture
def heard():
    """What the hooks were told of."""
    told = []
    membership_suspended.connect(told.append)
    membership_removed.connect(told.append)
    yield told
    membership_suspended.connect()
    membership_removed.connect()


def test_a_suspension_is_told_with_its_reason_and_reaches_the_hook(people, heard):
    scheme = a_scheme(people)
    provider = a_member(scheme)
    suspension = a_suspension(scheme, provider, zone=scheme.zones[0])
    assert heard == [suspension]
    assert "Too few carers" in letters("suspended")[0].body
    assert "in Preston" in letters("suspended")[0].body
    assert suspensions_on(scheme.id, clock.today()) == [suspension]
    assert suspensions_on(scheme.id, suspension.ends_on + timedelta(1)) == []
    suspensions.lift(suspension, "Enough carers.", by=SYSTEM)
    assert suspensions_on(scheme.id, clock.today()) == []
    with pytest.raises(Conflict):
        suspensions.lift(suspension, "Again.", by=SYSTEM)


def test_a_suspension_cannot_begin_in_the_past(people):
    scheme = a_scheme(people)
    with pytest.raises(Invalid) as refused:
        a_suspension(scheme, a_member(scheme), starts_on=clock.today() - timedelta(1))
    assert "starts_on" in refused.value.errors


def test_contract_managers_are_reminded_once_of_a_review(people):
    scheme = a_scheme(people)
    a_suspension(scheme, a_member(scheme))
    later = clock.today() + timedelta(9)
    a_suspension(scheme, a_member(scheme), review_on=later)
    db.session.commit()
    assert remind_of_reviews() == 1
    assert remind_of_reviews() == 0
    [letter] = letters("suspension_review_due")
    assert letter.user_id == people["contracts"].id


def test_a_removal_waits_for_the_provider_and_takes_a_second_person(people, heard):
    scheme = a_scheme(people)
    provider = a_member(scheme)
    membership = membership_of(provider)
    first, second = people.viewer("contracts").actor, people.viewer("manager").actor
    removal = removals.propose_removal(membership, "No carers.", clock.today() + timedelta(9), by=first)
    assert "No carers." in letters("removal_proposed")[0].body
    with pytest.raises(Conflict):
        removals.propose_removal(membership, "Again.", clock.today() + timedelta(9), by=first)
    with pytest.raises(Invalid, match="still has time"):
        removals.approve_removal(removal, "", by=second)
    removals.answer_removal(removal, "We have hired.", by=viewer_of(coordinator_of(provider)).actor)
    with pytest.raises(NotAllowed):
        removals.approve_removal(removal, "Read.", by=first)
    removals.approve_removal(removal, "They left again.", by=second)
    assert heard == [membership]
    assert membership.state is MembershipState.REMOVED
    with pytest.raises(Conflict):
        removals.answer_removal(removal, "Late.", by=SYSTEM)
    applications.decide(all_checks_passed(an_application(scheme, provider)), ADMIT, by=SYSTEM)
    states = db.session.scalars(select(Membership.state).where(Membership.provider_id == provider.id)).all()
    assert sorted(states) == [MembershipState.ACTIVE, MembershipState.REMOVED]


def test_a_silent_provider_can_be_removed_once_its_time_is_over(people):
    membership = membership_of(a_member(a_scheme(people)))
    until = clock.today() + timedelta(9)
    removal = removals.propose_removal(membership, "No carers.", until, by=people.viewer("contracts").actor)
    with clock.moved_to(datetime(until.year, until.month, until.day, 12, tzinfo=UTC) + timedelta(1)):
        with pytest.raises(Conflict, match="time to answer is over"):
            removals.answer_removal(removal, "Late.", by=SYSTEM)
        removals.approve_removal(removal, "", by=people.viewer("manager").actor)
    assert membership.ended_because == "No carers."


def test_areas_and_standing_price_are_held_to_the_rules(people):
    membership = membership_of(a_member(a_scheme(people)))
    memberships.set_areas(membership, ["PR1"], ["PR1 8"], by=SYSTEM)
    assert [(area.area, area.kind.value) for area in membership.areas] == [("PR1", "include"), ("PR1 8", "exclude")]
    with pytest.raises(Invalid):
        memberships.set_areas(membership, ["PR1"], ["PR1"], by=SYSTEM)
    for pence in (2199, 3301):
        with pytest.raises(Invalid, match=r"£22\.00 and £33\.00"):
            memberships.set_standing_price(membership, pence, by=SYSTEM)
    memberships.set_standing_price(membership, 2200, by=SYSTEM)
    memberships.leave(membership, "We close.", by=SYSTEM)
    with pytest.raises(Conflict):
        memberships.set_areas(membership, ["PR1"], [], by=SYSTEM)
