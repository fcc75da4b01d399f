"""A person known with another address: nothing told is lost, and no street gets the postcode of another."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.audit import SYSTEM
from app.database import db
from app.parties.roles import Role
from app.tasks.jobs import run_queued
from marketplace.packages.importing import queue_import
from marketplace.packages.models import Package, ToldAddress
from marketplace.packages.rules import PackageStatus
from marketplace.people.models import Person
from tests.marketplace.makers import a_scheme
from tests.marketplace.packages.makers import a_file, a_row, a_team, nhs_number
from tests.marketplace.packages.test_steps import in_team
from tests.people import People, a_user

OLD, NEW = "7 Weavers Row, Preston", "Flat 2, 90 New Street, Leyland"
MOVED = {"address": NEW, "postcode": "PR2 1AA", "telephone": "07700 900222"}


@pytest.fixture
def scheme(people: People):
    a_team(people)
    return a_scheme(people)


def imported(scheme, *rows: dict[str, str]) -> None:
    queue_import(scheme, a_file(*rows), "packages.csv", by=SYSTEM)
    db.session.commit()
    run_queued()


def a_row_of(n: int, **changes: str) -> dict[str, str]:
    about = {"nhs_number": nhs_number(1), "date_of_birth": "1940-05-06", "address": OLD, "telephone": "07700 900111"}
    return a_row(n, **{**about, **changes})


def package(reference: str) -> Package:
    return db.session.scalars(select(Package).where(Package.council_reference == reference)).one()


@pytest.fixture
def moved(scheme) -> Package:
    imported(scheme, a_row_of(1))
    imported(scheme, a_row_of(2, **MOVED))
    return package("TCC-00002")


def test_a_row_with_another_address_is_a_draft_that_shows_both_and_joins_neither(client, people: People, moved):
    assert moved.status is PackageStatus.DRAFT
    client.sign_in(people["navigator"])
    page = client.get(f"/packages/{moved.id}").text
    assert f"{NEW}, PR2 1AA, telephone 07700 900222" in page
    assert f"{OLD}, PR1 8XJ, telephone 07700 900111" in page
    assert f"{OLD}, PR2" not in page
    assert "Say where the person lives" in page


def test_what_was_told_is_taken_over_with_all_its_parts_and_the_package_is_ready(client, people: People, moved):
    client.sign_in(people["navigator"])
    address = f"/packages/{moved.id}/address"
    assert client.submit(address, {"holds": "told", "reason": ""}).status_code == 422
    assert client.submit(address, {"holds": "told", "reason": "The daughter rang."}).status_code == 302
    db.session.expire_all()
    person = moved.person
    assert (person.address, person.postcode, person.telephone) == (NEW, "PR2 1AA", "07700 900222")
    assert moved.status is PackageStatus.READY
    assert f"{NEW}, PR2 1AA" in client.get(f"/packages/{moved.id}").text
    assert client.get(address).status_code == 302


def test_where_the_record_holds_the_visits_take_place_there(client, people: People, moved):
    client.sign_in(people["navigator"])
    said = {"holds": "record", "reason": "The ward wrote the address of her son."}
    assert client.submit(f"/packages/{moved.id}/address", said).status_code == 302
    db.session.expire_all()
    assert (moved.postcode, moved.sector, moved.status) == ("PR1 8XJ", "PR1 8", PackageStatus.READY)
    assert moved.person.address == OLD


def test_two_rows_of_one_file_that_differ_are_asked_about_too(scheme):
    imported(scheme, a_row_of(1), a_row_of(2, **MOVED))
    assert package("TCC-00001").status is PackageStatus.READY
    assert package("TCC-00002").status is PackageStatus.DRAFT
    assert db.session.scalars(select(ToldAddress.address)).all() == [NEW]


@pytest.mark.parametrize(
    "same", [{"address": "7, weavers  row Preston"}, {"telephone": "07700900111"}, {"telephone": ""}]
)
def test_another_spelling_or_nothing_told_is_no_difference(scheme, same):
    imported(scheme, a_row_of(1))
    imported(scheme, a_row_of(2, **same))
    assert package("TCC-00002").status is PackageStatus.READY
    assert db.session.query(ToldAddress).count() == 0


def test_whoever_may_not_change_the_record_is_told_neither_address(client, people: People, moved):
    other = a_team(people, "Another team")
    person = db.session.scalars(select(Person)).one()
    person.team_id = a_team(people, "Their team").id
    moved.referring_team_id = other.id
    stranger = a_user(people.council, "elsewhere@testshire.example", Role.SOCIAL_WORKER)
    in_team(stranger, other)
    db.session.commit()
    client.sign_in(stranger)
    page = client.get(f"/packages/{moved.id}").text
    assert NEW not in page
    assert "Say where the person lives" not in page
    assert client.get(f"/packages/{moved.id}/address").status_code == 302


def test_the_same_times_in_two_packages_are_named_on_both_and_before_the_offer(client, people: People, scheme):
    lives = {"address": OLD, "telephone": "07700 900111"}
    imported(scheme, a_row_of(1, weekly_visits="Mon-Fri 07:30-09:30 45x1", **lives))
    imported(
        scheme,
        a_row_of(2, weekly_visits="Fri 09:00-11:00 30x1", **lives),
        a_row_of(3, weekly_visits="Sat 09:00-11:00 30x1"),
    )
    client.sign_in(people["navigator"])
    first, second, third = (package(f"TCC-0000{n}") for n in (1, 2, 3))
    for own, other in ((first, second), (second, first)):
        page = client.get(f"/packages/{own.id}").text
        assert "Is this care asked for twice?" in page
        assert other.reference in page
        assert third.reference not in page
        assert f"at the same times in {other.reference}." in client.get(f"/packages/{own.id}/offer").text
    assert "asked for twice" not in client.get(f"/packages/{third.id}").text
    assert "asked for twice" not in client.get(f"/packages/{third.id}/offer").text
