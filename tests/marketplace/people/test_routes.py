"""The pages of a person, as each role and as a stranger; and that every look is written down."""

import pytest

from app import clock
from app.audit.models import AccessLog
from app.database import db
from marketplace.people.models import AdvocacyTest, Person, Representative
from tests.marketplace import makers


@pytest.fixture
def person(people):
    made = makers.a_person(makers.a_scheme(people), nhs_number="9990000018")
    db.session.commit()
    return made


def boxes(day):
    return [str(day.day), str(day.month), str(day.year)]


@pytest.mark.parametrize("role", ["navigator", "broker", "socialworker", "manager"])
def test_who_arranges_care_sees_the_page_and_the_look_is_logged(client, people, person, role):
    client.sign_in(people[role])
    page = client.get(f"/people/{person.id}").text
    assert person.name in page
    assert "999 000 0018" in page
    look = db.session.query(AccessLog).one()
    assert (look.person_id, look.actor_id, look.page) == (person.id, people[role].id, "people.show")
    assert "Testshire County Council" in look.actor_label


@pytest.mark.parametrize(
    ("role", "status"),
    [
        ("contracts", 403),
        ("finance", 403),
        ("admin", 403),
        ("auditor", 404),
        ("healthassessor", 404),
        ("stranger", 404),
    ],
)
def test_others_see_nothing_and_nothing_is_logged(client, people, person, role, status):
    client.sign_in(people[role])
    answer = client.get(f"/people/{person.id}")
    assert answer.status_code == status
    assert "ZZMabel" not in answer.text
    assert db.session.query(AccessLog).count() == 0


def test_a_provider_gets_nothing(client, people, person):
    client.sign_in(makers.coordinator_of(makers.a_provider()))
    for path in ("", "/contact", "/looks", "/advocacy/new"):
        answer = client.get(f"/people/{person.id}{path}")
        assert answer.status_code == 403
        assert "ZZMabel" not in answer.text


def test_no_title_says_who_the_person_is(client, people, person):
    client.sign_in(people["navigator"])
    for path in ("", "/contact", "/representatives/new", "/advocacy/new", "/looks"):
        page = client.get(f"/people/{person.id}{path}").text
        title = page.partition("<title")[2].partition("</title>")[0]
        assert person.reference in title
        assert "ZZMabel" not in title


def test_a_change_of_contact_shows_on_the_page(client, people, person):
    client.sign_in(people["socialworker"])
    path = f"/people/{person.id}/contact"
    sent = {
        "contact_preference": "large_print",
        "known_as": "ZZMay",
        "telephone": "",
        "email": "",
        "address": "ZZ2 Lane",
        "postcode": "PR1 9AA",
    }
    page = client.submit(path, sent, follow_redirects=True).text
    assert "Large print" in page
    assert "ZZMay" in page
    assert db.session.get_one(Person, person.id).telephone is None


def test_a_slip_comes_back_with_a_sentence_and_what_was_typed(client, people, person):
    client.sign_in(people["navigator"])
    path = f"/people/{person.id}/contact"
    answer = client.submit(path, {"contact_preference": "email", "email": "mabel at home", "known_as": "Maybe"})
    assert answer.status_code == 422
    assert "name@example.org" in answer.text
    assert 'value="Maybe"' in answer.text
    assert db.session.get_one(Person, person.id).known_as is None


def test_somebody_may_speak_for_the_person_until_consent_is_taken_back(client, people, person):
    client.sign_in(people["navigator"])
    sent = {"name": "Joan ZZThornber", "kind": "family", "consent_given_on": boxes(clock.today())}
    page = client.submit(f"/people/{person.id}/representatives/new", sent, follow_redirects=True).text
    assert "Joan ZZThornber" in page
    assert "Agreed" in page
    joan = db.session.query(Representative).one()
    path = f"/people/{person.id}/representatives/{joan.id}/withdraw"
    page = client.submit(path, {"withdrawn_on": boxes(clock.today())}, follow_redirects=True).text
    assert "Taken back" in page
    again = client.submit(path, {"withdrawn_on": boxes(clock.today())})
    assert again.status_code == 409
    assert "already" in again.text


def test_a_representative_of_another_person_is_not_found_here(client, people, person):
    scheme = makers.a_scheme(people)
    other = makers.a_person(scheme)
    row = {"authority_id": scheme.authority_id, "person_id": other.id, "kind": "friend", "name": "ZZ Friend"}
    friend = Representative(**row, consent_given_on=clock.today())
    db.session.add(friend)
    db.session.commit()
    client.sign_in(people["navigator"])
    assert client.get(f"/people/{person.id}/representatives/{friend.id}/withdraw").status_code == 404


def test_the_advocacy_test_says_what_must_be_done(client, people, person):
    client.sign_in(people["socialworker"])
    path = f"/people/{person.id}/advocacy/new"
    sent = {"made_on": boxes(clock.today()), "difficulties": ["retaining", "using"], "appropriate_person": "no"}
    page = client.submit(path, sent, follow_redirects=True).text
    assert "An independent advocate must be arranged, and none has been asked for yet." in page
    page = client.submit(path, {**sent, "referred_on": boxes(clock.today())}, follow_redirects=True).text
    assert "none has been asked for yet." not in page.partition("Test of")[0]
    assert db.session.query(AdvocacyTest).count() == 2
    answer = client.submit(path, {"made_on": boxes(clock.today())})
    assert answer.status_code == 422
    assert "Choose yes or no." in answer.text


@pytest.mark.parametrize("role", ["manager", "healthassessor", "auditor"])
def test_who_only_reads_cannot_change(client, people, person, role):
    client.sign_in(people[role])
    assert client.get(f"/people/{person.id}/contact").status_code == 403


def test_an_auditor_reads_who_looked_as_role_and_organisation_and_not_at_whom(client, people, person):
    client.sign_in(people["navigator"]).get(f"/people/{person.id}")
    client.sign_out()
    client.sign_in(people["auditor"])
    page = client.get(f"/people/{person.id}/looks").text
    assert "Care navigator, Testshire County Council" in page
    assert "ZZMabel" not in page
    assert people["navigator"].email not in page
    assert db.session.query(AccessLog).count() == 1


def test_another_councils_people_do_not_read_who_looked(client, people, person):
    client.sign_in(people["stranger"])
    assert client.get(f"/people/{person.id}/looks").status_code == 404


def test_a_reference_finds_the_page_that_the_viewer_may_open(client, people, person):
    for role, page in [("navigator", f"/people/{person.id}"), ("auditor", f"/people/{person.id}/looks")]:
        client.sign_in(people[role])
        assert client.get(f"/search?q={person.reference.lower()}").location == page
        client.sign_out()
    client.sign_in(people["stranger"])
    assert client.get(f"/search?q={person.reference}").status_code == 200


def test_a_form_that_came_back_with_somebodys_identity_is_a_read_too(client, people, person):
    client.sign_in(people["navigator"])
    path = f"/people/{person.id}/contact"
    answer = client.submit(path, {"contact_preference": "email", "email": "mabel at home"})
    assert answer.status_code == 422
    assert [(look.person_id, look.page) for look in db.session.query(AccessLog)] == [
        (person.id, "people_steps.change_contact"),
        (person.id, "people_steps.change_contact"),
    ]
