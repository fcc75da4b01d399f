"""Schemes over the API and from the command line."""

import io

from app.database import db
from app.tasks.jobs import run_queued
from marketplace.schemes.models import Scheme
from tests.marketplace import makers
from tests.marketplace.schemes.makers import a_file


def upload(client, headers, content):
    return client.post("/api/v1/schemes/import", headers=headers, data={"file": (io.BytesIO(content), "scheme.toml")})


def taken(client, headers, content):
    """What came of an upload: its task, once it has run."""
    answer = upload(client, headers, content)
    assert answer.status_code == 202
    run_queued()
    return client.get(f"/api/v1/tasks/{answer.json['id']}", headers=headers).json


def test_the_list_gives_ids_of_schemes_and_lots(client, people):
    scheme = makers.a_scheme(people)
    answer = client.get("/api/v1/schemes", headers=client.bearer(people["navigator"]))
    assert answer.status_code == 200
    assert answer.json["next"] is None
    (item,) = answer.json["items"]
    assert (item["id"], item["name"], item["regime"]) == (str(scheme.id), scheme.name, "PCR2015_LTR")
    assert item["lots"] == [{"id": str(scheme.lots[0].id), "name": "homecare", "unit": "hour"}]
    one = client.get(f"/api/v1/schemes/{scheme.id}", headers=client.bearer(people["navigator"]))
    assert one.json == item


def test_a_stranger_gets_an_empty_list_and_404(client, people):
    scheme = makers.a_scheme(people)
    headers = client.bearer(people["stranger"])
    assert client.get("/api/v1/schemes", headers=headers).json["items"] == []
    assert client.get(f"/api/v1/schemes/{scheme.id}", headers=headers).status_code == 404
    assert client.get("/api/v1/schemes").status_code == 401


def test_a_file_is_taken_once(client, people):
    headers = client.bearer(people["contracts"])
    first, again = taken(client, headers, a_file()), taken(client, headers, a_file())
    assert (first["state"], first["result"]["created"]) == ("done", "yes")
    assert (again["state"], again["result"]["created"]) == ("done", "no")
    assert "was so already" in again["result"]["changes"]
    assert first["result"]["url"] == again["result"]["url"]


def test_a_bad_file_is_refused_with_every_key(client, people):
    told = taken(client, client.bearer(people["contracts"]), a_file(("floor = 22.00", "floor = 0")))
    assert told["state"] == "refused"
    (row,) = told["report"]
    assert row["column"] == "lots[1].floor"
    assert row["reason"].startswith("Enter an amount in pounds")
    assert db.session.query(Scheme).count() == 0


def test_without_a_file_there_is_a_problem_and_no_fault(client, people):
    answer = client.post("/api/v1/schemes/import", headers=client.bearer(people["contracts"]), data={})
    assert answer.status_code == 422


def test_a_navigator_may_not_set_up_a_scheme(client, people):
    assert upload(client, client.bearer(people["navigator"]), a_file()).status_code == 403


def run(house, tmp_path, content, *more):
    file = tmp_path / "scheme.toml"
    file.write_bytes(content)
    return house.test_cli_runner().invoke(args=["import-scheme", str(file), *more])


def test_the_command_sets_up_a_scheme_and_again_says_that_it_was_so_already(house, session, tmp_path):
    assert "Testshire care at home is set up." in run(house, tmp_path, a_file()).output
    assert "was so already" in run(house, tmp_path, a_file()).output


def test_the_command_names_every_problem_and_loads_nothing(house, session, tmp_path):
    answer = run(house, tmp_path, a_file(("floor = 22.00", "floor = 0")))
    assert answer.exit_code == 1
    assert "lots[1].floor: Enter an amount in pounds" in answer.output
    assert db.session.query(Scheme).count() == 0


def test_the_command_can_set_it_up_for_another_authority(house, session, tmp_path):
    assert run(house, tmp_path, a_file(), "--authority", "Another County Council").exit_code == 0
    assert run(house, tmp_path, a_file()).exit_code == 0
    assert db.session.query(Scheme).count() == 2
