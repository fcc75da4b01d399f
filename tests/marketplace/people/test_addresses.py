"""Where a person lives is dated, corrected with a reason, and never half changed without a word."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from app import clock
from app.audit import SYSTEM
from app.audit.models import AuditFact
from app.database import db
from app.errors import Invalid
from app.messages.models import Message
from app.parties.roles import Role
from marketplace.packages.rules import PackageStatus
from marketplace.people.break_glass import open_identity
from marketplace.people.models import Person
from marketplace.people.moves import addresses_to_come, move_to
from tests.contracts.agreements.makers import an_agreement
from tests.marketplace.makers import a_package, a_person, a_scheme, coordinator_of
from tests.marketplace.packages.makers import a_team, nhs_number
from tests.marketplace.packages.test_steps import in_team
from tests.people import People, a_user

OLD, NEW = "ZZ7 Weavers Row", "ZZFlat 2, 90 New Street"


@pytest.fixture
def person(people: People) -> Person:
    person = a_person(a_scheme(people), address=OLD, postcode="PR1 8XJ", telephone="07700 900111")
    db.session.commit()
    return person


def days_of(day: date) -> list[str]:
    return [str(day.day), str(day.month), str(day.year)]


def contact(**changes: object) -> dict[str, object]:
    """What the form of a contact sends when nothing is changed."""
    known = {"contact_preference": "post", "telephone": "07700 900111", "email": "", "language": "", "known_as": ""}
    return {**known, "address": OLD, "postcode": "PR1 8XJ", **changes}


@pytest.mark.parametrize(
    ("changes", "asked"),
    [
        ({"address": NEW}, "enter its postcode, or tick"),
        ({"postcode": "PR2 1AA"}, "enter its address, or tick"),
        ({"address": NEW, "postcode": "PR2"}, "postcode"),
    ],
)
def test_a_street_alone_or_a_postcode_alone_is_asked_about_on_page_and_api(client, people, person, changes, asked):
    client.sign_in(people["navigator"])
    answer = client.submit(f"/people/{person.id}/contact", contact(**changes))
    assert (answer.status_code, asked in answer.text) == (422, True)
    assert changes.get("address", OLD) in answer.text
    sent = client.post(f"/api/v1/people/{person.id}/contact", json=changes, headers=client.bearer(people["navigator"]))
    assert (sent.status_code, asked in sent.text) == (422, True)
    db.session.refresh(person)
    assert (person.address, person.postcode) == (OLD, "PR1 8XJ")


def test_one_alone_is_taken_when_somebody_says_that_the_other_stays(client, people, person):
    client.sign_in(people["navigator"])
    said = contact(address=NEW, other_stays="y")
    assert client.submit(f"/people/{person.id}/contact", said).status_code == 302
    db.session.refresh(person)
    assert (person.address, person.postcode) == (NEW, "PR1 8XJ")


def test_a_new_address_holds_from_its_day_and_the_one_of_before_stays_to_be_seen(client, people, person):
    client.sign_in(people["navigator"])
    person.address_from = clock.today() - timedelta(days=90)
    moved = clock.today() - timedelta(days=3)
    db.session.commit()
    said = contact(address=NEW, postcode="PR2 1AA", holds_from=days_of(moved))
    page = client.submit(f"/people/{person.id}/contact", said, follow_redirects=True).text
    assert NEW in page
    assert f"{OLD}, PR1 8XJ" in page
    db.session.refresh(person)
    assert person.address_from == moved
    (former,) = person.other_addresses
    assert (former.address, former.holds_from, former.held_until) == (OLD, moved - timedelta(days=87), moved)


def test_an_address_to_come_waits_for_its_day_and_then_the_visits_go_there(client, people, person):
    scheme = a_scheme(people)
    package = a_package(scheme, person=person)
    asked = a_package(scheme, person=person, status=PackageStatus.ON_OFFER)
    day = clock.today() + timedelta(days=5)
    db.session.commit()
    sent = {"address": NEW, "postcode": "PR2 1AA", "holds_from": day.isoformat()}
    headers = client.bearer(people["navigator"])
    answer = client.post(f"/api/v1/people/{person.id}/contact", json=sent, headers=headers).get_json()
    assert (answer["address"], answer["postcode"]) == (OLD, "PR1 8XJ")
    coming = {"address": NEW, "postcode": "PR2 1AA", "holds_from": day.isoformat(), "held_until": None}
    assert answer["other_addresses"] == [coming]
    assert addresses_to_come() == 0
    with clock.moved_to(clock.now() + timedelta(days=5)):
        assert addresses_to_come() == 1
        assert addresses_to_come() == 0
        db.session.expire_all()
        assert (person.address, person.postcode, person.address_from) == (NEW, "PR2 1AA", day)
        assert (package.postcode, package.sector) == ("PR2 1AA", "PR2 1")
        assert asked.postcode == "PR1 8XJ"
        client.sign_in(people["navigator"])
        assert f"The person of {asked.reference} has moved while providers are asked" in client.get("/").text


def test_an_address_cannot_hold_from_a_day_far_ahead(person):
    with pytest.raises(Invalid) as refused:
        move_to(person, NEW, "PR2 1AA", clock.today() + timedelta(days=366), by=SYSTEM, because=None)
    assert set(refused.value.errors) == {"holds_from"}


def correction(person: Person, **changes: object) -> dict[str, object]:
    born = person.date_of_birth
    known = {"name": person.name, "date_of_birth": days_of(born), "nhs_number": person.nhs_number or ""}
    return {**known, "address": person.address, "postcode": person.postcode, "because": "A slip of the pen.", **changes}


def test_who_somebody_is_and_where_they_live_is_corrected_with_a_reason_on_the_page(client, people, person):
    client.sign_in(people["broker"])
    path = f"/people/{person.id}/correct"
    right = {"name": "ZZMaybel ZZThornbury", "date_of_birth": ["4", "3", "1939"], "nhs_number": nhs_number(4)}
    right |= {"address": "ZZ9 Weavers Row", "postcode": "PR1 9AA"}
    refused = client.submit(path, correction(person, **right, because=""))
    assert (refused.status_code, "ZZMaybel ZZThornbury" in refused.text) == (422, True)
    assert client.submit(path, correction(person, **right)).status_code == 302
    db.session.refresh(person)
    assert (person.name, person.date_of_birth, person.nhs_number) == (right["name"], date(1939, 3, 4), nhs_number(4))
    assert (person.address, person.postcode, person.other_addresses) == ("ZZ9 Weavers Row", "PR1 9AA", [])
    (entry,) = [one for one in db.session.scalars(select(AuditFact)) if one.reason == "A slip of the pen."]
    assert entry.facts["fields"] == "name, date of birth, nhs number, address, postcode"
    assert "ZZ" not in str(entry.facts)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"),
        ({"date_of_birth": "2999-01-01"}, "date_of_birth"),
        ({"nhs_number": "999 000 0001"}, "nhs_number"),
        ({"postcode": "Preston"}, "postcode"),
        ({"name": "ZZNew ZZName", "because": " "}, "because"),
    ],
)
def test_what_cannot_be_right_is_refused_at_its_field_over_the_api(client, people, person, changes, field):
    sent = {"because": "A slip of the pen.", **changes}
    headers = client.bearer(people["navigator"])
    answer = client.post(f"/api/v1/people/{person.id}/corrections", json=sent, headers=headers)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.get_json()["errors"]] == [field]


def test_a_number_of_another_record_is_refused_to_whoever_reads_that_record(client, people, person):
    other = a_person(a_scheme(people), nhs_number=nhs_number(5))
    db.session.commit()
    sent = {"nhs_number": nhs_number(5), "because": "A slip of the pen."}
    headers = client.bearer(people["navigator"])
    answer = client.post(f"/api/v1/people/{person.id}/corrections", json=sent, headers=headers)
    assert (answer.status_code, other.reference in answer.text) == (422, True)


def test_a_correction_puts_back_a_package_whose_texts_meet_it_and_one_of_a_birth_that_cannot_be(client, people, person):
    package = a_package(a_scheme(people), person=person, pen_picture="Lives with Ollie and likes tea.")
    db.session.commit()
    headers = client.bearer(people["navigator"])
    sent = {"name": "ZZOllie Ollie", "because": "The whole name."}
    assert client.post(f"/api/v1/people/{person.id}/corrections", json=sent, headers=headers).status_code == 200
    db.session.refresh(package)
    assert package.status is PackageStatus.DRAFT


@pytest.mark.parametrize(
    ("role", "own", "status"),
    [
        (Role.SOCIAL_WORKER, True, 200),
        (Role.SOCIAL_WORKER, False, 404),
        (Role.REFERRER, True, 403),
        (Role.TEAM_MANAGER, True, 403),
        (Role.AUDITOR, True, 403),
    ],
)
def test_a_record_is_corrected_by_those_of_the_permission_table(client, people, person, role, own, status):
    team = a_team(people)
    person.team_id = team.id if own else a_team(people, "Another team").id
    user = a_user(people.council, "one@testshire.example", role)
    in_team(user, team)
    db.session.commit()
    sent = {"name": "ZZNew ZZName", "because": "A slip of the pen."}
    answer = client.post(f"/api/v1/people/{person.id}/corrections", json=sent, headers=client.bearer(user))
    assert answer.status_code == status


def test_a_health_assessor_corrects_whom_they_have_opened_with_a_reason(client, people, person):
    sent = {"name": "ZZNew ZZName", "because": "A slip of the pen."}
    headers, path = client.bearer(people["healthassessor"]), f"/api/v1/people/{person.id}/corrections"
    assert client.post(path, json=sent, headers=headers).status_code == 404
    open_identity(people.viewer("healthassessor"), person, "The checklist has another name.")
    db.session.commit()
    assert client.post(path, json=sent, headers=headers).status_code == 200


@pytest.mark.parametrize("days", [0, 5])
def test_the_provider_of_a_running_agreement_is_told_that_and_reads_what_and_from_when(client, people, days):
    agreement = an_agreement(people)
    person, day = agreement.package.person, clock.today() + timedelta(days=days)
    sent = {"address": NEW, "postcode": "PR2 1AA", "telephone": "07700 900999", "holds_from": day.isoformat()}
    headers = client.bearer(people["navigator"])
    assert client.post(f"/api/v1/people/{person.id}/contact", json=sent, headers=headers).status_code == 200
    letters = [one for one in db.session.scalars(select(Message)) if one.kind == "agreement:details_changed"]
    assert letters
    for letter in letters:
        assert letter.subject == f"Agreement {agreement.reference}: the person’s details have changed"
        assert not any(word in letter.subject + letter.body for word in ("ZZ", "New Street", "PR2", "07700"))
    user = coordinator_of(agreement.provider)
    client.sign_in(user)
    page = client.get(f"/agreements/{agreement.id}").text
    assert f"{NEW}, PR2 1AA" in page
    assert ("since" if days == 0 else f"From {day.day} {day:%B %Y}") in page
    given = client.get(f"/api/v1/agreements/{agreement.id}", headers=client.bearer(user)).get_json()["person"]
    assert (given["postcode"] == "PR2 1AA") is (days == 0)
    assert [one["postcode"] for one in given["addresses_to_come"]] == ([] if days == 0 else ["PR2 1AA"])
    db.session.refresh(agreement.package)
    assert (agreement.package.postcode == "PR2 1AA") is (days == 0)
