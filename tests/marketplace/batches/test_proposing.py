"""Proposing as work in the queue: what it replaces, what it keeps, what it costs; and care that would begin too soon."""

from __future__ import annotations

import re
from datetime import timedelta
from io import BytesIO

import pytest
from sqlalchemy import event, select

from app import clock
from app.audit import SYSTEM
from app.database import db
from app.errors import Conflict, Invalid
from app.tasks import Task
from app.tasks.jobs import run_queued
from app.tasks.kinds import Refused
from app.values.days import date_text
from marketplace.batches import services
from marketplace.batches.models import Batch, BatchPackage
from marketplace.batches.proposing import OVERTAKEN, PROPOSAL, plan_of, propose_batches, write_plan
from marketplace.batches.queries import packages_in
from marketplace.batches.rules import BatchState, LeaveReason
from marketplace.packages.rules import PackageStatus, Source
from marketplace.schemes.queries import first_start, policy_on
from marketplace.vocabulary import Window
from tests.marketplace.batches.makers import a_draft, a_sealed_batch, waiting_packages
from tests.marketplace.makers import a_package, a_scheme

MOVED = {Source.REALLOCATION}
API = "/api/v1/batches"


@pytest.fixture
def scheme(people):
    return a_scheme(people)


@pytest.fixture
def navigator(client, people):
    return client.sign_in(people["navigator"])


def text_of(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.get_data(as_text=True)))


def first_day(scheme):
    return first_start(policy_on(scheme.id, clock.today()), Window.BATCH, clock.now())


# -------------------------------------------------------------------------------------------- what is kept and replaced


def test_sealed_batches_and_drafts_changed_by_hand_stay_when_batches_are_proposed_again(scheme):
    sealed, edited = a_sealed_batch(scheme, 2), a_draft(scheme, 3)
    services.lift_package(edited, edited.packages[0], "", SYSTEM, left_for=LeaveReason.FAR)
    unsealed = a_sealed_batch(scheme, 2, postcode="PR2 1AA", easting=390_000)
    services.unseal(unsealed, by=SYSTEM)
    propose_batches(scheme, None, MOVED, SYSTEM, replacing=())
    assert [sealed.state, edited.state, unsealed.state] == [BatchState.SEALED, BatchState.DRAFT, BatchState.DRAFT]
    assert [len(batch.packages) for batch in (sealed, edited, unsealed)] == [2, 2, 2]


def test_both_parts_of_a_split_and_a_merged_draft_stay_too(scheme):
    batch = a_draft(scheme, 4)
    made = services.split(batch, [package.id for package in batch.packages[:2]], by=SYSTEM)
    propose_batches(scheme, None, MOVED, SYSTEM, replacing=())
    assert {batch.state, made.state} == {BatchState.DRAFT}


def test_a_draft_is_replaced_only_when_somebody_who_saw_its_name_has_said_so(scheme):
    draft = a_draft(scheme, 3)
    with pytest.raises(Conflict, match=f"replaces 1 draft that nobody has changed since: {draft.reference}"):
        propose_batches(scheme, None, MOVED, SYSTEM, replacing=())
    propose_batches(scheme, None, MOVED, SYSTEM, replacing=[draft.reference])
    assert draft.state is BatchState.DISCARDED


def test_the_page_names_the_drafts_and_replaces_nothing_until_its_second_button_is_pressed(navigator, scheme):
    draft = a_draft(scheme, 3)
    typed = {"scope": str(scheme.id), "sources": ["reallocation"]}
    asked = navigator.submit("/batches/propose", typed)
    assert asked.status_code == 409
    assert "Drafts that would be replaced" in text_of(asked)
    assert draft.reference in text_of(asked)
    assert "Replace these drafts and propose" in text_of(asked)
    assert f'value="{draft.reference}"' in asked.get_data(as_text=True)
    run_queued()
    assert draft.state is BatchState.DRAFT
    assert navigator.submit("/batches/propose", {**typed, "replace": draft.reference}).status_code == 302
    run_queued()
    db.session.expire_all()
    assert draft.state is BatchState.DISCARDED


def test_over_the_api_too_drafts_are_named_before_they_are_replaced(client, people, scheme):
    headers, draft = client.bearer(people["navigator"]), a_draft(scheme, 3)
    sent = {"scheme_id": str(scheme.id)}
    asked = client.post(f"{API}/propose", json=sent, headers=headers)
    assert (asked.status_code, draft.reference in asked.json["detail"]) == (409, True)
    sent["replace"] = [draft.reference]
    assert client.post(f"{API}/propose", json=sent, headers=headers).status_code == 202
    run_queued()
    db.session.expire_all()
    assert draft.state is BatchState.DISCARDED


def test_a_draft_changed_while_batches_are_worked_out_is_not_replaced(scheme):
    draft = a_draft(scheme, 3)
    plan = plan_of(scheme, None, MOVED, None)
    services.lift_package(draft, draft.packages[0], "", SYSTEM, left_for=LeaveReason.FAR)
    db.session.commit()
    with pytest.raises(Conflict, match=re.escape(OVERTAKEN)):
        write_plan(plan, SYSTEM)
    db.session.rollback()
    assert draft.state is BatchState.DRAFT


def test_a_package_taken_meanwhile_ends_the_work_with_a_sentence_and_nothing_is_written(navigator, scheme):
    one, _ = waiting_packages(scheme, 2)
    db.session.commit()
    navigator.submit("/batches/propose", {"scope": str(scheme.id), "sources": ["reallocation"]})
    task = db.session.scalars(select(Task)).one()
    plan = PROPOSAL.check(task, BytesIO(), lambda _done, _total: None)
    one.status = PackageStatus.ON_HOLD
    db.session.commit()
    with pytest.raises(Refused, match=f"{one.reference} is on hold now"):
        PROPOSAL.apply(task, plan)
    db.session.rollback()
    assert db.session.scalars(select(Batch)).all() == []


# --------------------------------------------------------------------------------------------------------- what it costs


def test_proposing_asks_as_many_questions_for_many_packages_as_for_few(people):
    def asked(count):
        scheme = a_scheme(people)
        for place in range(count):
            waiting_packages(scheme, 2, easting=300_000 + 40_000 * place)
        statements = []

        def listen(*given):
            statements.append(given[2])

        propose_batches(scheme, None, MOVED, SYSTEM)
        event.listen(db.engine, "before_cursor_execute", listen)
        plan = plan_of(scheme, None, MOVED, None)
        write_plan(plan, SYSTEM)
        event.remove(db.engine, "before_cursor_execute", listen)
        assert len(plan.proposals.batches) == count
        return len(statements)

    assert asked(20) == asked(12) < 40


# ---------------------------------------------------------------------------------------------- care that begins too soon


def test_what_would_begin_before_a_batch_can_is_left_out_by_package(scheme):
    first = first_day(scheme)
    good = waiting_packages(scheme, 2, planned_start=first)
    soon = a_package(scheme, source=Source.REALLOCATION, planned_start=first - timedelta(days=1))
    plan = plan_of(scheme, None, MOVED, None)
    (batch,) = plan.proposals.batches
    assert batch.references == tuple(sorted(package.reference for package in good))
    assert plan.proposals.left_out[soon.reference] == (
        f"It is to start before {date_text(first)}, when care offered in a batch now can begin. "
        "Give it a new earliest start."
    )


def test_a_batch_is_not_sealed_with_a_package_that_begins_too_soon_and_says_which(client, people, scheme):
    batch, headers = a_draft(scheme, 3), client.bearer(people["navigator"])
    package, first = batch.packages[1], first_day(scheme)
    package.planned_start = first - timedelta(days=1)
    db.session.flush()
    client.sign_in(people["navigator"])
    page = f"/batches/{batch.id}"
    sentence = (
        f"{package.reference} is to start on {date_text(package.planned_start)}. Offered now, care can begin on "
        f"{date_text(first)} or later: give it a new earliest start."
    )
    assert sentence in text_of(client.get(page))
    refused = client.submit(page, {}, to=f"{page}/seal")
    assert (refused.status_code, sentence in text_of(refused)) == (409, True)
    told = client.post(f"{API}/{batch.id}/seal", json={}, headers=headers)
    assert (told.status_code, told.json["detail"]) == (409, sentence)


def test_a_new_earliest_start_is_shown_beside_the_first_one_and_the_batch_can_be_sealed(navigator, scheme):
    batch, first = a_draft(scheme, 3), first_day(scheme)
    package = batch.packages[0]
    wanted = package.planned_start = first - timedelta(days=3)
    db.session.commit()
    page = f"/batches/{batch.id}"
    typed = {"starting": [str(package.id)], "version": str(batch.version)}
    typed["start"] = [str(first.day), str(first.month), str(first.year)]
    assert navigator.submit(page, typed, to=f"{page}/start").status_code == 302
    db.session.expire_all()
    assert (package.planned_start, package.first_wanted_start) == (first, wanted)
    assert f"{date_text(first)} (first wanted: {date_text(wanted)})" in text_of(navigator.get(page))
    services.seal(batch, by=SYSTEM)


def test_over_the_api_a_package_of_a_draft_gets_a_new_earliest_start(client, people, scheme):
    batch, headers, first = a_draft(scheme, 3), client.bearer(people["navigator"]), first_day(scheme)
    package = batch.packages[0]
    wanted, day = package.planned_start, (package.planned_start + timedelta(days=7)).isoformat()
    sent = {"starts": [{"package_ids": [str(package.id)], "start": day}], "version": batch.version}
    edited = client.patch(f"{API}/{batch.id}", json=sent, headers=headers).json
    told = next(one for one in edited["packages"] if one["id"] == str(package.id))
    assert (told["planned_start"], told["first_wanted_start"]) == (day, wanted.isoformat())
    earlier = {"starts": [{"package_ids": [str(package.id)], "start": first.isoformat()}]}
    assert client.patch(f"{API}/{batch.id}", json=earlier, headers=headers).status_code == 422


# ------------------------------------------------------------------------------------------------------- edits by hand


def test_a_package_leaves_for_any_reason_of_the_list_and_only_some_keep_it_out(scheme):
    batch = a_draft(scheme, 4)
    far, alone = batch.packages[:2]
    services.lift_package(batch, far, "", SYSTEM, left_for=LeaveReason.FAR)
    services.lift_package(batch, alone, "", SYSTEM, left_for=LeaveReason.ALONE)
    told = {place.package_id: place.removed_because for place in batch.members if place.removed_at}
    assert told == {
        far.id: "It is too far from the others, or the roads are bad.",
        alone.id: "It is to be offered by itself.",
    }
    left_out = plan_of(scheme, None, MOVED, ()).proposals.left_out
    assert left_out[alone.reference] == "Lifted out of batches: it is to be offered by itself."
    assert not left_out[far.reference].startswith("Lifted out")


@pytest.mark.parametrize("reason", [LeaveReason.PREFERENCE, LeaveReason.OTHER])
def test_a_reason_that_says_too_little_by_itself_needs_words_on_the_page_and_over_the_api(
    client, people, scheme, reason
):
    batch, headers = a_draft(scheme, 3), client.bearer(people["navigator"])
    page, package = f"/batches/{batch.id}", batch.packages[0]
    lift = {"package_id": str(package.id), "reason": reason}
    assert client.patch(f"{API}/{batch.id}", json={"lift": [lift]}, headers=headers).status_code == 422
    client.sign_in(people["navigator"])
    refused = client.submit(page, {"package": str(package.id), "reason": reason.value}, to=f"{page}/lift")
    assert (refused.status_code, "Say why" in text_of(refused)) == (422, True)


def test_who_discards_a_batch_that_somebody_changed_meanwhile_is_told_and_loses_nothing_typed(navigator, scheme):
    batch = a_draft(scheme, 3)
    services.lift_package(batch, batch.packages[0], "", SYSTEM, left_for=LeaveReason.FAR)
    page = f"/batches/{batch.id}"
    told = navigator.submit(page, {"discard_because": "Too few", "version": "1"}, to=f"{page}/discard")
    assert told.status_code == 409
    assert "Somebody changed this batch since you opened it" in text_of(told)
    assert "Too few" in told.get_data(as_text=True)
    assert f'name="version" value="{batch.version}"' in told.get_data(as_text=True)


def test_title_and_reason_are_true_after_every_edit(scheme):
    batch = a_draft(scheme, 3)
    other = a_package(scheme, postcode="PR2 1AA", easting=354_000)
    services.add_package(batch, other, by=SYSTEM)
    assert (batch.title, batch.why[0]) == (
        "Homecare in PR1 8, PR2 1",
        "4 packages for homecare in districts PR1, PR2 with starts close together.",
    )
    made = services.split(batch, [other.id], by=SYSTEM)
    assert (batch.title, made.title) == ("Homecare in PR1 8", "Homecare in PR2 1")
    assert made.why == ["1 package for homecare in sector PR2 1.", f"Split by hand from {batch.reference}."]
    services.merge(batch, made, by=SYSTEM)
    assert batch.title == "Homecare in PR1 8, PR2 1"
    services.lift_package(batch, other, "", SYSTEM, left_for=LeaveReason.FAR)
    assert batch.why == [
        "3 packages for homecare in sector PR1 8 with starts close together.",
        f"{made.reference} was merged into it by hand.",
    ]


def test_a_batch_over_a_limit_is_sealed_only_with_a_reason(client, people, scheme):
    headers, batch = client.bearer(people["navigator"]), a_draft(scheme, 2)
    services.add_package(batch, a_package(scheme, easting=353_700 + 17_000), by=SYSTEM)
    path = f"{API}/{batch.id}/seal"
    refused = client.post(path, json={}, headers=headers)
    assert (refused.status_code, refused.json["errors"][0]["field"]) == (422, "because")
    assert "Its round trip is 34.0 km; the limit is 30.0 km." in refused.json["errors"][0]["detail"]
    sealed = client.post(path, json={"because": "One road, no hills"}, headers=headers)
    assert (sealed.status_code, sealed.json["over_limits_because"]) == (200, "One road, no hills")


def test_a_batch_within_its_limits_needs_no_reason(scheme):
    services.seal(a_draft(scheme, 2), by=SYSTEM)


def test_the_service_refuses_a_batch_over_a_limit_without_a_reason(people):
    batch = a_draft(a_scheme(people, batch_max_packages=2), 2)
    services.add_package(batch, a_package(batch.scheme), by=SYSTEM)
    with pytest.raises(Invalid, match="It has 3 packages; the limit is 2"):
        services.seal(batch, by=SYSTEM)


# ---------------------------------------------------------------------------------------------------- honest distances


def test_people_of_whom_only_the_sector_is_known_are_never_said_to_live_at_one_point(client, people, scheme):
    batch = a_draft(scheme, 3, easting=354_115, northing=428_745)
    east, north = middle_of("PR1 8")
    for place in batch.packages:
        place.easting, place.northing = east, north
    db.session.flush()
    assert {package.unsure_m for package in packages_in(batch)} == {2_000}
    client.sign_in(people["navigator"])
    for path in (f"/batches/{batch.id}", "/batches", f"/batches/drafts/{scheme.id}"):
        told = text_of(client.get(path))
        assert "0.0 km" not in told
        assert "Within about 2 km" in told
    given = client.get(f"{API}/{batch.id}", headers=client.bearer(people["navigator"])).json
    assert (given["round_trip_metres"], given["saved_metres"], given["places_within_metres"]) == (
        None,
        None,
        2_000,
    )


def middle_of(sector):
    from app.postcodes.centroids import centroid_of_sector

    middle = centroid_of_sector(sector)
    return middle.easting, middle.northing


def test_places_of_postcodes_of_their_own_have_exact_distances(client, people, scheme):
    batch = a_draft(scheme, 3)
    given = client.get(f"{API}/{batch.id}", headers=client.bearer(people["navigator"])).json
    assert (given["round_trip_metres"], given["places_within_metres"]) == (400, 0)


def test_the_places_left_in_a_batch_are_those_of_its_packages(scheme):
    a_draft(scheme, 3)
    propose_batches(scheme, None, MOVED, SYSTEM)
    live = db.session.scalars(select(BatchPackage).where(BatchPackage.removed_at.is_(None))).all()
    assert sorted(place.position for place in live) == [1, 2, 3]


def test_names_of_drafts_that_are_none_replace_nothing(navigator, scheme):
    draft = a_draft(scheme, 3)
    typed = {"scope": str(scheme.id), "sources": ["reallocation"], "replace": f"BAT-00000 {'x' * 500} {scheme.id}"}
    assert navigator.submit("/batches/propose", typed).status_code == 409
    assert draft.state is BatchState.DRAFT
