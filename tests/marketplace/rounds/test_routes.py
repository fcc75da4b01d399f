"""The council's pages of offers, as each role and as a stranger."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app import clock
from app.database import db
from app.errors import Conflict
from app.messages.letters import DeliveryState
from app.messages.models import Delivery
from app.parties.viewer import viewer_of
from marketplace.answers.rules import ResponseDraft
from marketplace.packages.models import Package
from marketplace.rounds.issuing import issue_package
from marketplace.rounds.models import Issue, Offer, Response, Round
from marketplace.rounds.overview import view_of
from marketplace.rounds.queries import accepting_lines, counts_of_answers, rounds_entered_by
from marketplace.rounds.rules import OfferState, ResponseKind
from marketplace.rounds.services import close, withdraw_round_of
from tests.marketplace.answers.makers import submit
from tests.marketplace.makers import a_member, a_package, a_scheme, an_issue, coordinator_of, line_of
from tests.marketplace.rounds.makers import a_sealed_batch, counted


@pytest.fixture
def scheme(people):
    return a_scheme(people)


@pytest.fixture
def navigator(client, people):
    client.sign_in(people["navigator"])
    return client


@pytest.fixture
def issue(scheme, people):
    for _ in range(3):
        a_member(scheme)
    a_member(scheme, areas=["LA1"])
    return issue_package(a_package(scheme), by=people.viewer("navigator").actor)


def say_yes(issue, pence=2719):
    offer = issue.offers[0]
    package = issue.rounds[0].package
    line = line_of(issue, package, offer.provider)
    draft = ResponseDraft(ResponseKind.ACCEPT, price_pence=pence, earliest_start=package.planned_start)
    submit(line, draft, by=people_actor(offer))
    return line


def people_actor(offer):
    return viewer_of(coordinator_of(offer.provider)).actor


def test_a_navigator_sees_what_offering_would_do_and_offers_a_batch(navigator, scheme):
    a_member(scheme)
    batch = a_sealed_batch(scheme, [a_package(scheme), a_package(scheme, postcode="LA1 1AA")])
    page = f"/batches/{batch.id}/offer"
    shown = navigator.get(page).text
    assert "Nobody can be asked about" in shown
    answer = navigator.submit(page, {"version": batch.version})
    issue = db.session.scalars(select(Issue)).one()
    assert (answer.status_code, answer.location) == (302, f"/issues/{issue.id}")
    assert navigator.get(answer.location).status_code == 200


def test_a_batch_that_changed_meanwhile_is_not_offered(navigator, scheme):
    a_member(scheme)
    batch = a_sealed_batch(scheme, [a_package(scheme)])
    answer = navigator.submit(f"/batches/{batch.id}/offer", {"version": batch.version + 1})
    assert answer.status_code == 409
    assert "has changed since you opened it" in answer.text
    assert db.session.scalars(select(Issue)).all() == []


def test_a_package_is_offered_again_with_what_has_changed(navigator, scheme):
    a_member(scheme, areas=["LA1"])
    package = a_package(scheme)
    page = f"/packages/{package.id}/offer"
    assert navigator.submit(page, {}).status_code == 302
    refused = navigator.submit(page, {"changed_since": ""})
    assert refused.status_code == 422
    assert "Say what has changed" in refused.text
    assert navigator.submit(page, {"changed_since": "nothing"}).status_code == 302


def test_the_page_says_who_was_asked_and_who_was_not_and_why(navigator, issue):
    page = navigator.get(f"/issues/{issue.id}").text
    for offer in issue.offers:
        assert offer.provider.name in page
    assert "Neither PR1 8 nor PR1 is among its areas" in page
    assert "Not yet proven" in page


def test_before_the_deadline_the_page_says_that_there_is_an_answer_and_nothing_of_it(navigator, issue):
    say_yes(issue, 2719)
    page = navigator.get(f"/issues/{issue.id}").text
    assert "27.19" not in page
    assert ">Yes<" in page
    assert "No answer</th>" not in page
    assert issue.seed not in page
    assert issue.seed_hash in page


def test_after_closing_the_page_counts_answers_and_shows_the_seed_but_no_price(navigator, issue):
    say_yes(issue, 2719)
    with clock.moved_to(issue.deadline):
        close(issue)
    page = navigator.get(f"/issues/{issue.id}").text
    assert issue.seed in page
    assert "27.19" not in page
    assert "No answer</th>" in page


def test_what_was_taken_back_before_its_deadline_stays_sealed_for_ever(client, people, issue):
    line, page = say_yes(issue, 2719), f"/issues/{issue.id}"
    client.sign_in(people["navigator"])
    client.submit(f"{page}/withdraw", {"because": "The wrong lot"})
    client.sign_out()
    for moment in (clock.now(), issue.deadline, issue.deadline + timedelta(days=90)):
        with clock.moved_to(moment):
            client.sign_in(people["navigator"])
            shown, given = (
                client.get(page).text,
                client.get(f"/api/v1{page}", headers=client.bearer(people["navigator"])),
            )
            client.sign_out()
            for question in (lambda: counts_of_answers(issue), lambda: accepting_lines(issue.rounds[0])):
                with pytest.raises(Conflict, match="stay sealed"):
                    question()
            client.sign_in(coordinator_of(line.offer.provider))
            own = client.get(f"/offers/{line.offer_id}").text
            client.sign_out()
        assert "its answers stay sealed" in shown
        assert "No answer</th>" not in shown
        assert (given.json["seed"], [one["answers"] for one in given.json["rounds"]]) == (None, [None])
        assert not any(issue.seed in text for text in (shown, own))
        assert "27.19" in own


def test_of_a_package_taken_back_before_the_others_closed_no_answer_is_counted(navigator, scheme, people):
    member = a_member(scheme)
    gone, left = a_package(scheme), a_package(scheme)
    issue = an_issue(scheme, [gone, left], [member])
    for package in (gone, left):
        line = line_of(issue, package, member)
        draft = ResponseDraft(ResponseKind.DECLINE, decline_code="at_capacity")
        submit(line, draft, by=people_actor(line.offer))
    withdraw_round_of(gone, "Not needed", people.viewer("navigator").actor)
    with clock.moved_to(issue.deadline):
        close(issue)
        found = {one.package_reference: one.answers for one in view_of(issue).rounds}
    page = navigator.get(f"/issues/{issue.id}").text
    assert found == {gone.reference: None, left.reference: {"yes": 0, "no": 1, "none": 0}}
    assert page.count(">Sealed<") == 3
    (sealed,) = (one for one in issue.rounds if one.package_id == gone.id)
    with pytest.raises(Conflict, match="stay sealed"):
        accepting_lines(sealed)


def test_a_bounced_mail_is_shown_and_on_the_work_list(navigator, issue):
    name = issue.offers[0].provider.name
    query = select(Delivery).where(Delivery.contact_id == issue.offers[0].provider.contacts[0].id)
    delivery = db.session.scalars(query).one()
    delivery.state, delivery.bounced_at = DeliveryState.BOUNCED, clock.now()
    page = navigator.get(f"/issues/{issue.id}").text
    assert "1 bounced" in page
    assert "every message to this provider bounced" in page
    assert f"Reach {name}" in navigator.get("/").text


def test_offers_that_end_within_a_day_are_on_the_work_list(navigator, issue):
    issue.deadline = clock.now() + timedelta(days=3)
    assert f"Offers {issue.reference}" not in navigator.get("/").text
    issue.deadline = clock.now() + timedelta(hours=5)
    assert f"Offers {issue.reference}" in navigator.get("/").text


def test_a_deadline_is_extended_from_the_page(navigator, issue):
    page = f"/issues/{issue.id}/extend"
    day = (issue.deadline + timedelta(days=1)).astimezone(clock.LONDON).date()
    typed = {"deadline": [str(day.day), str(day.month), str(day.year)], "at": "5pm", "reason": "The mail was late."}
    assert navigator.submit(page, typed).location == f"/issues/{issue.id}"
    db.session.refresh(issue)
    assert f"{issue.deadline.astimezone(clock.LONDON):%d %H:%M}" == f"{day:%d} 17:00"
    assert "The mail was late." in navigator.get(f"/issues/{issue.id}").text


@pytest.mark.parametrize(("at", "sentence"), [("25:00", "Enter a time such as"), ("soon", "Enter a time such as")])
def test_a_time_that_is_none_is_refused_at_its_field_and_nothing_typed_is_lost(navigator, issue, at, sentence):
    day = (issue.deadline + timedelta(days=1)).date()
    typed = {"deadline": [str(day.day), str(day.month), str(day.year)], "at": at, "reason": "Late mail"}
    answer = navigator.submit(f"/issues/{issue.id}/extend", typed)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "Late mail" in answer.text


def test_an_offer_is_taken_back_from_the_page(navigator, issue):
    assert navigator.submit(f"/issues/{issue.id}/withdraw", {"because": "The wrong lot"}).status_code == 302
    db.session.refresh(issue)
    assert issue.state is OfferState.WITHDRAWN
    late = navigator.get(f"/issues/{issue.id}/withdraw")
    assert "cannot be taken back" in late.text


def test_a_broker_enters_an_answer_by_phone_and_is_marked(client, people, issue):
    client.sign_in(people["broker"])
    line = line_of(issue, issue.rounds[0].package, issue.offers[0].provider)
    assert client.get(f"/issues/{issue.id}/offers/{line.offer_id}/by-phone").status_code == 200
    start = line.round.package.planned_start
    local = clock.now().astimezone(clock.LONDON)
    typed = {
        "spoken_on": [str(local.day), str(local.month), str(local.year)],
        "spoken_at": f"{local:%H:%M}",
        "kind": "accept",
        "price": "27.00",
        "earliest_start": [str(start.day), str(start.month), str(start.year)],
    }
    early = client.submit(f"/offer-lines/{line.id}/by-phone", typed)
    assert early.status_code == 422
    assert "Enter a time between the offer" in early.text
    issue.issued_at = clock.now() - timedelta(hours=1)
    for offer in issue.offers:
        offer.issued_at = issue.issued_at
    assert client.submit(f"/offer-lines/{line.id}/by-phone", typed).location == f"/issues/{issue.id}"
    response = db.session.scalars(select(Response)).one()
    assert (response.came_by, response.entered_by, response.price_pence) == ("phone", people["broker"].id, 2700)
    which = select(Round.id).where(Round.issue_id == issue.id)
    assert rounds_entered_by(which, people["broker"].id) == {issue.rounds[0].id}
    assert rounds_entered_by(which, people["broker2"].id) == set()
    assert "Yes, by telephone" in client.get(f"/issues/{issue.id}").text


def test_at_the_deadline_no_answer_by_phone_is_taken(client, people, issue):
    client.sign_in(people["broker"])
    line = line_of(issue, issue.rounds[0].package, issue.offers[0].provider)
    local = issue.issued_at.astimezone(clock.LONDON) + timedelta(minutes=1)
    typed = {
        "spoken_on": [str(local.day), str(local.month), str(local.year)],
        "spoken_at": f"{local:%H:%M}",
        "kind": "decline",
        "decline_code": "at_capacity",
    }
    issue.deadline = clock.now() + timedelta(minutes=10)
    with clock.moved_to(issue.deadline):
        answer = client.submit("/", typed, to=f"/offer-lines/{line.id}/by-phone")
    assert answer.status_code == 409
    assert db.session.scalars(select(Response)).all() == []


PAGES = [
    ("/issues/{issue}", {"navigator", "broker", "manager", "contracts", "auditor"}),
    ("/issues/{issue}/extend", {"navigator", "broker"}),
    ("/issues/{issue}/withdraw", {"navigator", "broker"}),
    ("/packages/{package}/offer", {"navigator", "broker"}),
    ("/offer-lines/{line}/by-phone", {"broker"}),
    ("/issues/{issue}/offers/{offer}/by-phone", {"broker"}),
]


@pytest.mark.parametrize("role", ["navigator", "broker", "manager", "contracts", "auditor", "finance", "admin"])
def test_each_role_sees_what_is_its_own(client, people, issue, role):
    client.sign_in(people[role])
    for page, allowed in PAGES:
        assert client.get(address(page, issue)).status_code == (200 if role in allowed else 403), page


def test_another_council_finds_nothing_and_a_provider_is_refused(client, people, issue):
    client.sign_in(people["stranger"])
    for page, _ in PAGES:
        assert client.get(address(page, issue)).status_code == 404, page
    client.sign_out()
    client.sign_in(coordinator_of(issue.offers[0].provider))
    for page, _ in PAGES:
        assert client.get(address(page, issue)).status_code == 403, page


def address(page, issue):
    line = line_of(issue, issue.rounds[0].package, issue.offers[0].provider)
    return page.format(issue=issue.id, package=issue.rounds[0].package_id, line=line.id, offer=line.offer_id)


def test_the_page_of_an_issue_asks_a_constant_number_of_queries(navigator, scheme, people):
    def cost(members, packages):
        for _ in range(members):
            a_member(scheme)
        batch = a_sealed_batch(scheme, [a_package(scheme) for _ in range(packages)])
        navigator.submit(f"/batches/{batch.id}/offer", {})
        issue_id = db.session.scalars(select(Issue.id).where(Issue.batch_id == batch.id)).one()
        with counted() as statements:
            assert navigator.get(f"/issues/{issue_id}").status_code == 200
        return len(statements)

    assert cost(1, 1) == cost(9, 5)


def test_references_of_issues_and_offers_lead_to_the_page(navigator, issue):
    for reference in (issue.reference, issue.offers[0].reference):
        assert navigator.get(f"/search?q={reference}").location == f"/issues/{issue.id}"


def test_offering_twice_with_one_key_makes_one_issue(navigator, scheme):
    a_member(scheme)
    package = a_package(scheme)
    page = f"/packages/{package.id}/offer"
    typed = {"idempotency_key": "the same key"}
    first, second = navigator.submit(page, typed), navigator.submit(page, typed)
    assert first.location == second.location
    assert len(db.session.scalars(select(Issue)).all()) == 1
    assert len(db.session.scalars(select(Offer)).all()) == 1
    assert len(db.session.scalars(select(Package)).all()) == 1
