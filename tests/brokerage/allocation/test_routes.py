"""The pages of awards, as each role and as a stranger."""

from __future__ import annotations

import pytest

from app.database import db
from brokerage.allocation.models import AllocationProposal, Award
from brokerage.allocation.rules import AwardState, BatchProposalState
from brokerage.feedback.models import FeedbackLetter
from brokerage.ranking.models import ConflictDeclaration
from contracts.agreements.models import Agreement
from marketplace.packages.rules import PackageStatus
from marketplace.rounds.rules import RoundState
from tests.brokerage.allocation.makers import CONFIRMED, actor, award, ready
from tests.marketplace.makers import coordinator_of

NEED = {"need_confirmed_with": "Ward 4"}


@pytest.fixture
def broker(client, people):
    return client.sign_in(people["broker"])


def award_page(all_set, place=0):
    return f"/offer-lines/{all_set.line(place).id}/award"


def test_the_award_page_says_everything_that_will_happen_and_awards(broker, people):
    all_set = ready(people)
    page = broker.get(award_page(all_set)).text
    for part in ("£126.00", "£24.00 per hour", "The agreement is made at once", "5.25 hours", "confirmed with"):
        assert part in page
    assert "ZZMabel" not in page
    answer = broker.submit(award_page(all_set), NEED)
    made = db.session.query(Award).one()
    assert (answer.status_code, answer.location) == (302, f"/awards/{made.id}")
    page = broker.get(answer.location).text
    assert db.session.query(Agreement).one().reference in page
    assert all_set.providers[0].name in page


def test_a_missing_reason_is_asked_for_at_its_field_and_nothing_typed_is_lost(broker, people):
    all_set = ready(people)
    answer = broker.submit(award_page(all_set, 1), {"need_confirmed_with": "Mr Ward of Ward 4", "skip_reason": ""})
    assert answer.status_code == 422
    assert 'href="#skip_reason"' in answer.text
    assert "Mr Ward of Ward 4" in answer.text
    assert all_set.providers[0].name in answer.text
    assert db.session.query(Award).count() == 0


def test_a_lost_race_is_told_with_who_and_when(broker, people):
    all_set = ready(people)
    award(all_set.line(), CONFIRMED, by=actor(people, "broker2"))
    answer = broker.submit("/awards", {**NEED, "skip_reason": "x"}, to=award_page(all_set, 1))
    assert answer.status_code == 409
    assert "This round is over" in answer.text or "was awarded to" in answer.text


@pytest.mark.parametrize("role", ["navigator", "manager", "contracts", "finance", "admin", "socialworker", "auditor"])
def test_only_brokers_award(client, people, role):
    all_set = ready(people)
    client.sign_in(people[role])
    assert client.get(award_page(all_set)).status_code == 403


def test_another_council_and_providers_find_no_award_page(client, people):
    all_set = ready(people)
    client.sign_in(people["stranger"])
    assert client.get(award_page(all_set)).status_code == 404
    client.sign_out()
    client.sign_in(coordinator_of(all_set.providers[0]))
    assert client.get(award_page(all_set)).status_code == 403


def test_a_broker_declares_before_seeing_and_with_an_interest_sees_nothing(broker, people):
    all_set = ready(people)
    row = db.session.query(ConflictDeclaration).filter_by(user_id=people["broker"].id).one()
    row.has_conflict, row.note = True, "A relative owns it."
    assert broker.get(award_page(all_set)).status_code == 403
    db.session.delete(row)
    assert "/declaration" in broker.get(award_page(all_set)).location


def test_a_proposed_award_is_approved_by_a_second_person_on_its_page(client, people):
    all_set = ready(people, award_limit_pence=12_599)
    client.sign_in(people["broker"])
    assert "The award is proposed" in client.get(award_page(all_set)).text
    client.submit(award_page(all_set), NEED)
    made = db.session.query(Award).one()
    assert made.state is AwardState.PROPOSED
    page = f"/awards/{made.id}"
    assert "Approve and award" not in client.get(page).text
    assert client.submit(page, NEED, to=f"{page}/approve").status_code == 409
    client.sign_out()
    client.sign_in(people["manager"])
    assert f"Approve or refuse the award {made.reference}" in client.get("/").text
    assert made.reference in client.get("/awards").text
    assert client.submit(page, {"because": ""}, to=f"{page}/refuse").status_code == 422
    assert client.submit(page, {}, to=f"{page}/approve").status_code == 302
    db.session.expire_all()
    assert db.session.query(Award).one().state is AwardState.AWARDED


def test_a_proposed_award_is_nothing_that_its_provider_can_find(client, people):
    all_set = ready(people, award_limit_pence=12_599)
    made = award(all_set.line(), CONFIRMED, by=actor(people, "broker"))
    client.sign_in(coordinator_of(all_set.providers[0]))
    assert client.get(f"/awards/{made.id}").status_code == 404
    assert made.reference not in client.get("/awards").text


def test_the_provider_steps_back_on_the_awards_page_and_the_ranking_opens_again(client, people):
    all_set = ready(people)
    made = award(all_set.line(), CONFIRMED, by=actor(people, "broker"))
    client.sign_in(coordinator_of(all_set.providers[0]))
    page = f"/awards/{made.id}"
    shown = client.get(page).text
    assert "Place 1" not in shown
    assert f"/agreements/{db.session.query(Agreement).one().id}" in shown
    assert client.submit(page, {"because": "Two carers left."}, to=f"{page}/pull-out").status_code == 302
    db.session.expire_all()
    assert (all_set.round.state, all_set.package.status) == (RoundState.CLOSED, PackageStatus.AWAITING_AWARD)
    assert client.submit(page, {"because": "Again"}, to=f"{page}/pull-out").status_code == 409


def test_a_round_ends_without_an_award_on_its_own_page(broker, people):
    all_set = ready(people)
    page = f"/rounds/{all_set.round.id}/none-suitable"
    assert broker.submit(page, {"because": "Too late"}).status_code == 422
    assert broker.submit(page, {"because": "Too late", "next_step": "spot"}).status_code == 302
    db.session.expire_all()
    assert all_set.package.status_reason == "To be bought outside the scheme: Too late"


def test_a_whole_batch_is_proposed_edited_and_approved_at_once(broker, people):
    all_set = ready(people, packages=3)
    assert "Propose awards for all" in broker.get("/awards").text
    answer = broker.submit("/awards", {}, to=f"/issues/{all_set.issue.id}/proposals")
    proposal = db.session.query(AllocationProposal).one()
    page = f"/proposals/{proposal.id}"
    assert answer.location == page
    assert broker.get(page).text.count("is first in the ranking and has capacity") == 3
    form = {}
    for line in proposal.lines:
        form[f"line-{line['round_id']}"] = line["line_id"]
        form[f"need-{line['round_id']}"] = "Ward 4"
    left_out = proposal.lines[0]["round_id"]
    form[f"line-{left_out}"] = ""
    answer = broker.submit(page, form, to=f"{page}/approve")
    assert answer.status_code == 422
    assert f"{proposal.lines[0]['reference']}: Say why" in answer.text
    assert db.session.query(Award).count() == 0
    form[f"reason-{left_out}"] = "The family thinks it over."
    assert broker.submit(page, form, to=f"{page}/approve").status_code == 302
    db.session.expire_all()
    assert db.session.query(Award).count() == 2
    assert db.session.query(AllocationProposal).one().state is BatchProposalState.APPROVED
    assert "was approved on" in broker.get(page).text


def test_a_proposal_is_refused_with_a_reason(broker, people):
    all_set = ready(people, packages=2)
    page = broker.submit("/awards", {}, to=f"/issues/{all_set.issue.id}/proposals").location
    assert broker.submit(page, {"because": ""}, to=f"{page}/refuse").status_code == 422
    assert broker.submit(page, {"because": "One by one."}, to=f"{page}/refuse").status_code == 302
    assert broker.submit("/awards", {}, to=f"{page}/approve").status_code == 409
    assert db.session.query(Award).count() == 0


def test_a_provider_reads_why_it_was_not_awarded_and_no_other_letter(client, people):
    all_set = ready(people)
    award(all_set.line(), CONFIRMED, by=actor(people, "broker"))
    db.session.commit()
    letters = {one.provider_id: one.id for one in db.session.query(FeedbackLetter)}
    own, other = (all_set.providers[place] for place in (1, 2))
    client.sign_in(coordinator_of(own))
    page = client.get(f"/feedback/{letters[own.id]}").text
    assert "5–10 points" in page
    assert all(name not in page for name in (all_set.providers[0].name, other.name, "£"))
    assert client.get(f"/feedback/{letters[other.id]}").status_code == 404
    assert client.get("/feedback").text.count(all_set.package.reference) == 1
    client.sign_out()
    client.sign_in(people["auditor"])
    assert client.get("/feedback/all").text.count(all_set.package.reference) == 3
    assert client.get(f"/feedback/{letters[own.id]}").status_code == 200


def test_an_award_is_found_by_its_reference(broker, people):
    all_set = ready(people)
    made = award(all_set.line(), CONFIRMED, by=actor(people, "broker"))
    assert broker.get(f"/search?q={made.reference}").location.endswith(f"/awards/{made.id}")


def test_capacity_shows_before_the_click_and_what_is_left_is_one_figure(broker, people):
    all_set = ready(people)
    round_id = all_set.round_of(all_set.packages[0]).id
    ranking = broker.get(f"/rounds/{round_id}/ranking").text
    assert "Capacity left: 200 hours a week." in ranking
    page = broker.get(award_page(all_set)).text
    assert "Capacity left after this award" in page
    assert page.count("194.75 hours") == 1
    assert "200 hours" not in page
