"""Names that two councils share: whoever writes one means their own, and is asked where it could be either's."""

from __future__ import annotations

import io
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from app import clock
from app.audit import COMMAND, SYSTEM
from app.database import db
from app.errors import Invalid
from app.parties.models import Organisation
from app.parties.services import team_named
from app.tasks.jobs import run_queued
from app.tasks.models import Task
from marketplace.applications.rules import ApplicationState
from marketplace.packages.models import Package
from marketplace.schemes.importing import import_scheme
from marketplace.schemes.models import LotPrice, Scheme, SchemePolicy
from marketplace.schemes.regime_rules import Regime
from tests.marketplace.applications.makers import an_application
from tests.marketplace.makers import a_member, a_provider, a_scheme
from tests.marketplace.packages.makers import GOOD_ROW, a_file, a_row
from tests.marketplace.register import makers as register
from tests.marketplace.schemes import makers as schemes

NAME = "Living well at home"
GOOD = "purple trains leave at noon"
CREATE = ["create-user", "ada@there.example", "--name", "Ada Fell", "--role", "broker", "--password", GOOD]


@pytest.fixture
def others(people):
    return people.elsewhere()


def a_scheme_with_team(council, **changes):
    """A scheme whose council has the team that rows of packages name."""
    team_named(council.council, GOOD_ROW["referrer"], None)
    return a_scheme(council, **changes)


def run(house, *args):
    return house.test_cli_runner().invoke(args=[str(one) for one in args])


def test_two_councils_with_a_scheme_of_one_name_are_told_apart_by_both_commands(house, people, others, tmp_path):
    for council in (people, others):
        a_scheme_with_team(council, name=NAME)
    packages, providers = tmp_path / "packages.csv", tmp_path / "providers.csv"
    packages.write_bytes(a_file(a_row(1)))
    providers.write_bytes(register.a_file(register.a_row()))
    db.session.commit()
    for command, file in (("import-packages", packages), ("import-providers", providers)):
        asked = run(house, command, file, "--scheme", NAME)
        assert asked.exit_code == 1
        assert "Elsewhere Council, Testshire County Council" in asked.output
        assert "--authority" in asked.output
        done = run(house, command, file, "--scheme", NAME.upper(), "--authority", "elsewhere council")
        assert done.exit_code == 0, done.output
        unknown = run(house, command, file, "--scheme", NAME, "--authority", "Nowhere")
        assert unknown.exit_code == 1
    assert [one.authority_id for one in db.session.scalars(select(Package))] == [others.council.id]


def test_an_organisation_that_is_typed_wrongly_makes_no_council(house, people):
    before = db.session.query(Organisation).count()
    wrong = run(house, *CREATE, "--organisation", "Testshire Conty Council")
    assert wrong.exit_code == 1
    assert "There is no council called Testshire Conty Council" in wrong.output
    assert "--new" in wrong.output
    assert db.session.query(Organisation).count() == before
    assert run(house, *CREATE, "--organisation", "testshire  county council").exit_code == 0
    again = ["create-user", "bob@new.example", *CREATE[2:]]
    assert run(house, *again, "--organisation", "A New Council", "--new").exit_code == 0
    assert db.session.query(Organisation).count() == before + 1


def test_a_file_whose_packages_all_lie_outside_every_zone_asks_before_it_loads(client, house, people, tmp_path):
    scheme = a_scheme_with_team(people)
    file = a_file(a_row(1, postcode="LA1 1AA"), a_row(2, postcode="LA1 1AB"))
    path = tmp_path / "packages.csv"
    path.write_bytes(file)
    db.session.commit()
    client.sign_in(people["navigator"])
    answer = client.submit("/packages/import", {"scheme": str(scheme.id), "file": (io.BytesIO(file), "p.csv")})
    run_queued()
    assert "no package of this file lies in a zone" in client.get(answer.location).text
    headers = client.bearer(people["navigator"])
    sent = {"scheme_id": str(scheme.id), "file": (io.BytesIO(file), "p.csv")}
    queued = client.post("/api/v1/packages/import", data=sent, headers=headers)
    assert queued.status_code == 202, queued.text
    run_queued()
    assert "no package of this file lies in a zone" in db.session.scalars(newest_task()).first().sentence
    asked = run(house, "import-packages", path, "--scheme", scheme.name)
    assert asked.exit_code == 1
    assert "--though-outside" in asked.output
    assert db.session.query(Package).count() == 0
    again = {"scheme": str(scheme.id), "file": (io.BytesIO(file), "p.csv"), "though_outside": "y"}
    client.submit("/packages/import", again)
    run_queued()
    assert db.session.query(Package).count() == 2


def newest_task():
    return select(Task).order_by(Task.created_at.desc())


def test_a_file_with_one_package_in_a_zone_is_loaded_without_a_question(house, people, tmp_path):
    scheme = a_scheme_with_team(people)
    path = tmp_path / "packages.csv"
    path.write_bytes(a_file(a_row(1, postcode="LA1 1AA"), a_row(2)))
    db.session.commit()
    assert run(house, "import-packages", path, "--scheme", scheme.name).exit_code == 0


def a_scheme_file(day: date, regime: str = "PCR2015_LTR") -> bytes:
    return schemes.a_file(("established_on = 2024-11-01", f"established_on = {day}"), ("PCR2015_LTR", regime))


def test_a_scheme_whose_first_day_lies_ahead_can_be_corrected_until_it_has_begun(people):
    today = clock.today()
    first, right = today + timedelta(days=30), today + timedelta(days=45)
    scheme = import_scheme(a_scheme_file(first), by=COMMAND).scheme
    done = import_scheme(a_scheme_file(right, "PA2023_DM"), by=COMMAND)
    assert (done.scheme.established_on, done.scheme.regime) == (right, Regime.PA2023_DM)
    assert "The regime or the first day of the scheme was corrected." in done.changes
    for table in (SchemePolicy, LotPrice):
        assert set(db.session.scalars(select(table.valid_from))) == {right}, "they move with the first day"
    with pytest.raises(Invalid):
        import_scheme(a_scheme_file(today - timedelta(days=1)), by=COMMAND)
    scheme.established_on = today
    db.session.flush()
    with pytest.raises(Invalid):
        import_scheme(a_scheme_file(right), by=COMMAND)


def test_other_councils_applicants_are_in_nobody_elses_register_and_members_are(client, people, others):
    theirs = a_scheme(others)
    refused, waiting, joined = (a_provider(name) for name in ("Refused Care", "Waiting Care", "Joined Care"))
    for provider, state in ((refused, ApplicationState.REFUSED), (waiting, ApplicationState.SUBMITTED)):
        application = an_application(theirs, provider)
        application.state = state
        application.decision_reason, application.decided_at = "Below the gate.", clock.now()
        application.decided_by_label = SYSTEM.label
    a_member(theirs, joined)
    nowhere = a_provider("Nowhere Care")
    db.session.commit()
    headers = client.bearer(people["broker"])
    client.sign_in(people["broker"])
    for shown in (client.get("/providers").text, client.get("/api/v1/providers", headers=headers).text):
        assert "Refused Care" not in shown
        assert "Waiting Care" not in shown
        assert "Joined Care" in shown
        assert "Nowhere Care" in shown
    for path in (f"/providers/{refused.id}", f"/api/v1/providers/{refused.id}"):
        assert client.get(path, headers=headers).status_code == 404
    assert client.get(f"/search?q={refused.reference}").text.count("Refused Care") == 0
    assert client.get(f"/providers/{nowhere.id}").status_code == 200
    client.sign_out()
    client.sign_in(others["broker"])
    assert "Refused Care" in client.get("/providers").text


def test_schemes_of_one_name_stay_two(people, others):
    for council in (people, others):
        import_scheme(schemes.a_file(), by=COMMAND, authority_name=council.council.name)
    assert len({one.authority_id for one in db.session.scalars(select(Scheme))}) == 2


def test_a_file_of_packages_where_a_member_covers_is_loaded_though_it_lies_in_no_zone(client, house, people):
    scheme = a_scheme_with_team(people)
    a_member(scheme, areas=("LA1",))
    db.session.commit()
    client.sign_in(people["navigator"])
    sent = {"scheme": str(scheme.id), "file": (io.BytesIO(a_file(a_row(1, postcode="LA1 1AA"))), "p.csv")}
    client.submit("/packages/import", sent)
    run_queued()
    assert db.session.query(Package).count() == 1
