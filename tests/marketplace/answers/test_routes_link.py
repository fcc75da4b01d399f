"""The link in an email: reading spends nothing, an answer spends it, and nothing else lies behind it."""

from __future__ import annotations

import re
import secrets
from datetime import timedelta
from hashlib import sha256

import pytest
from sqlalchemy import select

from app import clock
from app.audit.models import AuditEntry
from app.database import db
from app.messages.models import Delivery, Message
from marketplace.membership.models import Membership
from marketplace.providers.models import ProviderContact
from marketplace.rounds.models import OfferLink, Response
from marketplace.rounds.rules import OfferState, ResponseKind
from tests.marketplace.answers.test_routes import Market
from tests.marketplace.makers import a_package, a_response


@pytest.fixture
def market(session, people):
    return linked(Market(people, packages=2))


def linked(market, standing_price=2600):
    """Adds the link of the provider's contact and its standing price."""
    market.token = secrets.token_urlsafe(32)
    contact = db.session.scalars(select(ProviderContact).filter_by(provider_id=market.provider.id)).one()
    values = {"offer_id": market.offer.id, "contact_id": contact.id, "authority_id": market.scheme.authority_id}
    market.link = OfferLink(**values, secret_hash=sha256(market.token.encode()).hexdigest())
    db.session.add(market.link)
    membership = db.session.scalars(select(Membership).filter_by(provider_id=market.provider.id)).one()
    membership.standing_price_pence = standing_price
    db.session.commit()
    market.url = f"/offer-links/{market.token}"
    return market


def part(market, number):
    return f"package_{market.line(number).id.hex}"


def answers():
    db.session.rollback()
    return {one.line_id: one for one in db.session.scalars(select(Response))}


def test_opening_the_link_spends_nothing_however_often(client, market):
    for _ in range(3):
        assert client.get(market.url).status_code == 200
    assert market.link.spent_at is None
    assert market.offer.opened_at is None


def test_yes_to_all_is_at_the_standing_price_from_the_wanted_start_and_everybody_is_told(client, market):
    assert client.submit(market.url, {"everything": "accept"}).status_code == 302
    sent = answers().values()
    assert {(one.price_pence, one.came_by) for one in sent} == {(2600, "link")}
    assert {one.earliest_start for one in sent} == {package.planned_start for package in market.packages}
    assert market.link.spent_at is not None
    message = db.session.scalars(select(Message).filter_by(kind="offer:answered")).one()
    assert message.organisation_id == market.provider.organisation_id
    assert "2 packages accepted" in message.body
    assert "26.00" not in message.body
    assert db.session.scalars(select(Delivery).filter_by(message_id=message.id)).all()
    entry = db.session.scalars(select(AuditEntry).filter_by(tag="offer:link_spent")).one()
    assert (entry.actor_kind.value, entry.actor_label) == ("link", "Link in an email, Ash Care Ltd")
    assert "This link was used" in client.get(market.url).text


def test_package_by_package_one_yes_and_one_no(client, market):
    data = {"everything": "each", f"{part(market, 0)}-kind": "accept", f"{part(market, 1)}-kind": "decline"}
    refused = client.submit(market.url, data)
    assert (refused.status_code, "Choose a reason" in refused.text) == (422, True)
    assert answers() == {}
    assert market.link.spent_at is None
    assert client.submit(market.url, {**data, f"{part(market, 1)}-decline_code": "travel"}).status_code == 302
    sent = answers()
    assert sent[market.line(0).id].kind is ResponseKind.ACCEPT
    assert sent[market.line(1).id].decline_code == "travel"


def test_a_no_to_all_needs_a_reason_and_words_where_the_reason_asks_for_them(client, market):
    assert client.submit(market.url, {"everything": "decline"}).status_code == 422
    wordless = client.submit(market.url, {"everything": "decline", "decline_code": "other"})
    assert (wordless.status_code, 'id="decline_text-error"' in wordless.text) == (422, True)
    spoken = {"everything": "decline", "decline_code": "other", "decline_text": "Ring 01772 123456"}
    assert "Take out the telephone number" in client.submit(market.url, spoken).text
    assert client.submit(market.url, {**spoken, "decline_text": "No car"}).status_code == 302
    assert {one.decline_text for one in answers().values()} == {"No car"}


def test_an_answer_of_nothing_spends_nothing(client, market):
    assert client.submit(market.url, {}).status_code == 422
    assert market.link.spent_at is None


def test_a_spent_link_answers_no_more_but_signed_in_people_can_change_it(client, market):
    client.submit(market.url, {"everything": "decline", "decline_code": "travel"})
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/sign-in").text)[1]
    again = client.post(market.url, data={"csrf_token": token, "everything": "accept"})
    assert again.status_code == 409
    assert {one.kind for one in answers().values()} == {ResponseKind.DECLINE}
    client.sign_in(market.user)
    url = f"/offers/{market.offer.id}/answer-all"
    assert client.submit(url, {"kind": "accept", "price": "25.00"}).status_code == 302
    assert {(one.price_pence, one.came_by) for one in answers().values()} == {(2500, "page")}


def test_a_link_never_replaces_what_somebody_has_sent(client, market):
    a_response(market.line(0), price_pence=2222)
    shown = client.get(market.url).text
    assert "22.22" not in shown
    late = client.submit(market.url, {"everything": "each", f"{part(market, 0)}-kind": "accept"})
    assert (late.status_code, "Somebody has answered" in late.text) == (409, True)
    assert market.link.spent_at is None
    client.submit(market.url, {"everything": "accept"})
    assert answers()[market.line(0).id].price_pence == 2222


@pytest.mark.parametrize("price", [None, 2199, 3301])
def test_without_a_standing_price_within_the_limits_the_link_can_only_say_no(client, session, people, price):
    market = linked(Market(people), standing_price=price)
    assert "Yes, as asked" not in client.get(market.url).text
    assert client.submit(market.url, {"everything": "accept"}).status_code == 422
    assert client.submit(market.url, {f"{part(market, 0)}-kind": "accept"}).status_code == 422
    assert answers() == {}


def test_the_link_works_until_the_deadline_and_not_at_it(client, market):
    page = client.get(market.url).text
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)[1]
    market.issue.deadline = clock.now() + timedelta(minutes=5)
    db.session.commit()
    deadline = market.issue.deadline
    with clock.moved_to(deadline):
        assert client.get(market.url).status_code == 404
        assert client.post(market.url, data={"csrf_token": token, "everything": "accept"}).status_code == 404
    with clock.moved_to(deadline - timedelta(seconds=1)):
        assert client.post(market.url, data={"csrf_token": token, "everything": "accept"}).status_code == 302


def test_wrong_links_and_those_of_people_who_left_and_of_offers_taken_back_are_all_alike(client, market):
    wrong = client.get("/offer-links/" + "x" * 43)
    assert (wrong.status_code, "This link does not work" in wrong.text) == (404, True)
    assert client.get("/offer-links/" + "é" * 9000).status_code == 404
    contact = db.session.get_one(ProviderContact, market.link.contact_id)
    contact.left_at = clock.now()
    assert client.get(market.url).status_code == 404
    contact.left_at = None
    assert client.get(market.url).status_code == 200
    market.issue.state, market.issue.ended_because = OfferState.WITHDRAWN, "not needed"
    assert client.get(market.url).status_code == 404


def test_nothing_else_lies_behind_a_link(client, market):
    rivals = market.line(0, market.rival)
    a_response(rivals, price_pence=2987)
    extra = a_package(market.scheme)
    person = market.packages[0].person
    shown = client.get(market.url).text
    hidden = {
        "ZZMabel",
        person.telephone,
        market.packages[0].postcode,
        "Beech",
        "29.87",
        str(rivals.id),
        extra.reference,
    }
    hidden |= {str(person.id), str(market.issue.id), rivals.offer.reference, market.issue.seed, "Sign out"}
    assert not [text for text in hidden if text in shown]
    assert client.get(f"/offers/{market.offer.id}").status_code == 302


def test_a_post_without_its_token_is_refused(client, market):
    assert client.post(market.url, data={"everything": "accept"}).status_code == 400
    assert answers() == {}


def test_a_yes_through_the_link_can_name_other_times_as_visits_and_one_that_cannot_be_read_is_kept(client, market):
    typed = {
        "everything": "each",
        f"{part(market, 0)}-kind": "accept",
        f"{part(market, 0)}-other_visits": "at half past",
    }
    refused = client.submit(market.url, typed)
    assert refused.status_code == 422
    assert f'id="{part(market, 0)}-other_visits-error"' in refused.text
    assert "at half past" in refused.text
    typed[f"{part(market, 0)}-other_visits"] = "mon-fri 10:30-11:30 45x1"
    assert client.submit(market.url, typed).status_code == 302
    assert answers()[market.line(0).id].other_visits == "Mon-Fri 10:30-11:30 45x1"
