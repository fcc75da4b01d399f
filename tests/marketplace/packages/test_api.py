"""Packages over the API: the same refusals as the pages, and no identity unless it is asked for and recorded."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from app import clock
from app.audit.models import AccessLog
from app.database import db
from app.tasks.jobs import run_queued
from marketplace.packages.models import Package
from marketplace.packages.rules import PackageStatus
from tests.marketplace.makers import a_package, a_person, a_scheme
from tests.marketplace.packages.makers import a_file, a_row, a_team, nhs_number, upload
from tests.people import People


@pytest.fixture
def scheme(people: People):
    return a_scheme(people)


def sent(scheme, team, **changes: object) -> dict[str, object]:
    return {
        "scheme_id": str(scheme.id),
        "lot_id": str(scheme.lots[0].id),
        "person": {"name": "ZZAda ZZMarsden", "date_of_birth": "1940-05-06", "nhs_number": nhs_number(1)},
        "source": "community",
        "planned_start": (clock.today() + timedelta(days=9)).isoformat(),
        "postcode": "PR1 8XJ",
        "weekly_visits": "Mon-Sun 07:30-09:30 45x1",
        "pen_picture": "Lives alone.",
        "referring_team_id": str(team.id),
        **changes,
    }


def known_person(scheme) -> None:
    a_person(scheme, name="ZZAda ZZMarsden", nhs_number=nhs_number(1), date_of_birth=clock.today().replace(1940, 5, 6))


def test_a_package_is_entered_read_and_listed_without_the_person(client, people: People, scheme):
    known_person(scheme)
    headers = client.bearer(people["navigator"])
    answer = client.post("/api/v1/packages", json=sent(scheme, a_team(people), health_percent=40), headers=headers)
    assert answer.status_code == 201, answer.get_data(as_text=True)
    made = answer.get_json()
    assert (made["status"], made["outcode"], len(made["visits"])) == ("ready", "PR1", 7)
    assert {(share["funder"], share["percent"]) for share in made["funding"]} == {("council", 60), ("health", 40)}
    read = client.get(f"/api/v1/packages/{made['id']}", headers=headers)
    listed = client.get("/api/v1/packages?status=ready", headers=headers)
    assert [one["reference"] for one in listed.get_json()["items"]] == [made["reference"]]
    for body in (answer, read, listed):
        assert "ZZMabel" not in body.get_data(as_text=True)
        assert "PR1 8XJ" not in body.get_data(as_text=True)
    assert not db.session.scalar(select(func.count()).select_from(AccessLog))


def test_the_person_is_told_to_those_who_may_know_and_that_is_recorded(client, people: People, scheme):
    package = a_package(scheme)
    path = f"/api/v1/packages/{package.id}/person"
    told = client.get(path, headers=client.bearer(people["broker"]))
    assert told.get_json()["name"].startswith("ZZMabel")
    assert db.session.scalars(select(AccessLog.person_id)).all() == [package.person_id]
    assert client.get(path, headers=client.bearer(people["contracts"])).status_code == 404
    assert client.get(path, headers=client.bearer(people["finance"])).status_code == 403
    assert client.get(path, headers=client.bearer(people["stranger"])).status_code == 404
    assert client.get(path).status_code == 401


def test_the_same_refusals_as_on_the_page_name_their_fields(client, people: People, scheme):
    headers, team = client.bearer(people["navigator"]), a_team(people)
    cases = [
        ({"pen_picture": "Ring 01772 555 123."}, "pen_picture"),
        ({"postcode": "QR1 1AA"}, "postcode"),
        ({"weekly_visits": "Mon 25:00-26:00 45x1"}, "visits"),
        ({"referring_team_id": str(uuid4())}, "referring_team_id"),
        ({"lot_id": str(uuid4())}, "lot"),
        ({"status": "awarded"}, "status"),
    ]
    for changes, field in cases:
        answer = client.post("/api/v1/packages", json=sent(scheme, team, **changes), headers=headers)
        assert answer.status_code == 422, changes
        assert field in answer.get_data(as_text=True)
    assert not db.session.scalar(select(func.count()).select_from(Package))


def test_dates_weekdays_and_minutes_are_taken_strictly(client, people: People, scheme):
    headers, team = client.bearer(people["navigator"]), a_team(people)
    visit = {"weekday": 0, "window_start": 450, "window_end": 570, "minutes": 45}
    person = {"name": "ZZAda ZZMarsden", "date_of_birth": "1940-05-06"}
    odd: list[dict[str, object]] = [
        *({"planned_start": value} for value in (0, -941328000000, "0", True, "2026-12-14T00:00:00", "14/12/2026")),
        *({"person": {**person, "date_of_birth": value}} for value in (0, "0026-05-06", "941328000")),
        *({"visits": [{**visit, name: value}], "weekly_visits": ""}
          for name in visit for value in (True, "4_5", 45.5, "45")),
        {"health_percent": True}, {"cost_ceiling_pence": "4_5"},
        {"visits": [{**visit, "time_critical": 1}], "weekly_visits": ""},
    ]  # fmt: skip
    for changes in odd:
        answer = client.post("/api/v1/packages", json=sent(scheme, team, **changes), headers=headers)
        assert answer.status_code == 422, changes
    assert not db.session.scalar(select(func.count()).select_from(Package))


def test_text_over_the_api_is_read_as_everywhere_and_a_whole_day_is_a_window(client, people: People, scheme):
    headers, team = client.bearer(people["navigator"]), a_team(people)
    as_text = sent(scheme, team, weekly_visits="Mon–Fri 07:30–09:30 45×1; Sun 00:00-24:00 60x1")
    one_by_one = [{"weekday": 6, "window_start": 0, "window_end": 1440, "minutes": 1440}]
    for body in (as_text, sent(scheme, team, weekly_visits="", visits=one_by_one)):
        made = client.post("/api/v1/packages", json=body, headers=headers)
        assert made.status_code == 201, made.text
        last = made.get_json()["visits"][-1]
        assert (last["weekday"], last["window_start"], last["window_end"]) == (6, 0, 1440)


def test_a_councils_reference_is_found_however_its_dash_and_case_are_typed(client, people: People, scheme):
    team, headers = a_team(people), client.bearer(people["navigator"])
    body = sent(scheme, team, council_reference="Lcc–00017")
    made = client.post("/api/v1/packages", json=body, headers=headers).get_json()
    client.sign_in(people["navigator"])
    for typed in ("LCC-00017", "lcc—00017", made["reference"].lower().replace("-", "–")):
        found = client.get("/search", query_string={"q": typed})
        assert found.status_code == 302, typed
        assert found.location.endswith(made["id"])
    listed = client.get("/api/v1/packages", query_string={"reference": "LCC–00017"}, headers=headers).get_json()
    assert [one["id"] for one in listed["items"]] == [made["id"]]


def test_a_child_in_a_lot_for_adults_is_asked_about_over_the_api_too(client, people: People, scheme):
    headers, team = client.bearer(people["navigator"]), a_team(people)
    for years, status in ((5, "draft"), (112, "draft"), (80, "ready")):
        born = clock.today().replace(year=clock.today().year - years, day=1)
        person = {"name": "ZZAda ZZMarsden", "date_of_birth": born.isoformat()}
        made = client.post("/api/v1/packages", json=sent(scheme, team, person=person), headers=headers)
        assert made.get_json()["status"] == status, years


def test_a_name_in_a_text_makes_a_draft_and_not_a_leak(client, people: People, scheme):
    known_person(scheme)
    body = sent(scheme, a_team(people), pen_picture="ZZAda likes company.")
    answer = client.post("/api/v1/packages", json=body, headers=client.bearer(people["navigator"]))
    assert answer.status_code == 201
    assert answer.get_json()["status"] == PackageStatus.DRAFT


def test_the_same_key_enters_one_package(client, people: People, scheme):
    known_person(scheme)
    headers = {**client.bearer(people["navigator"]), "Idempotency-Key": "one"}
    body = sent(scheme, a_team(people))
    first = client.post("/api/v1/packages", json=body, headers=headers)
    second = client.post("/api/v1/packages", json=body, headers=headers)
    assert first.get_json()["id"] == second.get_json()["id"]
    assert db.session.scalar(select(func.count()).select_from(Package)) == 1


def test_a_file_is_taken_with_202_and_its_task_tells_what_came_of_it(client, people: People, scheme):
    a_team(people)
    headers = client.bearer(people["navigator"])
    form = upload(a_file(a_row(1), a_row(2, urgency="soon")), scheme_id=str(scheme.id))
    answer = client.post("/api/v1/packages/import", data=form, headers=headers)
    assert answer.status_code == 202, answer.get_data(as_text=True)
    busy = client.post("/api/v1/packages/import", data=upload(b"x", scheme_id=str(scheme.id)), headers=headers)
    assert busy.status_code == 409
    run_queued()
    task = client.get(f"/api/v1/tasks/{answer.get_json()['id']}", headers=headers).get_json()
    assert task["state"] == "refused"
    assert [(row["line"], row["column"]) for row in task["report"]] == [(3, "urgency")]


def test_strangers_and_roles_without_the_function_cannot_import_or_read(client, people: People, scheme):
    package = a_package(scheme)
    stranger, contracts = client.bearer(people["stranger"]), client.bearer(people["contracts"])
    form = {"scheme_id": str(scheme.id)}
    assert client.get(f"/api/v1/packages/{package.id}", headers=stranger).status_code == 404
    assert client.post("/api/v1/packages/import", data=upload(b"x", **form), headers=stranger).status_code == 404
    assert client.post("/api/v1/packages/import", data=upload(b"x", **form), headers=contracts).status_code == 403
