"""Batches over the API."""

from __future__ import annotations

from uuid import uuid4

import pytest
from sqlalchemy import select

from app.database import db
from app.tasks.jobs import run_queued
from marketplace.batches.models import Batch
from marketplace.packages.rules import PackageStatus, Source, Urgency
from tests.marketplace.batches.makers import a_draft, waiting_packages
from tests.marketplace.makers import a_lot, a_package, a_scheme

API = "/api/v1/batches"


@pytest.fixture
def scheme(people):
    return a_scheme(people)


@pytest.fixture
def headers(client, people):
    return client.bearer(people["navigator"])


def test_batches_are_proposed_read_edited_and_sealed(client, scheme, headers):
    waiting = waiting_packages(scheme, 3)
    urgent = a_package(scheme, source=Source.REALLOCATION, urgency=Urgency.URGENT)
    queued = client.post(f"{API}/propose", json={"scheme_id": str(scheme.id)}, headers=headers)
    assert queued.status_code == 202
    run_queued()
    done = client.get(f"/api/v1/tasks/{queued.json['id']}", headers=headers).json
    assert done["state"] == "done"
    assert (done["result"]["batches"], done["result"]["packages"], done["result"]["left_out"]) == (1, 3, 1)
    proposal = client.get(f"{API}/proposals/{done['result']['proposal_id']}", headers=headers).json
    assert proposal["left_out"] == [{"reason": "Urgent packages are never batched.", "packages": 1}]
    (batch,) = client.get(f"{API}?state=draft", headers=headers).json["items"]
    assert {one["reference"] for one in batch["packages"]} == {one.reference for one in waiting}

    lift = {"package_id": batch["packages"][0]["id"], "reason": "preference", "because": "Wants to stay"}
    extra = a_package(scheme, source=Source.COMMUNITY)
    sent = {"version": batch["version"], "lift": [lift], "add": [extra.reference]}
    edited = client.patch(f"{API}/{batch['id']}", json=sent, headers=headers)
    assert edited.status_code == 200
    assert len(edited.json["packages"]) == 3

    refused = client.patch(f"{API}/{batch['id']}", json={"add": [urgent.reference]}, headers=headers)
    assert refused.status_code == 422
    assert refused.mimetype == "application/problem+json"
    assert "urgent" in refused.json["detail"]

    stale = client.post(f"{API}/{batch['id']}/seal", json={"version": batch["version"]}, headers=headers)
    assert stale.status_code == 409
    for odd in (2**31, 2**63, -1):
        assert client.post(f"{API}/{batch['id']}/seal", json={"version": odd}, headers=headers).status_code == 422
    sealed = client.post(f"{API}/{batch['id']}/seal", json={"version": edited.json["version"]}, headers=headers)
    assert (sealed.status_code, sealed.json["state"]) == (200, "sealed")
    assert client.get(f"{API}/{batch['id']}", headers=headers).json == sealed.json
    listed = client.get(f"{API}?state=sealed", headers=headers).json
    assert ([one["id"] for one in listed["items"]], listed["next"]) == ([batch["id"]], None)


def test_an_edit_is_all_or_nothing(client, scheme, headers):
    batch = a_draft(scheme, 3)
    lift = {"package_id": str(batch.packages[0].id), "because": "Wants to stay"}
    answer = client.patch(f"{API}/{batch.id}", json={"lift": [lift], "add": ["PKG-00000"]}, headers=headers)
    assert answer.status_code == 422
    assert batch.packages[0].status is PackageStatus.IN_BATCH


def test_the_same_key_proposes_once(client, scheme, headers):
    waiting_packages(scheme, 2)
    again = {**headers, "Idempotency-Key": "one proposal"}
    first = client.post(f"{API}/propose", json={"scheme_id": str(scheme.id)}, headers=again)
    second = client.post(f"{API}/propose", json={"scheme_id": str(scheme.id)}, headers=again)
    assert first.json == second.json
    run_queued()
    assert len(list(db.session.scalars(select(Batch)).unique())) == 1


@pytest.mark.parametrize(
    "wrong",
    [{}, {"scheme_id": "x"}, {"sources": []}, {"sources": ["elsewhere"]}, {"lot_id": str(uuid4())}, {"colour": "red"}],
)
def test_what_cannot_be_proposed_is_refused(client, scheme, headers, wrong):
    sent = {"scheme_id": str(scheme.id), **wrong} if wrong else {}
    assert client.post(f"{API}/propose", json=sent, headers=headers).status_code == 422


def test_another_lots_packages_are_refused_in_words(client, scheme, headers):
    batch, other = a_draft(scheme, 2), a_package(scheme, lot=a_lot(scheme, "respite"))
    answer = client.patch(f"{API}/{batch.id}", json={"add": [other.reference]}, headers=headers)
    assert "this batch is for homecare" in answer.json["detail"]


def test_strangers_and_other_roles_have_no_part_in_it(client, scheme, people):
    batch = a_draft(scheme, 2)
    stranger, finance, manager = (client.bearer(people[name]) for name in ("stranger", "finance", "manager"))
    assert client.get(f"{API}/{batch.id}", headers=stranger).status_code == 404
    assert client.get(API, headers=stranger).json["items"] == []
    assert client.post(f"{API}/propose", json={"scheme_id": str(scheme.id)}, headers=stranger).status_code == 404
    assert client.get(API, headers=finance).status_code == 403
    assert client.get(API, headers=manager).status_code == 200
    assert client.post(f"{API}/{batch.id}/seal", json={}, headers=manager).status_code == 403
    assert client.get(API).status_code == 401
