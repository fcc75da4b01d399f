"""The provider's API: the same services, the same refusals, only its own offers."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app import clock
from app.database import db
from marketplace.rounds.models import Response
from marketplace.rounds.rules import ResponseState, RoundState
from marketplace.rounds.services import close
from tests.marketplace.answers.test_routes import Market
from tests.marketplace.makers import a_response
from tests.marketplace.rounds.makers import counted


class Caller:
    """A provider that talks to the API."""

    def __init__(self, client, market):
        self.client, self.market = client, market
        self.headers = client.bearer(market.user)
        self.url = f"/api/v1/offers/{market.offer.id}"

    def get(self, url=None):
        return self.client.get(url or self.url, headers=self.headers)

    def put(self, *answers, submit=True, **more):
        body = {"submit": submit, "answers": list(answers), **more}
        return self.client.put(f"{self.url}/response", json=body, headers=self.headers)

    def withdraw(self, package):
        return self.client.post(f"{self.url}/withdraw", json={"package": package}, headers=self.headers)

    def yes(self, number=0, **changes):
        start = (clock.today() + timedelta(days=14)).isoformat()
        package = self.market.packages[number].reference
        return {"package": package, "answer": "accept", "price_pence": 2650, "earliest_start": start, **changes}


@pytest.fixture
def caller(client, session, people):
    return Caller(client, Market(people, packages=2))


def responses_now():
    db.session.rollback()
    return db.session.scalars(select(Response)).all()


def test_the_inbox_lists_own_offers_and_one_offer_is_read_with_its_terms(caller):
    listed = caller.get("/api/v1/offers").json
    assert [one["id"] for one in listed["items"]] == [str(caller.market.offer.id)]
    offer = caller.get().json
    assert (offer["quality_weight"], offer["seed"], len(offer["packages"])) == (60, None, 2)
    assert (offer["packages"][0]["floor_pence"], offer["packages"][0]["area"]) == (2200, "PR1")
    assert caller.get("/api/v1/offers?open=false").json["items"] == []


def test_a_package_tells_its_provider_only_whether_it_is_open_over_withdrawn_or_its_own(caller):
    package, line = caller.market.packages[0], caller.market.line()
    a_response(line, decline="travel")
    ends = {
        RoundState.OPEN: "open",
        RoundState.CLOSED: "over",
        RoundState.AWARDED: "over",
        RoundState.NONE_ACCEPTED: "over",
        RoundState.NONE_SUITABLE: "over",
        RoundState.WITHDRAWN: "withdrawn",
    }
    assert set(ends) == set(RoundState)
    for state, shown in ends.items():
        line.round.state, line.round.ended_at = state, clock.now()
        db.session.flush()
        assert own_state(caller, package) == shown
    won = caller.market.line(1)
    a_response(won)
    won.round.state, won.round.ended_at = RoundState.AWARDED, clock.now()
    won.response.state = ResponseState.AWARDED
    db.session.flush()
    assert own_state(caller, caller.market.packages[1]) == "awarded_to_you"


def test_the_answers_of_others_change_nothing_in_what_a_provider_gets_after_the_deadline(caller):
    market = caller.market
    for number in (0, 1):
        a_response(market.line(number), decline="travel")
    a_response(market.line(0, market.rival))
    a_response(market.line(1, market.rival), decline="travel")
    db.session.commit()
    with clock.moved_to(market.issue.deadline):
        close(market.issue)
        db.session.commit()
        assert {market.line(number).round.state for number in (0, 1)} == {RoundState.CLOSED, RoundState.NONE_ACCEPTED}
        states = {one["state"] for one in caller.get().json["packages"]}
        refused = {
            caller.put(caller.yes(number)).text.replace(market.packages[number].reference, "") for number in (0, 1)
        }
    assert states == {"over"}
    assert len(refused) == 1
    assert "The deadline was" in refused.pop()


def own_state(caller, package):
    return {one["reference"]: one["state"] for one in caller.get().json["packages"]}[package.reference]


def test_answers_go_in_package_by_package_and_come_back(caller):
    no = {"package": caller.market.packages[1].reference, "answer": "decline", "decline_code": "travel"}
    given = caller.put(caller.yes(), no).json["packages"]
    by_reference = {one["reference"]: one["response"] for one in given}
    first = by_reference[caller.market.packages[0].reference]
    assert (first["price_pence"], first["state"], first["version"]) == (2650, "submitted", 1)
    assert by_reference[no["package"]]["decline_code"] == "travel"
    assert {one.came_by for one in responses_now()} == {"api"}


@pytest.mark.parametrize("name", [str, str.lower, " {} ".format])
def test_a_package_is_answered_once_in_one_request(caller, name):
    again = caller.yes(package=name(caller.market.packages[0].reference))
    refused = caller.put(caller.yes(), caller.yes(1), again)
    assert refused.status_code == 422
    assert [one["field"] for one in refused.json["errors"]] == ["answers.2.package"]
    assert "answered twice" in refused.text
    assert responses_now() == []


@pytest.mark.parametrize("place", [0, 1])
def test_an_answer_to_all_is_sent_alone(caller, place):
    answers = [caller.yes()]
    answers.insert(place, {"answer": "decline", "decline_code": "travel"})
    refused = caller.put(*answers)
    assert refused.status_code == 422
    assert [one["field"] for one in refused.json["errors"]] == [f"answers.{place}.package"]
    assert caller.put(*[{"answer": "decline", "decline_code": "travel"}] * 200).status_code == 422
    assert responses_now() == []


@pytest.mark.parametrize("submit", [True, False])
def test_an_answer_to_all_asks_as_many_queries_for_two_packages_as_for_six(client, session, people, submit):
    def cost(packages):
        caller = Caller(client, Market(people, packages=packages))
        answer = caller.yes(package=None)
        with counted() as statements:
            given = caller.put(answer, submit=submit)
        assert {one["response"]["state"] for one in given.json["packages"]} == {"submitted" if submit else "draft"}
        assert len(given.json["packages"]) == packages
        return len(statements)

    assert cost(2) == cost(6)


def test_an_answer_to_all_holds_the_version_that_was_seen(caller):
    everything = caller.yes(package=None, version=0)
    assert caller.put(everything, submit=False).status_code == 200
    assert caller.put({**everything, "price_pence": 2700}).status_code == 409
    assert caller.put({**everything, "price_pence": 2700, "version": 1}).status_code == 200
    assert {(one.price_pence, one.version, one.state) for one in responses_now()} == {
        (2700, 2, ResponseState.SUBMITTED)
    }
    assert caller.put({**everything, "price_pence": 100, "version": 2}).status_code == 422


def test_one_answer_without_a_package_is_for_all(caller):
    assert caller.put({"answer": "decline", "decline_code": "at_capacity"}).status_code == 200
    assert len(responses_now()) == 2


def test_a_draft_may_be_incomplete_and_is_sent_later(caller):
    reference = caller.market.packages[0].reference
    assert caller.put({"package": reference, "price_pence": 2650}, submit=False).status_code == 200
    assert [one.state for one in responses_now()] == [ResponseState.DRAFT]
    assert caller.put(caller.yes(version=1)).status_code == 200
    assert [one.state for one in responses_now()] == [ResponseState.SUBMITTED]


@pytest.mark.parametrize("pence", [-5, 2199, 3301, 0, None])
def test_a_price_that_cannot_be_used_is_422_at_its_field_and_nothing_is_kept(caller, pence):
    refused = caller.put(caller.yes(1), caller.yes(0, price_pence=pence))
    assert refused.status_code == 422
    assert refused.mimetype == "application/problem+json"
    assert [one["field"] for one in refused.json["errors"]] == ["answers.1.price_pence"]
    assert responses_now() == []


@pytest.mark.parametrize("pence", [26.5, 2650.0, "2650", "26.50", "18,50", "1e309", "NaN", "", "€25", {"pence": 1}])
def test_a_price_that_is_no_whole_number_of_pence_is_422(caller, pence):
    refused = caller.put(caller.yes(price_pence=pence))
    assert (refused.status_code, refused.mimetype) == (422, "application/problem+json")
    assert [one["field"] for one in refused.json["errors"]] == ["answers.0.price_pence"]
    assert responses_now() == []


@pytest.mark.parametrize(
    "changes",
    [
        {"package": "PKG-NONE1"},
        {"answer": "perhaps"},
        {"earliest_start": "2026-13-45"},
        {"people_nearby_count": 10**12},
        {"note": "Ring 01772 123456"},
        {"answer": "decline", "decline_code": "no such code"},
        {"state": "awarded"},
        {"entered_by": "x"},
    ],
)
def test_what_cannot_be_used_or_is_not_known_is_422(caller, changes):
    assert caller.put(caller.yes(**changes)).status_code == 422
    assert responses_now() == []


def test_an_answer_is_taken_back_and_a_second_time_is_the_same(caller):
    caller.put(caller.yes())
    reference = caller.market.packages[0].reference
    assert [caller.withdraw(reference).status_code for _ in range(2)] == [200, 200]
    assert [one.state for one in responses_now()] == [ResponseState.WITHDRAWN]
    assert caller.withdraw(caller.market.packages[1].reference).status_code == 409


def test_stale_and_late_answers_are_conflicts_in_words(caller):
    caller.put(caller.yes())
    stale = caller.put(caller.yes(price_pence=2700, version=0))
    assert (stale.status_code, "has changed" in stale.json["detail"]) == (409, True)
    with clock.moved_to(caller.market.issue.deadline):
        late = caller.put(caller.yes(price_pence=2700))
        withdrawn = caller.withdraw(caller.market.packages[0].reference)
    assert (late.status_code, withdrawn.status_code) == (409, 409)
    assert "The deadline was" in late.json["detail"]
    assert [one.price_pence for one in responses_now()] == [2650]


def test_a_rivals_offer_is_not_found_and_nothing_of_it_is_told(caller):
    market = caller.market
    rivals = market.line(0, market.rival)
    a_response(rivals, price_pence=2987)
    url = f"/api/v1/offers/{rivals.offer_id}"
    assert caller.get(url).status_code == 404
    answer = {"submit": True, "answers": [caller.yes()]}
    assert caller.client.put(f"{url}/response", json=answer, headers=caller.headers).status_code == 404
    body = {"package": market.packages[0].reference}
    assert caller.client.post(f"{url}/withdraw", json=body, headers=caller.headers).status_code == 404
    for text in (caller.get().text, caller.get("/api/v1/offers").text):
        assert not [word for word in ("ZZMabel", "PR1 8XJ", "2987", "Beech", str(rivals.id)) if word in text]


def test_officers_and_strangers_are_kept_out(client, people, caller):
    officer = client.bearer(people["broker"])
    assert client.get(caller.url, headers=officer).status_code == 403
    assert client.get(caller.url).status_code == 401


def test_other_times_come_as_the_visits_of_a_package_do_and_words_alone_are_422_at_the_visits(caller):
    words, week = {"alternative_times": "Only 10:30 to 11:30"}, "Mon-Fri 10:30-11:30 45x1"
    one = {"weekday": 0, "window_start": 630, "window_end": 690, "minutes": 45}
    for sent in (
        words,
        {**words, "other_weekly_visits": "at ten"},
        {"other_visits": [one], "other_weekly_visits": week},
    ):
        refused = caller.put(caller.yes(**sent))
        assert (refused.status_code, refused.json["errors"][0]["field"]) == (422, "answers.0.other_visits")
    assert caller.put(caller.yes(**words, other_weekly_visits="Monday - Friday 10:30–11:30 45 x 1")).status_code == 200
    assert caller.get().json["packages"][0]["response"]["other_visits"] == week
    assert caller.put(caller.yes(other_visits=[one])).status_code == 200
    assert caller.get().json["packages"][0]["response"]["other_visits"] == "Mon 10:30-11:30 45x1"
