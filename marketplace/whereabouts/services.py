"""Which of two addresses holds, and how packages follow the person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, select, update

from app import audit, clock
from app.audit import Actor
from app.database import db
from app.errors import Conflict, reason_given
from app.postcodes.queries import locate_many
from app.values.postcode import Postcode
from marketplace.packages.models import Package
from marketplace.packages.needs import PackageMaker
from marketplace.packages.queries import errors_against_ready, need_of, undecided_address
from marketplace.packages.rules import EDITABLE, PackageStatus
from marketplace.packages.services import move, note_blind_text, ready_if_complete
from marketplace.people.models import Person
from marketplace.people.moves import take_over
from marketplace.people.rules import Whereabouts

ASKED = (PackageStatus.IN_BATCH, PackageStatus.ON_OFFER, PackageStatus.AWAITING_AWARD)
"""States in which providers weigh the place of now: it is not changed under their hands, but shown to the council."""
FOLLOWS = (*sorted(EDITABLE), PackageStatus.AWARDED, PackageStatus.RUNNING)
"""States in which the visits go where the person lives."""


def decide_address(package: Package, *, takes_over: bool, holds_from: date, because: str, by: Actor) -> None:
    """Says where the person lives: as was told with the package, then the record takes it over from a day on, or as the
    record says, then the visits take place there. A package that only waited for that becomes ready.

    Raises Conflict when nobody asks any more, Invalid without a reason or for a day that cannot be.
    """
    reason, told = reason_given(because), undecided_address(package.id)
    if told is None:
        raise Conflict("Somebody has decided on the address meanwhile. Reload the page.")
    told.decided_at, told.decided_by_label = clock.now(), by.label
    db.session.flush()
    facts = {"holds": "told" if takes_over else "record", "from_day": holds_from.isoformat()}
    audit.record("package:address_decided", package, by=by, reason=reason, **facts)
    if takes_over:
        as_told = Whereabouts(told.address, told.postcode, told.telephone, told.name)
        take_over(package.person, as_told, holds_from, by=by, because=reason)
    elif package.postcode != package.person.postcode:
        relocate([package], package.person.postcode, by=by)
    ready_if_complete(package, by=by)


def relocate(packages: Sequence[Package], postcode: str, *, by: Actor) -> None:
    """The visits of these packages take place at another postcode."""
    places = locate_many([postcode])
    for package in packages:
        need = replace(need_of(package), postcode=Postcode(postcode))
        place = PackageMaker(package.scheme).place_of(need, places)
        own = {name: need.columns[name] for name in ("postcode", "outcode", "sector")}
        values = {**own, **place, "version": Package.version + 1}
        there = update(Package).where(Package.id == package.id).values(**values)
        db.session.execute(there.execution_options(synchronize_session=False))
        db.session.refresh(package)
        audit.record("package:edited", package, by=by, changed=["postcode"], version=package.version)


def follow_moved(person: Person, before: str, by: Actor) -> None:
    """Hangs on `person.moved`: visits that took place where the person lived take place where they live."""
    relocate(_of(person.id, Package.status.in_(FOLLOWS), Package.postcode == before), person.postcode, by=by)


def follow_joined(told: Person, known: Person, takes_over: bool, by: Actor) -> None:
    """Hangs on `person.records_joined`: packages of what was told are the known person's; where the record holds, their
    visits take place there.
    """
    packages = _of(told.id)
    joined = update(Package).where(Package.person_id == told.id).values(person_id=known.id)
    db.session.execute(joined.execution_options(synchronize_session=False))
    audit.record_each("package:person_joined", packages, by=by)
    for package in packages:
        db.session.refresh(package)
    elsewhere = [one for one in packages if one.postcode != known.postcode and one.status in FOLLOWS]
    if not takes_over:
        relocate(elsewhere, known.postcode, by=by)
    for package in packages:
        ready_if_complete(package, by=by)


def follow_record(person: Person, waits: bool, by: Actor) -> None:
    """Hangs on `person.record_changed`: nothing is offered that what is known now would not let be offered."""
    for package in _of(person.id, Package.status.in_((PackageStatus.DRAFT, PackageStatus.READY))):
        if waits:
            note_blind_text(package, by=by)
        if package.status is PackageStatus.READY and errors_against_ready(package):
            move([package], PackageStatus.DRAFT, "package:draft_again", by=by)
        ready_if_complete(package, by=by)


def _of(person_id: UUID, *conditions: ColumnElement[bool]) -> list[Package]:
    query = select(Package).where(Package.person_id == person_id, *conditions)
    return list(db.session.scalars(query.order_by(Package.reference)))
