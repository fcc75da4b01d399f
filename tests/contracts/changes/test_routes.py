"""Who may change an agreement on which page and over the API, and what each side reads of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app import clock
from app.database import db
from contracts.agreements.rules import AgreementState
from contracts.changes.models import AgreementChange
from contracts.changes.rules import NOTICE, ChangeKind, ChangeState
from marketplace.packages.models import PackageParty, PartyRole
from tests.contracts.agreements.makers import an_agreement
from tests.contracts.changes.makers import a_change, a_running_agreement
from tests.marketplace.makers import a_provider, coordinator_of


def day(days, name="on"):
    """A date as the form's three boxes take it."""
    chosen = clock.today() + timedelta(days=days)
    return {name: [str(chosen.day), str(chosen.month), str(chosen.year)]}


def only_change():
    db.session.expire_all()
    return db.session.query(AgreementChange).one()


def test_a_navigator_ends_an_agreement_on_its_page_and_the_provider_reads_why(client, people):
    agreement = a_running_agreement(people)
    client.sign_in(people["navigator"])
    page = f"/agreements/{agreement.id}/end"
    assert 'href="' + page in client.get(f"/agreements/{agreement.id}").text
    typed = {"cause": "moved", "asked_by": "family", "reason": "Moves to Leeds."} | day(2)
    answer = client.submit(page, typed)
    assert (answer.status_code, answer.location) == (302, f"/agreements/{agreement.id}")
    assert (only_change().state, agreement.ends_on) == (ChangeState.AGREED, clock.today() + timedelta(days=2))
    client.sign_out()
    client.sign_in(coordinator_of(agreement.provider))
    shown = client.get(f"/changes/{only_change().id}").text
    assert "Moves to Leeds." in shown
    assert "Take it back" not in shown


def test_what_is_wrong_is_said_at_its_field_and_nothing_typed_is_lost(client, people):
    agreement = a_running_agreement(people)
    client.sign_in(people["broker"])
    typed = {"cause": "hospital", "asked_by": "hospital", "reason": "Ward 7 rang."} | day(3) | day(1, "hold_until")
    answer = client.submit(f"/agreements/{agreement.id}/suspend", typed)
    assert answer.status_code == 422
    assert "Enter until which day the place is held, today or later, not before the first day away." in answer.text
    assert "Ward 7 rang." in answer.text
    assert db.session.query(AgreementChange).count() == 0


def test_a_provider_asks_a_broker_agrees_and_the_care_rests(client, people):
    agreement = a_running_agreement(people)
    client.sign_in(coordinator_of(agreement.provider))
    typed = {"cause": "hospital", "reason": "Fell on the stairs."} | day(0) | day(10, "hold_until")
    assert client.submit(f"/agreements/{agreement.id}/suspend", typed).status_code == 302
    change = only_change()
    assert (change.state, agreement.state) == (ChangeState.ASKED, AgreementState.RUNNING)
    client.sign_out()
    client.sign_in(people["broker"])
    assert "Changes to decide" in client.get("/").text
    answer = client.submit(f"/changes/{change.id}/decide", {"answer": "agree"})
    assert (answer.status_code, answer.location) == (302, f"/changes/{change.id}")
    assert (only_change().state, agreement.state) == (ChangeState.DONE, AgreementState.SUSPENDED)


@pytest.mark.parametrize("officer", ["contracts", "finance", "manager", "auditor"])
def test_others_read_changes_and_make_none(client, people, officer):
    agreement = a_running_agreement(people, referring_team_id=None)
    change = a_change(people["broker"], agreement, ChangeKind.END, days=4)
    client.sign_in(people[officer])
    page = client.get(f"/agreements/{agreement.id}")
    assert page.status_code == 200
    assert f"/agreements/{agreement.id}/end" not in page.text
    assert client.get(f"/changes/{change.id}").status_code == 200
    for path in (f"/agreements/{agreement.id}/end", f"/agreements/{agreement.id}/hand-back"):
        assert client.get(path).status_code == 403
    assert client.submit(f"/changes/{change.id}", {}, to=f"/changes/{change.id}/take-back").status_code == 403


def test_a_social_worker_suspends_but_does_not_hand_back(client, people):
    agreement = a_running_agreement(people)
    client.sign_in(people["socialworker"])
    assert client.get(f"/agreements/{agreement.id}/suspend").status_code == 200
    assert client.get(f"/agreements/{agreement.id}/hand-back").status_code == 403


def test_other_organisations_find_neither_the_agreement_nor_the_change(client, people):
    agreement = a_running_agreement(people)
    change = a_change(people["broker"], agreement, ChangeKind.END, days=4)
    for user in (coordinator_of(a_provider()), people["stranger"]):
        client.sign_out()
        client.sign_in(user)
        assert client.get(f"/changes/{change.id}").status_code == 404
        assert client.get(f"/agreements/{agreement.id}/hand-back").status_code in {403, 404}
        assert client.get(f"/agreements/{agreement.id}/end").status_code in {403, 404}
        headers = client.bearer(user)
        assert client.get(f"/api/v1/changes/{change.id}", headers=headers).status_code in {403, 404}


def test_a_provider_hands_back_over_the_api_and_learns_nothing_of_the_market(client, people):
    agreement = a_running_agreement(people)
    headers = client.bearer(coordinator_of(agreement.provider))
    path = f"/api/v1/agreements/{agreement.id}/hand-back"
    sent = {"on": clock.today().isoformat(), "cause": "staffing", "reason": "Two carers left."}
    early = client.post(path, json=sent, headers=headers)
    assert early.status_code == 422
    assert "Notice is 28 days" in early.json["detail"]
    sent["on"] = (clock.today() + NOTICE).isoformat()
    made = client.post(path, json=sent, headers=headers)
    assert (made.status_code, made.json["state"], made.json["successor"]) == (201, "agreed", None)
    officer = client.bearer(people["broker"])
    assert client.get(f"/api/v1/changes/{made.json['id']}", headers=officer).json["successor"].startswith("PKG-")
    listed = client.get("/api/v1/changes", headers=officer).json
    assert ([change["id"] for change in listed["items"]], listed["next"]) == ([made.json["id"]], None)


def test_the_first_day_is_moved_on_the_page_of_the_agreement(client, people):
    agreement = an_agreement(people, starts_on=clock.today() + timedelta(days=5))
    client.sign_in(people["broker"])
    typed = {"because": "The ward keeps her."} | day(7, "starts_on")
    answer = client.submit(f"/agreements/{agreement.id}/first-day", typed)
    assert answer.status_code == 302
    db.session.expire_all()
    assert agreement.starts_on == clock.today() + timedelta(days=7)


def test_lists_are_filtered_by_state_and_say_what_to_do_when_empty(client, people):
    client.sign_in(people["broker"])
    assert "There are no changes here." in client.get("/changes").text
    agreement = a_running_agreement(people)
    a_change(people["broker"], agreement, ChangeKind.END, days=4)
    assert agreement.reference in client.get("/changes?state=agreed").text
    assert agreement.reference not in client.get("/changes?state=done").text


def test_a_party_reads_what_another_authority_leads_and_changes_nothing(client, people):
    agreement = a_running_agreement(people)
    party = {"organisation_id": people.icb.id, "role": PartyRole.FUNDER, "starts_on": clock.today()}
    db.session.add(PackageParty(authority_id=agreement.authority_id, package_id=agreement.package_id, **party))
    db.session.commit()
    client.sign_in(people["healthassessor"])
    assert client.get(f"/agreements/{agreement.id}").status_code == 200
    assert client.get(f"/agreements/{agreement.id}/end").status_code == 404
    assert client.get(f"/agreements/{agreement.id}/suspend").status_code == 404


def test_days_far_ahead_over_the_api_are_refused_in_a_sentence(client, people):
    agreement = a_running_agreement(people)
    sent = {"on": "2099-12-31", "hold_until": "2099-12-31", "cause": "hospital", "reason": "A slip."}
    answer = client.post(
        f"/api/v1/agreements/{agreement.id}/suspend", json=sent, headers=client.bearer(people["broker"])
    )
    assert answer.status_code == 422
    assert "Enter a day within a year from today." in answer.json["detail"]


def test_what_a_broker_enters_is_not_the_providers_to_take_back(client, people):
    agreement = a_running_agreement(people)
    sent = {"on": clock.today().isoformat(), "cause": "safety", "reason": "A concern."}
    path = f"/api/v1/agreements/{agreement.id}/hand-back"
    made = client.post(path, json=sent, headers=client.bearer(people["broker"])).json
    assert made["asked_by"] == "council"
    headers = client.bearer(coordinator_of(agreement.provider))
    answer = client.post(f"/api/v1/changes/{made['id']}/take-back", json={"because": "No."}, headers=headers)
    assert answer.status_code == 403
