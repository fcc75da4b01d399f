"""The CQC gate overridden for one member: who may, what it lifts, what is told, and how it ends."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app import clock
from app.audit.models import AuditEntry
from app.database import db
from app.errors import Conflict, Invalid
from app.messages.models import Message
from marketplace.invitations.queries import member_facts
from marketplace.membership.models import GateOverride, Membership, Suspension
from marketplace.membership.queries import overrides_on, suspensions_on
from marketplace.membership.suspensions import (
    SuspensionDraft,
    hold_members_to_gate,
    override_gate,
    suspend,
    take_back,
)
from marketplace.vocabulary import Rating
from tests.marketplace.makers import a_member, a_provider, a_scheme, coordinator_of

BECAUSE = "The new registered manager has put it right; the report is out of date."


@pytest.fixture
def by(people):
    return people.viewer("contracts").actor


@pytest.fixture
def scheme(people):
    return a_scheme(people)


@pytest.fixture
def fallen(scheme):
    """A member whose rating has fallen, suspended by the gate."""
    provider = a_member(scheme)
    provider.cqc_rating = Rating.REQUIRES_IMPROVEMENT
    db.session.flush()
    hold_members_to_gate([provider.cqc_location_id])
    return provider


def draft(days=30, reason=BECAUSE):
    return reason, clock.today() + timedelta(days=days)


def held(scheme, provider):
    return suspensions_on(scheme.id, clock.today(), [provider.id])


def kinds_told(provider):
    query = select(Message.kind).where(Message.organisation_id == provider.organisation_id)
    return list(db.session.scalars(query.order_by(Message.id)))


def day(name, value):
    return {name: [str(value.day), str(value.month), str(value.year)]}


def test_an_override_lifts_what_the_gate_made_and_tells_the_provider(scheme, fallen, by):
    assert [one.by_gate for one in held(scheme, fallen)] == [True]
    made = override_gate(scheme, fallen, *draft(), by=by)
    assert held(scheme, fallen) == []
    assert member_facts(scheme.id)[fallen.id].gate_override == BECAUSE
    assert sorted(kinds_told(fallen)) == ["gate_overridden", "suspended", "suspension_lifted"]
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.subject_id == made.id)).one()
    assert entry.tag == "override:made"


def test_a_suspension_for_another_reason_stays(scheme, fallen, by):
    today = clock.today()
    suspend(scheme, fallen, SuspensionDraft("Missed visits", today, today, today + timedelta(9)), by=by)
    override_gate(scheme, fallen, *draft(), by=by)
    assert [one.reason for one in held(scheme, fallen)] == ["Missed visits"]


def test_the_next_cqc_data_leaves_a_member_whose_gate_is_overridden(scheme, fallen, by):
    override_gate(scheme, fallen, *draft(), by=by)
    hold_members_to_gate([fallen.cqc_location_id])
    assert held(scheme, fallen) == []


def test_an_override_ends_by_itself_after_its_last_day(scheme, fallen, by):
    override_gate(scheme, fallen, *draft(days=2), by=by)
    with clock.moved_to(clock.now() + timedelta(days=2)):
        assert member_facts(scheme.id)[fallen.id].gate_override == BECAUSE
    with clock.moved_to(clock.now() + timedelta(days=3)):
        assert member_facts(scheme.id)[fallen.id].gate_override == ""
        hold_members_to_gate([fallen.cqc_location_id])
        assert len(held(scheme, fallen)) == 1
        again = override_gate(scheme, fallen, *draft(), by=by)
        assert overrides_on(scheme.id, clock.today(), [fallen.id]) == {fallen.id: again}


def test_taking_it_back_makes_the_rating_count_again_and_tells_the_provider(scheme, fallen, by):
    made = override_gate(scheme, fallen, *draft(), by=by)
    with pytest.raises(Invalid):
        take_back(made, " ", by=by)
    take_back(made, "The improvement has not lasted.", by=by)
    assert member_facts(scheme.id)[fallen.id].gate_override == ""
    assert [one.by_gate for one in held(scheme, fallen)] == [True]
    assert "gate_override_ended" in kinds_told(fallen)
    with pytest.raises(Conflict, match="over already"):
        take_back(made, "Again.", by=by)


def test_taking_it_back_after_the_rating_is_good_again_suspends_nobody(scheme, fallen, by):
    made = override_gate(scheme, fallen, *draft(), by=by)
    fallen.cqc_rating = Rating.GOOD
    db.session.flush()
    take_back(made, "No longer needed.", by=by)
    assert held(scheme, fallen) == []


def test_a_second_override_at_the_same_time_is_refused(scheme, fallen, by):
    override_gate(scheme, fallen, *draft(), by=by)
    with pytest.raises(Conflict, match="already"):
        override_gate(scheme, fallen, *draft(), by=by)


def test_nobody_is_overridden_whom_the_gate_does_not_stop(scheme, by):
    with pytest.raises(Conflict, match="does not stop"):
        override_gate(scheme, a_member(scheme), *draft(), by=by)
    with pytest.raises(Conflict, match="no member"):
        override_gate(scheme, a_provider(rating=Rating.INADEQUATE), *draft(), by=by)


@pytest.mark.parametrize(
    ("changes", "field"), [({"reason": " "}, "reason"), ({"days": -1}, "ends_on"), ({"days": 366}, "ends_on")]
)
def test_a_reason_and_a_last_day_within_a_year_are_asked_for(scheme, fallen, by, changes, field):
    with pytest.raises(Invalid) as refusal:
        override_gate(scheme, fallen, *draft(**changes), by=by)
    assert list(refusal.value.errors) == [field]
    assert db.session.scalars(select(GateOverride)).all() == []


def test_a_contract_manager_overrides_on_the_membership_page_and_takes_it_back(client, people, scheme, fallen):
    membership = db.session.scalars(select(Membership).where(Membership.provider_id == fallen.id)).one()
    base = f"/memberships/{membership.id}"
    client.sign_in(people["contracts"])
    assert f"{base}/override" in client.get(base).text
    last = clock.today() + timedelta(30)
    wrong = client.submit(f"{base}/override", {"reason": BECAUSE, **day("ends_on", clock.today() - timedelta(1))})
    assert (wrong.status_code, BECAUSE in wrong.text) == (422, True)
    assert client.submit(f"{base}/override", {"reason": BECAUSE, **day("ends_on", last)}).status_code == 302
    made = db.session.scalars(select(GateOverride)).one()
    shown = client.get(base).text
    assert "Gate overridden" in shown
    assert BECAUSE in shown
    assert client.submit(f"{base}/override/{made.id}/take-back", {"because": "Not better."}).status_code == 302
    assert db.session.scalars(select(Suspension).where(Suspension.lifted_at.is_(None))).one().by_gate
    assert "Take it back" not in client.get(base).text


@pytest.mark.parametrize("role", ["broker", "manager", "auditor"])
def test_others_of_the_council_read_it_and_cannot_do_it(client, people, scheme, fallen, by, role):
    override_gate(scheme, fallen, *draft(), by=by)
    membership = db.session.scalars(select(Membership).where(Membership.provider_id == fallen.id)).one()
    db.session.commit()
    client.sign_in(people[role])
    shown = client.get(f"/memberships/{membership.id}").text
    assert "Gate overridden" in shown
    assert "Take it back" not in shown
    assert client.get(f"/memberships/{membership.id}/override").status_code == 403


def test_the_provider_itself_cannot_override_and_another_council_finds_nothing(client, people, scheme, fallen):
    membership = db.session.scalars(select(Membership).where(Membership.provider_id == fallen.id)).one()
    client.sign_in(coordinator_of(fallen))
    assert client.get(f"/memberships/{membership.id}/override").status_code == 403
    elsewhere = db.session.scalars(
        select(Membership).where(Membership.provider_id == a_member(a_scheme(people)).id)
    ).one()
    made = override_gate(scheme, fallen, *draft(), by=people.viewer("contracts").actor)
    db.session.commit()
    client.sign_in(people["contracts"])
    assert client.get(f"/memberships/{elsewhere.id}/override/{made.id}/take-back").status_code == 404
