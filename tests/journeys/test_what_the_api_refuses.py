"""Over the API a reason that is missing is refused at its field, and what others have changed meanwhile is a conflict."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from app import clock
from app.database import db
from app.tasks.jobs import run_queued
from marketplace.rounds.models import Issue
from tests.brokerage.allocation.makers import ready
from tests.brokerage.outside.makers import asked
from tests.contracts.changes.makers import a_running_agreement
from tests.marketplace.answers.test_routes import Market
from tests.marketplace.batches.makers import a_draft, waiting_packages
from tests.marketplace.makers import a_scheme

BLANK = "   "


def a_draft_batch(client, people, headers):
    """A draft of a batch, as the API gives it."""
    batch = a_draft(a_scheme(people))
    db.session.commit()
    return client.get(f"/api/v1/batches/{batch.id}", headers=headers).json


@pytest.fixture
def refused(client, people):
    """Sends something that lacks its reason, as an officer; the fields at which it is refused."""

    def send(name, method, path, body):
        headers = {**client.bearer(people[name]), "Idempotency-Key": str(uuid4())}
        answer = client.open(f"/api/v1{path}", method=method, json=body, headers=headers)
        assert answer.status_code == 422, (path, answer.json)
        return [error["field"] for error in answer.json["errors"]]

    return send


@pytest.mark.parametrize("reason", ["", BLANK])
def test_a_reason_that_is_missing_or_blank_is_refused_at_its_field(client, people, refused, reason):
    all_set, market = ready(people), Market(people, packages=1)
    issue, later = db.session.get_one(Issue, market.offer.issue_id), clock.now() + timedelta(days=9)
    row, agreement = asked(people), a_running_agreement(people)
    batch = a_draft_batch(client, people, client.bearer(people["navigator"]))
    today = clock.today().isoformat()
    lift = {"package_id": batch["packages"][0]["id"], "reason": "other", "because": reason}
    second = {"offer_line_id": str(all_set.line(1).id), "need_confirmed_with": "Ward 4", "skip_reason": reason}
    change = {"on": today, "cause": "moved", "asked_by": "person", "reason": reason}
    for name, method, path, body, field in (
        ("navigator", "POST", f"/issues/{issue.id}/withdraw", {"because": reason}, "because"),
        (
            "navigator",
            "POST",
            f"/issues/{issue.id}/extend",
            {"deadline": f"{later:%Y-%m-%dT%H:%MZ}", "reason": reason},
            "reason",
        ),
        ("navigator", "PATCH", f"/batches/{batch['id']}", {"lift": [lift]}, "lift.0.because"),
        ("broker", "POST", f"/packages/{all_set.package.id}/award", second, "skip_reason"),
        (
            "broker",
            "POST",
            f"/packages/{all_set.package.id}/none-suitable",
            {"because": reason, "next_step": "spot"},
            "because",
        ),
        ("broker", "POST", f"/issues/{all_set.issue.id}/declaration", {"has_conflict": True, "note": reason}, "note"),
        ("broker", "POST", f"/agreements/{agreement.id}/end", change, "reason"),
        ("manager", "POST", f"/outside-awards/{row.id}/refuse", {"because": reason}, "because"),
    ):
        assert refused(name, method, path, body) == [field], path
    headers, package = client.bearer(market.user), market.packages[0].reference
    no = {"package": package, "answer": "decline", "decline_code": "other", "decline_text": reason}
    body = {"submit": True, "answers": [no]}
    answer = client.put(f"/api/v1/offers/{market.offer.id}/response", json=body, headers=headers)
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, "answers.0.decline_text")


def test_a_stale_version_is_a_conflict_wherever_one_is_named(client, people):
    headers = client.bearer(people["navigator"])
    batch = a_draft_batch(client, people, headers)
    path, stale = f"/api/v1/batches/{batch['id']}", {"version": batch["version"] + 7}
    lift = {"package_id": batch["packages"][0]["id"], "reason": "preference", "because": "Wants to stay"}
    assert client.patch(path, json={**stale, "lift": [lift]}, headers=headers).status_code == 409
    assert client.post(f"{path}/seal", json=stale, headers=headers).status_code == 409
    assert client.post(f"{path}/offer", json=stale, headers=headers).status_code == 409
    market = Market(people, packages=1)
    no = {"package": market.packages[0].reference, "answer": "decline", "decline_code": "travel", "version": 7}
    sent = {"submit": True, "answers": [no]}
    url = f"/api/v1/offers/{market.offer.id}/response"
    assert client.put(url, json=sent, headers=client.bearer(market.user)).status_code == 409


def test_decline_codes_issues_and_what_was_left_out_are_listed(client, people):
    headers, market = client.bearer(people["navigator"]), Market(people, packages=1)
    codes = client.get("/api/v1/decline-codes", headers=client.bearer(market.user)).json["items"]
    assert {code["code"] for code in codes if code["text_required"]} == {"other"}
    assert codes == client.get("/api/v1/decline-codes", headers=headers).json["items"]
    assert client.get("/api/v1/decline-codes", headers=client.bearer(people["stranger"])).json["items"] == []
    (issue,) = client.get("/api/v1/issues?state=open", headers=headers).json["items"]
    assert (issue["id"], issue["packages"], issue["offers"]) == (str(market.offer.issue_id), 1, 2)
    assert client.get("/api/v1/issues?state=closed", headers=headers).json["items"] == []
    assert client.get("/api/v1/issues", headers=client.bearer(people["stranger"])).json["items"] == []
    assert client.get("/api/v1/issues", headers=client.bearer(market.user)).status_code == 403
    scheme = a_scheme(people)
    (alone,) = waiting_packages(scheme, 1)
    queued = client.post("/api/v1/batches/propose", json={"scheme_id": str(scheme.id)}, headers=headers).json
    run_queued()
    made = client.get(f"/api/v1/tasks/{queued['id']}", headers=headers).json["result"]["proposal_id"]
    proposal = client.get(f"/api/v1/batches/proposals/{made}", headers=headers).json
    path = f"/api/v1/batches/proposals/{made}/left-out"
    (left,) = client.get(path, headers=headers).json["items"]
    assert (left["package_id"], left["reference"]) == (str(alone.id), alone.reference)
    assert left["reason"] == proposal["left_out"][0]["reason"]
    assert client.get(path, headers=client.bearer(people["stranger"])).status_code == 404


def test_the_councils_own_reference_comes_back_to_it_and_to_nobody_else(client, people):
    market = Market(people, packages=1)
    package = market.packages[0]
    package.council_reference = "LAS-4711"
    db.session.commit()
    headers = client.bearer(people["navigator"])
    assert client.get(f"/api/v1/packages/{package.id}", headers=headers).json["council_reference"] == "LAS-4711"
    listed = client.get("/api/v1/packages", headers=headers).json["items"]
    assert [one["council_reference"] for one in listed if one["id"] == str(package.id)] == ["LAS-4711"]
