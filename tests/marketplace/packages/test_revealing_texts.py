"""At every door at which a package is written: what gives the person away is refused, and blind texts tell nothing."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import func, select

from app.audit import SYSTEM
from app.database import db
from app.parties.roles import Role
from app.tasks.jobs import run_queued
from app.tasks.models import Task, TaskState
from marketplace.disclosure.rules import WAITS
from marketplace.packages.importing import queue_import
from marketplace.packages.models import BlindText, Package
from marketplace.packages.rules import PackageStatus
from marketplace.people.models import Representative, RepresentativeKind
from tests.marketplace.makers import a_package, a_person, a_scheme
from tests.marketplace.packages.makers import a_file, a_row, a_team, nhs_number
from tests.marketplace.packages.test_api import sent
from tests.marketplace.packages.test_steps import edited, in_team, page_of, typed
from tests.people import People, a_user


@pytest.fixture
def scheme(people: People):
    return a_scheme(people)


REVEALING = [
    ("Lives at zz1 weavers row; ring first.", "Take out the address"),
    ("Key safe to the left of the door, code 4471.", "Take out how to get in"),
    ("Born 6 May 1940.", "Take out the date of birth"),
    ("Her daughter Susan does the shopping.", "Take out the name"),
    ("Mail zz.susan@example.org first.", "Take out the email address"),
    ("Ring on oh seven seven double oh, 900 556.", "Take out the telephone number"),
    ("Mosaic 4471902 has the history.", "Take out the number"),
    ("LN1:1AA, by the church.", "Take out the postcode"),
]
FINE = "Has a key safe. Needs 2 carers; insulin at 8am. Walks with a frame since 2019."


def packages() -> int:
    return db.session.scalar(select(func.count()).select_from(Package)) or 0


@pytest.mark.parametrize(("text", "sentence"), REVEALING)
def test_the_form_refuses_what_gives_the_person_away_in_picture_and_tasks(client, people, scheme, text, sentence):
    client.sign_in(people["navigator"])
    team = a_team(people)
    task = text.replace(";", ",")
    for field, typed_text in (("pen_picture", text), ("visits", f"Mon-Fri 07:30-09:30 45x1: {task}")):
        answer = client.submit("/packages/new", typed(scheme, team, **{field: typed_text}))
        assert (answer.status_code, sentence in answer.text) == (422, True), field
    assert packages() == 0


@pytest.mark.parametrize(("text", "sentence"), REVEALING)
def test_the_api_refuses_the_same_at_the_same_fields(client, people, scheme, text, sentence):
    headers, team = client.bearer(people["navigator"]), a_team(people)
    who = {"name": "ZZAda ZZMarsden", "date_of_birth": "1940-05-06", "nhs_number": nhs_number(1)}
    body = sent(scheme, team, person={**who, "address": "ZZ1 Weavers Row", "telephone": "07700 900556"})
    visit = {"weekday": 0, "window_start": 450, "window_end": 570, "minutes": 45, "tasks": text}
    for change in ({"pen_picture": text}, {"weekly_visits": "", "visits": [visit]}):
        answer = client.post("/api/v1/packages", json={**body, **change}, headers=headers)
        assert (answer.status_code, sentence in answer.get_data(as_text=True)) == (422, True), change
    assert packages() == 0


@pytest.mark.parametrize(("text", "sentence"), REVEALING)
def test_the_import_refuses_the_row_and_says_why_without_the_cell(people, scheme, text, sentence):
    a_team(people)
    row = a_row(1, pen_picture=text, date_of_birth="1940-05-06")
    task = queue_import(scheme, a_file(row), "packages.csv", by=SYSTEM)
    db.session.commit()
    run_queued()
    task = db.session.get_one(Task, task.id)
    assert task.state is TaskState.REFUSED
    assert [(bad["column"], sentence in bad["reason"]) for bad in task.report or []] == [("pen_picture", True)]
    assert packages() == 0


def test_an_edit_is_judged_by_all_that_is_known_and_the_harmless_one_is_taken(client, people, scheme):
    package = a_package(scheme, referring_team_id=a_team(people).id)
    speaks = {"person_id": package.person_id, "kind": RepresentativeKind.FAMILY, "name": "ZZAnnabel ZZWard"}
    db.session.add(Representative(authority_id=scheme.authority_id, **speaks))
    db.session.commit()
    client.sign_in(people["navigator"])
    path = f"{page_of(package)}/edit"
    answer = client.submit(path, edited(package, pen_picture="ZZAnnabel ZZWard is at home at noon."))
    assert (answer.status_code, "Take out the name" in answer.text) == (422, True)
    assert client.submit(path, edited(package, pen_picture=FINE)).status_code == 302
    db.session.refresh(package)
    assert (package.pen_picture, package.status) == (FINE, PackageStatus.READY)


class Blind:
    """A referrer of one team, and a person of another team whose record the referrer may not read."""

    def __init__(self, people: People, scheme, client) -> None:
        self.own, other = a_team(people, "The own team"), a_team(people, "Another team")
        self.scheme, self.client = scheme, client
        details = {"name": "ZZAda ZZMarsden", "nhs_number": nhs_number(1), "date_of_birth": date(1940, 5, 6)}
        a_person(scheme, **details, known_as="ZZPeg", address="7 Ollerenshaw", team_id=other.id)
        referrer = a_user(people.council, "referrer@testshire.example", Role.REFERRER)
        in_team(referrer, self.own)
        db.session.commit()
        client.sign_in(referrer)
        self.referrer = referrer

    def enter(self, text: str, address: str = "", **changes: str) -> Package:
        said = {"pen_picture": text, "address": address, "telephone": "", **changes}
        answer = self.client.submit("/packages/new", typed(self.scheme, self.own, **said))
        assert answer.status_code == 302, answer.text
        db.session.expire_all()
        return db.session.scalars(select(Package).order_by(Package.created_at.desc(), Package.id.desc())).first()


@pytest.fixture
def blind(people, scheme, client):
    return Blind(people, scheme, client)


@pytest.mark.parametrize("text", ["ZZPeg likes her tea strong.", "Number 7 has a ramp."])
def test_a_writer_who_may_not_read_the_record_is_told_only_that_the_texts_wait(blind, client, text):
    package = blind.enter(text)
    assert package.status is PackageStatus.DRAFT
    page = client.get(page_of(package))
    assert WAITS in page.text
    assert "Take out" not in page.text
    assert "the person’s name?" not in page.text
    assert client.get(f"{page_of(package)}/words").status_code == 302
    assert WAITS in client.submit(f"{page_of(package)}/ready", {}).text


def test_another_address_than_the_record_has_waits_in_the_same_words(blind, client):
    package = blind.enter(FINE, address="9 Canal Bank")
    assert package.status is PackageStatus.DRAFT
    assert WAITS in (page := client.get(page_of(package)).text)
    assert "This package came with" not in page
    assert client.submit(f"{page_of(package)}/ready", {}).status_code == 422


def test_what_anybody_can_see_is_told_to_such_a_writer_too(blind, client):
    answer = client.submit("/packages/new", typed(blind.scheme, blind.own, pen_picture="Door code 4471."))
    assert (answer.status_code, "Take out how to get in" in answer.text) == (422, True)


def compared(client, package: Package, outcome: str = "record") -> None:
    """An officer has said whether this is the known person."""
    said = {"outcome": outcome, "because": "Rang the ward."}
    assert client.submit(f"/people/{package.person_id}/compare", said).status_code == 302
    db.session.refresh(package)


def test_texts_that_wait_go_on_waiting_whatever_is_typed_over_them_until_an_officer_has_read_them(
    blind, client, people
):
    package = blind.enter("ZZPeg likes her tea strong.")
    assert client.submit(f"{page_of(package)}/edit", edited(package, pen_picture=FINE)).status_code == 302
    db.session.refresh(package)
    assert package.status is PackageStatus.DRAFT
    client.sign_in(people["navigator"])
    assert client.submit(f"{page_of(package)}/ready", {}).status_code == 422
    compared(client, package)
    assert package.status is PackageStatus.DRAFT
    assert "Read it; if it gives nobody away" in client.get(page_of(package)).text
    assert client.submit(f"{page_of(package)}/ready", {}).status_code == 302
    db.session.refresh(package)
    assert package.status is PackageStatus.READY
    readers = select(BlindText.read_by_label).where(BlindText.package_id == package.id)
    assert all(label and "Care navigator" in label for label in db.session.scalars(readers))


def test_an_officer_sees_what_was_found_and_mends_it(blind, client, people):
    package = blind.enter("ZZPeg likes her tea strong.")
    client.sign_in(people["navigator"])
    assert "ZZPeg” the person’s name?" in client.get(page_of(package)).text
    client.submit(f"{page_of(package)}/edit", edited(package, pen_picture="Likes tea strong."))
    compared(client, package)
    assert package.status is PackageStatus.READY


@pytest.mark.parametrize("number", [nhs_number(1), nhs_number(2), ""])
@pytest.mark.parametrize("text", [FINE, "ZZPeg likes her tea strong."])
def test_all_that_such_a_writer_enters_waits_whatever_stands_in_it_and_whoever_is_known(blind, client, number, text):
    package = blind.enter(text, nhs_number=number)
    assert package.status is PackageStatus.DRAFT
    page = client.get(page_of(package)).text
    assert WAITS in page
    assert client.submit(f"{page_of(package)}/ready", {}).status_code == 422
    assert page.count("<li>") == client.get(page_of(package)).text.count("<li>")


def test_once_something_for_the_own_person_was_read_the_next_is_ready_at_once(blind, client, people):
    first = blind.enter(FINE, nhs_number=nhs_number(2))
    assert blind.enter(FINE, nhs_number=nhs_number(2)).status is PackageStatus.DRAFT
    client.sign_in(people["navigator"])
    assert client.submit(f"{page_of(first)}/ready", {}).status_code == 302
    client.sign_in(blind.referrer)
    third = blind.enter(FINE, nhs_number=nhs_number(2))
    assert (third.status, third.person_id) == (PackageStatus.READY, first.person_id)


def test_the_same_over_the_api(blind, client):
    headers = client.bearer(blind.referrer)
    told = client.post(
        "/api/v1/packages", json=sent(blind.scheme, blind.own, pen_picture="ZZPeg likes tea."), headers=headers
    )
    assert (told.status_code, told.get_json()["status"]) == (201, "draft")
    body = sent(blind.scheme, blind.own, pen_picture="Code 4471 at the door.")
    assert client.post("/api/v1/packages", json=body, headers=headers).status_code == 422


def test_a_package_that_was_offered_keeps_its_texts_from_such_a_writer(blind, client):
    package = blind.enter(FINE)
    package.status = PackageStatus.UNSOURCED
    db.session.commit()
    for text in ("ZZPeg likes tea.", "Likes tea."):
        answer = client.submit(f"{page_of(package)}/edit", edited(package, pen_picture=text))
        assert (answer.status_code, "may see the person’s record" in answer.text) == (409, True), text
