"""Who reads which agreement, and who learns whose it is."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app import clock
from app.audit import SYSTEM
from app.audit.models import AccessLog
from app.auth.passwords import hash_password
from app.database import db
from app.parties.roles import OrganisationKind, Role
from app.parties.services import create_user, register_organisation, team_named
from app.parties.viewer import viewer_of
from contracts.agreements.services import cancel_before_start, end, start
from marketplace.packages.models import NeedConfirmation, PackageParty, PartyRole
from marketplace.people.break_glass import open_identity
from marketplace.people.models import Person
from tests.contracts.agreements.makers import an_agreement
from tests.marketplace.makers import a_provider, coordinator_of
from tests.people import PASSWORD, a_user

IDENTITY = ("ZZMabel", "Canal Bank", "07700")


def shows_identity(text):
    return any(part in text for part in IDENTITY)


def page_of(client, user, agreement, status=200):
    client.sign_out()
    client.sign_in(user)
    answer = client.get(f"/agreements/{agreement.id}")
    assert answer.status_code == status
    return answer.text


def test_the_provider_reads_its_agreement_with_the_person_and_the_read_is_logged(client, people):
    agreement = an_agreement(people)
    page = page_of(client, coordinator_of(agreement.provider), agreement)
    assert shows_identity(page)
    assert "£136.50" in page
    (read,) = db.session.scalars(select(AccessLog))
    assert (read.person_id, read.actor_label.split(",")[0]) == (agreement.package.person_id, "Provider coordinator")


def test_another_provider_and_another_council_find_nothing(client, people):
    agreement = an_agreement(people)
    page_of(client, coordinator_of(a_provider()), agreement, 404)
    page_of(client, people["stranger"], agreement, 404)
    assert agreement.reference not in client.get("/agreements").text


@pytest.mark.parametrize(("officer", "identified"), [("navigator", True), ("broker", True), ("contracts", False)])
def test_officers_read_the_agreement_and_only_some_the_identity(client, people, officer, identified):
    agreement = an_agreement(people)
    assert shows_identity(page_of(client, people[officer], agreement)) is identified


@pytest.mark.parametrize("officer", ["finance", "auditor"])
def test_finance_and_auditors_read_no_identity(client, people, officer):
    assert not shows_identity(page_of(client, people[officer], an_agreement(people)))


@pytest.mark.parametrize("role", [Role.SOCIAL_WORKER, Role.TEAM_MANAGER])
def test_a_team_reads_the_agreements_of_its_own_people_only(client, people, role):
    own, other = (team_named(people.council, name, None) for name in ("East", "West"))
    agreement = an_agreement(people, referring_team_id=own.id)
    for team, status, listed in ((own, 200, 1), (other, 404, 0)):
        user, page = in_team(people, team, role), f"agreements/{agreement.id}"
        assert shows_identity(page_of(client, user, agreement, status)) is (status == 200)
        assert (agreement.reference in client.get("/agreements").text) is (status == 200)
        found = client.get(f"/search?q={agreement.reference}").location
        assert (found is not None and page in found) is (status == 200)
        headers = client.bearer(user)
        assert client.get(f"/api/v1/{page}", headers=headers).status_code == status
        assert len(client.get("/api/v1/agreements", headers=headers).json["items"]) == listed


def test_whoever_opened_who_a_person_of_another_team_is_reads_their_agreement_while_it_is_open(client, people):
    east, west = (team_named(people.council, name, None) for name in ("East", "West"))
    agreement = an_agreement(people, referring_team_id=east.id)
    user = in_team(people, west, Role.SOCIAL_WORKER)
    page_of(client, user, agreement, 404)
    person = db.session.get_one(Person, agreement.package.person_id)
    person.team_id = east.id
    open_identity(viewer_of(user), person, "Found on the floor")
    db.session.commit()
    assert shows_identity(page_of(client, user, agreement))
    with clock.moved_to(clock.now() + timedelta(minutes=61)):
        page_of(client, user, agreement, 404)


def in_team(people, team, role):
    """Somebody with a role in one team."""
    words = {"by": SYSTEM, "password_hash": hash_password(PASSWORD), "team_id": team.id}
    return create_user(people.council, f"{team.name}@testshire.example", team.name, [role], **words)


def test_finance_reads_amounts_and_not_the_visits(client, people):
    page = page_of(client, people["finance"], an_agreement(people))
    assert "£136.50" in page
    assert "Visits of the week" not in page


def test_an_administrator_has_no_business_here(client, people):
    page_of(client, people["admin"], an_agreement(people), 403)


def test_a_party_reads_the_agreement_from_the_day_it_takes_part_and_only_its_share(client, people):
    agreement = an_agreement(people)
    page_of(client, people["healthassessor"], agreement, 404)
    row = {"organisation_id": people.icb.id, "role": PartyRole.FUNDER, "starts_on": clock.today()}
    db.session.add(PackageParty(authority_id=agreement.authority_id, package_id=agreement.package_id, **row))
    page = page_of(client, people["healthassessor"], agreement)
    assert not shows_identity(page)
    assert ">Council<" not in page


def test_the_provider_reads_who_the_person_was_at_the_end_from_thirty_days_after_it(client, people):
    agreement = an_agreement(people, starts_on=clock.today())
    user, now = coordinator_of(agreement.provider), clock.now()
    start(agreement, by=SYSTEM)
    end(agreement, clock.today(), "Moved away", by=SYSTEM)
    person = db.session.get_one(Person, agreement.package.person_id)
    was, person.telephone, person.known_as = person.telephone, "07700 900999", "ZZMay"
    with clock.moved_to(now + timedelta(days=30)):
        assert "07700 900999" in page_of(client, user, agreement)
    reads = db.session.query(AccessLog).count()
    with clock.moved_to(now + timedelta(days=31)):
        page = page_of(client, user, agreement)
        given = client.get(f"/api/v1/agreements/{agreement.id}", headers=client.bearer(user)).json
    for text in (page, str(given["person"])):
        assert was in text
        assert "07700 900999" not in text
        assert "ZZMay" not in text
    assert "a copy from when care ended" in page
    assert given["person"]["date_of_birth"] == "1938-03-04"
    assert db.session.query(AccessLog).count() == reads + 2
    with clock.moved_to(now + timedelta(days=31)):
        assert "ZZMay" in page_of(client, people["navigator"], agreement)


def test_a_provider_that_stepped_back_reads_no_identity_any_more(client, people):
    agreement = an_agreement(people)
    cancel_before_start(agreement, "Two carers left", by=SYSTEM)
    assert not shows_identity(page_of(client, coordinator_of(agreement.provider), agreement))


def test_the_list_holds_no_identity_and_can_be_narrowed(client, people):
    agreement = an_agreement(people)
    client.sign_in(people["navigator"])
    page = client.get("/agreements").text
    assert agreement.reference in page
    assert not shows_identity(page)
    assert agreement.reference not in client.get("/agreements?state=running").text
    assert client.get("/agreements?state=nonsense").status_code == 200


def test_a_reference_leads_to_its_agreement(client, people):
    agreement = an_agreement(people)
    client.sign_in(people["broker"])
    assert client.get(f"/search?q={agreement.reference.lower()}").location.endswith(f"/agreements/{agreement.id}")


def test_a_start_of_this_week_is_on_the_work_list_until_somebody_confirms(client, people):
    agreement = an_agreement(people, starts_on=clock.today() + timedelta(days=5))
    client.sign_in(people["navigator"])
    sentence = f"Ask whether package {agreement.package.reference} is still needed"
    assert sentence in client.get("/").text
    page = f"/agreements/{agreement.id}"
    assert client.submit(page, {"with_whom": ""}, to=f"{page}/still-needed").status_code == 422
    assert client.submit(page, {"with_whom": "Ward 4"}, to=f"{page}/still-needed").status_code == 302
    assert db.session.query(NeedConfirmation).one().confirmed_with == "Ward 4"
    assert sentence not in client.get("/").text


def test_a_provider_sees_on_its_work_list_what_begins_soon(client, people):
    agreement = an_agreement(people, starts_on=clock.today() + timedelta(days=5))
    client.sign_in(coordinator_of(agreement.provider))
    assert f"Care under {agreement.reference} begins on" in client.get("/").text


def test_the_api_lists_and_reads_by_the_same_scope(client, people):
    agreement = an_agreement(people)
    provider = client.bearer(coordinator_of(agreement.provider))
    listed = client.get("/api/v1/agreements", headers=provider).json
    assert [one["reference"] for one in listed["items"]] == [agreement.reference]
    whole = client.get(f"/api/v1/agreements/{agreement.id}", headers=provider).json
    assert whole["person"]["name"].startswith("ZZMabel")
    assert whole["versions"][0]["weekly_cost_pence"] == 13_650
    finance = client.get(f"/api/v1/agreements/{agreement.id}", headers=client.bearer(people["finance"])).json
    assert (finance["person"], finance["versions"][0]["visits"]) == (None, None)
    stranger = client.bearer(people["stranger"])
    assert client.get(f"/api/v1/agreements/{agreement.id}", headers=stranger).status_code == 404


def test_an_icb_that_leads_nothing_lists_nothing(client, people):
    an_agreement(people)
    other = register_organisation(OrganisationKind.ICB, "Far ICB", by=SYSTEM)
    user = a_user(other, "ha@far.example", Role.HEALTH_ASSESSOR)
    assert client.get("/api/v1/agreements", headers=client.bearer(user)).json == {"items": [], "next": None}
