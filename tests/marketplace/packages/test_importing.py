"""Importing packages: all rows or none, once, with nothing about a person in what is said."""

from __future__ import annotations

import io
import threading
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app import clock
from app.audit import COMMAND, SYSTEM
from app.audit.models import AuditEntry
from app.audit.services import seal
from app.audit.verify import verify
from app.database import db
from app.errors import Conflict
from app.tasks.jobs import run_queued
from app.tasks.models import Task, TaskState
from marketplace.packages.importing import PACKAGES, queue_import
from marketplace.packages.models import Funder, Package, PackageParty
from marketplace.packages.queries import visits_of
from marketplace.packages.rules import PackageStatus
from marketplace.people.models import Person
from tests.app.files.books import a_book
from tests.marketplace.makers import a_member, a_provider, a_scheme
from tests.marketplace.packages.makers import a_file, a_row, a_team, nhs_number
from tests.people import People


@pytest.fixture
def scheme(people: People):
    a_team(people)
    return a_scheme(people)


def imported(scheme, content: bytes) -> Task:
    task = queue_import(scheme, content, "packages.csv", by=SYSTEM)
    db.session.commit()
    run_queued()
    return db.session.get_one(Task, task.id)


def count(model) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_a_good_file_makes_people_packages_visits_shares_and_the_icb_a_party(scheme, people: People):
    task = imported(scheme, a_file(a_row(1), a_row(2, funding="council", health_percent="0")))
    assert task.state is TaskState.DONE
    assert task.result is not None
    assert (task.result["packages"], task.result["ready"], task.result["to_look_at"]) == (2, 2, 0)
    package = db.session.scalars(select(Package).where(Package.council_reference == "TCC-00001")).one()
    assert package.status is PackageStatus.READY
    assert package.zone is not None
    assert package.zone.name == "Preston"
    assert package.easting is not None
    assert package.weekly_minutes == 7 * 45 + 120
    assert [visit.time_critical for visit in visits_of(package)] == [True] * 7 + [False]
    assert {(share.funder, share.percent) for share in package.funding} == {(Funder.COUNCIL, 60), (Funder.HEALTH, 40)}
    assert [skill.skill for skill in package.skills] == ["PEG feeding", "hoist"] or len(package.skills) == 2
    assert package.person.name == "ZZAda ZZMarsden"
    assert db.session.scalars(select(PackageParty)).one().organisation_id == people.icb.id


def test_every_package_and_person_of_an_import_stands_in_the_audit(scheme):
    imported(scheme, a_file(a_row(1), a_row(2)))
    found = dict(db.session.execute(select(AuditEntry.tag, func.count()).group_by(AuditEntry.tag)).all())
    assert (found["package:imported"], found["person:registered"], found["packages:imported"]) == (2, 2, 1)
    seal()
    assert verify().fault is None


def test_one_bad_row_keeps_everything_out_and_is_named_by_line_and_column_without_the_cell(scheme):
    task = imported(scheme, a_file(a_row(1), a_row(2, nhs_number="9990000019", postcode="ZZ9 9ZZ9"), a_row(3)))
    assert task.state is TaskState.REFUSED
    assert task.sentence == "Nothing was loaded: 1 row needs correcting."
    assert {(row["line"], row["column"]) for row in task.report or []} == {(3, "nhs_number"), (3, "postcode")}
    assert "9990000019" not in str(task.report)
    assert count(Package) == count(Person) == 0


@pytest.mark.parametrize(
    "content",
    [
        b"PK\x03\x04 not a workbook",
        b"\xff\xfe\x00",
        b"no,header\n1,2\n",
        "name\nJos\u00e9".encode("latin-1"),
        b"a\x00b",
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_words(scheme, content):
    task = imported(scheme, content)
    assert task.state is TaskState.REFUSED
    assert task.sentence is not None
    assert task.sentence.endswith(".")


def test_a_package_whose_text_may_name_the_person_waits_as_a_draft(scheme):
    task = imported(scheme, a_file(a_row(1, person_name="Ada Parkinson", pen_picture="Has Parkinson's.")))
    assert task.result is not None
    assert (task.result["ready"], task.result["to_look_at"]) == (0, 1)
    assert db.session.scalars(select(Package.status)).one() is PackageStatus.DRAFT


def test_a_person_known_by_nhs_number_is_found_again_and_a_namesake_is_refused(scheme):
    imported(scheme, a_file(a_row(1)))
    again = imported(scheme, a_file(a_row(1, reference="TCC-00002")))
    assert again.state is TaskState.DONE
    assert count(Person) == 1
    other = imported(scheme, a_file(a_row(1, reference="TCC-00003", person_name="Somebody Else")))
    assert other.state is TaskState.REFUSED
    assert [(row["line"], row["column"]) for row in other.report or []] == [(2, "nhs_number")]


def test_the_same_bytes_are_taken_once_for_a_scheme_and_told_with_the_date(scheme, people: People):
    content = a_file(a_row(1))
    imported(scheme, content)
    with pytest.raises(Conflict, match="already imported on"):
        queue_import(scheme, content, "renamed.csv", by=SYSTEM)
    elsewhere = imported(a_scheme(people), content)
    assert elsewhere.state is TaskState.DONE


def test_an_authority_imports_one_file_at_a_time(scheme):
    queue_import(scheme, a_file(a_row(1)), "one.csv", by=SYSTEM)
    with pytest.raises(Conflict, match="Another import is not finished"):
        queue_import(scheme, a_file(a_row(2)), "two.csv", by=SYSTEM)


def test_two_identical_imports_at_the_same_instant_have_one_effect(house, scheme):
    content, scheme_id = a_file(a_row(1), a_row(2)), scheme.id
    db.session.commit()
    barrier, outcomes = threading.Barrier(2), []

    def bring() -> None:
        with house.app_context():
            barrier.wait()
            try:
                queue_import(db.session.get_one(type(scheme), scheme_id), content, "packages.csv", by=SYSTEM)
                db.session.commit()
                outcomes.append("queued")
            except Conflict:
                db.session.rollback()
                outcomes.append("refused")
            run_queued()
            db.session.remove()

    threads = [threading.Thread(target=bring) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.rollback()
    assert sorted(outcomes) == ["queued", "refused"]
    assert count(Package) == 2


def test_the_command_loads_a_file_and_says_what_came_of_it(house, scheme, tmp_path: Path):
    file = tmp_path / "packages.csv"
    file.write_bytes(a_file(a_row(1)))
    db.session.commit()
    runner = house.test_cli_runner()
    first = runner.invoke(args=["import-packages", str(file), "--scheme", scheme.name])
    assert first.exit_code == 0, first.output
    assert "1 packages loaded: 1 ready, 0 to look at." in first.output
    second = runner.invoke(args=["import-packages", str(file), "--scheme", scheme.name])
    assert second.exit_code == 1
    assert "already imported" in second.output
    assert COMMAND.label in {task.created_by_label for task in db.session.scalars(select(Task))}


def test_the_command_names_every_bad_row_and_an_unknown_scheme(house, scheme, tmp_path: Path):
    file = tmp_path / "packages.csv"
    file.write_bytes(a_file(a_row(1, urgency="soon")))
    db.session.commit()
    runner = house.test_cli_runner()
    bad = runner.invoke(args=["import-packages", str(file), "--scheme", scheme.name])
    assert bad.exit_code == 1
    assert "line 2, urgency:" in bad.output
    assert runner.invoke(args=["import-packages", str(file), "--scheme", "None such"]).exit_code == 1


def test_made_up_nhs_numbers_pass_the_check():
    assert len({nhs_number(n) for n in range(1000)}) == 1000


def a_workbook(*sheets: tuple[str, str, list[dict[str, str]]], hidden_rows: tuple[int, ...] = ()) -> bytes:
    columns = list(PACKAGES.required)
    tables = [(name, state, [columns, *([row[c] for c in columns] for row in rows)]) for name, state, rows in sheets]
    return a_book(*tables, hidden_rows=hidden_rows)


def test_the_page_asks_for_the_sheet_and_says_which_it_read(client, scheme, people: People):
    book = a_workbook(
        ("Last month", "hidden", [a_row(9)]), ("One", "visible", [a_row(1)]), ("Two", "visible", [a_row(2)])
    )
    client.sign_in(people["navigator"])

    def told(**said: str) -> str:
        sent = {"scheme": str(scheme.id), "file": (io.BytesIO(book), "packages.xlsx"), **said}
        answer = client.submit("/packages/import", sent)
        run_queued()
        return " ".join(client.get(answer.location).text.split())

    assert "several sheets: “One”, “Two”. Name the sheet" in told()
    assert ">Two<" in told(sheet="two").replace(" ", "")
    assert [package.council_reference for package in db.session.scalars(select(Package))] == ["TCC-00002"]
    told(sheet="One")
    assert count(Package) == 2


def test_hidden_rows_are_counted_and_confirmed_before_they_are_loaded(client, scheme, people: People):
    book = a_workbook(("One", "visible", [a_row(1), a_row(2)]), hidden_rows=(3,))
    client.sign_in(people["navigator"])
    for said, packages in (({}, 0), ({"with_hidden_rows": "y"}, 2)):
        sent = {"scheme": str(scheme.id), "file": (io.BytesIO(book), "packages.xlsx"), **said}
        answer = client.submit("/packages/import", sent)
        run_queued()
        page = client.get(answer.location).text
        assert ("holds 2 rows, and 1 of them is hidden" in page) is (packages == 0)
        assert count(Package) == packages
    assert "Hidden rows" in page


def test_over_the_api_the_sheet_is_named_in_the_form(client, scheme, people: People):
    book = a_workbook(("One", "visible", [a_row(1)]), ("Two", "visible", [a_row(2), a_row(3)]), hidden_rows=(3,))
    sent = {
        "scheme_id": str(scheme.id),
        "file": (io.BytesIO(book), "p.xlsx"),
        "sheet": "Two",
        "with_hidden_rows": "true",
    }
    answer = client.post("/api/v1/packages/import", data=sent, headers=client.bearer(people["navigator"]))
    assert answer.status_code == 202, answer.text
    run_queued()
    assert count(Package) == 2


def test_the_command_is_refused_naming_the_option_and_takes_it(house, scheme, tmp_path: Path):
    file = tmp_path / "packages.xlsx"
    file.write_bytes(
        a_workbook(("One", "visible", [a_row(1), a_row(3)]), ("Two", "visible", [a_row(2)]), hidden_rows=(3,))
    )
    name = scheme.name

    def said(*options: str) -> tuple[int, str]:
        done = house.test_cli_runner().invoke(args=["import-packages", str(file), "--scheme", name, *options])
        return done.exit_code, done.output

    assert said()[0] == 1
    assert "Name the sheet that is to be read. Use --sheet." in said()[1]
    assert "Use --with-hidden-rows." in said("--sheet", "One")[1]
    code, output = said("--sheet", "One", "--with-hidden-rows")
    assert code == 0, output
    assert "The sheet “One” was read, 1 hidden rows with it." in output


def test_rows_without_an_nhs_number_are_people_of_their_own_as_from_the_form(scheme):
    task = imported(scheme, a_file(a_row(1, nhs_number=""), a_row(2, nhs_number=""), a_row(3)))
    assert task.result is not None
    assert (task.result["packages"], task.result["new_people"]) == (3, 3)
    assert sorted(filter(None, db.session.scalars(select(Person.nhs_number)))) == [nhs_number(3)]


def test_a_child_in_a_lot_for_adults_and_somebody_over_110_are_asked_about(scheme):
    year = clock.today().year
    task = imported(scheme, a_file(*(a_row(n, date_of_birth=f"01/01/{year - n}") for n in (5, 17, 30, 112))))
    assert task.result is not None
    assert (task.result["ready"], task.result["to_look_at"]) == (1, 3)
    assert task.state is TaskState.DONE


def test_a_previous_provider_is_one_of_the_schemes_own_and_of_two_with_its_name_neither(scheme, people: People):
    a_provider("Elsewhere Care")
    a_member(scheme, a_provider("Lark Care, PR1", registered_name="Lark Care"))
    a_member(scheme, a_provider("Lark Care, LA1", registered_name="Lark Care"))
    wren = a_member(scheme, a_provider("Wren Care"))
    names = ("Elsewhere Care", "lark care")
    task = imported(scheme, a_file(*(a_row(n, incumbent_provider=name) for n, name in enumerate(names, start=1))))
    outside = "This is not a provider that is or was a member of your schemes, or applied."
    several = "Several have this name. Use one of: Lark Care, LA1; Lark Care, PR1."
    assert [row["reason"] for row in task.report or []] == [outside, several]
    task = imported(
        scheme, a_file(a_row(3, incumbent_provider="Wren Care"), a_row(4, incumbent_provider="Lark Care, LA1"))
    )
    assert task.state is TaskState.DONE
    first = select(Package.incumbent_provider_id).where(Package.council_reference == "TCC-00003")
    assert db.session.scalar(first) == wren.id
