"""Commands on awards outside the system: asked for, agreed by a second person and a contract manager, refused, ended."""

import secrets
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app import audit, clock
from app.audit import Actor
from app.audit.moves import move
from app.database import db, locked, new_id
from app.errors import Conflict, Invalid, NotAllowed, Reading, reason_given
from app.parties.viewer import Viewer
from app.values.postcode import Postcode
from app.values.reference import new_reference
from brokerage.outside import letters, rules
from brokerage.outside.models import OutsideAward
from brokerage.outside.queries import sellers_known_to, standing_of
from brokerage.outside.rules import LIVE, OutsideState, OutsideWanted
from contracts.agreements.models import Agreement
from contracts.agreements.services import AgreementTerms, cancel_before_start, cost_of_week, put_in_force
from marketplace.packages import services as packages
from marketplace.packages.listing import need_confirmed_at
from marketplace.packages.models import Package
from marketplace.packages.queries import visits_of
from marketplace.packages.rules import PackageStatus, need_confirmation_is_fresh
from marketplace.providers.models import Provider
from marketplace.register.rules import location_id
from marketplace.register.services import register_alone

STEPPED_BACK = "The provider awarded has withdrawn."


def ask(viewer: Viewer, package: Package, wanted: OutsideWanted) -> OutsideAward:
    """Asks for an award outside the system. Raises Invalid by field, NotAllowed with an interest, Conflict where one is live."""
    _lock(package)
    if wanted.has_interest:
        raise NotAllowed(rules.HAS_INTEREST)
    if errors := rules.errors_against(wanted, package.status, clock.today()):
        raise Invalid(errors)
    row = OutsideAward(
        id=new_id(),
        authority_id=package.authority_id,
        reference=new_reference("OUT", secrets.randbits(32)),
        package_version=package.version,
        ground=wanted.ground,
        reason=reason_given(wanted.reason, "reason"),
        price_pence=wanted.price_pence,
        weekly_cost_pence=cost_of_week(visits_of(package), wanted.price_pence or 0, package.lot.unit).pence,
        starts_on=wanted.starts_on,
        asked_by=viewer.user_id,
        asked_by_label=viewer.actor.label,
        package=package,
        **_named(viewer, wanted),
    )
    row.clearance = _clearance(row)
    _insert(row)
    _confirm_need(package, wanted.need_confirmed_with, viewer.actor)
    audit.record("outside:asked", row, by=viewer.actor, reason=row.reason, **_facts(row))
    letters.tell_deciders(row)
    return row


def second(row: OutsideAward, *, has_interest: bool, need_confirmed_with: str, by: Actor) -> OutsideAward:
    """A second person agrees: that is the award, unless a contract manager must decide too."""
    _refuse_unless_ready(row, OutsideState.ASKED, has_interest, by)
    values = {"seconded_by": by.id, "seconded_by_label": by.label, "seconded_at": clock.now()}
    if clearance := _clearance(row):
        values["clearance"] = clearance
        move([row], OutsideState.SECONDED, "outside:seconded", by=by, values=values, **_facts(row))
        letters.tell_deciders(row)
        return row
    return _award(row, {**values, "clearance": None}, need_confirmed_with, by)


def clear(row: OutsideAward, *, has_interest: bool, need_confirmed_with: str, by: Actor) -> OutsideAward:
    """A contract manager agrees to a provider below the gate or suspended, and that is the award."""
    _refuse_unless_ready(row, OutsideState.SECONDED, has_interest, by)
    return _award(row, {"cleared_by": by.id, "cleared_by_label": by.label}, need_confirmed_with, by)


def refuse(row: OutsideAward, because: str, *, by: Actor) -> None:
    """Refuses what somebody else asked for."""
    if refusal := rules.reason_against_deciding(str(by.id), str(row.asked_by)):
        raise NotAllowed(refusal)
    _end(row, OutsideState.REFUSED, reason_given(because), by)
    letters.tell_asker(row)


def take_back(row: OutsideAward, because: str, *, by: Actor) -> None:
    """Whoever asked for it takes it back before the award."""
    if row.asked_by != by.id:
        raise NotAllowed("Only who asked for this award takes it back.")
    _end(row, OutsideState.TAKEN_BACK, reason_given(because), by)


def pull_out(row: OutsideAward, because: str, *, by: Actor) -> None:
    """The provider withdraws before care begins: the agreement is cancelled, and the package needs a provider again."""
    reason = reason_given(because)
    _lock(row.package)
    _end(row, OutsideState.PULLED_OUT, reason, by)
    agreement = db.session.scalars(select(Agreement).where(Agreement.award_id == row.id)).unique().one()
    cancel_before_start(agreement, STEPPED_BACK, by=by)
    packages.mark_unsourced([row.package], by=by, because=STEPPED_BACK)


def cancel_for_package(package: Package, because: str, by: Actor) -> None:
    """Hangs on `package.withdrawn` and `package.held`: what was asked for or awarded falls with the package."""
    query = select(OutsideAward).where(OutsideAward.package_id == package.id, OutsideAward.state.in_(LIVE))
    for row in db.session.scalars(query).unique():
        _end(row, OutsideState.CANCELLED, because, by)


def _named(viewer: Viewer, wanted: OutsideWanted) -> dict[str, Any]:
    """Who is meant: one that is registered, found by choice or by its CQC location, or one that is not, by name."""
    if wanted.provider_id:
        chosen = db.session.scalars(
            sellers_known_to(viewer).where(Provider.id == UUID(wanted.provider_id))
        ).one_or_none()
        if chosen is None:
            raise Invalid({"provider_id": "Choose a provider from the list."})
        return {"provider": chosen, "provider_name": chosen.name}
    read = Reading()
    typed = wanted.cqc_location_id.strip()
    location = read.value("cqc_location_id", location_id, typed) if typed else None
    read.finish()
    known = db.session.scalars(select(Provider).where(Provider.cqc_location_id == location)).one_or_none()
    if known is not None:
        return {"provider": known, "provider_name": known.name}
    if not wanted.provider_name.strip():
        read.errors["provider_name"] = "Enter the provider's name: no provider is registered with this location."
    postcode = read.value("provider_postcode", Postcode.parse, wanted.provider_postcode)
    read.finish()
    named = {"provider_name": wanted.provider_name.strip()[:200], "cqc_location_id": location}
    return {**named, "provider_postcode": postcode and postcode.text}


def _clearance(row: OutsideAward) -> str | None:
    """Why a contract manager must decide too, as the provider stands now."""
    return " ".join(standing_of(row)) or None


def _award(row: OutsideAward, values: dict[str, Any], need_confirmed_with: str, by: Actor) -> OutsideAward:
    """Makes it real: the provider is registered, the package awarded, the agreement put in force, the provider told."""
    package, now = row.package, clock.now()
    _refuse_stale_need(package, need_confirmed_with, by)
    named = row.provider_name, row.cqc_location_id, row.provider_postcode or ""
    provider = row.provider or register_alone(*named, by=by)
    made = {**values, "provider_id": provider.id, "awarded_at": now}
    move([row], OutsideState.AWARDED, "outside:awarded", by=by, values=made, **_facts(row))
    packages.award_outside(package, by=by)
    terms = AgreementTerms(
        package=package,
        provider=provider,
        award_id=row.id,
        price_pence=row.price_pence,
        unit=package.lot.unit,
        starts_on=row.starts_on,
        contract_from=now,
        because=f"Award outside the system {row.reference}",
    )
    (agreement,) = put_in_force([terms], by=by)
    letters.tell_winner(row, agreement)
    letters.tell_asker(row)
    return row


def _refuse_unless_ready(row: OutsideAward, start: OutsideState, has_interest: bool, by: Actor) -> None:
    _lock(row.package)
    db.session.refresh(row)
    if row.state is not start:
        raise Conflict(f"This cannot be decided now. {row.state.sentence}")
    if refusal := rules.reason_against_deciding(str(by.id), str(row.asked_by), str(row.seconded_by)):
        raise NotAllowed(refusal)
    if has_interest:
        raise NotAllowed(rules.HAS_INTEREST)
    if row.package.version != row.package_version:
        raise Conflict("The package has changed since this was asked for. Refuse it, and ask again.")
    if row.starts_on < clock.today():
        raise Conflict("The first day of care is over. Refuse this, and ask again with another day.")


def _refuse_stale_need(package: Package, with_whom: str, by: Actor) -> None:
    if with_whom.strip():
        _confirm_need(package, with_whom, by)
    elif not need_confirmation_is_fresh(need_confirmed_at([package.id]).get(package.id), clock.now()):
        raise Invalid({"need_confirmed_with": "The last yes is older than 24 hours. Ask again, and say with whom."})


def _confirm_need(package: Package, with_whom: str, by: Actor) -> None:
    try:
        packages.confirm_need([package], needed=True, with_whom=with_whom, by=by)
    except Invalid as refusal:
        raise Invalid({"need_confirmed_with": refusal.sentence}) from refusal


def _end(row: OutsideAward, to: OutsideState, reason: str, by: Actor) -> None:
    ended = {"ended_at": clock.now(), "ended_because": reason}
    move([row], to, f"outside:{to.value}", by=by, reason=reason, values=ended, **_facts(row))


def _lock(package: Package) -> None:
    db.session.flush()
    db.session.execute(locked(select(Package.id).where(Package.id == package.id)))
    db.session.refresh(package)
    if package.status in {PackageStatus.WITHDRAWN, PackageStatus.ENDED}:
        raise Conflict(f"This cannot be done now. {package.status.sentence}")


def _insert(row: OutsideAward) -> None:
    try:
        with db.session.begin_nested():
            db.session.add(row)
    except IntegrityError as twice:
        raise Conflict("An award outside the system was asked for already. Settle that one first.") from twice


def _facts(row: OutsideAward) -> dict[str, Any]:
    return {
        "reference": row.reference,
        "provider": row.provider_name,
        "ground": row.ground.value,
        "price_pence": row.price_pence,
        "weekly_cost_pence": row.weekly_cost_pence,
        "interest": "none declared",
    }
