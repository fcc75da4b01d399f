"""Splitting a package: the visits and hours divided, everything else shared, and only before providers are asked."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app import clock
from app.audit import SYSTEM, Audience
from app.audit.queries import timeline
from app.database import db
from app.errors import Conflict, Invalid
from app.parties.roles import Role
from marketplace.packages.listing import need_confirmed_at
from marketplace.packages.models import Package, PackageParty, PartyRole, TextClearance
from marketplace.packages.queries import visits_of
from marketplace.packages.rules import SPLITTABLE, PackageStatus
from marketplace.packages.services import confirm_need, split
from marketplace.packages.visits import weekly_minutes, weekly_visits_text
from tests.marketplace.makers import a_package, a_person, a_scheme
from tests.marketplace.packages.makers import a_team
from tests.people import People, a_user

WEEK = "Mon-Fri 07:00-10:00 45x1; Sat,Sun 12:00-14:00 60x2"


@pytest.fixture
def package(people: People) -> Package:
    return a_package(
        a_scheme(people),
        visits=WEEK,
        skills=["hoist"],
        referring_team_id=a_team(people).id,
        council_reference="TCC-1",
        cost_ceiling_pence=40_001,
    )


def weekend(package: Package) -> list:
    return [visit.id for visit in package.visits if visit.weekday > 4]


def test_the_visits_and_the_hours_are_divided_between_the_two(package):
    child = split(package, weekend(package), because="Another provider at weekends", by=SYSTEM)
    assert weekly_visits_text(visits_of(package)) == "Mon-Fri 07:00-10:00 45x1"
    assert weekly_visits_text(visits_of(child)) == "Sat,Sun 12:00-14:00 60x2"
    for part in (package, child):
        assert part.weekly_minutes == weekly_minutes(visits_of(part))
    assert package.weekly_minutes + child.weekly_minutes == 5 * 45 + 2 * 120
    assert (package.cost_ceiling_pence, child.cost_ceiling_pence) == (19_355, 20_646)


def test_the_new_package_has_the_same_person_and_plan_and_a_reference_of_its_own(package):
    child = split(package, weekend(package), because="Weekends", by=SYSTEM)
    same = ("authority_id", "scheme_id", "lot_id", "person_id", "postcode", "pen_picture", "planned_start", "urgency")
    assert all(getattr(child, name) == getattr(package, name) for name in same)
    assert child.parent_id == package.id
    assert child.reference != package.reference
    assert (child.council_reference, package.council_reference) == (None, "TCC-1")
    assert child.created_at == package.created_at


def test_both_keep_funding_skills_parties_answers_and_cleared_words(people, package):
    owned = {"authority_id": package.authority_id, "package_id": package.id}
    party = {"organisation_id": people.icb.id, "role": PartyRole.FUNDER, "starts_on": clock.today()}
    db.session.add(PackageParty(**owned, **party))
    db.session.add(TextClearance(**owned, word="frame", reason="A walking frame", cleared_by_label="Test"))
    confirm_need([package], needed=True, with_whom="Daughter", by=SYSTEM)
    child = split(package, weekend(package), because="Weekends", by=SYSTEM)
    for part in (package, child):
        assert [skill.skill for skill in part.skills] == ["hoist"]
        assert [(share.funder.value, share.percent) for share in part.funding] == [("council", 100)]
        assert part.id in need_confirmed_at([part.id])
        for kind in (PackageParty, TextClearance):
            assert len(db.session.scalars(select(kind).where(kind.package_id == part.id)).all()) == 1


@pytest.mark.parametrize("status", PackageStatus, ids=str)
def test_only_a_package_about_which_nobody_was_asked_is_split(people, status):
    reason = "Moved away" if status is PackageStatus.WITHDRAWN else None
    package = a_package(a_scheme(people), visits=WEEK, status=status, status_reason=reason)
    if status in SPLITTABLE:
        assert split(package, weekend(package), because="Weekends", by=SYSTEM).status is PackageStatus.DRAFT
        assert package.status is status
    else:
        with pytest.raises(Conflict, match="cannot be split"):
            split(package, weekend(package), because="Weekends", by=SYSTEM)


def test_a_complete_part_is_ready_at_once_though_a_word_was_in_question(people):
    scheme = a_scheme(people)
    person = a_person(scheme, name="George Parkinson")
    team = a_team(people).id
    package = a_package(scheme, visits=WEEK, person=person, pen_picture="Has Parkinson's.", referring_team_id=team)
    row = {"word": "parkinson's", "reason": "The illness", "cleared_by_label": "Test"}
    db.session.add(TextClearance(authority_id=package.authority_id, package_id=package.id, **row))
    assert split(package, weekend(package), because="Weekends", by=SYSTEM).status is PackageStatus.READY


def test_some_visits_go_and_some_stay(package):
    for chosen in ([], [visit.id for visit in package.visits]):
        with pytest.raises(Invalid, match="leave at least one"):
            split(package, chosen, because="Weekends", by=SYSTEM)
    other = a_package(package.scheme)
    with pytest.raises(Conflict, match="visits were changed"):
        split(package, [other.visits[0].id], because="Weekends", by=SYSTEM)
    with pytest.raises(Invalid, match="Say why"):
        split(package, weekend(package), because=" ", by=SYSTEM)


def test_the_audit_of_each_names_the_other_and_why(package):
    child = split(package, weekend(package), because="Weekends", by=SYSTEM)
    (of_parent,) = timeline(package.id, Audience.COUNCIL)
    of_child = {item.tag: item for item in timeline(child.id, Audience.COUNCIL)}
    assert (of_parent.tag, of_parent.reason) == ("package:split", "Weekends")
    assert (of_parent.facts["into"], of_parent.facts["visits"]) == (child.reference, 2)
    assert of_child["package:split_off"].facts["parent"] == package.reference


def test_the_page_asks_for_the_visits_and_leads_to_the_new_package(client, people, package):
    client.sign_in(people["navigator"])
    page = f"/packages/{package.id}"
    assert "Split off some visits" in client.get(page).text
    chosen = [str(one) for one in weekend(package)]
    assert client.submit(f"{page}/split", {"because": "Weekends"}).status_code == 422
    every = [str(visit.id) for visit in package.visits]
    refused = client.submit(f"{page}/split", {"visits": every, "because": "Weekends"})
    assert refused.status_code == 422
    assert "leave at least one" in refused.text
    done = client.submit(f"{page}/split", {"visits": chosen, "because": "Weekends"})
    assert done.status_code == 302
    child = db.session.scalars(select(Package).where(Package.parent_id == package.id)).one()
    assert done.location == f"/packages/{child.id}"
    assert package.reference in client.get(done.location).text
    assert child.reference in client.get(page).text


def test_whoever_may_not_write_packages_does_not_split_them(client, people, package):
    client.sign_in(a_user(people.council, "team.manager@testshire.example", Role.TEAM_MANAGER))
    assert client.get(f"/packages/{package.id}/split").status_code == 403
    assert "Split off" not in client.get(f"/packages/{package.id}").text
    client.sign_out()
    client.sign_in(people["stranger"])
    assert client.get(f"/packages/{package.id}/split").status_code == 404
