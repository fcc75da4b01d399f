"""What providers answered stands beside their places, after the seal and never before, for the council alone."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from app.audit import SYSTEM
from app.database import db
from app.parties.models import User
from app.parties.roles import Role
from brokerage.allocation.proposals import propose_for_batch
from brokerage.ranking import services
from brokerage.ranking.views import view_of
from contracts.agreements.models import Agreement
from marketplace.answers.views import answer_on, answers_to, counts_of_reasons
from marketplace.packages.rules import PackageStatus
from marketplace.rounds.models import Response, Round
from marketplace.rounds.rules import OfferState, ResponseState, RoundState
from tests.brokerage.allocation.makers import CONFIRMED, actor, award, declare
from tests.brokerage.ranking.database_makers import Scene
from tests.marketplace.makers import (
    a_member,
    a_package,
    a_provider,
    a_response,
    a_scheme,
    an_issue,
    coordinator_of,
    line_of,
)
from tests.people import a_user

WORDS = {
    "alternative_times": "Only 10:30 to 11:30, never at weekends",
    "other_visits": "Mon-Fri 10:30-11:30 45x1",
    "note": "We begin with two carers",
    "people_nearby_text": "Round the market square",
}
NO_WORDS = {"decline_text": "Our van broke down", "note": "Ask again in spring"}
YES = {**WORDS, "assessment_visit_needed": True, "people_nearby_count": 3}
ALL_WORDS = (*WORDS.values(), *NO_WORDS.values())
SHOWN = (*WORDS.values(), "Needed before care starts")


def told(people, *, closed=True, yes=True):
    """Ash says yes with other times and much more, Birch as asked, Cedar no in words; Dale is silent."""
    scheme = a_scheme(people)
    providers = [a_member(scheme, a_provider(name), entry_score=70) for name in ("Ash", "Birch", "Cedar", "Dale")]
    package = a_package(scheme)
    scene = Scene(scheme, package, providers, an_issue(scheme, [package], providers, closed=closed))
    if yes:
        a_response(scene.line("Ash"), price_pence=2451, **YES)
        a_response(scene.line("Birch"), price_pence=2607)
    a_response(scene.line("Cedar"), decline="other", **NO_WORDS)
    a_response(scene.line("Dale"), state=ResponseState.NO_RESPONSE, note="A draft that was never sent")
    if closed and yes:
        services.rank_issue(scene.issue, by=SYSTEM)
        declare(people, scene.issue, "broker", "manager")
    db.session.commit()
    return scene


def nobody(people):
    """A round to which nobody said yes."""
    scene = told(people, yes=False)
    round_ = scene.round
    round_.state, round_.ended_at, round_.closed_at = RoundState.NONE_ACCEPTED, scene.issue.deadline, None
    scene.package.status = PackageStatus.UNSOURCED
    db.session.commit()
    return scene


def test_every_answer_is_whole_and_nothing_unsent_is_in_it(people):
    scene = told(people)
    ash, birch, cedar, dale = answers_to(Round.id == scene.round.id)[scene.round.id]
    assert {name: getattr(ash, name) for name in YES} == YES
    assert (ash.price_pence, ash.is_no, birch.alternative_times) == (2451, False, "")
    assert (cedar.is_no, cedar.decline_reason, cedar.decline_text) == (True, "Other", NO_WORDS["decline_text"])
    assert (dale.answer, dale.note) == (None, "")
    counts = counts_of_reasons(Round.id, Round.id == scene.round.id)[scene.round.id]
    assert counts.sentence == "4 providers asked: 2 said yes, 1 said no (Other: 1), 1 did not answer."


@pytest.mark.parametrize("state", [OfferState.OPEN, OfferState.WITHDRAWN])
def test_nothing_is_found_before_the_seal_has_ended_nor_after_an_offer_was_taken_back(people, state):
    scene = told(people, closed=False)
    if state is OfferState.WITHDRAWN:
        scene.issue.state, scene.issue.ended_at = state, scene.issue.issued_at + timedelta(minutes=5)
        scene.issue.ended_because = "Taken back"
        db.session.flush()
    assert answers_to(Round.id == scene.round.id) == {}
    assert answer_on(scene.line("Ash").id) is None
    assert counts_of_reasons(Round.id, Round.id == scene.round.id) == {}


def test_a_round_taken_back_before_the_others_closed_stays_sealed(people):
    scene = told(people)
    round_ = scene.round
    round_.state, round_.ended_at = RoundState.WITHDRAWN, scene.issue.ended_at - timedelta(hours=1)
    db.session.flush()
    assert round_.is_sealed
    assert answers_to(Round.id == round_.id) == {}


def test_ranking_award_and_batch_show_the_whole_answer(client, people):
    scene = told(people)
    client.sign_in(people["broker"])
    ranking = client.get(f"/rounds/{scene.round.id}/ranking").text
    assert all(words in ranking for words in (*SHOWN, *NO_WORDS.values(), "£24.51"))
    assert "never sent" not in ranking
    award_page = client.get(f"/offer-lines/{scene.line('Ash').id}/award").text
    assert all(words in award_page for words in SHOWN)
    batch = propose_for_batch(scene.issue, by=actor(people, "broker"))
    db.session.commit()
    proposal = client.get(f"/proposals/{batch.id}").text
    assert all(words in proposal for words in SHOWN)


@pytest.mark.parametrize(("name", "reads"), [("broker", True), ("contracts", True), ("finance", False)])
def test_the_award_and_its_agreement_show_the_answer_that_they_rest_on(client, people, name, reads):
    _, made, agreement = awarded(people)
    client.sign_in(people[name])
    pages = [f"/agreements/{agreement.id}"] + ([f"/awards/{made.id}"] if reads else [])
    for page in pages:
        assert (WORDS["note"] in client.get(page).text) is reads, page


def test_the_provider_awarded_reads_nothing_of_it_on_the_pages_of_award_and_agreement(client, people):
    scene, made, agreement = awarded(people)
    client.sign_in(coordinator_of(scene.provider("Birch")))
    for page in (f"/agreements/{agreement.id}", f"/awards/{made.id}"):
        answer = client.get(page)
        assert answer.status_code == 200
        assert not any(words in answer.text for words in (*SHOWN, *NO_WORDS.values()))


def awarded(people):
    """Birch is awarded, with a note in its answer."""
    scene = told(people)
    db.session.query(Response).filter_by(line_id=scene.line("Birch").id).one().note = WORDS["note"]
    made = award(scene.line("Birch"), CONFIRMED, by=actor(people, "broker"))
    db.session.commit()
    return scene, made, db.session.query(Agreement).one()


def test_whoever_has_declared_an_interest_reads_no_answer(client, people):
    scene, _, agreement = awarded(people)
    declare(people, scene.issue, "broker2", has_conflict=True)
    db.session.commit()
    client.sign_in(people["broker2"])
    assert WORDS["note"] not in client.get(f"/agreements/{agreement.id}").text
    assert client.get(f"/rounds/{scene.round.id}/ranking").status_code == 403


def test_before_the_deadline_no_page_of_the_council_has_a_word_of_an_answer(client, people):
    scene = told(people, closed=False)
    client.sign_in(people["broker"])
    pages = [f"/rounds/{scene.round.id}/ranking", f"/offer-lines/{scene.line('Ash').id}/award"]
    for page in (*pages, f"/issues/{scene.issue.id}", f"/packages/{scene.package.id}", "/board"):
        answer = client.get(page)
        assert answer.status_code == (409 if page in pages else 200)
        assert not any(words in answer.text for words in (*WORDS.values(), *NO_WORDS.values(), "24.51"))


def test_a_package_that_nobody_accepted_has_a_ranking_that_says_so_at_once_and_for_ever(client, people):
    scene = nobody(people)
    page = f"/rounds/{scene.round.id}/ranking"
    client.sign_in(people["broker"])
    for _ in range(2):
        text = client.get(page).text
        assert "Nobody said yes." in text
        assert "4 providers asked: 1 said no (Other: 1), 3 did not answer." in text
        assert "Try again" not in text
        assert NO_WORDS["decline_text"] not in text
    declare(people, scene.issue, "broker")
    db.session.commit()
    assert NO_WORDS["decline_text"] in client.get(page).text


def test_over_the_api_a_package_that_nobody_accepted_says_so_too(client, people):
    scene = nobody(people)
    answer = client.get(f"/api/v1/packages/{scene.package.id}/ranking", headers=client.bearer(people["broker"]))
    assert answer.status_code == 409
    assert "Nobody said yes. 4 providers asked" in answer.text
    assert "Try again" not in answer.text


@pytest.mark.parametrize(("name", "in_words"), [("broker", True), ("auditor", True), ("navigator", False)])
def test_package_issue_and_unsourced_list_say_why_nobody_said_yes(client, people, name, in_words):
    scene = nobody(people)
    declare(people, scene.issue, "broker")
    db.session.commit()
    client.sign_in(people[name])
    for page in (f"/packages/{scene.package.id}", f"/issues/{scene.issue.id}", "/packages/unsourced"):
        text = client.get(page).text
        assert "4 providers asked: 1 said no (Other: 1), 3 did not answer." in text
        assert (NO_WORDS["decline_text"] in text) is (in_words and page != "/packages/unsourced"), page


def test_before_the_deadline_package_issue_and_provider_count_no_reason(client, people):
    scene = told(people, closed=False)
    client.sign_in(people["contracts"])
    cedar = scene.provider("Cedar").id
    for page in (f"/packages/{scene.package.id}", f"/issues/{scene.issue.id}", f"/providers/{cedar}"):
        text = client.get(page).text
        assert "said no" not in text
        assert "No: Other" not in text


@pytest.mark.parametrize(("name", "counted"), [("contracts", True), ("auditor", True), ("broker", False)])
def test_contract_managers_read_how_a_provider_answered_by_the_reason(client, people, name, counted):
    scene = told(people)
    client.sign_in(people[name])
    text = client.get(f"/providers/{scene.provider('Cedar').id}").text
    assert ("No: Other" in text) is counted
    assert NO_WORDS["decline_text"] not in text


def test_another_council_and_the_providers_count_and_read_nothing(client, people):
    scene = nobody(people)
    stranger = people["stranger"]
    a_user(people.other_council, "contracts2@elsewhere.example", Role.CONTRACT_MANAGER)
    db.session.commit()
    other = db.session.query(User).filter_by(email="contracts2@elsewhere.example").one()
    for user in (stranger, other, coordinator_of(scene.provider("Cedar")), coordinator_of(scene.provider("Dale"))):
        client.sign_in(user)
        for page in (
            f"/packages/{scene.package.id}",
            f"/issues/{scene.issue.id}",
            f"/rounds/{scene.round.id}/ranking",
            f"/providers/{scene.provider('Cedar').id}",
            "/packages/unsourced",
        ):
            text = client.get(page).text
            assert "said no" not in text
            assert "No: Other" not in text
            assert not any(words in text for words in ALL_WORDS)
        client.sign_out()


def test_the_batch_award_and_the_ranking_name_the_same_places_on_many_random_batches(people):
    """200 packages in random batches: what the proposal lists is what each ranking lists, list by list."""
    dice, scheme = random.Random(26), a_scheme(people)
    providers = [a_member(scheme, a_provider(f"P{n}"), entry_score=dice.choice((None, 10, 70))) for n in range(5)]
    packages = 0
    while packages < 200:
        needs = [a_package(scheme) for _ in range(dice.randint(4, 40))]
        packages += len(needs)
        issue = an_issue(scheme, needs, providers, closed=True)
        _answered_at_random(dice, issue, needs, providers)
        services.rank_issue(issue, by=SYSTEM)
        proposal = propose_for_batch(issue, by=actor(people, "broker"))
        rounds = {str(one.id): one for one in db.session.query(Round).filter_by(issue_id=issue.id)}
        assert len(proposal.lines) == len(rounds)
        for line in proposal.lines:
            _same_places(line, view_of(rounds[line["round_id"]]))


def _answered_at_random(dice, issue, needs, providers):
    for need in needs:
        for provider in providers:
            chosen = dice.choice(("yes", "times", "later", "no", "none"))
            line, start = line_of(issue, need, provider), need.planned_start
            if chosen in {"yes", "times", "later"}:
                times = "Later in the day" if chosen == "times" else ""
                starts = start + timedelta(days=3 if chosen == "later" else 0)
                price = dice.randint(2200, 3300)
                a_response(line, price_pence=price, alternative_times=times, earliest_start=starts)
            elif chosen == "no":
                a_response(line, decline="travel")


def _same_places(line, view):
    def named(places):
        return [(place.name, place.total, str(place.line_id)) for place in places]

    def stored(places):
        return [(place["name"], place["score"], place["line_id"]) for place in places]

    assert stored(line["members"]) == named(view.firm)
    assert stored(line["others"]) == named(view.changed + view.below)
    assert ("Nobody is ranked" in line["sentence"]) is (view.places == [])
    if line["line_id"] is None:
        assert all(place.name in line["sentence"] for place in view.changed + view.below)


def test_proposing_awards_for_all_before_a_declaration_leads_to_the_declaration(client, people):
    scene = told(people)
    client.sign_in(people["broker2"])
    declaration = f"/issues/{scene.issue.id}/declaration"
    assert declaration in client.get("/awards").text
    answer = client.submit("/awards", {}, to=f"/issues/{scene.issue.id}/proposals")
    assert (answer.status_code, answer.location) == (302, declaration)
    client.submit(declaration, {"has_conflict": "no"})
    assert "Propose awards for all" in client.get("/awards").text
    assert "/proposals/" in client.submit("/awards", {}, to=f"/issues/{scene.issue.id}/proposals").location


def test_a_team_manager_is_not_led_to_a_page_that_refuses_them(client, people):
    scene = told(people, closed=False)
    services.ask_to_close_early(scene.issue, "Discharge is tomorrow.", by=actor(people, "broker"))
    db.session.commit()
    for name, led in (("manager", False), ("broker2", True)):
        client.sign_in(people[name])
        text = client.get("/board").text
        assert "Discharge is tomorrow." in text
        assert ("early-closing" in text) is led
        client.sign_out()
