"""Offering over the API: the same services, permissions and reasons as the pages."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.database import db
from marketplace.packages.rules import PackageStatus
from marketplace.rounds.models import Issue
from tests.marketplace.makers import a_member, a_package, a_scheme
from tests.marketplace.rounds.makers import a_sealed_batch

API = "/api/v1"


@pytest.fixture
def scheme(people):
    return a_scheme(people)


@pytest.fixture
def headers(client, people):
    return client.bearer(people["navigator"])


def test_a_batch_is_offered_read_extended_and_taken_back(client, scheme, headers):
    members = [a_member(scheme) for _ in range(2)]
    left_out = a_member(scheme, areas=["LA1"])
    package = a_package(scheme)
    batch = a_sealed_batch(scheme, [package])
    offered = client.post(f"{API}/batches/{batch.id}/offer", headers=headers)
    assert (offered.status_code, offered.json["state"], offered.json["seed"]) == (201, "open", None)
    assert {one["provider_name"] for one in offered.json["offers"]} == {member.name for member in members}
    (one,) = offered.json["rounds"]
    assert (one["package_reference"], one["asked"], one["answers"]) == (package.reference, 2, None)
    assert one["left_out"][0]["providers"] == [
        [left_out.name, "Neither PR1 8 nor PR1 is among its areas for homecare."]
    ]
    address = f"{API}/issues/{offered.json['id']}"
    assert client.get(address, headers=headers).json == offered.json
    issue = db.session.query(Issue).one()
    later = (issue.deadline + timedelta(hours=2)).isoformat()
    extended = client.post(f"{address}/extend", json={"deadline": later, "reason": "Late mail"}, headers=headers)
    assert (extended.status_code, extended.json["deadline"]) == (200, later.replace("+00:00", "Z"))
    withdrawn = client.post(f"{address}/withdraw", json={"because": "The wrong lot"}, headers=headers)
    assert (withdrawn.status_code, withdrawn.json["state"]) == (200, "withdrawn")
    db.session.refresh(package)
    assert package.status is PackageStatus.READY


def test_a_package_is_offered_and_what_changed_is_kept(client, scheme, headers):
    a_member(scheme, areas=["LA1"])
    package = a_package(scheme)
    address = f"{API}/packages/{package.id}/offer"
    first = client.post(address, json={}, headers=headers)
    again = client.post(address, json={"changed_since": "A later start"}, headers=headers)
    assert (first.status_code, first.json["state"]) == (201, "closed")
    assert [again.json["rounds"][0][name] for name in ("number", "changed_since")] == [2, "A later start"]


def test_refusals_are_sentences_and_statuses(client, scheme, people, headers):
    a_member(scheme)
    package = a_package(scheme, status=PackageStatus.ON_HOLD)
    refused = client.post(f"{API}/packages/{package.id}/offer", headers=headers)
    assert (refused.status_code, refused.content_type) == (409, "application/problem+json")
    assert "on hold" in refused.json["detail"]
    batch = a_sealed_batch(scheme, [a_package(scheme)])
    stale = client.post(f"{API}/batches/{batch.id}/offer", json={"version": 9}, headers=headers)
    assert stale.status_code == 409
    unknown = client.post(f"{API}/batches/{batch.id}/offer", json={"to": "friends"}, headers=headers)
    assert unknown.status_code == 422
    stranger = client.bearer(people["stranger"])
    assert client.post(f"{API}/batches/{batch.id}/offer", headers=stranger).status_code == 404
    finance = client.bearer(people["finance"])
    assert client.post(f"{API}/batches/{batch.id}/offer", headers=finance).status_code == 403


def test_the_same_key_offers_once(client, scheme, headers):
    a_member(scheme)
    batch = a_sealed_batch(scheme, [a_package(scheme)])
    keyed = {**headers, "Idempotency-Key": "one key"}
    first, second = (client.post(f"{API}/batches/{batch.id}/offer", headers=keyed) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json == second.json
    assert db.session.query(Issue).count() == 1
