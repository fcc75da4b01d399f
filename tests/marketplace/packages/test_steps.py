"""Entering, changing and moving packages on their pages: refusals at their fields, nothing typed lost."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from app import clock
from app.database import db
from app.parties.models import UserRole
from app.parties.roles import Role
from marketplace.packages.models import Funder, Package, PackageParty
from marketplace.packages.rules import PackageStatus
from marketplace.people.models import Person
from tests.marketplace.makers import a_package, a_person, a_scheme
from tests.marketplace.packages.makers import a_team, nhs_number
from tests.people import People, a_user

IDENTITY = ("ZZMabel", "ZZThornber", "Canal Bank", "07700 9", "PR1 8XJ")


@pytest.fixture
def scheme(people: People):
    return a_scheme(people)


def page_of(package: Package) -> str:
    return f"/packages/{package.id}"


def in_team(user, team) -> None:
    db.session.query(UserRole).filter_by(user_id=user.id).update({"team_id": team.id})


def typed(scheme, team, **changes: str) -> dict[str, object]:
    """What a navigator types for a new package."""
    start = clock.today() + timedelta(days=20)
    born = {"date_of_birth": ["6", "5", "1940"], "planned_start": [str(start.day), str(start.month), str(start.year)]}
    return {
        "person_name": "ZZAda ZZMarsden",
        "nhs_number": nhs_number(1),
        "address": "ZZ1 Weavers Row",
        "telephone": "07700 900556",
        "lot": str(scheme.lots[0].id),
        "source": "community",
        "urgency": "standard",
        "postcode": "pr18xj",
        "visits": "Mon-Fri 07:30-09:30 45x1\nSun 12:00-14:00 60x2",
        "time_critical": "y",
        "pen_picture": "Lives alone; walks with a frame.",
        "carer_gender": "any",
        "skills": [],
        "health_percent": "0",
        "team": str(team.id),
        "incumbent": "",
        **born,
        **changes,
    }


def edited(package: Package, **changes: object) -> dict[str, object]:
    start = package.planned_start
    return {
        "lot": str(package.lot_id),
        "source": "community",
        "urgency": "standard",
        "planned_start": [str(start.day), str(start.month), str(start.year)],
        "postcode": package.postcode,
        "visits": "Mon-Sun 07:00-10:00 45x1",
        "pen_picture": package.pen_picture,
        "carer_gender": "any",
        "health_percent": "0",
        "team": str(package.referring_team_id or ""),
        "incumbent": "",
        "version": str(package.version),
        **changes,
    }


def test_a_package_typed_in_is_ready_with_its_person_visits_and_place(client, people: People, scheme):
    team = a_team(people)
    lives = {"address": "ZZ1 Weavers Row", "telephone": "07700 900556"}
    a_person(scheme, name="ZZAda ZZMarsden", nhs_number=nhs_number(1), date_of_birth=date(1940, 5, 6), **lives)
    client.sign_in(people["navigator"])
    answer = client.submit("/packages/new", typed(scheme, team))
    assert answer.status_code == 302, re.findall(r"error-message.*?</p>", answer.get_data(as_text=True), re.DOTALL)
    package = db.session.scalars(select(Package)).one()
    assert package.status is PackageStatus.READY
    assert (package.postcode, package.zone.name if package.zone else "") == ("PR1 8XJ", "Preston")
    assert package.weekly_minutes == 5 * 45 + 120
    assert [visit.time_critical for visit in package.visits] == [True] * 6
    assert db.session.scalar(select(func.count()).select_from(Person)) == 1


UNUSABLE = [
    ("pen_picture", "Ring the son on 01772 555 123.", "Take out the telephone number"),
    ("pen_picture", "The key is at PR1 8XJ.", "Take out the postcode"),
    ("short_visit_reason", "See 999 000 0018.", "Take out the NHS number"),
    ("visits", "Mon 25:00-26:00 45x1", "Clause 1"),
    ("postcode", "QR1 1AA", "Enter a full postcode"),
    ("nhs_number", "9990000019", "check digit"),
    ("health_percent", "12.5", "whole number from 0 to 100"),
    ("cost_ceiling", "18,50", "full stop"),
]


def test_what_cannot_be_used_is_refused_at_its_field_and_nothing_typed_is_lost(client, people: People, scheme):
    client.sign_in(people["navigator"])
    team = a_team(people)
    for field, text, sentence in UNUSABLE:
        answer = client.submit("/packages/new", typed(scheme, team, **{field: text}))
        page = answer.get_data(as_text=True)
        assert answer.status_code == 422, field
        assert sentence in page
        assert text in page
        assert "ZZ1 Weavers Row" in page
    assert not db.session.scalar(select(func.count()).select_from(Package))


def test_the_week_is_drawn_before_anything_is_entered(client, people: People, scheme):
    client.sign_in(people["navigator"])
    answer = client.submit("/packages/new", typed(scheme, a_team(people)) | {"preview": "yes"})
    assert answer.status_code == 200
    assert "The week as typed" in answer.get_data(as_text=True)
    assert not db.session.scalar(select(func.count()).select_from(Package))


def test_a_week_that_cannot_be_drawn_says_why(client, people: People, scheme):
    client.sign_in(people["navigator"])
    for visits, said in (("Mon-Fri sometime", "Clause 1: this cannot be read."), ("", "There are no visits.")):
        answer = client.submit("/packages/new", typed(scheme, a_team(people), visits=visits) | {"preview": "yes"})
        assert said in answer.get_data(as_text=True)


def test_the_form_reads_what_word_processors_and_people_write(client, people: People, scheme):
    start = clock.today() + timedelta(days=20)
    words = {"planned_start": [str(start.day), f"{start:%b}", str(start.year)], "date_of_birth": ["6", "may", "1940"]}
    visits = "Mon–Fri 07:30–09:30 45×1: wash – dress\nSun 00:00-24:00 60x1"
    client.sign_in(people["navigator"])
    answer = client.submit("/packages/new", typed(scheme, a_team(people), visits=visits, **words))
    assert answer.status_code == 302, answer.text
    package = db.session.scalars(select(Package)).one()
    assert (package.planned_start, package.person.date_of_birth) == (start, date(1940, 5, 6))
    assert [visit.value.text for visit in package.visits][::5] == [
        "Monday 07:30-09:30, 45 minutes", "Sunday 00:00-24:00, 60 minutes",
    ]  # fmt: skip
    assert package.visits[0].tasks == "wash – dress"
    assert "00:00" in client.get(page_of(package)).text
    assert "Sun 00:00-24:00 60x1" in client.get(f"{page_of(package)}/edit").text


def test_an_unusual_date_of_birth_waits_until_somebody_says_that_it_is_right(client, people: People, scheme):
    client.sign_in(people["navigator"])
    born = ["12", "3", str(clock.today().year - 5)]
    client.submit("/packages/new", typed(scheme, a_team(people), date_of_birth=born))
    package = db.session.scalars(select(Package)).one()
    assert package.status is PackageStatus.DRAFT
    shown = client.get(page_of(package)).text
    assert "under 18 or over 110" in shown
    assert "Say that the date of birth is right" in shown
    assert client.submit(f"{page_of(package)}/birth", {"because": ""}).status_code == 422
    assert client.submit(f"{page_of(package)}/birth", {"because": "A transition case."}).status_code == 302
    db.session.refresh(package)
    assert package.status is PackageStatus.READY
    assert client.submit(f"{page_of(package)}/birth", {"because": "Again."}).status_code == 409


def test_nobody_is_born_after_care_begins(client, people: People, scheme):
    client.sign_in(people["navigator"])
    born = ["12", "3", str(clock.today().year + 2)]
    answer = client.submit("/packages/new", typed(scheme, a_team(people), date_of_birth=born))
    assert answer.status_code == 422
    assert "look for a wrong year" in answer.text


def test_a_stale_edit_is_refused_says_what_changed_and_keeps_what_was_typed(client, people: People, scheme):
    package = a_package(scheme, referring_team_id=a_team(people).id)
    path = f"{page_of(package)}/edit"
    client.sign_in(people["navigator"])
    first = client.submit(path, edited(package, pen_picture="Has moved downstairs."))
    assert first.status_code == 302
    second = client.submit(path, edited(package, language="Urdu", version="1"))
    page = second.get_data(as_text=True)
    assert second.status_code == 409
    assert "Care navigator, Testshire County Council changed: pen picture." in page
    assert 'value="Urdu"' in page
    db.session.refresh(package)
    assert (package.pen_picture, package.language, package.version) == ("Has moved downstairs.", None, 2)


def test_what_was_asked_of_providers_is_not_changed_under_their_eyes(client, people: People, scheme):
    package = a_package(scheme, status=PackageStatus.ON_OFFER)
    client.sign_in(people["navigator"])
    answer = client.submit(f"{page_of(package)}/edit", edited(package, pen_picture="Other needs."))
    assert answer.status_code == 409


def test_an_edit_moves_the_health_share_and_with_it_the_icbs_part(client, people: People, scheme):
    package = a_package(scheme, referring_team_id=a_team(people).id)
    client.sign_in(people["navigator"])
    assert client.submit(f"{page_of(package)}/edit", edited(package, health_percent="40")).status_code == 302
    db.session.refresh(package)
    assert {(share.funder, share.percent) for share in package.funding} == {(Funder.COUNCIL, 60), (Funder.HEALTH, 40)}
    party = db.session.scalars(select(PackageParty)).one()
    assert (party.organisation_id, party.ends_on) == (people.icb.id, None)
    assert client.submit(f"{page_of(package)}/edit", edited(package, version="2")).status_code == 302
    db.session.refresh(party)
    assert party.ends_on is not None
    assert party.ends_on < clock.today()


def test_a_name_in_question_is_answered_on_a_page_of_its_own(client, people: People, scheme):
    person = a_person(scheme, name="George Parkinson")
    team = a_team(people)
    values = {"person": person, "referring_team_id": team.id, "status": PackageStatus.DRAFT}
    package = a_package(scheme, pen_picture="Has Parkinson's.", **values)
    client.sign_in(people["navigator"])
    assert "the person’s name?" in client.get(page_of(package)).get_data(as_text=True)
    path = f"{page_of(package)}/words"
    assert client.submit(path, {"word": "Parkinson's", "reason": ""}).status_code == 422
    assert client.submit(path, {"word": "Parkinson's", "reason": "The illness"}).status_code == 302
    db.session.refresh(package)
    assert package.status is PackageStatus.READY


def test_a_step_asks_why_and_is_taken_once(client, people: People, scheme):
    package = a_package(scheme)
    client.sign_in(people["broker"])
    path = f"{page_of(package)}/withdraw"
    assert client.submit(path, {"because": ""}).status_code == 422
    assert client.submit(path, {"because": "In hospital"}).status_code == 302
    again = client.submit(path, {"because": "In hospital"})
    assert again.status_code == 409
    assert "In hospital" in again.get_data(as_text=True)


def test_a_referrer_asks_for_the_own_team_only(client, people: People, scheme):
    referrer = a_user(people.council, "referrer@testshire.example", Role.REFERRER)
    in_team(referrer, a_team(people, "The referrer’s team"))
    client.sign_in(referrer)
    answer = client.submit("/packages/new", typed(scheme, a_team(people)))
    assert answer.status_code == 422
    assert "choose one of the answers shown" in answer.get_data(as_text=True)


def test_where_no_word_is_in_question_there_is_no_form_for_it(client, people, scheme):
    package = a_package(scheme)
    client.sign_in(people["navigator"])
    answer = client.get(f"{page_of(package)}/words")
    assert (answer.status_code, answer.location) == (302, page_of(package))
