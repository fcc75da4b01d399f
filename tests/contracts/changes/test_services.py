"""Care ends, rests and goes on by its days; what is handed back goes to market and ends when its successor begins."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app import clock
from app.audit import SYSTEM
from app.audit.models import AuditEntry
from app.database import db
from app.errors import Conflict, Invalid, NotAllowed
from app.messages.models import Message
from app.parties.viewer import viewer_of
from contracts.agreements.jobs import start_due
from contracts.agreements.models import Agreement
from contracts.agreements.rules import AgreementState
from contracts.agreements.services import cancel_before_start, end, move_start, put_in_force
from contracts.changes.jobs import let_go_of_places, take_effect_due
from contracts.changes.rules import NOTICE, ChangeKind, ChangeState
from contracts.changes.services import decide, take_back, want
from marketplace.packages.models import Package
from marketplace.packages.rules import PackageStatus
from marketplace.packages.services import await_award, mark_awarded, split, withdraw
from tests.contracts.agreements.makers import terms_for
from tests.contracts.changes.makers import a_change, a_running_agreement, wanted
from tests.marketplace.makers import a_member, coordinator_of

NOTICED = NOTICE.days


def kinds_of_letters():
    return [message.kind for message in db.session.scalars(select(Message).order_by(Message.created_at))]


def on(day):
    return clock.moved_to(clock.now() + timedelta(days=day))


def a_successor(agreement, *, starts_in):
    """The agreement of what was handed back with another provider, as an award makes it."""
    package = db.session.scalars(select(Package).where(Package.id != agreement.package_id)).unique().one()
    if package.status is PackageStatus.UNSOURCED:
        package.status = PackageStatus.ON_OFFER
        db.session.flush()
    await_award([package], by=SYSTEM)
    mark_awarded([package], by=SYSTEM)
    other = a_member(package.scheme)
    first_day = clock.today() + timedelta(days=starts_in)
    (successor,) = put_in_force([terms_for(package, other, starts_on=first_day)], by=SYSTEM)
    db.session.commit()
    return successor


def test_care_goes_on_through_its_last_day_and_ends_the_day_after(session, people):
    agreement = a_running_agreement(people)
    change = a_change(people["navigator"], agreement, ChangeKind.END, days=3)
    assert (agreement.state, agreement.ends_on) == (AgreementState.RUNNING, change.on)
    with on(3):
        assert take_effect_due() == 0
    with on(4):
        assert (take_effect_due(), take_effect_due()) == (1, 0)
    db.session.expire_all()
    assert (agreement.state, agreement.ends_on) == (AgreementState.ENDED, change.on)
    assert (change.state, agreement.package.status) == (ChangeState.DONE, PackageStatus.ENDED)
    assert agreement.ended_because == "Died"


def test_care_rests_from_its_day_and_goes_on_again(session, people):
    agreement = a_running_agreement(people)
    a_change(people["broker"], agreement, ChangeKind.SUSPEND)
    assert (agreement.state, agreement.hold_until) == (AgreementState.SUSPENDED, clock.today() + timedelta(days=14))
    a_change(people["broker"], agreement, ChangeKind.RESUME, days=2)
    with on(2):
        assert take_effect_due() == 1
    db.session.expire_all()
    assert (agreement.state, agreement.hold_until) == (AgreementState.RUNNING, None)


def test_a_place_that_is_held_no_longer_ends_the_agreement_and_the_package_waits_on_hold(session, people):
    agreement = a_running_agreement(people)
    a_change(people["broker"], agreement, ChangeKind.SUSPEND, hold_days=5)
    with on(5):
        assert let_go_of_places() == 0
    with on(6):
        assert (let_go_of_places(), let_go_of_places()) == (1, 0)
    db.session.expire_all()
    waits = db.session.scalars(select(Package).where(Package.status == PackageStatus.ON_HOLD)).unique().one()
    assert (agreement.state, agreement.package.status) == (AgreementState.ENDED, PackageStatus.ENDED)
    assert (waits.person_id, len(waits.visits)) == (agreement.package.person_id, len(agreement.package.visits))


def test_what_a_provider_asks_for_waits_for_a_commissioner_who_may_refuse(session, people):
    agreement = a_running_agreement(people)
    change = a_change(coordinator_of(agreement.provider), agreement, ChangeKind.END)
    assert (change.state, agreement.ends_on) == (ChangeState.ASKED, None)
    with pytest.raises(Invalid, match="Say why"):
        decide(viewer_of(people["broker"]), change, agree=False, note=" ")
    decide(viewer_of(people["broker"]), change, agree=False, note="The family wants it to go on.")
    assert (change.state, change.decision_note) == (ChangeState.REFUSED, "The family wants it to go on.")
    assert {"change:asked", "change:refused"} <= set(kinds_of_letters())
    with pytest.raises(Conflict):
        decide(viewer_of(people["broker"]), change, agree=True, note="")


def test_nobody_agrees_to_what_they_asked_for(session, people):
    agreement = a_running_agreement(people)
    change = a_change(coordinator_of(agreement.provider), agreement, ChangeKind.END)
    change.made_by = people["broker"].id
    with pytest.raises(NotAllowed, match="yourself"):
        decide(viewer_of(people["broker"]), change, agree=True, note="")
    decide(viewer_of(people["broker2"]), change, agree=True, note="")
    assert agreement.ends_on == change.on


def test_one_change_of_a_kind_is_open_at_a_time(session, people):
    agreement = a_running_agreement(people)
    a_change(people["broker"], agreement, ChangeKind.END, days=3)
    with pytest.raises(Conflict, match="open already"):
        want(viewer_of(people["broker"]), agreement, wanted(ChangeKind.END, days=5))


def test_handing_back_sends_a_successor_with_the_same_visits_to_market_at_once(session, people):
    agreement = a_running_agreement(people, skills=["PEG feeding"])
    other = a_member(agreement.package.scheme)
    change = a_change(coordinator_of(agreement.provider), agreement, ChangeKind.HAND_BACK, days=NOTICED)
    successor = change.successor
    assert (change.state, agreement.state, agreement.ends_on) == (ChangeState.AGREED, AgreementState.RUNNING, None)
    assert successor.status in {PackageStatus.ON_OFFER, PackageStatus.UNSOURCED}
    assert successor.planned_start == change.on + timedelta(days=1)
    assert [visit.value.timing for visit in successor.visits] == [
        visit.value.timing for visit in agreement.package.visits
    ]
    assert [skill.skill for skill in successor.skills] == ["PEG feeding"]
    assert sum(share.percent for share in successor.funding) == 100
    assert other.id != agreement.provider_id


def test_the_award_of_a_successor_dates_the_end_and_a_start_that_slips_moves_both(session, people):
    agreement = a_running_agreement(people)
    a_change(coordinator_of(agreement.provider), agreement, ChangeKind.HAND_BACK, days=NOTICED)
    successor = a_successor(agreement, starts_in=20)
    assert agreement.ends_on == successor.starts_on - timedelta(days=1)
    move_start(successor, successor.starts_on + timedelta(days=3), "Recruitment took longer.", by=SYSTEM)
    db.session.commit()
    assert agreement.ends_on == successor.starts_on - timedelta(days=1) == clock.today() + timedelta(days=22)
    assert successor.versions[0].starts_on == successor.starts_on
    assert kinds_of_letters().count("change:last_day") == 2


def test_care_passes_from_one_provider_to_the_other_without_a_gap_or_an_overlap(session, people):
    agreement = a_running_agreement(people)
    change = a_change(coordinator_of(agreement.provider), agreement, ChangeKind.HAND_BACK, days=NOTICED)
    successor = a_successor(agreement, starts_in=20)
    with on(19):
        assert (start_due(), take_effect_due()) == (0, 0)
        assert (agreement.state, successor.state) == (AgreementState.RUNNING, AgreementState.AWAITING_START)
    with on(20):
        assert start_due() == 1
    db.session.expire_all()
    assert (agreement.state, successor.state) == (AgreementState.ENDED, AgreementState.RUNNING)
    assert agreement.ends_on + timedelta(days=1) == successor.starts_on
    assert change.state is ChangeState.DONE


def test_a_successor_awarded_for_today_begins_tomorrow_and_both_are_told(session, people):
    agreement = a_running_agreement(people)
    a_change(people["broker"], agreement, ChangeKind.HAND_BACK)
    tomorrow = clock.today() + timedelta(days=1)
    successor = a_successor(agreement, starts_in=0)
    assert (successor.starts_on, successor.versions[0].starts_on) == (tomorrow, tomorrow)
    assert (agreement.state, agreement.ends_on) == (AgreementState.RUNNING, clock.today())
    assert {"change:first_day", "change:last_day"} <= set(kinds_of_letters())
    assert (start_due(), take_effect_due()) == (0, 0)
    with on(1):
        assert start_due() == 1
    db.session.expire_all()
    assert (agreement.state, successor.state) == (AgreementState.ENDED, AgreementState.RUNNING)
    assert agreement.ends_on + timedelta(days=1) == successor.starts_on


def test_a_successor_is_not_split_while_the_present_provider_goes_on(session, people):
    agreement = a_running_agreement(people)
    change = a_change(people["broker"], agreement, ChangeKind.HAND_BACK, days=1)
    successor = change.successor
    successor.status = PackageStatus.UNSOURCED
    db.session.commit()
    with pytest.raises(Conflict, match="goes on until another begins with all of the care"):
        split(successor, [successor.visits[0].id], because="Weekends", by=SYSTEM)
    db.session.rollback()
    assert db.session.scalars(select(Package).where(Package.parent_id == successor.id)).unique().all() == []
    take_back(viewer_of(people["broker"]), change, "They go on.")


def test_a_provider_that_handed_back_goes_on_where_its_successor_withdraws(session, people):
    agreement = a_running_agreement(people)
    change = a_change(coordinator_of(agreement.provider), agreement, ChangeKind.HAND_BACK, days=NOTICED)
    cancel_before_start(a_successor(agreement, starts_in=20), "The provider awarded has withdrawn.", by=SYSTEM)
    db.session.commit()
    with on(40):
        take_effect_due()
    db.session.expire_all()
    assert (agreement.state, agreement.ends_on) == (AgreementState.RUNNING, None)
    assert change.state is ChangeState.AGREED


def test_the_end_that_comes_first_holds_and_the_successor_is_withdrawn_with_it(session, people):
    agreement = a_running_agreement(people)
    change = a_change(coordinator_of(agreement.provider), agreement, ChangeKind.HAND_BACK, days=NOTICED)
    a_successor(agreement, starts_in=20)
    a_change(people["navigator"], agreement, ChangeKind.END, days=2)
    assert agreement.ends_on == clock.today() + timedelta(days=2)
    with on(3):
        assert take_effect_due() == 1
    db.session.expire_all()
    assert change.state is ChangeState.TAKEN_BACK
    assert change.successor.status is PackageStatus.WITHDRAWN
    states = set(db.session.scalars(select(Agreement.state)))
    assert states == {AgreementState.ENDED, AgreementState.CANCELLED}


def test_handing_back_can_be_taken_back_until_another_provider_is_awarded(session, people):
    agreement = a_running_agreement(people)
    provider = viewer_of(coordinator_of(agreement.provider))
    change = a_change(coordinator_of(agreement.provider), agreement, ChangeKind.HAND_BACK, days=NOTICED)
    take_back(provider, change, "We found a carer.")
    assert (change.state, change.successor.status) == (ChangeState.TAKEN_BACK, PackageStatus.WITHDRAWN)
    assert agreement.state is AgreementState.RUNNING


def test_it_cannot_be_taken_back_once_another_provider_is_awarded(session, people):
    agreement = a_running_agreement(people)
    change = a_change(coordinator_of(agreement.provider), agreement, ChangeKind.HAND_BACK, days=NOTICED)
    a_successor(agreement, starts_in=20)
    with pytest.raises(Conflict, match="awarded"):
        take_back(viewer_of(coordinator_of(agreement.provider)), change, "We found a carer.")


def test_a_first_day_is_moved_only_before_care_began_and_not_into_the_past(session, people):
    agreement = a_running_agreement(people)
    with pytest.raises(Conflict):
        move_start(agreement, clock.today() + timedelta(days=2), "Later", by=SYSTEM)
    a_change(people["broker"], agreement, ChangeKind.HAND_BACK, days=1)
    successor = a_successor(agreement, starts_in=5)
    with pytest.raises(Invalid, match="past"):
        move_start(successor, clock.today() - timedelta(days=1), "Earlier", by=SYSTEM)
    with pytest.raises(Invalid, match="present provider"):
        move_start(successor, clock.today(), "Earlier", by=SYSTEM)


def test_what_ends_otherwise_leaves_no_change_open(session, people):
    agreement = a_running_agreement(people)
    change = a_change(people["broker"], agreement, ChangeKind.SUSPEND, days=10)
    end(agreement, clock.today(), "Died", by=SYSTEM)
    assert change.state is ChangeState.TAKEN_BACK
    tags = set(db.session.scalars(select(AuditEntry.tag).where(AuditEntry.subject_id == change.id)))
    assert tags == {"change:agreed", "change:taken_back"}


def test_what_was_agreed_for_the_person_holds_for_whoever_takes_over(session, people):
    agreement = a_running_agreement(people)
    a_change(coordinator_of(agreement.provider), agreement, ChangeKind.HAND_BACK, days=NOTICED)
    later = a_change(people["navigator"], agreement, ChangeKind.END, days=22)
    successor = a_successor(agreement, starts_in=20)
    with on(20):
        assert start_due() == 1
    db.session.expire_all()
    assert (later.state, later.agreement_id) == (ChangeState.AGREED, successor.id)
    assert (successor.state, successor.ends_on) == (AgreementState.RUNNING, later.on)


def test_a_person_who_is_away_at_the_hand_over_stays_away_with_the_place_held(session, people):
    agreement = a_running_agreement(people)
    a_change(coordinator_of(agreement.provider), agreement, ChangeKind.HAND_BACK, days=NOTICED)
    a_change(people["broker"], agreement, ChangeKind.SUSPEND, hold_days=30)
    successor = a_successor(agreement, starts_in=20)
    with on(20):
        assert start_due() == 1
    db.session.expire_all()
    assert successor.state is AgreementState.SUSPENDED
    assert (agreement.state, successor.hold_until) == (AgreementState.ENDED, clock.today() + timedelta(days=30))


def test_a_place_is_not_let_go_while_it_is_agreed_that_care_goes_on(session, people):
    agreement = a_running_agreement(people)
    a_change(people["broker"], agreement, ChangeKind.SUSPEND, hold_days=5)
    a_change(people["broker"], agreement, ChangeKind.RESUME, days=9)
    with on(6):
        assert let_go_of_places() == 0
    with on(9):
        assert take_effect_due() == 1
    db.session.expire_all()
    assert agreement.state is AgreementState.RUNNING


def test_a_successor_that_is_withdrawn_by_hand_frees_the_provider_of_its_hand_back(session, people):
    agreement = a_running_agreement(people)
    change = a_change(coordinator_of(agreement.provider), agreement, ChangeKind.HAND_BACK, days=NOTICED)
    withdraw(change.successor, because="Not needed", by=SYSTEM)
    assert change.state is ChangeState.TAKEN_BACK
    assert kinds_of_letters()[-1] == "change:taken_back"
    again = a_change(coordinator_of(agreement.provider), agreement, ChangeKind.HAND_BACK, days=NOTICED)
    assert again.state is ChangeState.AGREED


def test_a_provider_does_not_win_the_package_that_it_hands_back(session, people):
    agreement = a_running_agreement(people)
    change = a_change(coordinator_of(agreement.provider), agreement, ChangeKind.HAND_BACK, days=NOTICED)
    assert change.successor.incumbent_provider_id == agreement.provider_id
    with pytest.raises(Conflict, match="not win it anew"):
        put_in_force([terms_for(change.successor, agreement.provider)], by=SYSTEM)


def test_whoever_must_act_differently_is_told(session, people):
    agreement = a_running_agreement(people)
    change = a_change(people["broker"], agreement, ChangeKind.END, days=4)
    take_back(viewer_of(people["broker"]), change, "She stays.")
    assert kinds_of_letters()[-1] == "change:taken_back"
    assert (change.state, agreement.ends_on) == (ChangeState.TAKEN_BACK, None)


def test_a_change_whose_agreement_is_over_is_settled_and_not_tried_for_ever(session, people):
    agreement = a_running_agreement(people)
    change = a_change(people["broker"], agreement, ChangeKind.SUSPEND, days=3)
    agreement.state = AgreementState.SUSPENDED
    db.session.commit()
    with on(3):
        assert take_effect_due() == 0
    db.session.expire_all()
    assert change.state is ChangeState.TAKEN_BACK
