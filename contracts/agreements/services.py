"""Commands on agreements. `put_in_force` is the only writer of a version; the others change the state."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from app import audit, clock
from app.audit import Actor
from app.audit.moves import move
from app.database import db, new_id
from app.errors import MOST_REASON, Conflict, Invalid, reason_given
from app.hooks import Hook
from app.values.hours import hours_text
from app.values.reference import new_reference
from contracts.agreements import rules
from contracts.agreements.models import Agreement, AgreementVersion
from contracts.agreements.rules import AgreementState, Cost, LineCost, WeeklyVisit
from marketplace.packages import services as packages
from marketplace.packages.models import FundingShare, Package, PackageVisit
from marketplace.people.models import Person
from marketplace.providers.models import Provider
from marketplace.vocabulary import LotUnit

LONGEST_AHEAD = timedelta(days=365)
"""How far ahead a first day may be moved: further is a slip of the pen."""
IDENTITY_TEXTS = ("name", "known_as", "address", "postcode", "telephone", "language")

# What happens to an agreement that higher slices act on, in the same transaction; `wsgi.py` says who.
agreement_agreed: Hook[[Agreement, Actor]] = Hook(
    "agreement.agreed", "It was put in force, or its first day was moved."
)
agreement_cancelled: Hook[[Agreement, Actor]] = Hook("agreement.cancelled", "It was cancelled before care began.")
agreement_started: Hook[[Agreement, Actor]] = Hook(
    "agreement.started", "Care began: the hours that the award held are the provider's running hours now."
)
agreement_ended: Hook[[Agreement, str, Actor]] = Hook("agreement.ended", "Care ended, with its reason.")


@dataclass(frozen=True, slots=True)
class AgreementTerms:
    """What was agreed: price in pence per unit, the first day of care, and the instant from which it binds (S5)."""

    package: Package
    provider: Provider
    award_id: UUID
    price_pence: int
    unit: LotUnit
    starts_on: date
    contract_from: datetime


def cost_of_week(visits: Iterable[WeeklyVisit], price_pence: int, unit: LotUnit) -> Cost:
    """What a week of these visits comes to at this price, line by line."""
    return rules.weekly_cost(rules.lines_of_week(visits, price_pence, unit))


def put_in_force(terms: AgreementTerms, *, because: str, by: Actor) -> Agreement:
    """Makes the agreement of a package with its first version. Raises Conflict when one is in force already."""
    _refuse_second(terms.package)
    agreement = Agreement(
        id=new_id(),
        authority_id=terms.package.authority_id,
        reference=new_reference("AGR", secrets.randbits(32)),
        package_id=terms.package.id,
        provider_id=terms.provider.id,
        award_id=terms.award_id,
        state=AgreementState.AWAITING_START,
        contract_from=terms.contract_from,
        starts_on=terms.starts_on,
    )
    version = _first_version(agreement.id, terms, because, by)
    _insert(agreement, version)
    audit.record(
        "agreement:put_in_force",
        agreement,
        by=by,
        reason=because,
        reference=agreement.reference,
        provider=terms.provider.name,
        version=version.number,
        starts_on=terms.starts_on.isoformat(),
        weekly_hours=hours_text(version.weekly_minutes),
        weekly_cost_pence=version.weekly_cost_pence,
        price_pence=terms.price_pence,
    )
    agreement_agreed(agreement, by)
    return agreement


def move_start(agreement: Agreement, starts_on: date, because: str, *, by: Actor) -> None:
    """Moves the first day of care, while it has not begun, to a day that is not in the past."""
    reason = reason_given(because)
    if not clock.today() <= starts_on <= clock.today() + LONGEST_AHEAD:
        raise Invalid({"starts_on": "Enter a first day that is not in the past, and within a year."})
    days = {"from_day": agreement.starts_on.isoformat(), "to_day": starts_on.isoformat()}
    _change(agreement, AgreementState.AWAITING_START, starts_on=starts_on)
    first = agreement.versions[0]
    first.starts_on, first.funding = starts_on, _funding_on(agreement.package_id, starts_on)
    audit.record("agreement:start_moved", agreement, by=by, reason=reason, **days)
    agreement_agreed(agreement, by)


def date_end(agreement: Agreement, ends_on: date | None, *, by: Actor) -> None:
    """Says which day will be the last of care under a running agreement; None: care goes on without a date."""
    if agreement.ends_on == ends_on:
        return
    _change(agreement, AgreementState.RUNNING, AgreementState.SUSPENDED, ends_on=ends_on)
    audit.record("agreement:end_dated", agreement, by=by, ends_on=ends_on.isoformat() if ends_on else "not known")


def suspend(agreement: Agreement, hold_until: date, because: str, *, by: Actor) -> None:
    """Care rests, and the provider holds the place for this person until a day."""
    held = {"hold_until": hold_until}
    last_day, reason = hold_until.isoformat(), reason_given(because)
    move(
        [agreement], AgreementState.SUSPENDED, "agreement:suspended", by=by, reason=reason, values=held, until=last_day
    )


def resume(agreement: Agreement, *, by: Actor) -> None:
    """Care goes on."""
    starts = [AgreementState.SUSPENDED]
    move([agreement], AgreementState.RUNNING, "agreement:resumed", by=by, values={"hold_until": None}, starts=starts)


def _change(agreement: Agreement, *states: AgreementState, **values: date | None) -> None:
    """Writes days of an agreement while it is in one of these states; raises Conflict where it is in another."""
    change = update(Agreement).where(Agreement.id == agreement.id, Agreement.state.in_(states)).values(**values)
    if db.session.scalar(change.returning(Agreement.id).execution_options(synchronize_session="fetch")) is None:
        db.session.refresh(agreement)
        raise Conflict(f"This cannot be done now. {agreement.state.sentence}")


def start(agreement: Agreement, *, by: Actor) -> None:
    """Care begins: the agreement and its package run from its first day on. Raises Conflict before that day."""
    if agreement.starts_on > clock.today():
        raise Conflict("Care has not begun: its first day is still to come.")
    started_on = agreement.starts_on.isoformat()
    move([agreement], AgreementState.RUNNING, "agreement:started", by=by, started_on=started_on)
    packages.start(agreement.package, by=by)
    agreement_started(agreement, by)


def end(agreement: Agreement, ends_on: date, because: str, *, by: Actor) -> None:
    """Care has ended on a day that is not in the future; the package ends with it."""
    reason = reason_given(because)
    if not agreement.starts_on <= ends_on <= clock.today():
        raise Invalid({"ends_on": "Enter a last day between the first day of care and today."})
    copy = _identity_of(db.session.get_one(Person, agreement.package.person_id))
    ended = {"ended_at": clock.now(), "ends_on": ends_on, "ended_because": reason, "identity_at_end": copy}
    last_day = ends_on.isoformat()
    move([agreement], AgreementState.ENDED, "agreement:ended", by=by, reason=reason, values=ended, ends_on=last_day)
    packages.end(agreement.package, by=by, because=reason)
    agreement_ended(agreement, reason, by)


def cancel_before_start(agreement: Agreement, because: str, *, by: Actor) -> None:
    """Ends an agreement under which care never began. The package is left to the caller, who knows what comes next.

    Everybody who reads the agreement reads `because`, so it is a sentence of the caller's and nothing typed.
    """
    reason = reason_given(because)
    if agreement.state is not AgreementState.AWAITING_START:
        raise Conflict(f"This cannot be cancelled any more. {agreement.state.sentence}")
    ended = {"ended_at": clock.now(), "ended_because": reason}
    move([agreement], AgreementState.CANCELLED, "agreement:cancelled", by=by, reason=reason, values=ended)
    agreement_cancelled(agreement, by)


def cancel_for_withdrawn_package(package: Package, because: str, by: Actor) -> None:
    """Hangs on `package.withdrawn`: an agreement that waits for its start is cancelled with its package.

    The provider and finance read `because`: it is the hook's fixed sentence, and why stays with the package.
    """
    query = select(Agreement).where(
        Agreement.package_id == package.id, Agreement.state == AgreementState.AWAITING_START
    )
    for agreement in db.session.scalars(query):
        cancel_before_start(agreement, because, by=by)


def _refuse_second(package: Package) -> None:
    states = db.session.scalars(select(Agreement.state).where(Agreement.package_id == package.id)).all()
    if reason := rules.reason_against_second(states):
        raise Conflict(reason)


def _insert(agreement: Agreement, version: AgreementVersion) -> None:
    """The unique index has the last word when two are put in force at one instant."""
    try:
        with db.session.begin_nested():
            db.session.add_all([agreement, version])
    except IntegrityError as lost:
        raise Conflict("This package was given an agreement at the same moment. Reload the page to see it.") from lost


def _first_version(agreement_id: UUID, terms: AgreementTerms, because: str, by: Actor) -> AgreementVersion:
    visits = _visits_of(terms.package)
    if not visits:
        raise Conflict("This package has no visits, so nothing can be agreed. Enter its visits first.")
    cost = cost_of_week(visits, terms.price_pence, terms.unit)
    return AgreementVersion(
        authority_id=terms.package.authority_id,
        agreement_id=agreement_id,
        number=1,
        starts_on=terms.starts_on,
        visits=[_visit_out(visit) for visit in visits],
        weekly_minutes=cost.paid_minutes,
        price_pence=terms.price_pence,
        unit=terms.unit,
        weekly_cost_pence=cost.pence,
        lines=[_line_out(line) for line in cost.lines],
        funding=_funding_on(terms.package.id, terms.starts_on),
        because=because[:MOST_REASON],
        authorised_by_label=by.label,
    )


def _visits_of(package: Package) -> Sequence[PackageVisit]:
    query = select(PackageVisit).where(PackageVisit.package_id == package.id)
    return db.session.scalars(query.order_by(PackageVisit.weekday, PackageVisit.window_start, PackageVisit.id)).all()


def _visit_out(visit: PackageVisit) -> dict[str, object]:
    return {
        "weekday": visit.weekday,
        "window_start": visit.window_start,
        "window_end": visit.window_end,
        "minutes": visit.minutes,
        "carers": visit.carers,
        "time_critical": visit.time_critical,
        "tasks": visit.tasks,
    }


def _line_out(cost: LineCost) -> dict[str, object]:
    line = cost.line
    return {
        "name": line.name,
        "visits_per_week": line.visits_per_week,
        "minutes": line.minutes,
        "carers": line.carers,
        "rate_pence": line.rate_pence,
        "unit": line.unit.value,
        "paid_minutes": cost.paid_minutes,
        "pence": cost.pence,
    }


def _funding_on(package_id: UUID, day: date) -> list[dict[str, object]]:
    """Who pays what share on the first day; when care begins before the first share does, those that come first."""
    query = select(FundingShare).where(FundingShare.package_id == package_id).order_by(FundingShare.starts_on)
    shares = db.session.scalars(query).all()
    first = max(day, min((share.starts_on for share in shares), default=day))
    held = [share for share in shares if share.starts_on <= first and (share.ends_on is None or share.ends_on >= first)]
    if sum(share.percent for share in held) != 100:
        raise Conflict("The shares of the funders do not add up to 100 per cent on the first day. Correct them first.")
    return [
        {
            "funder": share.funder.value,
            "percent": share.percent,
            "starts_on": share.starts_on.isoformat(),
            "ends_on": share.ends_on.isoformat() if share.ends_on else None,
        }
        for share in sorted(held, key=lambda share: share.funder.value)
    ]


def _identity_of(person: Person) -> dict[str, str | None]:
    """The copy as it is kept with the agreement."""
    born = person.date_of_birth.isoformat() if person.date_of_birth else None
    return {**{name: getattr(person, name) for name in IDENTITY_TEXTS}, "date_of_birth": born}
