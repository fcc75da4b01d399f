"""Awarding: what must hold, what follows, and who is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app import clock
from app.database import db
from app.errors import Conflict, Invalid
from app.messages.models import Message
from brokerage.allocation import services
from brokerage.allocation.candidates import WantedAward
from brokerage.allocation.ending import none_suitable
from brokerage.allocation.models import Award
from brokerage.allocation.rules import AwardChoice, AwardState, NextStep
from brokerage.feedback.models import FeedbackLetter
from brokerage.ranking.models import ConflictDeclaration
from contracts.agreements.models import Agreement
from contracts.agreements.rules import AgreementState
from marketplace.applications.models import Application
from marketplace.applications.rules import ApplicationState
from marketplace.membership.models import Capacity, Suspension
from marketplace.packages.rules import PackageStatus
from marketplace.rounds.rules import ResponseState, RoundState
from marketplace.schemes.regime_rules import Regime
from tests.brokerage.allocation.makers import CONFIRMED, actor, award, confirm, declare, ready
from tests.marketplace.makers import a_provider


@pytest.fixture
def broker(people):
    return actor(people, "broker")


def committed(provider):
    return db.session.query(Capacity.committed_minutes).filter_by(provider_id=provider.id).scalar()


def messages_to(provider):
    return db.session.query(Message).filter_by(organisation_id=provider.organisation_id).all()


def test_an_award_ends_the_round_makes_the_agreement_takes_capacity_and_tells_everybody(session, people, broker):
    all_set = ready(people)
    made = award(all_set.line(), CONFIRMED, by=broker)
    db.session.commit()
    agreement = db.session.query(Agreement).one()
    assert (made.state, made.place, made.held_minutes) == (AwardState.AWARDED, 1, 315)
    assert (all_set.round.state, all_set.package.status) == (RoundState.AWARDED, PackageStatus.AWARDED)
    assert (agreement.state, agreement.award_id) == (AgreementState.AWAITING_START, made.id)
    assert (agreement.contract_from, agreement.starts_on) == (made.awarded_at, all_set.package.planned_start)
    assert agreement.versions[0].weekly_cost_pence == made.weekly_cost_pence == 12_600
    assert [committed(one) for one in all_set.providers] == [315, 0, 0]
    states = [all_set.line(place).response.state for place in range(3)]
    assert states == [ResponseState.AWARDED, ResponseState.NOT_AWARDED, ResponseState.NOT_AWARDED]
    assert [[one.kind for one in messages_to(each)] for each in all_set.providers] == [
        ["award:made"],
        ["feedback:outcome"],
        ["feedback:outcome"],
    ]
    assert db.session.query(FeedbackLetter).count() == 3


def test_the_winners_mail_and_the_letters_of_the_others_name_nobody_and_no_price(session, people, broker):
    all_set = ready(people, prices=(2419, 2623, 2827))
    award(all_set.line(), CONFIRMED, by=broker)
    texts = [f"{one.subject} {one.body}" for one in db.session.query(Message).all()]
    assert len(texts) == 3
    for text in texts:
        for hidden in ("ZZMabel", "PR1 8", "24.19", "26.23", *(one.name for one in all_set.providers)):
            assert hidden not in text
    assert any("behind that of the provider that was awarded it by this many points: 5–10." in text for text in texts)


def test_a_provider_that_declined_reads_the_outcome_without_points(session, people, broker):
    all_set = ready(people)
    line = all_set.line(2)
    line.response.kind, line.response.decline_code, line.response.price_pence = "decline", "travel", None
    award(all_set.line(), CONFIRMED, by=broker)
    (message,) = messages_to(all_set.providers[2])
    assert "another provider" in message.body
    assert message.deliveries == []


def test_of_packages_awarded_together_each_provider_reads_in_one_message(session, people, broker):
    all_set = ready(people, packages=3)
    made = services.award([WantedAward(all_set.line(0, package), CONFIRMED) for package in all_set.packages], by=broker)
    assert [one.state for one in made] == [AwardState.AWARDED] * 3
    (won,), (lost,), (_,) = (messages_to(provider) for provider in all_set.providers)
    assert (won.kind, won.path, lost.kind, lost.path) == ("award:made", "/agreements", "feedback:outcome", "/feedback")
    agreements = {one.package_id: one.reference for one in db.session.query(Agreement)}
    for package in all_set.packages:
        assert f"Package {package.reference}: agreement {agreements[package.id]}." in won.body
        assert f"Package {package.reference} was not awarded to you" in lost.body
    assert lost.body.count("of 100 points, made up of:") == 3
    assert db.session.query(FeedbackLetter).count() == 9
    reasons = {one.package_id: one.versions[0].because for one in db.session.query(Agreement)}
    assert reasons == {one.package_id: f"Award {one.reference}" for one in made}
    assert {one.round_id: one.round.ended_because for one in made} == {
        one.round_id: f"Award {one.reference}" for one in made
    }


def test_each_of_several_awards_finds_the_hours_that_those_before_it_left(session, people, broker):
    all_set = ready(people, packages=3, capacity_hours=11)
    first, second, third = (WantedAward(all_set.line(0, package), CONFIRMED) for package in all_set.packages)
    with pytest.raises(Conflict, match="of capacity left"):
        services.award([first, second, third], by=broker)
    db.session.rollback()
    assert db.session.query(Award).count() == 0
    assert len(services.award([first, second], by=broker)) == 2
    assert committed(all_set.providers[0]) == 630


@pytest.mark.parametrize("place", [1, 2])
def test_skipping_the_first_needs_a_reason(session, people, broker, place):
    all_set = ready(people)
    with pytest.raises(Invalid) as refusal:
        award(all_set.line(place), CONFIRMED, by=broker)
    assert list(refusal.value.errors) == ["skip_reason"]
    choice = AwardChoice(need_confirmed_with="the hub", skip_reason="The person knows this provider.")
    made = award(all_set.line(place), choice, by=broker)
    assert (made.skip_reason, made.place) == ("The person knows this provider.", place + 1)


def test_passing_over_one_without_capacity_is_no_skip(session, people, broker):
    all_set = ready(people)
    db.session.query(Capacity).filter_by(provider_id=all_set.providers[0].id).update({"declared_minutes": 300})
    assert award(all_set.line(1), CONFIRMED, by=broker).skip_reason is None


def test_care_must_have_been_confirmed_as_needed_in_the_last_day(session, people, broker):
    all_set = ready(people)
    confirm(all_set.package, hours_ago=24.1)
    with pytest.raises(Invalid) as refusal:
        award(all_set.line(), AwardChoice(), by=broker)
    assert list(refusal.value.errors) == ["need_confirmed_with"]
    confirm(all_set.package, hours_ago=23.9)
    assert award(all_set.line(), AwardChoice(), by=broker).state is AwardState.AWARDED


def test_a_provider_suspended_after_its_yes_is_not_awarded_even_though_it_is_ranked_first(session, people, broker):
    all_set = ready(people)
    today = clock.today()
    dates = {"starts_on": today, "review_on": today, "ends_on": today + timedelta(days=30)}
    row = {"scheme_id": all_set.scheme.id, "provider_id": all_set.providers[0].id, "reason": "Missed visits."}
    db.session.add(Suspension(authority_id=all_set.scheme.authority_id, made_by_label="Test", **row, **dates))
    db.session.flush()
    with pytest.raises(Conflict, match="Suspended"):
        award(all_set.line(), CONFIRMED, by=broker)
    assert award(all_set.line(1), CONFIRMED, by=broker).skip_reason is None


def test_a_provider_with_too_little_capacity_is_not_awarded(session, people, broker):
    all_set = ready(people, capacity_hours=5)
    with pytest.raises(Conflict, match="5 hours of capacity left"):
        award(all_set.line(), CONFIRMED, by=broker)
    assert committed(all_set.providers[0]) == 0


def test_a_broker_with_an_interest_and_one_who_has_not_declared_award_nothing(session, people, broker):
    all_set = ready(people)
    db.session.query(ConflictDeclaration).filter_by(user_id=broker.id).delete()
    with pytest.raises(Conflict, match="Say first"):
        award(all_set.line(), CONFIRMED, by=broker)
    declare(people, all_set.issue, "broker", has_conflict=True)
    with pytest.raises(Conflict, match="somebody else must award"):
        award(all_set.line(), CONFIRMED, by=broker)


def test_an_officer_who_entered_an_answer_by_phone_does_not_award_that_round(session, people, broker):
    all_set = ready(people)
    response = all_set.line(2).response
    response.entered_by, response.spoken_at = broker.id, response.submitted_at
    with pytest.raises(Conflict, match="entered an answer"):
        award(all_set.line(), CONFIRMED, by=broker)


def test_a_second_award_is_refused_naming_who_awarded_when_and_to_whom(session, people, broker):
    all_set = ready(people)
    award(all_set.line(), CONFIRMED, by=broker)
    db.session.commit()
    with pytest.raises(Conflict) as refusal:
        award(all_set.line(1), CONFIRMED, by=actor(people, "broker2"))
    for part in (all_set.package.reference, all_set.providers[0].name, "Broker (Broker, Testshire County Council)"):
        assert part in refusal.value.sentence
    assert db.session.query(Award).count() == 1


def test_a_changed_yes_needs_the_persons_agreement_and_no_reason_where_nobody_else_said_yes(session, people, broker):
    all_set = ready(people, prices=(2400,), responses={"other_visits": "Mon-Sun 10:00-11:00 45x1"})
    with pytest.raises(Invalid) as refusal:
        award(all_set.line(), CONFIRMED, by=broker)
    assert set(refusal.value.errors) == {"agreed_with_person", "agreed_visits"}
    agreed = {"agreed_visits": "Mon-Sun 10:00-11:00 45x1"}
    choice = AwardChoice("", "", "Agreed with her daughter.", "the hub", **agreed)
    assert award(all_set.line(), choice, by=broker).agreed_with_person == "Agreed with her daughter."


def test_nothing_is_awarded_under_an_old_purchasing_system_after_its_last_day(session, people, broker):
    all_set = ready(people)
    all_set.scheme.regime = Regime.PCR2015_DPS
    db.session.flush()
    with clock.moved_to(datetime(2029, 2, 24, 9, tzinfo=UTC)), pytest.raises(Conflict, match="23 February 2029"):
        award(all_set.line(), CONFIRMED, by=broker)


@pytest.mark.parametrize(
    ("step", "status", "round_state", "kinds"),
    [
        (NextStep.OFFER_AGAIN, PackageStatus.UNSOURCED, RoundState.NONE_SUITABLE, {"feedback:outcome"}),
        (NextStep.SPOT, PackageStatus.UNSOURCED, RoundState.NONE_SUITABLE, {"feedback:outcome"}),
        (NextStep.CANCEL, PackageStatus.WITHDRAWN, RoundState.NONE_SUITABLE, {"feedback:outcome"}),
    ],
)
def test_a_round_can_end_with_none_suitable_and_says_what_comes_next(
    session, people, broker, step, status, round_state, kinds
):
    all_set = ready(people)
    none_suitable(all_set.round, "All start too late.", step, by=broker)
    db.session.commit()
    assert (all_set.package.status, all_set.round.state) == (status, round_state)
    assert {one.kind for provider in all_set.providers for one in messages_to(provider)} == kinds
    with pytest.raises(Conflict):
        award(all_set.line(), CONFIRMED, by=broker)


def test_none_suitable_needs_a_reason(session, people, broker):
    all_set = ready(people)
    with pytest.raises(Invalid):
        none_suitable(all_set.round, "  ", NextStep.SPOT, by=broker)


def test_a_dynamic_market_waits_for_an_undecided_application_or_records_why_it_cannot(session, people, broker):
    all_set = ready(people)
    all_set.scheme.regime = Regime.PA2023_DM
    applied = {"scheme_id": all_set.scheme.id, "provider_id": a_provider().id, "state": ApplicationState.SUBMITTED}
    where = {"lot_ids": [str(all_set.package.lot_id)], "areas": ["PR1"], "submitted_at": clock.now()}
    db.session.add(Application(authority_id=all_set.scheme.authority_id, reference="APP-T1234", **applied, **where))
    db.session.flush()
    with pytest.raises(Conflict, match="has applied and is not decided"):
        award(all_set.line(), CONFIRMED, by=broker)
    choice = AwardChoice(need_confirmed_with="Ward 4", exception_reason="Its accounts take months to check.")
    assert award(all_set.line(), choice, by=broker).exception_reason == choice.exception_reason
