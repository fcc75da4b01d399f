"""Lists that leave the house: nothing runs in them, nobody else's rows are in them, and each is written down."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select

from app.audit import SYSTEM
from app.audit.models import AccessLog, AuditEntry, AuditFact
from app.auth.tokens import Scope, create_token
from app.database import db
from app.files.reading import read_rows
from app.parties.models import Organisation
from app.parties.roles import Role
from app.parties.viewer import viewer_of
from app.tasks.jobs import run_queued
from app.tasks.models import Task, TaskState
from marketplace.packages.importing import queue_import
from marketplace.packages.listing import WHOLE_COLUMNS
from marketplace.packages.models import Package
from tests.careful import token_in
from tests.contracts.agreements.makers import an_agreement
from tests.marketplace.makers import a_scheme
from tests.marketplace.packages.makers import a_file, a_row, a_team
from tests.people import a_user

HOME = "/"
ODD = {
    1: {"person_name": "=ZZcmd|' /C calc'!A1", "address": "+44 ZZWeavers Row", "pen_picture": "-lives alone; walks."},
    2: {"person_name": "@ZZSum(1+1)", "address": "'ZZ quoted row", "pen_picture": "=1+1 is what she says."},
    3: {"person_name": "ZZAda, of \"Preston\"; & <b>", "address": "ZZ1\nWeavers Row", "pen_picture": "Zoë’s café."},
}  # fmt: skip


def take(client: Any, path: str, **asked: str) -> Any:
    """Posts an export as whoever is signed in."""
    token = token_in(client.get(HOME).get_data(as_text=True))
    answer = client.post(path, data={"csrf_token": token, **asked})
    assert answer.status_code == 200, answer.get_data(as_text=True)[:300]
    answer.get_data()
    return answer


@pytest.fixture
def loaded(people):
    """A scheme into which a file with formulas was imported."""
    a_team(people)
    scheme = a_scheme(people)
    imported(scheme, a_file(*(a_row(number, **odd) for number, odd in ODD.items())))
    return scheme


def imported(scheme, content: bytes, name: str = "packages.csv") -> None:
    task = queue_import(scheme, content, name, by=SYSTEM)
    db.session.commit()
    run_queued()
    done = db.session.get_one(Task, task.id, populate_existing=True)
    assert done.state is TaskState.DONE, (done.sentence, done.report)


def cells(content: bytes, name: str) -> list[dict[str, str]]:
    rows = read_rows(content, name, WHOLE_COLUMNS)
    return sorted((row.cells for row in rows), key=lambda one: one["reference"])


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_our_own_export_taken_in_again_gives_the_same_data_formulas_and_all(people, client, loaded, kind):
    client.sign_in(people["broker"])
    name = f"packages.{kind}"
    content = take(client, "/packages/export-with-people", format=kind, scheme=str(loaded.id)).get_data()
    first = cells(content, name)
    sent = {row["reference"]: row for row in (a_row(number, **odd) for number, odd in ODD.items())}
    for row in first:
        for column in ("person_name", "address", "pen_picture", "nhs_number", "date_of_birth", "cost_ceiling_weekly"):
            assert row[column] == sent[row["reference"]][column]
    elsewhere = a_scheme(people)
    imported(elsewhere, content, name)
    again = take(client, "/packages/export-with-people", format=kind, scheme=str(elsewhere.id)).get_data()
    assert cells(again, name) == first


def test_nothing_in_an_export_runs_and_numbers_stay_numbers(people, client, loaded):
    client.sign_in(people["broker"])
    text = take(client, "/packages/export-with-people", format="csv").get_data().decode("utf-8-sig")
    assert "'=ZZcmd" in text
    assert "'@ZZSum" in text
    assert ",=" not in text
    content = take(client, "/packages/export-with-people", format="xlsx").get_data()
    sheet = load_workbook(io.BytesIO(content)).worksheets[0]
    found = [cell for row in sheet.iter_rows(min_row=2) for cell in row if cell.value is not None]
    assert not [cell.value for cell in found if cell.data_type == "f" or str(cell.value)[:1] in "=+-@"]
    assert {cell.value for cell in found if cell.data_type == "n"} == {40}


def test_an_export_with_people_notes_each_of_them_as_looked_at_and_one_without_says_nothing_of_them(
    people, client, loaded
):
    client.sign_in(people["broker"])
    plain = take(client, "/packages/export", format="csv")
    assert "ZZ" not in plain.get_data(as_text=True)
    assert "ZZ" not in str(plain.headers)
    assert db.session.scalar(select(func.count()).select_from(AccessLog)) == 0
    whole = take(client, "/packages/export-with-people", format="csv")
    assert "ZZ" not in str(whole.headers)
    assert db.session.scalar(select(func.count()).select_from(AccessLog)) == len(ODD)
    tags: dict[str, dict[str, object]] = dict(
        db.session.execute(select(AuditEntry.tag, AuditFact.facts).join(AuditFact)).all()
    )
    assert tags["packages:exported"]["rows"] == tags["packages:exported_with_people"]["rows"] == len(ODD)
    assert len(tags["packages:exported_with_people"]["sha256"]) == 64


def test_pressing_the_button_twice_gives_the_file_twice(people, client, loaded):
    client.sign_in(people["broker"])
    twice = [take(client, "/packages/export", idempotency_key="one-key").get_data() for _ in range(2)]
    assert twice[0] == twice[1] != b""


def test_each_export_holds_the_rows_of_its_own_organisation_and_no_others(world, attacker):
    other = db.session.get_one(Organisation, world.rival.organisation_id)
    world.users["rival_administrator"] = a_user(other, "administrator@rival.example", Role.PROVIDER_ADMINISTRATOR)

    def rows(user: str, path: str) -> str:
        attacker.sign_out()
        attacker.sign_in(world.users[user])
        return take(attacker, path).get_data(as_text=True)

    rival_offers, own_offers = rows("rival_administrator", "/offers/export"), rows("administrator", "/offers/export")
    assert "Rival Care" in rival_offers
    assert "Rival Care" not in own_offers
    assert "26.00" not in own_offers
    assert "26.00" in rival_offers
    assert "Rival Care" not in rows("administrator", "/agreements/export")
    for path in ("/packages/export", "/packages/export-with-people", "/agreements/export"):
        assert len(rows("stranger", path).splitlines()) == 1, path
    assert "Rival" not in rows("administrator", "/audit/own/export")
    whole = rows("auditor", "/audit/export")
    assert whole.count("\n") > 20
    assert not [line for line in whole.splitlines() if ",response:" in line and "price" in line]
    ids = db.session.scalars(select(Package.id).where(Package.authority_id == world.scheme.authority_id)).all()
    assert any(str(one) in whole for one in ids)


API = {
    "/packages/export": "broker",
    "/packages/export-with-people": "broker",
    "/agreements/export": "finance",
    "/audit/export": "auditor",
}


@pytest.mark.parametrize("path", API)
def test_the_api_gives_the_file_of_the_page_and_as_json_what_was_meant(people, client, loaded, path):
    an_agreement(people)
    user = people[API[path]]
    client.sign_in(user)
    page = take(client, path, format="csv").get_data().decode("utf-8-sig")
    headers = client.bearer(user)
    files = {kind: client.post(f"/api/v1{path}", json={"format": kind}, headers=headers) for kind in ("csv", "json")}
    assert [answer.status_code for answer in files.values()] == [200, 200]
    assert all(answer.headers["Content-Disposition"].startswith("attachment") for answer in files.values())
    plain = list(csv.DictReader(io.StringIO(page)))
    assert plain
    if path != "/audit/export":  # every export adds an entry of its own
        assert files["csv"].get_data().decode("utf-8-sig") == page
        assert len(files["json"].json) == len(plain)
    else:
        assert len(files["json"].json) > len(plain)
    assert set(files["json"].json[0]) == set(plain[0])
    recorded = db.session.scalars(select(AuditFact).join(AuditEntry).where(AuditEntry.tag.contains("exported"))).all()
    assert sorted(str(one.facts["format"]) for one in recorded) == ["csv", "csv", "json"]


def test_every_list_that_leaves_is_in_the_trail_that_the_auditors_of_the_authority_read(people, client, loaded):
    headers = client.bearer(people["broker"])
    for path in ("/packages/export", "/packages/export-with-people"):
        assert client.post(f"/api/v1{path}", json={"format": "csv"}, headers=headers).status_code == 200
    rows = client.post("/api/v1/audit/export", json={"format": "json"}, headers=client.bearer(people["auditor"])).json
    assert {"packages:exported", "packages:exported_with_people"} <= {row["tag"] for row in rows}


def test_json_is_for_programs_so_nothing_in_it_is_defused_and_people_in_it_count_as_looked_at(people, client, loaded):
    asked = {"format": "json", "scheme_id": str(loaded.id)}
    headers = client.bearer(people["broker"])
    rows = client.post("/api/v1/packages/export-with-people", json=asked, headers=headers).json
    assert {row["person_name"] for row in rows} == {odd["person_name"] for odd in ODD.values()}
    assert db.session.scalar(select(func.count()).select_from(AccessLog)) == len(ODD)
    assert client.post("/api/v1/packages/export", json={**asked, "status": "awarded"}, headers=headers).json == []


@pytest.mark.parametrize(("scopes", "status"), [((Scope.READ, Scope.WRITE), 403), ((Scope.EXPORT,), 200)])
def test_whole_lists_leave_only_with_a_token_that_has_the_scope_export(people, client, loaded, scopes, status):
    user = people["broker"]
    secret = create_token(user, "narrow", by=viewer_of(user).actor, scopes=scopes)
    db.session.commit()
    answer = client.post(
        "/api/v1/packages/export", json={"format": "csv"}, headers={"Authorization": f"Bearer {secret}"}
    )
    assert answer.status_code == status
    entries = db.session.scalars(select(AuditEntry).where(AuditEntry.tag == "packages:exported")).all()
    assert len(entries) == (1 if status == 200 else 0)
