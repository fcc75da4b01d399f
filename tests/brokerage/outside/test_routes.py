"""The pages and the API of awards outside the system, as each role and as a stranger."""

from __future__ import annotations

import pytest

from app import clock
from app.database import db
from brokerage.outside.models import OutsideAward
from brokerage.outside.rules import OutsideState
from contracts.agreements.models import Agreement
from marketplace.packages.rules import PackageStatus
from tests.brokerage.outside.makers import agree, an_unsourced, asked

NO = {"has_interest": "no"}


def typed(**changes):
    today = clock.today()
    return {
        "ground": "none_suitable",
        "reason": "All start too late.",
        "provider_name": "Juniper Care",
        "provider_postcode": "PR2 3AB",
        "price_pence": "30.00",
        "starts_on": [str(today.day), str(today.month), str(today.year)],
        "need_confirmed_with": "Ward 4",
        **NO,
        **changes,
    }


def test_from_the_package_to_the_agreement_each_in_their_own_work(client, people):
    package = an_unsourced(people)
    client.sign_in(people["broker"])
    page = f"/packages/{package.id}/outside-award"
    assert page in client.get(f"/packages/{package.id}").text
    refused = client.submit(page, typed(reason="", price_pence="thirty", provider_postcode="nowhere"))
    assert refused.status_code == 422
    assert all(words in refused.text for words in ('href="#price_pence"', "nowhere", "Juniper Care"))
    answer = client.submit(page, typed())
    row = db.session.query(OutsideAward).one()
    assert (answer.status_code, answer.location) == (302, f"/outside-awards/{row.id}")
    own = client.get(answer.location).text
    assert "All start too late." in own
    assert f"/outside-awards/{row.id}/second" not in own
    assert f"/outside-awards/{row.id}/take-back" in own
    for name, step in (("manager", "second"), ("contracts", "clear")):
        client.sign_in(people[name])
        assert row.reference in client.get("/").text
        assert client.submit(f"/outside-awards/{row.id}/{step}", NO).location == f"/outside-awards/{row.id}"
    agreement = db.session.query(Agreement).one()
    assert agreement.reference in client.get(f"/outside-awards/{row.id}").text
    client.sign_in(people["finance"])
    shown = client.get(f"/outside-awards/{row.id}").text
    assert "Juniper Care" in shown
    assert "All start too late." not in shown
    assert f"/outside-awards/{row.id}" in client.get(f"/agreements/{agreement.id}").text


def test_the_share_is_shown_to_contract_managers_with_how_it_is_counted(client, people):
    row = asked(people)
    agree(people, row, "manager")
    agree(people, row, "contracts", clearing=True)
    client.sign_in(people["contracts"])
    page = client.get("/outside-awards/share").text
    assert all(words in page for words in ("0.0 %", "98.5 %", "How it is counted", f"{clock.today():%B %Y}"))
    assert "/outside-awards/share" in client.get("/outside-awards").text
    client.sign_in(people["broker"])
    assert client.get("/outside-awards/share").status_code == 403


STEPS = ("second", "clear", "refuse", "take-back", "pull-out")
MAY = {
    "navigator": {"take-back"},
    "broker2": {"take-back", "pull-out"},
    "manager": {"second", "refuse"},
    "contracts": {"clear", "refuse"},
    "finance": set(),
    "auditor": set(),
}


@pytest.mark.parametrize(("name", "steps"), MAY.items())
def test_each_role_takes_its_own_steps_and_no_others(client, people, name, steps):
    row, headers = asked(people), client.bearer(people[name])
    body = {"second": {"has_interest": True}, "clear": {"has_interest": True}}
    barred = {
        step
        for step in STEPS
        if "does not allow"
        in client.post(
            f"/api/v1/outside-awards/{row.id}/{step}", json=body.get(step, {"because": ""}), headers=headers
        ).json["title"]
        and step not in steps
    }
    assert barred == set(STEPS) - steps
    assert db.session.get_one(OutsideAward, row.id).state is OutsideState.ASKED


def test_another_council_finds_none_of_it(client, people):
    row, headers = asked(people), client.bearer(people["stranger"])
    assert client.get("/api/v1/outside-awards", headers=headers).json["items"] == []
    for path in ("", "/take-back"):
        url = f"/api/v1/outside-awards/{row.id}{path}"
        answer = client.post(url, json={"because": "x"}, headers=headers) if path else client.get(url, headers=headers)
        assert answer.status_code == 404
    url, body = f"/api/v1/packages/{row.package_id}/outside-award", {"ground": "urgent", "has_interest": False}
    assert client.post(url, json=body, headers=headers).status_code == 404


def test_over_the_api_it_is_asked_for_agreed_to_and_counted(client, people):
    package, broker = an_unsourced(people), client.bearer(people["broker"])
    url = f"/api/v1/packages/{package.id}/outside-award"
    body = {"ground": "none_suitable", "has_interest": False}
    missing = client.post(url, json=body, headers=broker)
    assert missing.status_code == 422
    told = {error["field"] for error in missing.json["errors"]}
    assert told == {"reason", "provider_id", "price_pence", "starts_on", "need_confirmed_with"}
    body |= {"reason": "All start too late.", "provider_name": "Juniper Care", "provider_postcode": "PR2 3AB"}
    body |= {"price_pence": 3000, "starts_on": clock.today().isoformat(), "need_confirmed_with": "Ward 4"}
    made = client.post(url, json=body, headers=broker)
    assert (made.status_code, made.json["state"], made.json["agreement"]) == (202, "asked", None), made.json
    one = f"/api/v1/outside-awards/{made.json['id']}"
    no = {"has_interest": False}
    assert client.post(f"{one}/second", json=no, headers=client.bearer(people["manager"])).json["state"] == "seconded"
    cleared = client.post(f"{one}/clear", json=no, headers=client.bearer(people["contracts"]))
    assert (cleared.status_code, cleared.json["state"]) == (200, "awarded"), cleared.json
    assert cleared.json["agreement"]["reference"].startswith("AGR-")
    assert client.get(one, headers=broker).json["agreement"] == cleared.json["agreement"]
    share = client.get("/api/v1/outside-awards/share", headers=client.bearer(people["contracts"])).json
    assert (share["together"]["outside"], share["together"]["permille"], len(share["months"])) == (1, 0, 12)
    assert db.session.query(Agreement).one().package.status is PackageStatus.AWARDED
