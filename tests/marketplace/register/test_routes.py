"""Pages of the register and of the files that fill it, through the careful client."""

from __future__ import annotations

import io

from sqlalchemy import select

from app.database import db
from app.tasks.jobs import run_queued
from app.tasks.models import Task
from marketplace.providers.models import CqcImport, CqcImportState, Provider
from marketplace.vocabulary import Rating
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
    assert "Release or refuse" in client.get("/").text
    base = f"/cqc/{run.id}"
    assert client.submit(base, {}, to=f"{base}/release").status_code == 302
    assert client.submit(f"{base}/refuse", {"because": "Too late."}).status_code == 409
    db.session.refresh(provider)
    assert provider.cqc_rating is Rating.REQUIRES_IMPROVEMENT
    assert "Look at the suspension" in client.get("/").text
    ods = client.submit("/cqc/import", {"file": (io.BytesIO(b"PK mimetype"), "directory.ods")})
    run_queued()
    assert "OpenDocument" in client.get(ods.location).text
