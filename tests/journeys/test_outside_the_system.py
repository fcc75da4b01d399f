"""A package that nobody suited is bought outside the system, runs under its agreement, and counts in the share."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

from app import clock
from app.database import db
from contracts.agreements.jobs import start_due
from contracts.agreements.models import Agreement
from contracts.agreements.rules import AgreementState
from marketplace.packages.rules import PackageStatus
from tests.brokerage.allocation.makers import ready

NO_INTEREST = {"has_interest": False}


def test_from_an_offer_that_suited_nobody_to_care_that_runs_and_a_share_of_half(client, people):
    all_set = ready(people, packages=2)
    broker, (awarded, spot) = client.bearer(people["broker"]), all_set.packages
    body = {"offer_line_id": str(all_set.line(package=awarded).id), "need_confirmed_with": "Ward 4"}
    headers = {**broker, "Idempotency-Key": str(uuid4())}
    assert client.post(f"/api/v1/packages/{awarded.id}/award", json=body, headers=headers).status_code == 201
    early = ask(client, broker, spot)
    assert (early.status_code, early.json["errors"][0]["field"]) == (422, "ground")
    none = {"because": "All start too late.", "next_step": "spot"}
    assert client.post(f"/api/v1/packages/{spot.id}/none-suitable", json=none, headers=broker).status_code == 200
    asked = ask(client, broker, spot)
    assert asked.status_code == 202, asked.json
    one = f"/api/v1/outside-awards/{asked.json['id']}"
    for name, step, state in (("manager", "second", "seconded"), ("contracts", "clear", "awarded")):
        answer = client.post(f"{one}/{step}", json=NO_INTEREST, headers=client.bearer(people[name]))
        assert (answer.status_code, answer.json["state"]) == (200, state), answer.json
    with clock.moved_to(clock.now() + timedelta(days=15)):
        assert start_due() == 2
    db.session.expire_all()
    agreement = db.session.query(Agreement).filter_by(package_id=spot.id).one()
    assert (agreement.state, agreement.package.status) == (AgreementState.RUNNING, PackageStatus.RUNNING)
    share = client.get("/api/v1/outside-awards/share", headers=client.bearer(people["contracts"])).json["together"]
    assert (share["on_system"], share["outside"], share["permille"]) == (1, 1, 500)


def ask(client, headers, package):
    """Asks to buy from Juniper Care, which is registered nowhere."""
    said = {"provider_name": "Juniper Care", "cqc_location_id": "1-555000111", "provider_postcode": "PR2 3AB"}
    terms = {"price_pence": 3000, "starts_on": (clock.today() + timedelta(days=7)).isoformat()}
    why = {"ground": "none_suitable", "reason": "All start too late.", "need_confirmed_with": "Ward 4"}
    return client.post(
        f"/api/v1/packages/{package.id}/outside-award", json={**said, **terms, **why, **NO_INTEREST}, headers=headers
    )
