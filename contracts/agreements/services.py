"""Commands on agreements. `put_in_force` is the only writer of a version; the others change the state."""

import secrets
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar
from uuid import UUID

from sqlalchemy import Select, select, update
from sqlalchemy.exc import IntegrityError

from app import audit, clock
from app.audit import Actor
from app.audit.moves import move
from app.database import db, new_id
from app.database.many import among
from app.errors import MOST_REASON, Conflict, Invalid, reason_given
from app.hooks import Hook
from app.values.hours import hours_text
from app.values.reference import new_reference
from contracts.agreements import rules
from contracts.agreements.letters import tell_of_details
from contracts.agreements.models import Agreement, AgreementVersion
from contracts.agreements.rules import AgreementState, Cost, LineCost, WeeklyVisit
from marketplace.packages import services as packages
from marketplace.packages.models import FundingShare, Package, PackageVisit
from marketplace.packages.visits import Visit
from marketplace.people.models import Person
from marketplace.providers.models import Provider
from marketplace.vocabulary import LotUnit

LONGEST_AHEAD = timedelta(days=365)
"""How far ahead a first day may be moved: further is a slip of the pen."""
T = TypeVar("T", FundingShare, PackageVisit)
IDENTITY_TEXTS = ("name", "known_as", "address", "postcode", "telephone", "language")

# What happens to an agreement that higher slices act on, in the same transaction; `wsgi.py` says who.
agreement_agreed: Hook[[Sequence[Agreement], Actor]] = Hook(
    "agreement.agreed", "They were put in force, or the first day of one was moved."
)
agreement_cancelled: Hook[[Agreement, Actor]] = Hook("agreement.cancelled", "It was cancelled before care began.")
agreement_started: Hook[[Agreement, Actor]] = Hook(
    "agreement.started", "Care began: the hours that the award held are the provider's running hours now."
)
agreement_ended: Hook[[Agreement, str, Actor]] = Hook("agreement.ended", "Care ended, with its reason.")


@dataclass(frozen=True, slots=True)
class AgreementTerms:
    """What was agreed: price in pence per unit, the first day of care, the instant from which it binds (S5), and why;
    the visits, where they are not those that the package asks for.
    """

    package: Package
    provider: Provider
    award_id: UUID
    price_pence: int
    unit: LotUnit
    starts_on: date
    contract_from: datetime
    because: str
    visits: Sequence[Visit] | None = None


def cost_of_week(visits: Iterable[WeeklyVisit], price_pence: int, unit: LotUnit) -> Cost:
    """What a week of these visits comes to at this price, line by line."""
    return rules.weekly_cost(rules.lines_of_week(visits, price_pence, unit))


def put_in_force(many: Sequence[AgreementTerms], *, by: Actor) -> list[Agreement]:
    """Makes the agreement of each package with its first version, all or none.

    Raises Conflict when a package has one in force already, no visits or no whole funding; of several it names each.
    """
    ids = [terms.package.id for terms in many]
    asked, shares = visits_of(ids), _shares_of(ids)
    visits = {terms.package.id: _agreed(terms, asked[terms.package.id]) for terms in many}
    _refuse(many, visits, shares)
    made = [_agreement(terms) for terms in many]
    versions = [
        _first_version(agreement, terms, visits[terms.package.id], shares[terms.package.id], by)
        for agreement, terms in zip(made, many, strict=True)
    ]
    _insert([*made, *versions])
    told = [(agreement, _facts(agreement, version)) for agreement, version in zip(made, versions, strict=True)]
    because = {agreement.id: terms.because for agreement, terms in zip(made, many, strict=True)}
    audit.record_told("agreement:put_in_force", told, by=by, reason=because)
    agreement_agreed(made, by)
    return made


def move_start(agreement: Agreement, starts_on: date, because: str, *, by: Actor) -> None:
    """Moves the first day of care, while it has not begun, to a day that is not in the past."""
    reason = reason_given(because)
    if not clock.today() <= starts_on <= clock.today() + LONGEST_AHEAD:
        raise Invalid({"starts_on": "Enter a first day that is not in the past, and within a year."})
    days = {"from_day": agreement.starts_on.isoformat(), "to_day": starts_on.isoformat()}
    _change(agreement, AgreementState.AWAITING_START, starts_on=starts_on)
    first = agreement.versions[0]
    shares = _shares_of([agreement.package_id])[agreement.package_id]
    if against := rules.reason_against_funding(share.percent for share in _holding_on(shares, starts_on)):
        raise Conflict(against)
    first.starts_on, first.funding = starts_on, _funding_out(shares, starts_on)
    audit.record("agreement:start_moved", agreement, by=by, reason=reason, **days)
    agreement_agreed([agreement], by)


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


def tell_of_changed_record(person: Person, _waits: bool, _by: Actor) -> None:
    """Hangs on `person.record_changed`: providers of agreements that have not ended are told that something changed."""
    query = select(Agreement).join(Package, Package.id == Agreement.package_id)
    live = query.where(Package.person_id == person.id, Agreement.ended_at.is_(None))
    tell_of_details(person.authority_id, db.session.scalars(live.order_by(Agreement.reference)).unique().all())


def visits_of(package_ids: Iterable[UUID]) -> defaultdict[UUID, list[PackageVisit]]:
    """The visits of packages in the order of the week, by the package's id."""
    query = select(PackageVisit).where(among(PackageVisit.package_id, package_ids))
    return _by_package(query.order_by(PackageVisit.weekday, PackageVisit.window_start, PackageVisit.id))


def _shares_of(package_ids: Iterable[UUID]) -> defaultdict[UUID, list[FundingShare]]:
    query = select(FundingShare).where(among(FundingShare.package_id, package_ids))
    return _by_package(query.order_by(FundingShare.starts_on, FundingShare.id))


def _by_package(query: Select[T]) -> defaultdict[UUID, list[T]]:
    rows: defaultdict[UUID, list[T]] = defaultdict(list)
    for row in db.session.scalars(query):
        rows[row.package_id].append(row)
    return rows


def _agreed(terms: AgreementTerms, asked: Sequence[PackageVisit]) -> Sequence[Visit]:
    return [visit.value for visit in asked] if terms.visits is None else terms.visits


def _refuse(
    many: Sequence[AgreementTerms],
    visits: Mapping[UUID, Sequence[Visit]],
    shares: Mapping[UUID, Sequence[FundingShare]],
) -> None:
    keys = [terms.package.id for terms in many]
    live = select(Agreement.package_id, Agreement.state).where(
        among(Agreement.package_id, keys), Agreement.ended_at.is_(None)
    )
    states, reasons = dict(db.session.execute(live).all()), {}
    for key, terms in zip(keys, many, strict=True):
        percents = [share.percent for share in _holding_on(shares[key], terms.starts_on)]
        if reason := rules.reason_against_agreement(states.get(key), len(visits[key]), percents):
            reasons[terms.package.reference] = reason
    if reasons:
        named = [f"{reference}: {reason}" for reference, reason in reasons.items()]
        raise Conflict(" ".join(reasons.values() if len(many) == 1 else named))


def _insert(rows: Sequence[Agreement | AgreementVersion]) -> None:
    """The unique index has the last word when two are put in force at one instant."""
    try:
        with db.session.begin_nested():
            db.session.add_all(rows)
    except IntegrityError as lost:
        raise Conflict("This package was given an agreement at the same moment. Reload the page to see it.") from lost


def _agreement(terms: AgreementTerms) -> Agreement:
    return Agreement(
        id=new_id(),
        authority_id=terms.package.authority_id,
        reference=new_reference("AGR", secrets.randbits(32)),
        package_id=terms.package.id,
        provider_id=terms.provider.id,
        award_id=terms.award_id,
        state=AgreementState.AWAITING_START,
        contract_from=terms.contract_from,
        starts_on=terms.starts_on,
        package=terms.package,
        provider=terms.provider,
    )


def _first_version(
    agreement: Agreement,
    terms: AgreementTerms,
    visits: Sequence[Visit],
    shares: Sequence[FundingShare],
    by: Actor,
) -> AgreementVersion:
    cost = cost_of_week(visits, terms.price_pence, terms.unit)
    return AgreementVersion(
        authority_id=terms.package.authority_id,
        agreement_id=agreement.id,
        number=1,
        starts_on=terms.starts_on,
        visits=[visit.columns for visit in visits],
        weekly_minutes=cost.paid_minutes,
        price_pence=terms.price_pence,
        unit=terms.unit,
        weekly_cost_pence=cost.pence,
        lines=[_line_out(line) for line in cost.lines],
        funding=_funding_out(shares, terms.starts_on),
        because=terms.because[:MOST_REASON],
        authorised_by_label=by.label,
    )


def _facts(agreement: Agreement, version: AgreementVersion) -> dict[str, object]:
    """What the audit tells of an agreement put in force."""
    return {
        "reference": agreement.reference,
        "provider": agreement.provider.name,
        "version": version.number,
        "starts_on": agreement.starts_on.isoformat(),
        "weekly_hours": hours_text(version.weekly_minutes),
        "weekly_cost_pence": version.weekly_cost_pence,
        "price_pence": version.price_pence,
    }


def _line_out(cost: LineCost) -> dict[str, object]:
    line = cost.line
    return {**asdict(line), "unit": line.unit.value, "paid_minutes": cost.paid_minutes, "pence": cost.pence}


def _holding_on(shares: Sequence[FundingShare], day: date) -> list[FundingShare]:
    """Who pays a share on the first day; when care begins before the first share does, those that come first."""
    first = max(day, min((share.starts_on for share in shares), default=day))
    return [share for share in shares if share.starts_on <= first and (share.ends_on is None or share.ends_on >= first)]


def _funding_out(shares: Sequence[FundingShare], day: date) -> list[dict[str, object]]:
    return [
        {
            "funder": share.funder.value,
            "percent": share.percent,
            "starts_on": share.starts_on.isoformat(),
            "ends_on": share.ends_on.isoformat() if share.ends_on else None,
        }
        for share in sorted(_holding_on(shares, day), key=lambda share: share.funder.value)
    ]


def _identity_of(person: Person) -> dict[str, str | None]:
    """The copy as it is kept with the agreement."""
    born = person.date_of_birth.isoformat() if person.date_of_birth else None
    return {**{name: getattr(person, name) for name in IDENTITY_TEXTS}, "date_of_birth": born}
