"""Pages of the register and of the files that fill it, through the careful client."""

from __future__ import annotations

import io
from datetime import date

from sqlalchemy import select

from app.database import db
from app.tasks.jobs import run_queued
from app.tasks.models import Task
from marketplace.providers.known import known_to
from marketplace.providers.models import CqcImport, CqcImportState, Provider
from marketplace.register.services import check_providers
from marketplace.vocabulary import Rating
from tests.app.files.books import a_book
from tests.marketplace.makers import a_member, a_provider, a_scheme
from tests.marketplace.register.makers import LANCASHIRE, a_file, a_filters_file, a_lancashire_scheme, a_row


def test_the_register_is_searched_and_shows_ratings_contacts_and_areas(client, people):
    scheme = a_scheme(people)
    provider = a_member(scheme, a_provider("Thistle Care"))
    a_member(scheme, a_provider("Other"))
    client.sign_in(people["broker"])
    found = client.get("/providers?q=THISTLE").text
    assert "Thistle Care" in found
    assert ">Other<" not in found
    shown = client.get(f"/providers/{provider.id}").text
    for text in ("Well-led", "none sent yet", "PR1, PR2", "Good, published 2 June 2025"):
        assert text in shown, text
    assert client.get(f"/search?q={provider.reference}").location.endswith(str(provider.id))


def test_a_file_of_providers_is_loaded_on_a_page(client, people):
    scheme = a_lancashire_scheme(people)
    client.sign_in(people["contracts"])
    page = f"/schemes/{scheme.id}/providers/import"
    answer = client.submit(page, {"file": (io.BytesIO(LANCASHIRE.read_bytes()), "providers.csv")})
    assert answer.status_code == 302, answer.text
    run_queued()
    assert "69" in client.get(answer.location).text
    assert client.get("/applications").text.count("APP-") == 7
    assert client.get("/memberships").status_code == 200
    assert client.submit(page, {}).status_code == 422


def test_bad_rows_are_shown_and_nothing_is_loaded(client, people):
    scheme = a_scheme(people)
    client.sign_in(people["contracts"])
    page = f"/schemes/{scheme.id}/providers/import"
    answer = client.submit(page, {"file": (io.BytesIO(a_file(a_row(lots="x"))), "providers.csv")})
    run_queued()
    shown = client.get(answer.location).text
    assert "Not every lot is one of this scheme" in shown
    assert db.session.scalars(select(Task)).one().state == "refused"
    assert db.session.scalars(select(Provider)).all() == []


def test_cqc_data_is_held_released_and_refused_on_pages(client, people):
    provider = a_member(a_scheme(people))
    client.sign_in(people["contracts"])
    fallen = a_filters_file((provider, "Requires improvement", "01/10/2026"))
    answer = client.submit("/cqc/import", {"file": (io.BytesIO(fallen), "directory.csv")})
    assert answer.status_code == 302, answer.text
    run_queued()
    assert "A contract manager releases or refuses the data" in client.get(answer.location).text
    run = db.session.scalars(select(CqcImport)).one()
    assert run.state is CqcImportState.HELD
    assert "Release or refuse" not in client.get("/").text, "who loaded a run never releases it"
    base = f"/cqc/{run.id}"
    assert "A second person has to look at it" in client.get(base).text
    assert client.submit(base, {}, to=f"{base}/release").status_code == 403
    client.sign_out()
    client.sign_in(people["manager"])
    assert "Release or refuse" in client.get("/").text
    assert client.submit(base, {}, to=f"{base}/release").status_code == 302
    assert client.submit(f"{base}/refuse", {"because": "Too late."}).status_code == 409
    assert known_to(people.council.id, [provider])[provider.id].rating is Rating.REQUIRES_IMPROVEMENT
    assert "Requires improvement" in client.get(f"/providers/{provider.id}").text
    client.sign_out()
    client.sign_in(people["contracts"])
    assert "Look at the suspension" in client.get("/").text
    ods = client.submit("/cqc/import", {"file": (io.BytesIO(b"PK mimetype"), "directory.ods")})
    run_queued()
    assert "OpenDocument" in client.get(ods.location).text


def test_names_are_found_and_sorted_as_a_reader_expects(client, people):
    scheme = a_scheme(people)
    for name in ("Zenith", "Ŵyn Home Care", "abacus", "de Souza Care", "O’Brien & Sons"):
        a_member(scheme, a_provider(name))
    client.sign_in(people["broker"])
    for page in ("/providers", "/memberships"):
        shown = client.get(page).text
        places = [shown.index(name) for name in ("abacus", "de Souza", "O’Brien", "Ŵyn", "Zenith")]
        assert places == sorted(places), page
        for typed, found in (
            ("Ŵyn Home Care", "Ŵyn"),
            ("wyn", "Ŵyn"),
            ("o'brien", "O’Brien"),
            ("DE  SOUZA", "de Souza"),
        ):
            answer = client.get(page, query_string={"q": typed}).text
            assert found in answer, (page, typed)
            assert "Zenith" not in answer


def test_a_renamed_row_is_found_by_its_new_name(people):
    provider = a_provider("Ŵyn")
    assert provider.name_key == "wyn"
    provider.name = "Écho  Care"
    db.session.commit()
    assert db.session.scalar(select(Provider.name_key)) == "echo care"


def test_contact_addresses_are_cleaned_or_refused_before_they_sign_in(people):
    scheme = a_scheme(people)
    for raw in ("{},", "<{}>", "mailto:{}", '"{}'):
        row = a_row(contact_email=raw.format("Rota@quill.example"))
        assert check_providers(scheme, a_file(row), "p.csv").rows[0].contact_email == "rota@quill.example"
    for raw in ("rota@quill..example", "rota..a@quill.example"):
        assert [bad.column for bad in check_providers(scheme, a_file(a_row(contact_email=raw)), "p.csv").bad_rows] == [
            "contact_email"
        ]


def test_a_file_saved_by_a_spreadsheet_program_in_england_is_read(people):
    scheme = a_scheme(people)
    row = a_row(
        cqc_report_date="12/10/2025",
        lots="Home\u00adcare",
        capacity_hours_per_week="80:30",
        entry_assessment_score="54%",
    )
    (good,) = check_providers(scheme, a_file(row), "p.csv").rows
    assert (good.cqc_report_date, good.capacity_hours_per_week) == (date(2025, 10, 12), 80 * 60 + 30)
    assert good.entry_assessment_score == 54


def test_the_sheet_of_a_workbook_of_providers_is_asked_for_at_every_door(client, house, people, tmp_path):
    scheme = a_scheme(people)
    row = a_row()
    table = [list(row), list(row.values())]
    book = a_book(("One", "visible", table), ("Two", "visible", table))
    client.sign_in(people["contracts"])
    answer = client.submit(f"/schemes/{scheme.id}/providers/import", {"file": (io.BytesIO(book), "p.xlsx")})
    run_queued()
    assert "Name the sheet that is to be read" in client.get(answer.location).text
    file, name = tmp_path / "p.xlsx", scheme.name
    file.write_bytes(book)
    asked = house.test_cli_runner().invoke(args=["import-providers", str(file), "--scheme", name])
    assert "Use --sheet." in asked.output
    sent = {"file": (io.BytesIO(book), "p.xlsx"), "sheet": "Two"}
    taken = client.post(
        f"/api/v1/schemes/{scheme.id}/providers/import", data=sent, headers=client.bearer(people["contracts"])
    )
    assert taken.status_code == 202, taken.text
    run_queued()
    assert db.session.scalar(select(Provider.name)) == "Thistle Care"
