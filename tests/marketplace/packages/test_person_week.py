"""The person's page draws all packages as one week, for those who may see the person."""

from __future__ import annotations

from app.database import db
from app.parties.models import UserRole
from app.parties.roles import Role
from marketplace.packages.rules import PackageStatus
from tests.marketplace.makers import a_package, a_person, a_scheme
from tests.marketplace.packages.makers import a_team
from tests.people import a_user


def test_all_packages_that_have_not_ended_are_one_week_marked_by_reference(client, people):
    scheme = a_scheme(people)
    person = a_person(scheme)
    morning = a_package(scheme, person=person)
    evening = a_package(scheme, person=person, visits="Mon 18:00-20:00 30x1", status=PackageStatus.ON_OFFER)
    ended = a_package(scheme, person=person, status=PackageStatus.ENDED)
    gone = a_package(scheme, person=person, status=PackageStatus.WITHDRAWN, status_reason="Moved away")
    others = a_package(scheme)
    client.sign_in(people["navigator"])
    page = client.get(f"/people/{person.id}").text
    assert "8 visits a week" in page
    assert f"{evening.reference}: 18:00 to 20:00" in page
    assert all(f"/packages/{one.id}" in page for one in (morning, evening))
    assert not any(one.reference in page for one in (ended, gone, others))


def test_a_team_sees_its_own_part_of_the_week(client, people):
    scheme = a_scheme(people)
    own, other = a_team(people), a_team(people, "Another team")
    person = a_person(scheme, team_id=own.id)
    mine, theirs = (a_package(scheme, person=person, referring_team_id=team.id) for team in (own, other))
    worker = a_user(people.council, "own.worker@testshire.example", Role.SOCIAL_WORKER)
    db.session.query(UserRole).filter_by(user_id=worker.id).update({"team_id": own.id})
    client.sign_in(worker)
    page = client.get(f"/people/{person.id}").text
    assert mine.reference in page
    assert theirs.reference not in page


def test_somebody_without_packages_has_an_empty_week(client, people):
    person = a_person(a_scheme(people))
    client.sign_in(people["broker"])
    assert "No care is asked for" in client.get(f"/people/{person.id}").text
