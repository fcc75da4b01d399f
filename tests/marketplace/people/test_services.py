"""People's records: begun, changed, spoken for, tested; and whose identity who may see."""

import json
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from app import clock
from app.audit import SYSTEM
from app.audit.models import AuditFact
from app.audit.queries import timeline
from app.audit.tags import Audience
from app.database import db
from app.errors import Conflict, Invalid, NotFoundForViewer
from app.parties.roles import Role
from app.parties.services import team_named
from app.parties.viewer import viewer_of
from app.values.nhs_number import NhsNumber
from app.values.postcode import Postcode
from marketplace.people import queries, services
from marketplace.people.models import ContactPreference, Person, RepresentativeKind
from marketplace.people.rules import AdvocacyAnswers, Difficulty, PersonDetails
from marketplace.people.services import Contact, RepresentativeDetails
from tests.marketplace import makers
from tests.people import a_user

NHS = "9990000018"
READERS = ("navigator", "broker", "socialworker", "manager")


@pytest.fixture
def person(people):
    return makers.a_person(makers.a_scheme(people))


MABEL = PersonDetails("Mabel Thornber", date(1938, 3, 4), NhsNumber(NHS), "1 Canal Bank", "01632 960001")


def registered(people, **changes):
    details, place = replace(MABEL, **changes), Postcode.parse("pr18xj")
    return services.find_or_register(people.council.id, details, place, None, by=SYSTEM)


def test_a_record_is_begun_under_a_reference_that_says_nothing(people):
    person = registered(people)
    assert person.reference.startswith("PER-")
    assert (person.nhs_number, person.postcode) == (NHS, "PR1 8XJ")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": "  "}, "name"),
        ({"date_of_birth": date(2999, 1, 1)}, "date_of_birth"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(people, change, field):
    with pytest.raises(Invalid) as refused:
        registered(people, **change)
    assert set(refused.value.errors) == {field}


def test_an_nhs_number_belongs_to_one_person_of_an_authority(people):
    known = registered(people)
    assert registered(people, name="MABEL THORNBER") is known
    with pytest.raises(Invalid, match="Another person has this NHS number") as refused:
        registered(people, name="Somebody Else")
    assert set(refused.value.errors) == {"nhs_number"}
    elsewhere = services.find_or_register(people.other_council.id, MABEL, Postcode("PR1 8XJ"), None, by=SYSTEM)
    assert elsewhere.nhs_number == NHS
    assert elsewhere is not known


def test_what_is_looked_for_is_all_that_is_known_of_the_person_and_of_who_speaks_for_them(people):
    person = registered(people)
    person.known_as = "May"
    details = RepresentativeDetails(RepresentativeKind.FAMILY, "Zoë Ward", "07700 900111", "zoe@home.example")
    services.add_representative(person, details, by=SYSTEM)
    (record,) = queries.records_of([person])
    assert (record.names, record.representatives) == (("Mabel Thornber", "May"), ("Zoë Ward",))
    assert (record.emails, record.postcode) == (("zoe@home.example",), person.postcode)
    assert "07700 900111" in record.telephones


def test_a_change_of_contact_is_recorded_without_repeating_it(people, person):
    contact = Contact(ContactPreference.EMAIL, person.telephone, "zzmabel@home.example", person.address, "Urdu")
    services.change_contact(person, contact, by=SYSTEM)
    assert (person.email, person.language) == ("zzmabel@home.example", "Urdu")
    entry = timeline(person.id, Audience.COUNCIL)[0]
    assert entry.facts == {"fields": "contact preference, email, language"}
    kept = json.dumps([[fact.reason, fact.facts] for fact in db.session.scalars(select(AuditFact))])
    assert "zz" not in kept.casefold()
    before = len(timeline(person.id, Audience.COUNCIL))
    services.change_contact(person, contact, by=SYSTEM)
    assert len(timeline(person.id, Audience.COUNCIL)) == before


@pytest.mark.parametrize(
    ("contact", "field"),
    [
        (Contact(ContactPreference.PHONE), "telephone"),
        (Contact(ContactPreference.EMAIL), "email"),
        (Contact(telephone="none"), "telephone"),
        (Contact(email="mabel"), "email"),
    ],
)
def test_a_person_must_be_reachable_in_the_way_they_want(people, person, contact, field):
    with pytest.raises(Invalid) as refused:
        services.change_contact(person, contact, by=SYSTEM)
    assert set(refused.value.errors) == {field}


def test_consent_is_given_and_taken_back_once(people, person):
    today = clock.today()
    details = RepresentativeDetails(RepresentativeKind.FAMILY, "Joan Thornber", consent_given_on=today)
    joan = services.add_representative(person, details, by=SYSTEM)
    assert person.representatives == [joan]
    with pytest.raises(Invalid, match="before consent was given"):
        services.withdraw_consent(person, joan, today - timedelta(days=1), because="", by=SYSTEM)
    services.withdraw_consent(person, joan, today, because="They fell out", by=SYSTEM)
    assert joan.consent_withdrawn_on == today
    with pytest.raises(Conflict, match="already"):
        services.withdraw_consent(person, joan, today, because="", by=SYSTEM)


def test_a_representative_needs_a_name_and_no_consent_of_tomorrow(people, person):
    tomorrow = clock.today() + timedelta(days=1)
    details = RepresentativeDetails(RepresentativeKind.FRIEND, " ", consent_given_on=tomorrow)
    with pytest.raises(Invalid) as refused:
        services.add_representative(person, details, by=SYSTEM)
    assert set(refused.value.errors) == {"name", "consent_given_on"}


def test_an_advocacy_test_is_kept_beside_the_earlier_ones(people, person):
    today = clock.today()
    services.record_advocacy_test(person, AdvocacyAnswers(), today - timedelta(days=90), by=SYSTEM)
    answers = AdvocacyAnswers(frozenset({Difficulty.USING, Difficulty.RETAINING}), False, note="Since the stroke")
    services.record_advocacy_test(person, answers, today, by=SYSTEM)
    newest, earlier = queries.advocacy_tests_of(person)
    assert (newest.difficulties, newest.made_on) == (["retaining", "using"], today)
    assert earlier.difficulties == []
    assert timeline(person.id, Audience.COUNCIL)[0].facts["must_arrange"] == "yes"
    with pytest.raises(Invalid, match="in the future"):
        services.record_advocacy_test(person, AdvocacyAnswers(), today + timedelta(days=1), by=SYSTEM)


def test_who_arranges_care_sees_the_person_and_others_do_not(people, person):
    for name in READERS:
        assert queries.person_for(people.viewer(name), person.id) is person
    for name in ("contracts", "finance", "admin", "auditor", "healthassessor", "stranger"):
        with pytest.raises(NotFoundForViewer):
            queries.person_for(people.viewer(name), person.id)


def test_a_provider_never_sees_the_person_this_way(people, person):
    with pytest.raises(NotFoundForViewer):
        queries.person_for(viewer_of(makers.coordinator_of(makers.a_provider())), person.id)


def test_a_social_worker_of_a_team_sees_that_teams_people_only(people, person):
    north, south = (team_named(people.council, name, None) for name in ("North", "South"))
    worker = a_user(people.council, "north@testshire.example", Role.SOCIAL_WORKER)
    worker.roles[0].team_id = north.id
    db.session.flush()
    for team, sees in [(None, True), (north, True), (south, False)]:
        person.team_id = team.id if team else None
        assert queries.may_see_identity(viewer_of(worker), person) is sees


def test_a_health_assessor_sees_nobody_without_opening_who_it_is(people, person):
    with pytest.raises(NotFoundForViewer):
        queries.person_for(people.viewer("healthassessor"), person.id)


def test_a_person_who_is_not_there_is_not_found(people):
    with pytest.raises(NotFoundForViewer):
        queries.person_for(people.viewer("navigator"), people.council.id)
    assert db.session.query(Person).count() == 0
