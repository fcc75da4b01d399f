"""Awarding over the API: 201, 202, 409, 422, and the same again for the same key."""

from __future__ import annotations

from uuid import uuid4

import pytest

from app.database import db
from brokerage.allocation.models import Award
from tests.brokerage.allocation.makers import CONFIRMED, actor, award, ready
from tests.marketplace.makers import a_provider

NEED = {"need_confirmed_with": "Ward 4"}


@pytest.fixture
def send(client, people):
    headers = client.bearer(people["broker"])

    def post(all_set, body, key=None):
        url = f"/api/v1/packages/{all_set.package.id}/award"
        return client.post(url, json=body, headers={**headers, "Idempotency-Key": key or str(uuid4())})

    return post


def to_line(all_set, place=0, **words):
    return {"offer_line_id": str(all_set.line(place).id), **NEED, **words}


def test_an_award_answers_201_with_its_agreement(send, people):
    all_set = ready(people)
    answer = send(all_set, to_line(all_set))
    assert answer.status_code == 201, answer.json
    assert (answer.json["state"], answer.json["place"]) == ("awarded", 1)
    assert answer.json["agreement"]["reference"].startswith("AGR-")
    assert answer.json["agreement"]["weekly_cost_pence"] == answer.json["weekly_cost_pence"] == 12_600


def test_the_same_key_awards_once_and_another_body_under_it_is_refused(send, people):
    all_set, key = ready(people), str(uuid4())
    first, again = (send(all_set, to_line(all_set), key) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json == again.json
    assert send(all_set, to_line(all_set, 1), key).status_code == 422
    assert db.session.query(Award).count() == 1


def test_the_provider_can_be_named_instead_of_its_line(send, people):
    all_set = ready(people)
    answer = send(all_set, {"provider_id": str(all_set.providers[0].id), **NEED})
    assert (answer.status_code, answer.json["provider_id"]) == (201, str(all_set.providers[0].id))


def test_above_the_limit_the_award_is_proposed_with_202(send, people):
    all_set = ready(people, award_limit_pence=12_599)
    answer = send(all_set, to_line(all_set))
    assert (answer.status_code, answer.json["state"], answer.json["agreement"]) == (202, "proposed", None)


def test_a_package_awarded_already_is_409_with_who_and_when(send, people):
    all_set = ready(people)
    award(all_set.line(), CONFIRMED, by=actor(people, "broker2"))
    answer = send(all_set, to_line(all_set, 1, skip_reason="x"))
    assert (answer.status_code, answer.content_type) == (409, "application/problem+json")
    assert "was awarded to" in answer.json["detail"]
    assert "Broker, Testshire County Council" in answer.json["detail"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"need_confirmed_with": "x"}, "offer_line_id"),
        (
            {
                "offer_line_id": "7c9e6679-7425-40de-944b-e07fc1f90ae7",
                "provider_id": "7c9e6679-7425-40de-944b-e07fc1f90ae7",
            },
            "offer_line_id",
        ),
    ],
)
def test_it_must_be_said_once_to_whom(send, people, body, field):
    answer = send(ready(people), body)
    assert answer.status_code == 422
    assert answer.json["errors"][0]["field"] == field


def test_a_missing_reason_is_422_at_its_field(send, people):
    all_set = ready(people)
    answer = send(all_set, to_line(all_set, 1))
    assert answer.status_code == 422
    assert answer.json["errors"][0]["field"] == "skip_reason"


def test_unknown_fields_and_a_missing_key_are_422(client, people, send):
    all_set = ready(people)
    assert send(all_set, {**to_line(all_set), "price_pence": 1}).status_code == 422
    url = f"/api/v1/packages/{all_set.package.id}/award"
    answer = client.post(url, json=to_line(all_set), headers=client.bearer(people["broker"]))
    assert answer.status_code == 422
    assert "Idempotency-Key" in answer.json["detail"]


def test_others_neither_award_nor_learn_that_the_package_exists(client, people):
    all_set = ready(people)
    url = f"/api/v1/packages/{all_set.package.id}/award"
    for name, status in (("navigator", 403), ("stranger", 404), ("healthassessor", 403)):
        headers = {**client.bearer(people[name]), "Idempotency-Key": str(uuid4())}
        assert client.post(url, json=to_line(all_set), headers=headers).status_code == status


def test_a_provider_that_was_not_offered_it_cannot_be_awarded(send, people):
    all_set = ready(people)
    assert send(all_set, {"provider_id": str(a_provider().id), **NEED}).status_code == 404


def test_a_second_person_approves_over_the_api_and_the_first_cannot(client, send, people):
    all_set = ready(people, award_limit_pence=12_599)
    made = send(all_set, to_line(all_set)).json
    url = f"/api/v1/awards/{made['id']}/approve"
    assert client.post(url, json=NEED, headers=client.bearer(people["broker"])).status_code == 409
    approved = client.post(url, json=NEED, headers=client.bearer(people["manager"]))
    assert (approved.status_code, approved.json["state"]) == (201, "awarded"), approved.json
    assert approved.json["agreement"]["reference"].startswith("AGR-")


def test_a_round_is_ended_without_an_award_over_the_api(client, people):
    all_set, headers = ready(people), client.bearer(people["broker"])
    url = f"/api/v1/packages/{all_set.package.id}/none-suitable"
    body = {"because": "Nobody can come at night.", "next_step": "offer_again"}
    answer = client.post(url, json=body, headers=headers)
    assert (answer.status_code, answer.json["state"]) == (200, "none_suitable"), answer.json
    assert client.post(url, json=body, headers=headers).status_code == 409
    assert client.post(url, json=body, headers=client.bearer(people["stranger"])).status_code == 404
