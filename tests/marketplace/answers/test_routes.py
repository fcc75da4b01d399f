"""The provider's pages: what they show, what they never show, and that nothing typed is lost."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import event, select

from app import clock
from app.database import db
from app.errors import NotFoundForViewer
from app.parties.viewer import viewer_of
from marketplace.answers.queries import line_for, offer_for, offers_page
from marketplace.rounds.models import Offer, OfferLine, Response
from marketplace.rounds.rules import ResponseKind, ResponseState
from marketplace.rounds.services import close
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


class Market:
    """A scheme with two members, each offered the same packages, and their coordinators."""

    def __init__(self, people, packages=1, **issue):
        self.scheme = a_scheme(people)
        self.provider, self.rival = a_provider("Ash Care"), a_provider("Beech Care")
        for one in (self.provider, self.rival):
            a_member(self.scheme, one)
        self.packages = [a_package(self.scheme, skills=["Catheter care"]) for _ in range(packages)]
        self.issue = an_issue(self.scheme, self.packages, [self.provider, self.rival], **issue)
        self.user, self.rival_user = coordinator_of(self.provider), coordinator_of(self.rival)
        db.session.commit()

    def line(self, number=0, provider=None):
        return line_of(self.issue, self.packages[number], provider or self.provider)

    @property
    def offer(self):
        return self.line().offer

    def page(self, number=0):
        return f"/offers/{self.offer.id}/packages/{self.line(number).id}/answer"


@pytest.fixture
def market(session, people):
    return Market(people)


def a_yes(**changes):
    start = clock.today() + timedelta(days=14)
    day = [str(start.day), str(start.month), str(start.year)]
    return {"kind": "accept", "price": "26.50", "earliest_start": day, "version": "0", **changes}


def response_of(line_id):
    db.session.rollback()
    return db.session.scalars(select(Response).where(Response.line_id == line_id)).one_or_none()


def test_a_coordinator_reads_an_offer_and_answers_it(client, market):
    client.sign_in(market.user)
    line_id, url = market.line().id, f"/offers/{market.offer.id}"
    assert "To answer" in client.get(url).text
    assert client.submit(market.page(), a_yes()).location == url
    response = response_of(line_id)
    assert (response.state, response.price_pence, response.kind) == (
        ResponseState.SUBMITTED,
        2650,
        ResponseKind.ACCEPT,
    )
    shown = client.get(url).text
    assert "£26.50 per hour" in shown
    assert "Change the answer" in shown


def test_an_answer_is_changed_taken_back_and_given_again(client, market):
    client.sign_in(market.user)
    line_id, url = market.line().id, f"/offers/{market.offer.id}"
    client.submit(market.page(), a_yes())
    client.submit(market.page(), a_yes(price="25", version="1"))
    assert response_of(line_id).price_pence == 2500
    client.submit(url, {}, to=f"{url}/packages/{line_id}/withdraw")
    assert response_of(line_id).state is ResponseState.WITHDRAWN
    client.submit(market.page(), {"kind": "decline", "decline_code": "travel", "version": "3"})
    assert response_of(line_id).decline_code == "travel"


def test_a_draft_is_kept_incomplete(client, market):
    client.sign_in(market.user)
    line_id = market.line().id
    assert client.submit(market.page(), {"price": "26.50", "act": "save", "version": "0"}).status_code == 302
    assert (response_of(line_id).state, response_of(line_id).kind) == (ResponseState.DRAFT, None)
    assert 'value="26.50"' in client.get(market.page()).text


@pytest.mark.parametrize(
    ("price", "words"),
    [
        ("18,50", "not a comma"),
        ("18.005", "no more than 2 digits"),
        ("-5", "cannot be less than nothing"),
        ("1e309", "such as 18.50"),
        ("NaN", "such as 18.50"),
        ("€25", "pounds sterling"),
        ("0", "below the lowest price"),
        ("21.99", "below the lowest price"),
        ("33.01", "above the highest price"),
        ("9" * 400, "The most that can be entered"),
    ],
)
def test_a_price_that_cannot_be_used_is_refused_at_its_field_and_nothing_typed_is_lost(client, market, price, words):
    client.sign_in(market.user)
    answer = client.submit(market.page(), a_yes(price=price, note="kept as typed"))
    assert answer.status_code == 422
    assert words in answer.text
    assert 'id="price-error"' in answer.text
    assert price in answer.text
    assert "kept as typed" in answer.text
    assert response_of(market.line().id) is None


def test_everything_that_cannot_be_read_is_told_at_once(client, market):
    client.sign_in(market.user)
    answer = client.submit(
        market.page(), a_yes(price="18,50", earliest_start=["1", "", "2026"], people_nearby_count="x")
    )
    for field in ("price", "earliest_start", "people_nearby_count"):
        assert f'id="{field}-error"' in answer.text


def test_the_offer_tells_its_own_story_and_nobody_elses(client, market):
    client.sign_in(market.user)
    client.submit(market.page(), a_yes())
    story = client.get(f"/offers/{market.offer.id}").text.partition("What has happened")[2]
    assert "An answer was sent" in story
    client.sign_out()
    client.sign_in(market.rival_user)
    assert "An answer was sent" not in client.get(f"/offers/{market.line(0, market.rival).offer_id}").text


def test_a_stale_page_and_a_late_answer_keep_what_was_typed(client, session, people):
    market = Market(people, deadline=clock.now() + timedelta(minutes=20))
    client.sign_in(market.user)
    page, deadline = market.page(), market.issue.deadline
    client.submit(page, a_yes())
    stale = client.submit(page, a_yes(price="27.00", version="0"))
    assert (stale.status_code, "27.00" in stale.text) == (409, True)
    assert "has changed this answer" in stale.text
    form = client.get(page).text
    with clock.moved_to(deadline):
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', form)[1]
        late = client.post(page, data=a_yes(price="28.00", version="1", csrf_token=token))
    assert (late.status_code, "28.00" in late.text) == (409, True)
    assert "The deadline was" in late.text


def test_the_form_of_a_closed_offer_leads_to_the_offer_which_says_why(client, session, people):
    market = Market(people, deadline=clock.now() + timedelta(minutes=20))
    client.sign_in(market.user)
    with clock.moved_to(market.issue.deadline):
        assert client.get(market.page()).status_code == 302
        shown = client.get(f"/offers/{market.offer.id}").text
        assert market.issue.seed not in shown
        close(market.issue)
        closed = client.get(f"/offers/{market.offer.id}").text
    assert "Nothing can be answered any more" in shown
    assert market.issue.seed in closed


def test_all_packages_are_answered_at_once(client, session, people):
    market = Market(people, packages=3)
    client.sign_in(market.user)
    url = f"/offers/{market.offer.id}/answer-all"
    refused = client.submit(url, {"kind": "accept", "price": "1.00"})
    assert (refused.status_code, "PKG-" in refused.text) == (422, True)
    assert client.submit(url, {}).status_code == 422
    assert client.submit(url, {"kind": "accept", "price": "26.00"}).status_code == 302
    db.session.rollback()
    assert {one.price_pence for one in db.session.scalars(select(Response))} == {2600}
    assert client.submit(url, {"kind": "decline", "decline_code": "at_capacity"}).status_code == 302
    db.session.rollback()
    assert [one.kind for one in db.session.scalars(select(Response))] == [ResponseKind.DECLINE] * 3


def test_a_rivals_offer_is_not_found_on_any_page(client, market):
    client.sign_in(market.user)
    line = market.line(provider=market.rival)
    line_id, offer_id, own = line.id, line.offer_id, market.offer.id
    for url in (f"/offers/{offer_id}", f"/offers/{offer_id}/answer-all", f"/offers/{own}/packages/{line_id}/answer"):
        assert client.get(url).status_code == 404
    taken = client.submit("/offers", a_yes(), to=f"/offers/{offer_id}/packages/{line_id}/answer")
    assert taken.status_code == 404
    assert response_of(line_id) is None


def test_officers_do_not_come_here_and_own_no_offer(client, people, market):
    client.sign_in(people["broker"])
    assert client.get("/offers").status_code == 403
    with pytest.raises(NotFoundForViewer):
        offer_for(people.viewer("broker"), market.offer.id)


def test_no_page_shows_who_the_person_is_or_anything_of_rivals(client, session, people):
    market = Market(people, packages=2)
    rivals = market.line(0, market.rival)
    a_response(rivals, price_pence=2987, note="RIVALNOTE")
    package = market.packages[0]
    package.carer_gender_reason, package.council_reference = "GENDERREASON", "LAS-998877"
    client.sign_in(market.user)
    own, hidden = market.offer.id, {package.postcode, package.person.name, package.person.address, "GENDERREASON"}
    hidden |= {
        "LAS-998877",
        "ZZMabel",
        package.person.telephone,
        package.person.reference,
        "Beech",
        "29.87",
        "RIVALNOTE",
    }
    hidden |= {str(rivals.id), str(rivals.offer_id), rivals.offer.reference, str(package.person_id), market.issue.seed}
    hidden |= {str(package.id), str(market.issue.id)}
    for url in ("/", "/offers", "/offers?show=over", f"/offers/{own}", f"/offers/{own}/answer-all", market.page()):
        shown = client.get(url).text
        assert not [text for text in hidden if text in shown], url


def test_the_page_is_the_same_with_one_rival_and_with_fifty(client, market):
    client.sign_in(market.user)
    urls = ("/offers", f"/offers/{market.offer.id}", market.page(), "/")
    with clock.moved_to(clock.now()):
        before = [bare(client.get(url).text) for url in urls]
        for number in range(50):
            ask_a_rival(market, number)
        assert [bare(client.get(url).text) for url in urls] == before


def ask_a_rival(market, number):
    owned = {"authority_id": market.scheme.authority_id}
    offer = Offer(
        **owned,
        reference=f"OFF-X{number:04d}",
        issue_id=market.issue.id,
        provider_id=a_member(market.scheme).id,
        ticket="t",
        issued_at=market.issue.issued_at,
    )
    db.session.add(offer)
    db.session.flush()
    line = OfferLine(**owned, offer_id=offer.id, round_id=market.line().round_id)
    db.session.add(line)
    db.session.flush()
    a_response(line)


def bare(page):
    """A page without what is new on every page: nonce, token, key, and the seconds that have passed."""
    page = re.sub(r'(nonce|value|content)="[^"]*"', "", page)
    page = re.sub(r'data-hw-(now|session|token)="[^"]*"', "", page)
    return re.sub(r"\d+ hours? \d+ minutes? left", "", page)


def queries_of(client, url):
    statements = []

    def count(_connection, _cursor, statement, *_rest):
        statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", count)
    try:
        assert client.get(url).status_code == 200
    finally:
        event.remove(db.engine, "before_cursor_execute", count)
    return len(statements)


def test_an_offer_of_twelve_packages_costs_as_many_queries_as_an_offer_of_one(client, session, people):
    one, twelve = Market(people), Market(people, packages=12)
    counts = []
    for market in (one, twelve):
        for number in range(len(market.packages)):
            a_response(market.line(number))
        client.sign_in(market.user)
        counts.append(
            [queries_of(client, url) for url in (f"/offers/{market.offer.id}", market.page(), "/offers", "/")]
        )
        client.sign_out()
    assert counts[0] == counts[1]


def test_the_home_page_lists_what_waits_by_deadline_and_forgets_what_is_answered(client, session, people):
    market = Market(people)
    later = an_issue(
        market.scheme, [a_package(market.scheme)], [market.provider], deadline=clock.now() + timedelta(days=3)
    )
    references = [market.offer.reference, later.offers[0].reference]
    client.sign_in(market.user)
    shown = client.get("/").text
    assert shown.index(references[0]) < shown.index(references[1])
    client.submit(market.page(), a_yes())
    assert references[0] not in client.get("/").text


def test_a_reference_finds_the_own_offer_only(client, market):
    client.sign_in(market.user)
    own, rivals = market.offer, market.line(provider=market.rival).offer
    assert client.get(f"/search?q={own.reference.lower()}").location == f"/offers/{own.id}"
    assert client.get(f"/search?q={rivals.reference}").status_code == 200


def test_offers_that_are_over_stand_with_their_outcome(client, session, people):
    market = Market(people, closed=True)
    a_response(market.line(), state=ResponseState.AWARDED)
    viewer = viewer_of(market.user)
    assert [row.awarded for row in offers_page(viewer, open_only=False, number=1).rows] == [1]
    assert offers_page(viewer, open_only=True, number=1).total == 0
    client.sign_in(market.user)
    assert "1 awarded to you" in client.get("/offers?show=over").text


def test_the_same_post_sent_twice_has_one_effect(client, market):
    client.sign_in(market.user)
    page, line_id = market.page(), market.line().id
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(page).text)[1]
    data = a_yes(csrf_token=token, idempotency_key="0d6f0e50-0000-4000-8000-000000000001")
    assert [client.post(page, data=data).status_code for _ in range(2)] == [302, 302]
    assert response_of(line_id).version == 1


def test_extra_fields_in_a_post_change_nothing(client, market):
    client.sign_in(market.user)
    line_id = market.line().id
    client.submit(market.page(), a_yes(state="awarded", entered_by="x", line_id="x", came_by="phone", price_pence="1"))
    response = response_of(line_id)
    assert (response.state, response.came_by, response.price_pence) == (ResponseState.SUBMITTED, "page", 2650)


def test_reading_a_line_of_another_organisation_is_not_found(market):
    with pytest.raises(NotFoundForViewer):
        line_for(viewer_of(market.rival_user), market.line().id)
