"""Proposed awards, steps back, withdrawn packages and starts: who holds the hours, and who is told."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app import clock
from app.audit import SYSTEM
from app.database import db
from app.errors import Conflict, Invalid
from app.messages.models import Message
from brokerage.allocation import proposals
from brokerage.allocation.ending import (
    STEPPED_BACK,
    end_reopened,
    lapse,
    lapse_due,
    pull_out,
    refuse_proposed,
)
from brokerage.allocation.models import Award
from brokerage.allocation.proposals import LineEdit, approve_proposal, propose_for_batch
from brokerage.allocation.rules import AwardChoice, AwardState
from brokerage.allocation.services import approve
from brokerage.ranking.models import Ranking
from brokerage.ranking.services import rank_issue
from contracts.agreements.jobs import start_due
from contracts.agreements.models import Agreement
from contracts.agreements.rules import AgreementState
from marketplace.membership.models import Capacity, Suspension
from marketplace.packages.rules import PackageStatus
from marketplace.packages.services import hold, withdraw
from marketplace.rounds.models import Issue
from marketplace.rounds.rules import ResponseState, RoundState
from tests.brokerage.allocation.makers import CONFIRMED, actor, award, confirm, ready
from tests.brokerage.ranking.database_makers import CountedSelects

LIMIT = {"award_limit_pence": 12_599}


@pytest.fixture
def broker(people):
    return actor(people, "broker")


@pytest.fixture
def manager(people):
    return actor(people, "manager")


def committed(provider):
    return db.session.query(Capacity.committed_minutes).filter_by(provider_id=provider.id).scalar()


def proposed(all_set, by):
    made = award(all_set.line(), CONFIRMED, by=by)
    db.session.commit()
    return made


def test_a_proposed_award_holds_package_and_hours_and_tells_no_provider(session, people, broker):
    all_set = ready(people, **LIMIT)
    made = proposed(all_set, broker)
    assert (made.state, committed(all_set.providers[0])) == (AwardState.PROPOSED, 315)
    assert (all_set.round.state, all_set.package.status) == (RoundState.CLOSED, PackageStatus.AWAITING_AWARD)
    assert (db.session.query(Message).count(), db.session.query(Agreement).count()) == (0, 0)
    with pytest.raises(Conflict, match="was proposed for an award"):
        award(all_set.line(1), CONFIRMED, by=broker)


def test_at_the_limit_an_award_is_made_at_once(session, people, broker):
    all_set = ready(people, award_limit_pence=12_600)
    assert award(all_set.line(), CONFIRMED, by=broker).state is AwardState.AWARDED


def test_only_another_person_approves_and_that_is_the_award(session, people, broker, manager):
    all_set = ready(people, **LIMIT)
    made = proposed(all_set, broker)
    with pytest.raises(Conflict, match="Somebody else"):
        approve(made, by=broker)
    approve(made, by=manager)
    db.session.commit()
    agreement = db.session.query(Agreement).one()
    assert (made.state, made.approved_by, committed(all_set.providers[0])) == (AwardState.AWARDED, manager.id, 315)
    assert agreement.contract_from == made.awarded_at
    with pytest.raises(Conflict):
        approve(made, by=actor(people, "broker2"))


def test_approval_asks_everything_again(session, people, broker, manager):
    all_set = ready(people, **LIMIT)
    made = proposed(all_set, broker)
    with clock.moved_to(clock.now() + timedelta(hours=25)):
        with pytest.raises(Invalid) as refusal:
            approve(made, by=manager)
        assert list(refusal.value.errors) == ["need_confirmed_with"]
    today = clock.today()
    dates = {"starts_on": today, "review_on": today, "ends_on": today + timedelta(days=30)}
    row = {"scheme_id": all_set.scheme.id, "provider_id": all_set.providers[0].id, "reason": "Missed visits."}
    db.session.add(Suspension(authority_id=made.authority_id, made_by_label="Test", **row, **dates))
    with pytest.raises(Conflict, match="Suspended"):
        approve(made, by=manager)
    assert made.state is AwardState.PROPOSED


def test_below_the_quality_minimum_a_named_second_person_is_needed_and_the_award_is_only_proposed(
    session, people, broker, manager
):
    all_set = ready(people, prices=(2400,))
    all_set.issue.quality_minimum = 90
    db.session.query(Ranking).delete()
    rank_issue(all_set.issue, by=SYSTEM)
    with pytest.raises(Invalid) as refusal:
        award(all_set.line(), CONFIRMED, by=broker)
    assert set(refusal.value.errors) == {"below_minimum_reason", "second_person"}
    words = {"need_confirmed_with": "Ward 4", "below_minimum_reason": "Nobody else is near."}
    with pytest.raises(Invalid):
        award(all_set.line(), AwardChoice(**words, second_person=people["broker"].email), by=broker)
    with pytest.raises(Invalid):
        award(all_set.line(), AwardChoice(**words, second_person="anybody@x.example"), by=broker)
    made = award(all_set.line(), AwardChoice(**words, second_person=people["manager"].email), by=broker)
    assert made.state is AwardState.PROPOSED
    assert approve(made, by=manager).state is AwardState.AWARDED


def test_a_refused_proposal_frees_package_and_hours_and_tells_its_proposer(session, people, broker, manager):
    all_set = ready(people, **LIMIT)
    made = proposed(all_set, broker)
    refuse_proposed(made, "Ask for a lower price next time.", by=manager)
    db.session.commit()
    assert (made.state, committed(all_set.providers[0])) == (AwardState.REFUSED, 0)
    (message,) = db.session.query(Message)
    assert (message.user_id, message.kind) == (broker.id, "award:proposal_ended")
    again = award(all_set.line(1), AwardChoice(need_confirmed_with="x", skip_reason="y"), by=broker)
    assert again.place == 2


def test_a_proposal_refused_or_lapsed_gives_back_its_own_hours_and_no_more(session, people, broker, manager):
    all_set = ready(people, packages=3, **LIMIT)
    provider = all_set.providers[0]
    refused, lapsed, kept = (award(all_set.line(0, package), CONFIRMED, by=broker) for package in all_set.packages)
    db.session.commit()
    assert committed(provider) == 3 * 315
    refuse_proposed(refused, "The ward asked to wait.", by=manager)
    assert committed(provider) == 2 * 315
    with clock.moved_to(clock.now() + timedelta(days=7)):
        lapse(lapsed)
    assert (committed(provider), kept.state) == (315, AwardState.PROPOSED)


def test_a_proposal_lapses_after_two_working_days_and_cannot_be_approved_then(session, people, broker, manager):
    all_set = ready(people, **LIMIT)
    made = proposed(all_set, broker)
    assert lapse_due() == 0
    with clock.moved_to(clock.now() + timedelta(days=7)):
        with pytest.raises(Conflict, match="two working days"):
            approve(made, need_confirmed_with="Ward 4", by=manager)
        db.session.rollback()
        assert (lapse_due(), lapse_due()) == (1, 0)
    assert (made.state, committed(all_set.providers[0])) == (AwardState.LAPSED, 0)


def test_a_step_back_opens_the_ranking_for_the_next_one(session, people, broker):
    all_set = ready(people)
    made = proposed(all_set, broker)
    pull_out(made, "Two carers left.", by=broker)
    db.session.commit()
    assert (made.state, all_set.round.state) == (AwardState.PULLED_OUT, RoundState.CLOSED)
    agreement = db.session.query(Agreement).one()
    assert (agreement.state, agreement.ended_because) == (AgreementState.CANCELLED, STEPPED_BACK)
    assert made.ended_because == "Two carers left."
    assert (all_set.package.status, committed(all_set.providers[0])) == (PackageStatus.AWAITING_AWARD, 0)
    assert all_set.line().response.state is ResponseState.PULLED_OUT
    with pytest.raises(Conflict):
        award(all_set.line(), CONFIRMED, by=broker)
    following = award(all_set.line(1), CONFIRMED, by=broker)
    db.session.commit()
    assert (following.state, following.place, following.skip_reason) == (AwardState.AWARDED, 1, None)
    kinds = [
        one.kind for one in db.session.query(Message).filter_by(organisation_id=all_set.providers[2].organisation_id)
    ]
    assert kinds == ["feedback:outcome"]


def test_ten_working_days_after_a_step_back_the_ranking_is_closed_for_good(session, people, broker):
    all_set = ready(people)
    pull_out(proposed(all_set, broker), "Two carers left.", by=broker)
    db.session.commit()
    assert end_reopened() == 0
    with clock.moved_to(clock.now() + timedelta(days=22)):
        with pytest.raises(Conflict, match="Offer the package again"):
            award(all_set.line(1), CONFIRMED, by=broker)
        db.session.rollback()
        assert (end_reopened(), end_reopened()) == (1, 0)
    assert (all_set.round.state, all_set.package.status) == (RoundState.NONE_SUITABLE, PackageStatus.UNSOURCED)


def test_a_reopened_ranking_that_somebody_decided_is_left_alone_and_no_log_says_who(
    session, people, broker, manager, caplog
):
    caplog.set_level("INFO")
    people["broker"].name = "Olive Ferncliffe"
    all_set = ready(people, **LIMIT)
    made = proposed(all_set, broker)
    approve(made, by=manager)
    pull_out(made, "Two carers left.", by=broker)
    award(all_set.line(1), CONFIRMED, by=broker)
    db.session.commit()
    with clock.moved_to(clock.now() + timedelta(days=22)):
        assert end_reopened() == 0
    assert all_set.round.state is RoundState.CLOSED
    assert "left as it is" in caplog.text
    lines = " ".join(str(vars(record)) for record in caplog.records)
    assert not [name for name in ("Ferncliffe", all_set.providers[1].name) if name in lines]


def test_nobody_steps_back_once_care_has_begun(session, people, broker):
    all_set = ready(people)
    made = proposed(all_set, broker)
    db.session.query(Agreement).one().state = AgreementState.RUNNING
    with pytest.raises(Conflict, match="Care is being given"):
        pull_out(made, "Two carers left.", by=broker)


def test_a_withdrawn_package_ends_its_award_and_tells_the_provider_without_the_reason(session, people, broker):
    all_set = ready(people)
    made = proposed(all_set, broker)
    withdraw(all_set.package, because="Died in hospital", by=broker)
    db.session.commit()
    agreement, said = db.session.query(Agreement).one(), "The council withdrew the package."
    assert (agreement.state, agreement.ended_because, made.ended_because) == (AgreementState.CANCELLED, said, said)
    assert (made.state, committed(all_set.providers[0])) == (AwardState.CANCELLED, 0)
    body = db.session.query(Message).filter_by(kind="award:cancelled").one().body
    assert "Died" not in body


@pytest.mark.parametrize("command", [withdraw, hold], ids=["withdrawn", "held"])
def test_a_package_taken_back_ends_its_proposed_award_and_its_provider_never_learns_of_it(
    session, people, broker, command
):
    all_set = ready(people, **LIMIT)
    made = proposed(all_set, broker)
    command(all_set.package, because="Went into a care home", by=broker)
    db.session.commit()
    assert (made.state, committed(all_set.providers[0])) == (AwardState.CANCELLED, 0)
    assert db.session.query(Message).filter(Message.kind.like("award:%")).count() == 0


def test_hours_are_free_for_new_care_once_this_care_runs(session, people, broker):
    all_set = ready(people)
    proposed(all_set, broker)
    with clock.moved_to(clock.now() + timedelta(days=14)):
        assert start_due() == 1
    assert committed(all_set.providers[0]) == 0


def test_a_whole_batch_is_proposed_in_ranked_order_under_the_capacity_that_is_there(session, people, broker):
    all_set = ready(people, prices=(2400, 2600), packages=5, capacity_hours=11)
    proposal = propose_for_batch(all_set.issue, by=broker)
    names = [one.name for one in all_set.providers]
    chosen = [
        next((m["name"] for m in line["members"] if m["line_id"] == line["line_id"]), None) for line in proposal.lines
    ]
    assert sorted(chosen, key=str) == sorted([names[0]] * 2 + [names[1]] * 2 + [None], key=str)
    for package in all_set.packages:
        confirm(package)
    assert len(approve_proposal(proposal, {}, by=broker)) == 4
    assert [committed(one) for one in all_set.providers] == [630, 630]
    with pytest.raises(Conflict, match="decided already"):
        approve_proposal(proposal, {}, by=broker)


def test_a_batch_of_any_size_is_proposed_with_the_same_number_of_questions(session, people, broker):
    counts = []
    for packages in (2, 7):
        all_set = ready(people, packages=packages)
        issue_id = all_set.issue.id
        db.session.commit()
        issue = db.session.get_one(Issue, issue_id)
        with CountedSelects() as seen:
            assert len(propose_for_batch(issue, by=broker).lines) == packages
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 12


def test_a_batch_of_any_size_is_awarded_with_the_same_number_of_questions(session, people, broker):
    counts = []
    for packages in (2, 7):
        all_set = ready(people, packages=packages)
        for package in all_set.packages:
            confirm(package)
        proposal = propose_for_batch(all_set.issue, by=broker)
        db.session.commit()
        with CountedSelects() as seen:
            assert len(approve_proposal(proposal, {}, by=broker)) == packages
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_a_batch_that_is_not_ranked_yet_is_not_proposed(session, people, broker):
    all_set = ready(people, packages=2)
    db.session.query(Ranking).filter_by(round_id=all_set.round.id).delete()
    with pytest.raises(Conflict, match="not been ranked yet"):
        propose_for_batch(all_set.issue, by=broker)


def test_a_round_awarded_while_the_batch_is_proposed_stays_in_the_proposal_that_began_with_it(
    session, people, broker, monkeypatch
):
    all_set, orders_of = ready(people, packages=2), proposals.orders_of
    confirm(all_set.package)

    def orders_after_an_award(which):
        award(all_set.line(), CONFIRMED, by=broker)
        return orders_of(which)

    monkeypatch.setattr(proposals, "orders_of", orders_after_an_award)
    proposal = propose_for_batch(all_set.issue, by=broker)
    assert {line["reference"] for line in proposal.lines} == {one.reference for one in all_set.packages}
    assert all(len(line["members"]) == len(all_set.providers) for line in proposal.lines)


def test_a_proposal_with_one_line_that_cannot_be_awarded_awards_none_and_says_which(session, people, broker):
    all_set = ready(people, packages=3)
    proposal = propose_for_batch(all_set.issue, by=broker)
    db.session.commit()
    for package in all_set.packages[1:]:
        confirm(package)
    db.session.commit()
    with pytest.raises(Invalid) as refusal:
        approve_proposal(proposal, {}, by=broker)
    db.session.rollback()
    assert list(refusal.value.errors) == [all_set.package.reference]
    assert db.session.query(Award).count() == 0
    edits = {all_set.package.reference: LineEdit(None, reason="Wait for the ward.")}
    assert len(approve_proposal(proposal, edits, by=broker)) == 2


def test_a_newer_proposal_replaces_the_open_one(session, people, broker):
    all_set = ready(people, packages=2)
    first, second = (propose_for_batch(all_set.issue, by=broker) for _ in range(2))
    with pytest.raises(Conflict, match="A newer proposal replaced it"):
        approve_proposal(first, {}, by=broker)
    assert second.decided_at is None
