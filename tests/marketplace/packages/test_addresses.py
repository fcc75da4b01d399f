"""A person known with another address: nothing told is lost, and no street gets the postcode of another."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app import clock
from app.audit import SYSTEM
from app.database import db
from app.parties.roles import Role
from app.tasks.jobs import run_queued
from app.tasks.models import Task
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


@pytest.mark.parametrize(
    ("differs", "columns"),
    [
        (MOVED, {"address", "postcode", "telephone"}),
        ({"person_name": "ZZAda ZZWard"}, {"person_name"}),
        ({"date_of_birth": "1941-05-06"}, {"date_of_birth"}),
    ],
)
def test_two_rows_of_one_person_that_differ_are_both_named_with_the_reason(scheme, differs, columns):
    queue_import(
        scheme, a_file(a_row_of(1), a_row_of(3, nhs_number=nhs_number(3)), a_row_of(2, **differs)), "p.csv", by=SYSTEM
    )
    db.session.commit()
    run_queued()
    task = db.session.scalars(select(Task)).one()
    assert {(bad["line"], bad["column"]) for bad in task.report or []} == {
        (n, name) for n in (2, 4) for name in columns
    }
    reasons = {bad["reason"] for bad in task.report or []}
    assert reasons == {f"Line {n} has the same NHS number and says something else here." for n in (2, 4)}
    assert NEW not in str(task.report)
    assert db.session.query(Package).count() == 0


def test_rows_of_one_person_that_tell_less_or_in_another_spelling_are_taken(scheme):
    imported(scheme, a_row_of(1), a_row_of(2, telephone="", address="7 weavers row, PRESTON"))
    assert {one.status for one in db.session.scalars(select(Package))} == {PackageStatus.READY}


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


def test_what_was_told_may_hold_from_a_day_ahead_and_until_then_the_record_does(client, people: People, moved):
    day = clock.today() + timedelta(days=7)
    client.sign_in(people["navigator"])
    said = {"holds": "told", "holds_from": [str(day.day), str(day.month), str(day.year)], "reason": "She moves then."}
    assert client.submit(f"/packages/{moved.id}/address", said).status_code == 302
    db.session.expire_all()
    assert (moved.person.address, moved.postcode, moved.status) == (OLD, "PR2 1AA", PackageStatus.READY)
    assert [(one.address, one.holds_from) for one in moved.person.addresses_to_come] == [(NEW, day)]


def test_another_name_of_the_same_person_is_asked_about_and_taken_over(client, people: People, scheme):
    imported(scheme, a_row_of(1))
    imported(scheme, a_row_of(2, person_name="ZZAda ZZWard"))
    named = package("TCC-00002")
    assert named.status is PackageStatus.DRAFT
    client.sign_in(people["navigator"])
    page = client.get(f"/packages/{named.id}").text
    assert "ZZAda ZZWard, 7 Weavers Row" in page
    assert "ZZAda ZZMarsden, 7 Weavers Row" in page
    said = {"holds": "told", "reason": "She has married."}
    assert client.submit(f"/packages/{named.id}/address", said).status_code == 302
    db.session.expire_all()
    assert (named.person.name, named.status) == ("ZZAda ZZWard", PackageStatus.READY)


@pytest.mark.parametrize("holds", ["told", "record"])
def test_the_team_that_holds_the_person_decides_over_page_and_api_though_the_package_is_not_theirs(
    client, people: People, moved, holds
):
    theirs, others = a_team(people, "Their team"), a_team(people, "Another team")
    moved.person.team_id, moved.referring_team_id = theirs.id, others.id
    holder = a_user(people.council, "holder@testshire.example", Role.SOCIAL_WORKER)
    in_team(holder, theirs)
    db.session.commit()
    client.sign_in(holder)
    assert f"Say where the person of {moved.reference} lives" in client.get("/").text
    assert NEW in client.get(f"/packages/{moved.id}/address").text
    headers, path = client.bearer(holder), f"/api/v1/packages/{moved.id}/address"
    assert NEW in client.get(path, headers=headers).get_json()["told"]
    waiting = client.get("/api/v1/packages/told-otherwise", headers=headers).get_json()["items"]
    assert [one["reference"] for one in waiting] == [moved.reference]
    sent = {"holds": holds, "because": "Rang her."}
    assert client.post(path, json={**sent, "because": ""}, headers=headers).status_code == 422
    assert client.post(path, json=sent, headers=headers).status_code == 200
    assert client.post(path, json=sent, headers=headers).status_code == 409
    db.session.expire_all()
    assert (moved.person.postcode, moved.postcode) == (("PR2 1AA",) * 2 if holds == "told" else ("PR1 8XJ",) * 2)
    assert moved.status is PackageStatus.READY
