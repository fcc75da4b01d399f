"""Pages of batches, as each role and as a stranger."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import event, select

from app.audit import SYSTEM
from app.database import db
from app.tasks.jobs import run_queued
from marketplace.batches import services
from marketplace.batches.distances import MOST_IN_A_ROUND
from marketplace.batches.models import Batch, BatchProposal
from marketplace.batches.moves import enter, mark_offered, settle
from marketplace.batches.proposing import propose_batches
from marketplace.batches.rules import BatchState
from marketplace.batches.services import new_batch
from marketplace.packages.rules import PackageStatus, Source, Urgency
from tests.marketplace.batches.makers import a_draft, a_sealed_batch, waiting_packages
from tests.marketplace.makers import a_lot, a_member, a_package, a_scheme, coordinator_of


@pytest.fixture
def scheme(people):
    return a_scheme(people)


@pytest.fixture
def navigator(client, people):
    return client.sign_in(people["navigator"])


def text_of(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.get_data(as_text=True)))


def state_of(batch):
    return db.session.scalars(select(Batch).where(Batch.id == batch.id)).unique().one().state


def test_a_navigator_proposes_batches_and_sees_them_on_a_map_and_in_a_table(navigator, scheme):
    waiting_packages(scheme, 3)
    a_package(scheme, source=Source.COMMUNITY)
    answer = navigator.submit("/batches/propose", {"scope": str(scheme.id), "sources": ["reallocation"]})
    assert answer.status_code == 302
    run_queued()
    assert f"/batches/drafts/{scheme.id}" in navigator.get(answer.location).get_data(as_text=True)
    page = navigator.get(f"/batches/drafts/{scheme.id}")
    html = page.get_data(as_text=True)
    batch = db.session.scalars(select(Batch)).unique().one()
    anchor = f"batch-{batch.reference.lower()}"
    assert f'id="{anchor}"' in html
    assert f'href="#{anchor}"' in html
    assert "Packages from community are not batched under the present choice. 1" in text_of(page)
    assert "straight line" in text_of(page)


def test_the_proposal_page_says_how_many_packages_wait(navigator, scheme):
    waiting_packages(scheme, 2)
    a_package(scheme, source=Source.REALLOCATION, urgency=Urgency.URGENT)
    page = text_of(navigator.get("/batches/propose"))
    assert f"Homecare, reallocation from another provider {scheme.name} 2 1" in page


def test_proposing_without_a_source_keeps_the_page_and_says_what_to_do(navigator, scheme):
    answer = navigator.submit("/batches/propose", {"scope": str(scheme.id)})
    assert answer.status_code == 422
    assert "Choose at least one source." in text_of(answer)


def test_a_scheme_that_was_not_offered_cannot_be_chosen(navigator, scheme, people):
    answer = navigator.submit("/batches/propose", {"scope": str(people.council.id), "sources": ["reallocation"]})
    assert answer.status_code == 422


def test_one_lot_may_be_proposed_alone(navigator, scheme):
    respite = a_lot(scheme, "respite")
    waiting_packages(scheme, 2)
    waiting_packages(scheme, 2, lot=respite)
    scope = f"{scheme.id}:{respite.id}"
    navigator.submit("/batches/propose", {"scope": scope, "sources": ["reallocation"]})
    run_queued()
    assert [batch.lot_id for batch in db.session.scalars(select(Batch)).unique()] == [respite.id]


def test_every_package_left_out_is_listed_with_its_reason(navigator, scheme):
    urgent = a_package(scheme, source=Source.REALLOCATION, urgency=Urgency.URGENT)
    propose_batches(scheme, None, {Source.REALLOCATION}, SYSTEM)
    proposal = db.session.scalars(select(BatchProposal)).one()
    page = text_of(navigator.get(f"/batches/proposals/{proposal.id}/left-out"))
    assert urgent.reference in page
    assert "Urgent packages are never batched." in page


@pytest.mark.parametrize("path", ["/batches", "/batches?state=sealed", "/batches?state=nonsense", "/batches/propose"])
def test_pages_without_anything_to_show_say_what_to_do(navigator, path):
    assert navigator.get(path).status_code == 200


def test_a_scheme_without_drafts_says_so(navigator, scheme):
    assert "This scheme has no draft batches." in text_of(navigator.get(f"/batches/drafts/{scheme.id}"))


def test_the_list_shows_batches_by_state(navigator, scheme):
    sealed = a_sealed_batch(scheme, 2)
    draft = a_draft(scheme, 2, postcode="PR2 1AA")
    page = text_of(navigator.get("/batches?state=sealed"))
    assert sealed.reference in page
    assert draft.reference not in page
    assert draft.reference in text_of(navigator.get("/batches"))


def test_the_page_of_a_batch_shows_packages_hours_and_distances_and_no_identity(navigator, scheme):
    batch = a_draft(scheme, 3)
    page = navigator.get(f"/batches/{batch.id}")
    text = text_of(page)
    assert "15.75 hours a week" in text
    assert "Round trip 0.4 km (straight line)" in text
    assert "Mon-Sun 07:00-10:00 45x1" in text
    assert "Monday" in text
    assert all(package.reference in text for package in batch.packages)
    assert "ZZMabel" not in page.get_data(as_text=True)
    assert "PR1 8XJ" not in text


def test_a_batch_without_a_place_is_shown_without_a_map(navigator, scheme):
    batch = a_draft(scheme, 2)
    for package in batch.packages:
        package.easting = None
    page = text_of(navigator.get(f"/batches/{batch.id}"))
    assert "Packages without a place on the map: 2." in page


def test_a_package_is_added_lifted_and_the_batch_sealed_in_the_browser(navigator, scheme):
    batch = a_draft(scheme, 3)
    page = f"/batches/{batch.id}"
    added = a_package(scheme, source=Source.COMMUNITY)
    reference = added.reference.lower().replace("-", " ")
    assert navigator.submit(page, {"reference": reference, "version": "1"}, to=f"{page}/add").status_code == 302
    lifted = batch.packages[0]
    sent = {"package": str(lifted.id), "reason": "preference", "because": "Wants to stay", "version": "2"}
    assert navigator.submit(page, sent, to=f"{page}/lift").status_code == 302
    assert "Wants to stay" in text_of(navigator.get(page))
    assert navigator.submit(page, {"version": "3"}, to=f"{page}/seal").status_code == 302
    db.session.expire_all()
    assert state_of(batch) is BatchState.SEALED
    assert (added.status, lifted.status) == (PackageStatus.IN_BATCH, PackageStatus.READY)


def test_the_nearest_waiting_packages_are_offered_for_adding(navigator, scheme):
    batch = a_draft(scheme, 2)
    near = a_package(scheme, source=Source.COMMUNITY)
    assert f'value="{near.reference}"' in navigator.get(f"/batches/{batch.id}").get_data(as_text=True)


def test_a_stale_page_does_not_seal(navigator, scheme):
    batch = a_draft(scheme, 3)
    services.lift_package(batch, batch.packages[0], "Because", SYSTEM)
    answer = navigator.submit(f"/batches/{batch.id}", {"version": "1"}, to=f"/batches/{batch.id}/seal")
    assert answer.status_code == 409
    assert "since you opened it" in text_of(answer)
    assert state_of(batch) is BatchState.DRAFT


def test_a_refused_package_keeps_what_was_typed(navigator, scheme):
    batch, urgent = a_draft(scheme, 2), a_package(scheme, urgency=Urgency.URGENT)
    page = f"/batches/{batch.id}"
    answer = navigator.submit(page, {"reference": urgent.reference}, to=f"{page}/add")
    assert answer.status_code == 422
    assert "urgent packages are never batched" in text_of(answer)
    assert f'value="{urgent.reference}"' in answer.get_data(as_text=True)
    nobody = navigator.submit(page, {"reference": "PKG-00000"}, to=f"{page}/add")
    assert "There is no package with this reference" in text_of(nobody)


@pytest.mark.parametrize(
    ("action", "sentence"),
    [
        ("add", "Enter the reference of a package."),
        ("lift", "Choose a reason."),
        ("start", "Enter the new earliest start."),
        ("merge", "Choose a batch."),
        ("split", "Choose at least one."),
        ("discard", "Say why the batch is given up."),
    ],
)
def test_an_empty_form_is_refused_at_its_field(navigator, scheme, action, sentence):
    batch = a_draft(scheme, 3)
    a_draft_elsewhere(scheme)
    answer = navigator.submit(f"/batches/{batch.id}", {}, to=f"/batches/{batch.id}/{action}")
    assert answer.status_code == 422
    assert sentence in text_of(answer)


def a_draft_elsewhere(scheme):
    """A second draft, made by hand so that the first one stays."""
    other = waiting_packages(scheme, 2, postcode="PR2 1AA", easting=390_000)
    batch = new_batch(scheme, scheme.lots[0], why=[], by=SYSTEM)
    enter(batch, other, by=SYSTEM)
    return batch


def test_batches_are_split_merged_unsealed_and_discarded_in_the_browser(navigator, scheme):
    batch, other = a_draft(scheme, 3), a_draft_elsewhere(scheme)
    page = f"/batches/{batch.id}"
    assert navigator.submit(page, {"other": str(other.id)}, to=f"{page}/merge").status_code == 302
    going = [str(package.id) for package in batch.packages[:1]]
    assert navigator.submit(page, {"packages": going}, to=f"{page}/split").status_code == 302
    assert "the limit is 30.0 km" in text_of(navigator.get(page))
    refused = navigator.submit(page, {}, to=f"{page}/seal")
    assert (refused.status_code, "Say why it is sealed all the same." in text_of(refused)) == (422, True)
    assert navigator.submit(page, {"seal_because": "One road"}, to=f"{page}/seal").status_code == 302
    assert "Why it is larger than the scheme proposes: One road" in text_of(navigator.get(page))
    assert navigator.submit(page, {}, to=f"{page}/unseal").status_code == 302
    assert navigator.submit(page, {"discard_because": "Not now"}, to=f"{page}/discard").status_code == 302
    assert "Given up: Not now" in text_of(navigator.get(page))
    assert state_of(other) is BatchState.DISCARDED


@pytest.mark.parametrize("state", ["sealed", "offered", "settled"])
def test_batches_past_the_draft_have_pages_too(navigator, scheme, state):
    batch = a_sealed_batch(scheme, 2)
    if state != "sealed":
        mark_offered(batch)
    if state == "settled":
        for package in batch.packages:
            package.status = PackageStatus.UNSOURCED
        settle(batch)
    page = text_of(navigator.get(f"/batches/{batch.id}"))
    assert state.capitalize() in page
    assert ("Unseal" in page) is (state == "sealed")


def test_readers_see_batches_and_are_offered_no_changes(client, scheme, people):
    batch = a_draft(scheme, 2)
    for name in ("manager", "contracts", "auditor"):
        client.sign_in(people[name])
        page = client.get(f"/batches/{batch.id}")
        assert page.status_code == 200
        assert "Seal the batch" not in text_of(page)
        assert client.get("/batches/propose").status_code == 403
        client.sign_out()


def test_other_roles_providers_and_strangers_see_nothing(client, scheme, people):
    batch = a_draft(scheme, 2)
    provider = a_member(scheme)
    for user, status in ((people["finance"], 403), (coordinator_of(provider), 403), (people["stranger"], 404)):
        client.sign_in(user)
        assert client.get(f"/batches/{batch.id}").status_code == status
        assert client.get(f"/batches/drafts/{scheme.id}").status_code == status
        client.sign_out()
    assert client.get(f"/batches/{batch.id}").status_code == 302


def test_a_stranger_cannot_change_a_batch(client, scheme, people):
    batch = a_draft(scheme, 2)
    client.sign_in(people["stranger"])
    answer = client.submit("/batches/propose", {}, to=f"/batches/{batch.id}/seal")
    assert answer.status_code == 404
    assert state_of(batch) is BatchState.DRAFT


def test_drafts_wait_on_the_home_page_and_are_found_by_reference(navigator, scheme):
    batch = a_draft(scheme, 2)
    assert f"Check and seal {batch.reference}" in text_of(navigator.get("/"))
    assert navigator.get(f"/search?q={batch.reference.lower()}").location == f"/batches/{batch.id}"
    assert navigator.get("/search?q=BAT-00000").status_code == 200


def test_a_batch_of_more_places_than_a_round_has_is_said_to_be_too_large_on_its_page_the_list_and_the_api(
    navigator, scheme, people
):
    batch = new_batch(scheme, scheme.lots[0], why=[], by=SYSTEM)
    enter(batch, waiting_packages(scheme, MOST_IN_A_ROUND), by=SYSTEM)
    db.session.commit()
    assert "Not measured" not in text_of(navigator.get("/batches"))
    enter(batch, waiting_packages(scheme, 1), by=SYSTEM)
    db.session.commit()
    listed = text_of(navigator.get("/batches"))
    assert "Not measured" in listed
    assert "more than 60 places they are not measured" in listed
    assert "more than 60 places, so no round is planned" in text_of(navigator.get(f"/batches/{batch.id}"))
    given = navigator.get(f"/api/v1/batches/{batch.id}", headers=navigator.bearer(people["navigator"])).json
    assert (given["round_trip_metres"], given["saved_metres"]) == (None, None)


def test_a_list_asks_a_constant_number_of_queries(navigator, scheme):
    a_draft(scheme, 2)

    def queries_of(path):
        asked = []
        listen = lambda *given: asked.append(given[2])  # noqa: E731
        event.listen(db.engine, "before_cursor_execute", listen)
        assert navigator.get(path).status_code == 200
        event.remove(db.engine, "before_cursor_execute", listen)
        return len(asked)

    paths = ("/batches", f"/batches/drafts/{scheme.id}", "/", "/batches/propose")
    few = [queries_of(path) for path in paths]
    for _ in range(3):
        a_draft_elsewhere(scheme)
    assert [queries_of(path) for path in paths] == few
