"""Changing what is asked for, while nobody has been asked yet; a stale page is told what changed meanwhile."""

from __future__ import annotations

from dataclasses import fields

from sqlalchemy import delete, update

from app import audit
from app.audit import Actor, Audience
from app.audit.queries import timeline
from app.database import db
from app.database.bulk import insert_rows
from app.errors import Conflict, Invalid
from app.postcodes.queries import locate_many
from app.values.postcode import Postcode
from marketplace.packages.creating import PackageMaker, part_rows, refuse_strangers, refuse_texts
from marketplace.packages.funding import set_party, split_of
from marketplace.packages.models import Package
from marketplace.packages.moves import move
from marketplace.packages.needs import Need
from marketplace.packages.readiness import errors_against_ready, ready_if_complete
from marketplace.packages.rules import PackageStatus

_S = PackageStatus
EDITABLE = frozenset({_S.DRAFT, _S.READY, _S.UNSOURCED, _S.ON_HOLD})

# What a reader calls each part of a need.
NAMES = {
    "lot_id": "lot",
    "split": "funding",
    "cost_ceiling_pence": "cost ceiling",
    "referring_team_id": "referring team",
    "incumbent_provider_id": "provider of before",
}


def need_of(package: Package) -> Need:
    """What a stored package asks for."""
    return Need(
        lot_id=package.lot_id,
        source=package.source,
        urgency=package.urgency,
        planned_start=package.planned_start,
        postcode=Postcode.parse(package.postcode),
        visits=tuple(sorted(visit.value for visit in package.visits)),
        pen_picture=package.pen_picture,
        short_visit_reason=package.short_visit_reason or "",
        carer_gender=package.carer_gender,
        carer_gender_reason=package.carer_gender_reason or "",
        skills=tuple(skill.skill for skill in package.skills),
        language=package.language or "",
        split=split_of(package),
        cost_ceiling_pence=package.cost_ceiling_pence,
        referring_team_id=package.referring_team_id,
        incumbent_provider_id=package.incumbent_provider_id,
    )


def changed_parts(before: Need, after: Need) -> list[str]:
    """The names of the parts that differ."""
    differ = [field.name for field in fields(Need) if getattr(before, field.name) != getattr(after, field.name)]
    return [NAMES.get(name, name.replace("_", " ")) for name in differ]


def edit_package(package: Package, need: Need, *, expected_version: int, by: Actor) -> None:
    """Changes the need. A draft becomes ready when it is complete, and a ready package a draft when it is not.

    Raises Conflict when the package changed since `expected_version` or providers have been asked, Invalid when a
    text cannot be published or an unsourced package would no longer be complete.
    """
    if package.status not in EDITABLE:
        raise Conflict(f"This package is {package.status.label.lower()}, so what is asked for stays as it is.")
    refuse_texts(need)
    refuse_strangers(package.scheme, need)
    changed = changed_parts(need_of(package), need)
    if package.version != expected_version:
        raise _stale(package, expected_version)
    if not changed:
        return
    version = _written(package, need, expected_version)
    audit.record("package:edited", package, by=by, changed=changed, version=version)
    _settle(package, by=by)


def _written(package: Package, need: Need, expected: int) -> int:
    statement = (
        update(Package)
        .where(Package.id == package.id, Package.version == expected, Package.status.in_(sorted(EDITABLE)))
        .values(**need.columns, **_place_of(package, need), version=expected + 1)
        .returning(Package.version)
        .execution_options(synchronize_session=False)
    )
    version = db.session.scalars(statement).one_or_none()
    if version is None:
        raise _stale(package, expected)
    for table, rows in part_rows(package.authority_id, package.id, need).items():
        db.session.execute(delete(table).where(table.package_id == package.id))
        insert_rows(table, rows)
    db.session.refresh(package)
    set_party(package, takes_part=need.split.health_percent > 0)
    return version


def _place_of(package: Package, need: Need) -> dict[str, object]:
    place = need.postcode.text
    return PackageMaker(package.scheme).place_of(need, locate_many([place]))


def _settle(package: Package, *, by: Actor) -> None:
    errors = errors_against_ready(package)
    if package.status is _S.UNSOURCED and errors:
        raise Invalid(errors)
    if package.status is _S.READY and errors:
        move([package], _S.DRAFT, "package:draft_again", by=by)
    ready_if_complete(package, by=by)


def _stale(package: Package, expected: int) -> Conflict:
    return Conflict(
        f"{package.reference} was changed since you opened it. {changes_since(package, expected)} "
        "What you typed is still here: compare it with the package, then send it again."
    )


def changes_since(package: Package, version: int) -> str:
    """Who changed which parts of the need after a version, as sentences."""
    edits = [item for item in timeline(package.id, Audience.COUNCIL) if item.tag == "package:edited"]
    later = [item for item in reversed(edits) if int(str(item.facts.get("version", 0))) > version]
    told = [f"{item.who} changed: {', '.join(map(str, _listed(item.facts.get('changed'))))}." for item in later]
    return " ".join(told) or f"It is {package.status.label.lower()} now."


def _listed(value: object) -> list[object]:
    return list(value) if isinstance(value, list) else []
