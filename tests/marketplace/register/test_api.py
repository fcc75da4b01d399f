"""Providers, memberships and the import over the API."""

from __future__ import annotations

import io

from app.tasks.jobs import run_queued
from tests.marketplace.makers import a_member, a_provider, a_scheme, coordinator_of
from tests.marketplace.register.makers import LANCASHIRE, a_file, a_lancashire_scheme, a_row


def test_a_council_reads_the_register_and_its_memberships(client, people):
    scheme = a_scheme(people)
    provider = a_member(scheme, a_provider("Thistle Care", skills=["hoist"]))
    a_member(a_scheme(people))
    headers = client.bearer(people["broker"])
    found = client.get("/api/v1/providers?q=thistle", headers=headers).json
    assert (len(found["items"]), found["next"], found["items"][0]["skills"]) == (1, None, ["hoist"])
    one = client.get(f"/api/v1/providers/{provider.id}", headers=headers).json
    assert one["ratings"][0]["overall"] == "Good"
    assert "email" not in str(one)
    memberships = client.get("/api/v1/memberships", headers=headers).json
    assert len(memberships["items"]) == 2
    assert [area["area"] for area in memberships["items"][0]["areas"]] == ["PR1", "PR2"]


def test_a_provider_reads_only_its_own(client, people):
    scheme = a_scheme(people)
    mine, theirs = a_member(scheme), a_member(scheme)
    headers = client.bearer(coordinator_of(mine))
    items = client.get("/api/v1/providers", headers=headers).json["items"]
    assert [item["id"] for item in items] == [str(mine.id)]
    assert client.get(f"/api/v1/providers/{theirs.id}", headers=headers).status_code == 404
    items = client.get("/api/v1/memberships", headers=headers).json["items"]
    assert [item["provider_id"] for item in items] == [str(mine.id)]


def test_others_are_refused(client, people):
    assert client.get("/api/v1/providers").status_code == 401
    headers = client.bearer(people["socialworker"])
    assert client.get("/api/v1/memberships", headers=headers).status_code == 403


def test_a_file_of_providers_is_loaded_as_a_task(client, people):
    scheme = a_lancashire_scheme(people)
    headers = client.bearer(people["contracts"])
    path = f"/api/v1/schemes/{scheme.id}/providers/import"
    file = (io.BytesIO(LANCASHIRE.read_bytes()), "providers.csv")
    queued = client.post(path, headers=headers, data={"file": file})
    assert queued.status_code == 202, queued.text
    run_queued()
    task = client.get(f"/api/v1/tasks/{queued.json['id']}", headers=headers).json
    assert task["state"] == "done"
    assert (task["result"]["admitted"], task["result"]["refused"], task["result"]["waiting"]) == (69, 8, 7)


def test_a_bad_file_names_line_column_and_reason(client, people):
    scheme = a_scheme(people)
    headers = client.bearer(people["contracts"])
    path = f"/api/v1/schemes/{scheme.id}/providers/import"
    queued = client.post(path, headers=headers, data={"file": (io.BytesIO(a_file(a_row(lots="x"))), "p.csv")})
    run_queued()
    task = client.get(f"/api/v1/tasks/{queued.json['id']}", headers=headers).json
    assert task["state"] == "refused"
    assert [(row["line"], row["column"]) for row in task["report"]] == [(2, "lots")]


def test_a_file_cannot_be_loaded_into_another_councils_scheme(client, people):
    scheme = a_scheme(people)
    headers = client.bearer(people["stranger"])
    path = f"/api/v1/schemes/{scheme.id}/providers/import"
    assert client.post(path, headers=headers, data={"file": (io.BytesIO(b"x"), "p.csv")}).status_code == 403
