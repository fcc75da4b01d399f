"""What waits for those who hold a person's record, and what a comparison of two records shows of their packages."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Select, and_, exists, or_, select
from sqlalchemy.orm import selectinload

from app.database import db, only_one
from app.parties.viewer import Viewer
from marketplace.packages.models import Package, ToldAddress
from marketplace.packages.queries import scope, visits_of
from marketplace.packages.rules import PackageStatus
from marketplace.packages.visits import at_same_times, weekly_visits_text
from marketplace.people.models import Person
from marketplace.people.queries import people_in_scope
from marketplace.whereabouts.services import ASKED

OVER = (PackageStatus.ENDED, PackageStatus.WITHDRAWN)


def package_to_decide(viewer: Viewer, package_id: UUID) -> Package:
    """A package of the viewer's authority that they read or whose person they hold; NotFoundForViewer otherwise."""
    query = select(Package).join(Person, Person.id == Package.person_id)
    read = or_(scope(viewer), people_in_scope(viewer, Person))
    return only_one(query.where(Package.id == package_id, Package.authority_id == viewer.authority_id, read))


def reads_package(viewer: Viewer, package: Package) -> bool:
    """Whether the viewer finds the package on its page."""
    return db.session.scalar(select(Package.id).where(Package.id == package.id, scope(viewer))) is not None


def told_otherwise(viewer: Viewer) -> Select[Package]:
    """Packages with which something else was told of a person than the record of the viewer says; the earliest start first."""
    told = exists().where(ToldAddress.package_id == Package.id, ToldAddress.decided_at.is_(None))
    query = select(Package).join(Person, Person.id == Package.person_id).where(told, Package.status.not_in(OVER))
    return query.where(people_in_scope(viewer, Person)).order_by(Package.planned_start, Package.id)


def asked_elsewhere(viewer: Viewer) -> Select[Package]:
    """Packages about which providers are asked at a postcode where the person does not live any more."""
    elsewhere = and_(Package.status.in_(ASKED), Package.postcode != Person.postcode)
    query = select(Package).join(Person, Person.id == Package.person_id).where(scope(viewer), elsewhere)
    return query.order_by(Package.planned_start, Package.id)


def told_beside_known(told: Person) -> list[tuple[Package, str, list[str]]]:
    """Per package of what was told its visits, and the packages of the known person that have visits at the same times."""
    query = select(Package).where(Package.person_id.in_((told.id, told.known_record_id)), Package.status.not_in(OVER))
    packages = db.session.scalars(query.options(selectinload(Package.visits)).order_by(Package.reference)).all()
    known = [package for package in packages if package.person_id != told.id]
    return [
        (
            package,
            weekly_visits_text(visits_of(package)),
            [one.reference for one in known if at_same_times(visits_of(package), visits_of(one))],
        )
        for package in packages
        if package.person_id == told.id
    ]
