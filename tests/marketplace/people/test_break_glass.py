"""Break-glass: an identity outside one's scope, opened with a reason, for an hour, in front of the auditors."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app import clock
from app.audit.models import AccessLog, AuditEntry, AuditFact
from app.database import db
from app.messages.models import Delivery, Message
from app.parties.services import team_named
from marketplace.people.models import BreakGlass
from tests.app.auth.makers import without_nonces
from tests.careful import token_in
from tests.marketplace import makers

WHY = {"reason": "Found wandering; the police need the next of kin."}


@pytest.fixture
def package(people):
    """A package of the one team; the social worker is of the other."""
    one, other = (team_named(people.council, name, None) for name in ("one", "other"))
    for name in ("socialworker", "manager"):
        for held in people[name].roles:
            held.team_id = one.id
    made = makers.a_package(makers.a_scheme(people))
    made.referring_team_id = made.person.team_id = other.id
    made.person.name = "ZZMarkle Testperson"
    db.session.commit()
    return made


def address_of(package):
    return f"/people/{package.person_id}"


def opened(client, package, **reason):
    return client.submit("/account", reason or WHY, to=f"{address_of(package)}/open")


@pytest.mark.parametrize("name", ["socialworker", "manager", "auditor"])
def test_an_identity_is_shut_until_it_is_opened_with_a_reason_and_shut_again_after_an_hour(
    client, people, package, name
):
    client.sign_in(people[name])
    assert client.get(address_of(package)).status_code == 404
    form = client.get(f"{address_of(package)}/open")
    assert package.person.reference in form.text
    assert "ZZMarkle" not in form.text
    assert opened(client, package).location == address_of(package)
    assert "ZZMarkle" in client.get(address_of(package)).text
    assert "ZZMarkle" in client.get(f"/packages/{package.id}").text
    until = clock.now() + timedelta(minutes=60)
    db.session.scalars(select(BreakGlass)).one().until = clock.now()
    assert client.get(address_of(package)).status_code == 404
    assert "ZZMarkle" not in client.get(f"/packages/{package.id}").text
    assert until > clock.now()


def test_it_lasts_sixty_minutes_and_then_takes_a_second_reason(client, people, package):
    client.sign_in(people["socialworker"])
    opened(client, package)
    assert opened(client, package).status_code == 409
    grant = db.session.scalars(select(BreakGlass)).one()
    assert grant.until - grant.opened_at == timedelta(minutes=60)
    with clock.moved_to(grant.until - timedelta(seconds=1)):
        client.sign_out()
        client.sign_in(people["socialworker"])
        assert client.get(address_of(package)).status_code == 200
    with clock.moved_to(grant.until):
        assert client.get(address_of(package)).status_code == 404
        assert opened(client, package).status_code == 302
        assert client.get(address_of(package)).status_code == 200
    assert db.session.query(BreakGlass).count() == 2


@pytest.mark.parametrize("reason", ["", "   ", "urgent"])
def test_without_a_reason_nothing_is_opened(client, people, package, reason):
    client.sign_in(people["auditor"])
    assert opened(client, package, reason=reason).status_code == 422
    assert client.get(address_of(package)).status_code == 404


@pytest.mark.parametrize("name", ["admin", "finance", "contracts", "broker", "navigator"])
def test_nobody_else_can_open_one(client, people, package, name):
    client.sign_in(people[name])
    assert opened(client, package).status_code == 403
    assert client.get("/people/open").status_code == 403
    assert db.session.query(BreakGlass).count() == 0


def test_another_council_s_people_are_not_within_reach(client, people, package):
    for held in people["stranger"].roles:
        held.role = "auditor" if held.role == "broker" else "social_worker"
    client.sign_in(people["stranger"])
    assert opened(client, package).status_code == 404
    typed = {**WHY, "person": package.person.reference}
    assert "within your reach" in client.submit("/people/open", typed).text


def test_a_health_assessor_reaches_the_councils_that_name_their_icb(client, people, package):
    client.sign_in(people["healthassessor"])
    package.scheme.default_icb_id = None
    assert opened(client, package).status_code == 404
    package.scheme.default_icb_id = people.icb.id
    assert opened(client, package).status_code == 302
    assert "ZZMarkle" in client.get(address_of(package)).text
    assert db.session.scalars(select(BreakGlass)).one().authority_id == people.council.id


def test_what_is_open_to_one_is_shut_to_a_colleague(client, people, package):
    client.sign_in(people["socialworker"])
    opened(client, package)
    client.sign_out()
    client.sign_in(people["manager"])
    assert client.get(address_of(package)).status_code == 404


def test_it_opens_for_reading_and_nothing_else(client, people, package):
    client.sign_in(people["socialworker"])
    opened(client, package)
    page = client.get(address_of(package)).text
    assert "Change how to reach the person" not in page
    assert client.get(f"{address_of(package)}/contact").status_code == 404
    assert client.submit("/account", {"known_as": "X"}, to=f"{address_of(package)}/contact").status_code == 404
    assert client.get(f"/packages/{package.id}/edit").status_code == 404
    assert "Withdraw" not in client.get(f"/packages/{package.id}").text


def test_the_auditors_are_told_at_once_and_see_who_why_and_how_often(client, people, package):
    client.sign_in(people["socialworker"])
    opened(client, package)
    client.get(address_of(package))
    client.get(address_of(package))
    message = db.session.scalars(select(Message).where(Message.kind == "break_glass")).one()
    assert message.user_id == people["auditor"].id
    assert db.session.scalars(select(Delivery.email).where(Delivery.message_id == message.id)).all() == [
        people["auditor"].email
    ]
    assert "ZZMarkle" not in message.subject + message.body
    assert WHY["reason"] not in message.subject + message.body
    client.sign_out()
    client.sign_in(people["auditor"])
    page = client.get("/people/opened").text
    for shown in (package.person.reference, WHY["reason"], "Social worker, Testshire County Council"):
        assert shown in page
    assert 'data-label="Pages read" class="govuk-table__cell govuk-table__cell--numeric">2<' in page


def test_opening_and_reading_stand_in_the_audit_and_the_access_log(client, people, package):
    client.sign_in(people["auditor"])
    opened(client, package)
    client.get(address_of(package))
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.tag == "person:opened_out_of_scope")).one()
    assert (entry.subject_id, entry.actor_id) == (package.person_id, people["auditor"].id)
    log = select(AccessLog).where(AccessLog.person_id == package.person_id, AccessLog.page == "people.show")
    assert [row.actor_id for row in db.session.scalars(log)] == [people["auditor"].id]


def test_it_is_found_by_reference_or_by_nhs_number_and_looking_for_it_tells_nothing(client, people, package):
    package.person.nhs_number = "9434765919"
    client.sign_in(people["socialworker"])
    wrong = client.submit("/people/open", {**WHY, "person": "943 476 5870"})
    assert wrong.status_code == 422
    assert client.submit("/people/open", {**WHY, "person": "943 476 5919"}).location == address_of(package)
    found = client.submit("/people/open", {**WHY, "person": package.person.reference})
    assert found.status_code == 409


@pytest.mark.parametrize("reason", ["urgent", "", "  x  "])
def test_without_a_reason_nobody_learns_whether_a_number_is_known(client, people, package, reason):
    package.person.nhs_number = "9434765919"
    client.sign_in(people["socialworker"])
    pages = []
    with clock.moved_to(clock.now()):
        for number in ("943 476 5919", "943 476 5870", "nonsense", package.person.reference):
            answer = client.submit("/people/open", {"person": number, "reason": reason})
            pages.append((answer.status_code, without_nonces(answer.text).replace(number, "")))
            assert "within your reach" not in answer.text
    assert len(set(pages)) == 1
    assert pages[0][0] == 422


@pytest.mark.parametrize("typed", ["943 476 5870", "PER-2222222", "nonsense"])
def test_a_look_that_finds_nobody_is_recorded_without_what_was_typed(client, people, package, typed):
    client.sign_in(people["socialworker"])
    answer = client.submit("/people/open", {**WHY, "person": typed})
    assert answer.status_code == 422
    assert "Nobody within your reach" in answer.text
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.tag == "person:not_found_out_of_scope")).one()
    assert (entry.actor_id, entry.authority_id) == (people["socialworker"].id, people.council.id)
    fact = db.session.scalars(select(AuditFact).where(AuditFact.entry_id == entry.id)).one()
    assert (fact.reason, fact.facts) == (WHY["reason"], {})
    client.sign_out()
    client.sign_in(people["auditor"])
    assert "and nobody was found" in client.get("/audit").text
    assert "the audit says so" in client.get("/people/opened").text


def test_what_a_health_assessor_does_not_find_stands_in_the_audit_of_each_council_in_reach(client, people, package):
    package.scheme.default_icb_id = people.icb.id
    client.sign_in(people["healthassessor"])
    assert client.submit("/people/open", {**WHY, "person": "943 476 5870"}).status_code == 422
    found = select(AuditEntry.authority_id).where(AuditEntry.tag == "person:not_found_out_of_scope")
    assert set(db.session.scalars(found)) == {people.council.id, people.icb.id}


def test_who_is_in_ones_care_needs_no_glass(client, people, package):
    package.person.team_id = people["socialworker"].roles[0].team_id
    client.sign_in(people["socialworker"])
    assert opened(client, package).status_code == 409
    token = token_in(client.get("/account").text)
    assert client.post("/people/open", data={**WHY, "csrf_token": token}).status_code == 422
