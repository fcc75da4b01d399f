"""Two people at once: one gets what they asked for, the other a sentence."""

from __future__ import annotations

from collections.abc import Callable
from threading import Barrier, Thread

from app.audit import SYSTEM
from app.database import db
from app.errors import Conflict
from marketplace.batches import services
from marketplace.batches.models import Batch, BatchPackage
from marketplace.batches.proposing import propose_batches
from marketplace.packages.models import Package
from marketplace.packages.rules import Source
from tests.marketplace.batches.makers import a_draft, waiting_packages
from tests.marketplace.makers import a_package, a_scheme


def at_once(house, *works: Callable[[], None]) -> list[str]:
    """Runs each work in a thread and a transaction of its own; how each came out."""
    barrier, outcomes = Barrier(len(works)), []

    def run(work):
        with house.app_context():
            barrier.wait()
            try:
                work()
                db.session.commit()
                outcomes.append("done")
            except Conflict as refusal:
                db.session.rollback()
                outcomes.append(refusal.sentence)
            finally:
                db.session.remove()

    threads = [Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(outcomes, key=lambda text: text != "done")


def two_drafts(scheme):
    waiting_packages(scheme, 2)
    waiting_packages(scheme, 2, postcode="PR2 1AA", easting=390_000)
    return propose_batches(scheme, None, {Source.REALLOCATION}, SYSTEM)


def test_a_package_added_to_two_batches_at_once_stands_in_one(house, people):
    scheme = a_scheme(people)
    ids = [batch.id for batch in two_drafts(scheme)]
    package_id = a_package(scheme).id
    db.session.commit()

    def adding(batch_id):
        def add():
            package = db.session.get_one(Package, package_id)
            services.add_package(db.session.get_one(Batch, batch_id), package, by=SYSTEM)

        return add

    done, refused = at_once(house, *(adding(batch_id) for batch_id in ids))
    assert done == "done"
    assert "is in a batch now" in refused
    places = db.session.query(BatchPackage).filter_by(package_id=package_id, removed_at=None).count()
    assert places == 1


def test_a_batch_sealed_by_two_people_at_once_is_sealed_once(house, people):
    batch_id = a_draft(a_scheme(people), 2).id
    db.session.commit()

    def seal():
        services.seal(db.session.get_one(Batch, batch_id), by=SYSTEM, expected_version=1)

    done, refused = at_once(house, seal, seal)
    assert done == "done"
    assert "This batch is sealed" in refused


def test_two_people_who_propose_at_once_make_one_set_of_drafts(house, people):
    scheme = a_scheme(people)
    waiting_packages(scheme, 4)
    scheme_id = scheme.id
    db.session.commit()

    def propose():
        from marketplace.schemes.models import Scheme

        propose_batches(db.session.get_one(Scheme, scheme_id), None, {Source.REALLOCATION}, SYSTEM)

    outcomes = at_once(house, propose, propose)
    assert outcomes[0] == "done"
    live = db.session.query(BatchPackage).filter_by(removed_at=None).count()
    assert live == 4
