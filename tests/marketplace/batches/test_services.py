"""Batches with the database: proposing, editing by hand, sealing, settling."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.audit import SYSTEM
from app.audit.models import AuditEntry
from app.database import db
from app.errors import Conflict, Invalid
from marketplace.batches import moves, services
from marketplace.batches.models import Batch, BatchPackage, BatchProposal, LeftOutPackage
from marketplace.batches.proposing import propose_batches
from marketplace.batches.rules import BatchState
from marketplace.packages import services as packages
from marketplace.packages.rules import PackageStatus, Source, Urgency
from marketplace.packages.services import move
from tests.marketplace.batches.makers import a_draft, a_sealed_batch, waiting_packages
from tests.marketplace.makers import a_lot, a_package, a_scheme

MOVED = {Source.REALLOCATION}


@pytest.fixture
def scheme(people):
    return a_scheme(people)


def batches_of(scheme, state=BatchState.DRAFT):
    return list(db.session.scalars(select(Batch).where(Batch.scheme_id == scheme.id, Batch.state == state)).unique())


def tags_about(subject):
    query = select(AuditEntry.tag).where(AuditEntry.subject_id == subject.id)
    return sorted(db.session.scalars(query))


def test_waiting_packages_of_one_district_become_one_draft_with_its_reason(scheme):
    waiting = waiting_packages(scheme, 3)
    (batch,) = propose_batches(scheme, None, MOVED, SYSTEM)
    assert [one.id for one in batch.packages] == sorted((one.id for one in waiting), key=[p.id for p in waiting].index)
    assert {one.status for one in waiting} == {PackageStatus.IN_BATCH}
    assert batch.state is BatchState.DRAFT
    assert batch.why == ["3 packages for homecare in sector PR1 8 with starts close together."]
    assert batch.title == "Homecare in PR1 8"
    assert batch.reference.startswith("BAT-")
    assert tags_about(batch) == ["batch:drafted"]


def test_unsourced_packages_are_batched_anew(scheme):
    waiting_packages(scheme, 2, status=PackageStatus.UNSOURCED)
    (batch,) = propose_batches(scheme, None, MOVED, SYSTEM)
    assert len(batch.packages) == 2


def test_every_package_left_out_is_kept_with_its_reason(scheme):
    waiting_packages(scheme, 2)
    urgent = a_package(scheme, source=Source.REALLOCATION, urgency=Urgency.URGENT)
    community = a_package(scheme, source=Source.COMMUNITY)
    nowhere = a_package(scheme, source=Source.REALLOCATION, easting=None, northing=None)
    propose_batches(scheme, None, MOVED, SYSTEM)
    left = {one.package_id: one.reason for one in db.session.scalars(select(LeftOutPackage))}
    assert left == {
        urgent.id: "Urgent packages are never batched.",
        community.id: "Packages from community are not batched under the present choice.",
        nowhere.id: "Its postcode has no place on the map.",
    }
    proposal = db.session.scalars(select(BatchProposal)).one()
    assert (proposal.sources, proposal.lot_id) == (["reallocation"], None)
    assert {urgent.status, community.status, nowhere.status} == {PackageStatus.READY}


def test_other_sources_are_batched_by_choice(scheme):
    waiting_packages(scheme, 2, source=Source.COMMUNITY)
    assert propose_batches(scheme, None, MOVED, SYSTEM) == []
    assert len(propose_batches(scheme, None, {Source.COMMUNITY}, SYSTEM)) == 1


def test_proposing_without_a_source_is_refused_at_the_field(scheme):
    with pytest.raises(Invalid) as refused:
        propose_batches(scheme, None, set(), SYSTEM)
    assert refused.value.errors == {"sources": "Choose at least one source."}


def test_drafts_packages_and_other_schemes_are_left_alone_when_nothing_of_theirs_is_asked(scheme, people):
    other = a_scheme(people)
    waiting_packages(other, 2)
    assert propose_batches(scheme, None, MOVED, SYSTEM) == []
    propose_batches(other, None, MOVED, SYSTEM)
    propose_batches(scheme, None, MOVED, SYSTEM)
    assert len(batches_of(other)) == 1


def test_proposing_again_replaces_drafts_and_leaves_sealed_batches(scheme):
    sealed = a_sealed_batch(scheme, 2)
    first = a_draft(scheme, 3)
    (second,) = propose_batches(scheme, None, MOVED, SYSTEM)
    assert {sealed.state, first.state, second.state} == {BatchState.SEALED, BatchState.DISCARDED, BatchState.DRAFT}
    assert first.discarded_because == "Batches were proposed anew."
    assert first.packages == []
    assert len(second.packages) == 3


def test_proposing_for_one_lot_leaves_the_drafts_of_other_lots(scheme):
    respite = a_lot(scheme, "respite")
    waiting_packages(scheme, 2)
    waiting_packages(scheme, 2, lot=respite)
    propose_batches(scheme, None, MOVED, SYSTEM)
    propose_batches(scheme, respite, MOVED, SYSTEM)
    assert len(batches_of(scheme)) == 2
    (discarded,) = batches_of(scheme, BatchState.DISCARDED)
    assert discarded.lot_id == respite.id


def test_the_scheme_s_own_limits_hold(people):
    scheme = a_scheme(people, batch_max_packages=2)
    waiting_packages(scheme, 4)
    batches = propose_batches(scheme, None, MOVED, SYSTEM)
    assert sorted(len(batch.packages) for batch in batches) == [2, 2]


def test_a_package_lifted_out_is_ready_again_and_is_not_proposed_again(scheme):
    batch = a_draft(scheme, 3)
    package = batch.packages[0]
    services.lift_package(batch, package, "Wants to keep the carer who comes now", SYSTEM)
    assert package.status is PackageStatus.READY
    assert len(batch.packages) == 2
    propose_batches(scheme, None, MOVED, SYSTEM)
    left = db.session.scalars(select(LeftOutPackage).where(LeftOutPackage.package_id == package.id)).one()
    assert left.reason == "Lifted out of batches: the person has a preference of their own."


def test_a_package_lifted_out_may_be_added_by_hand_and_is_proposed_from_then_on(scheme):
    batch = a_draft(scheme, 3)
    package = batch.packages[0]
    services.lift_package(batch, package, "Was unsure", SYSTEM)
    services.add_package(batch, package, by=SYSTEM)
    assert package in batch.packages
    services.discard(batch, because="Begin anew", by=SYSTEM)
    (again,) = propose_batches(scheme, None, MOVED, SYSTEM)
    assert package in again.packages


def test_a_package_is_lifted_only_with_a_reason(scheme):
    batch = a_draft(scheme, 2)
    with pytest.raises(Invalid, match="Say why"):
        services.lift_package(batch, batch.packages[0], "  ", SYSTEM)


def test_a_package_that_is_not_in_the_batch_cannot_be_lifted(scheme):
    batch, stranger = a_draft(scheme, 2), a_package(scheme)
    with pytest.raises(Conflict, match="not in this batch"):
        services.lift_package(batch, stranger, "Because", SYSTEM)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"urgency": Urgency.URGENT}, "is urgent"),
        ({"days": 40}, "days apart"),
        ({"lot": "respite"}, "this batch is for homecare"),
    ],
)
def test_a_package_that_breaks_the_rule_cannot_be_added(scheme, changes, sentence):
    batch = a_draft(scheme, 2)
    if "lot" in changes:
        changes = {"lot": a_lot(scheme, "respite")}
    if "days" in changes:
        changes = {"planned_start": batch.packages[0].planned_start + timedelta(days=changes["days"])}
    package = a_package(scheme, **changes)
    with pytest.raises(Invalid) as refused:
        services.add_package(batch, package, by=SYSTEM)
    assert sentence in refused.value.errors["reference"]
    assert package.status is PackageStatus.READY


def test_a_package_of_another_scheme_cannot_be_added(scheme, people):
    batch, package = a_draft(scheme, 2), a_package(a_scheme(people))
    with pytest.raises(Invalid, match="another scheme"):
        services.add_package(batch, package, by=SYSTEM)


def test_a_package_stands_in_one_batch_at_most(scheme):
    waiting_packages(scheme, 2)
    far = a_scheme_draft_far_away(scheme)
    near = next(batch for batch in batches_of(scheme) if batch.id != far.id)
    with pytest.raises(Conflict, match="is in a batch now"):
        services.add_package(near, far.packages[0], by=SYSTEM)


def test_the_database_itself_refuses_a_second_live_place(scheme):
    batch = a_draft(scheme, 2)
    place = {"authority_id": scheme.authority_id, "package_id": batch.packages[0].id, "position": 9}
    db.session.add(BatchPackage(batch_id=batch.id, **place))
    with pytest.raises(IntegrityError):
        db.session.flush()


def a_scheme_draft_far_away(scheme):
    waiting_packages(scheme, 2, postcode="PR2 1AA", easting=390_000)
    return next(batch for batch in propose_batches(scheme, None, MOVED, SYSTEM) if batch.packages[0].outcode == "PR2")


def test_two_drafts_of_the_same_terms_merge_into_one(scheme):
    waiting_packages(scheme, 2)
    far = a_scheme_draft_far_away(scheme)
    near = next(batch for batch in batches_of(scheme) if batch.id != far.id)
    services.merge(near, far, by=SYSTEM)
    assert len(near.packages) == 4
    assert (far.state, far.packages) == (BatchState.DISCARDED, [])
    assert {one.status for one in near.packages} == {PackageStatus.IN_BATCH}
    assert "batch:merged" in tags_about(near)


def test_batches_of_different_lots_do_not_merge(scheme):
    waiting_packages(scheme, 2)
    waiting_packages(scheme, 2, lot=a_lot(scheme, "respite"))
    one, other = propose_batches(scheme, None, MOVED, SYSTEM)
    with pytest.raises(Invalid) as refused:
        services.merge(one, other, by=SYSTEM)
    assert "one lot" in refused.value.errors["other"]
    with pytest.raises(Invalid):
        services.merge(one, one, by=SYSTEM)


def test_packages_split_off_make_a_draft_of_their_own(scheme):
    batch = a_draft(scheme, 4)
    going = batch.packages[:2]
    made = services.split(batch, [one.id for one in going], by=SYSTEM)
    assert made.packages == going
    assert len(batch.packages) == 2
    assert made.why[-1] == f"Split by hand from {batch.reference}."


@pytest.mark.parametrize("count", [0, 3])
def test_a_split_leaves_something_on_both_sides(scheme, count):
    batch = a_draft(scheme, 3)
    with pytest.raises(Invalid, match="at least one"):
        services.split(batch, [one.id for one in batch.packages[:count]], by=SYSTEM)


def test_a_sealed_batch_cannot_be_changed_until_it_is_unsealed(scheme):
    batch = a_sealed_batch(scheme, 3)
    with pytest.raises(Conflict, match="This batch is sealed now"):
        services.lift_package(batch, batch.packages[0], "Because", SYSTEM)
    services.unseal(batch, by=SYSTEM)
    services.lift_package(batch, batch.packages[0], "Because", SYSTEM)
    assert (batch.state, batch.sealed_at, len(batch.packages)) == (BatchState.DRAFT, None, 2)


def test_a_batch_that_changed_since_it_was_seen_is_not_sealed(scheme):
    batch = a_draft(scheme, 3)
    seen = batch.version
    services.lift_package(batch, batch.packages[0], "Because", SYSTEM)
    with pytest.raises(Conflict, match="since you opened it"):
        services.seal(batch, by=SYSTEM, expected_version=seen)
    assert batch.state is BatchState.DRAFT
    services.seal(batch, by=SYSTEM, expected_version=batch.version)
    assert batch.state is BatchState.SEALED


def test_an_empty_batch_is_not_sealed(scheme):
    batch = a_draft(scheme, 2)
    for package in list(batch.packages):
        services.lift_package(batch, package, "Because", SYSTEM)
    with pytest.raises(Conflict, match="no packages"):
        services.seal(batch, by=SYSTEM)


def test_a_discarded_batch_releases_its_packages(scheme):
    batch = a_sealed_batch(scheme, 2)
    released = batch.packages
    services.discard(batch, by=SYSTEM, because="The provider stays after all")
    assert {one.status for one in released} == {PackageStatus.READY}
    assert batch.discarded_because == "The provider stays after all"
    with pytest.raises(Conflict, match="discarded"):
        services.seal(batch, by=SYSTEM)


def test_only_a_sealed_batch_is_offered(scheme):
    batch = a_draft(scheme, 2)
    with pytest.raises(Conflict, match="This batch is draft, so it cannot become offered"):
        moves.mark_offered(batch)
    services.seal(batch, by=SYSTEM)
    moves.mark_offered(batch)
    assert batch.state is BatchState.OFFERED
    with pytest.raises(Conflict):
        moves.mark_offered(batch)
    with pytest.raises(Conflict):
        services.unseal(batch, by=SYSTEM)


def test_a_batch_settles_package_by_package(scheme):
    batch = a_sealed_batch(scheme, 2)
    first, second = batch.packages
    packages.put_on_offer(batch.packages, by=SYSTEM)
    moves.mark_offered(batch)
    assert moves.settle(batch) is False
    packages.mark_unsourced([first], by=SYSTEM, because="Nobody accepted.")
    assert moves.settle(batch) is False
    packages.await_award([second], by=SYSTEM)
    assert moves.settle(batch) is False
    packages.mark_awarded([second], by=SYSTEM)
    assert moves.settle(batch) is True
    assert moves.settle(batch) is True
    assert batch.state is BatchState.SETTLED
    assert batch.packages == [first, second]


def test_a_package_left_over_enters_a_new_batch_while_the_old_one_is_still_on_offer(scheme):
    old = a_sealed_batch(scheme, 2)
    first, second = old.packages
    packages.put_on_offer(old.packages, by=SYSTEM)
    moves.mark_offered(old)
    packages.mark_unsourced([first], by=SYSTEM, because="Nobody accepted.")
    waiting_packages(scheme, 1)
    (new,) = propose_batches(scheme, None, MOVED, SYSTEM)
    assert first in new.packages
    assert second not in new.packages
    assert old.state is BatchState.OFFERED


def test_a_withdrawn_package_leaves_its_batch_and_the_last_one_closes_it(scheme):
    batch = a_sealed_batch(scheme, 2)
    first, second = batch.packages
    move([first], PackageStatus.WITHDRAWN, "package:withdrawn", by=SYSTEM, because="Moved away")
    moves.let_go_of(first, "Moved away", SYSTEM)
    assert (batch.state, batch.packages) == (BatchState.SEALED, [second])
    move([second], PackageStatus.WITHDRAWN, "package:withdrawn", by=SYSTEM, because="Moved away")
    moves.let_go_of(second, "Moved away", SYSTEM)
    assert (batch.state, batch.packages) == (BatchState.DISCARDED, [])


def test_a_package_in_no_batch_is_withdrawn_without_more_ado(scheme):
    moves.let_go_of(a_package(scheme), "Moved away", SYSTEM)
    assert batches_of(scheme, BatchState.DISCARDED) == []
