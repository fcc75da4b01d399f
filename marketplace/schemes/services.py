"""Commands on schemes: a policy or a floor and ceiling from a day on, another end, the reasons for declining.

What has begun is never changed: decisions were made under it, and open offers keep what they were made under.
"""

from datetime import date
from uuid import UUID

from sqlalchemy import exists, select, update

from app import audit, clock
from app.audit import Actor
from app.database import db, locked
from app.database.bulk import insert_rows
from app.errors import Conflict, Invalid
from app.values.money import Money
from marketplace.schemes.models import DeclineCode, Lot, LotPrice, Scheme, SchemePolicy, Zone
from marketplace.schemes.queries import policy_in_force, terms_of
from marketplace.schemes.regime_rules import Regime, reasons_against_changing_conditions, reasons_against_new_end
from marketplace.schemes.rules import CONDITIONS, TERM_NAMES, PolicyTerms, PriceLimits, changes_between, problems_with
from marketplace.vocabulary import PriceBand

PRICES_BEGUN = "A floor and ceiling began on that day and offers may have been made under them. Choose a later day."
DEFAULT_DECLINE_CODES: tuple[tuple[str, str, bool], ...] = (
    ("no_staff_at_times", "No carers at the times asked", False),
    ("no_carer_of_gender", "No carer of the gender asked", False),
    ("area_not_covered", "Area not covered", False),
    ("travel", "Too much travel between visits", False),
    ("skills", "Skills or training", False),
    ("double_up", "Two carers at once not possible", False),
    ("start_date", "Start date", False),
    ("price_below_cost", "Price below cost", False),
    ("risk", "Risk or safety", False),
    ("at_capacity", "At capacity", False),
    ("unclear", "The package is unclear", False),
    ("other", "Other", True),
)
"""Code, what a page says, and whether words of one's own are needed too."""


def add_policy(scheme: Scheme, terms: PolicyTerms, valid_from: date, because: str, *, by: Actor) -> SchemePolicy:
    """Enters a policy that holds from a day on; one entered for the same coming day is replaced.

    Raises Invalid for values that cannot be used, a day in the past or a locked condition; Conflict when a policy
    has begun on that day.
    """
    db.session.execute(locked(select(Scheme).where(Scheme.id == scheme.id)))  # one change of a scheme at a time
    before = policy_in_force(scheme.id, valid_from)
    if problems := _reasons_against_policy(scheme, before, terms, valid_from):
        raise Invalid(problems)
    changes = _in_words(terms_of(before), terms) if before else "the first policy"
    replaced = before is not None and before.valid_from == valid_from
    owned = {"authority_id": scheme.authority_id, "scheme_id": scheme.id, "valid_from": valid_from}
    policy = before if before and replaced else SchemePolicy(**owned)
    for name in TERM_NAMES:
        setattr(policy, name, getattr(terms, name))
    policy.created_by_label = by.label
    db.session.add(policy)
    db.session.flush()
    tag = "scheme:policy_replaced" if replaced else "scheme:policy_added"
    audit.record(tag, scheme, by=by, reason=because, valid_from=valid_from.isoformat(), changes=changes)
    return policy


def set_price(
    lot: Lot,
    limits: PriceLimits,
    valid_from: date,
    zone: Zone | None = None,
    band: PriceBand | None = None,
    because: str = "",
    *,
    by: Actor,
) -> LotPrice:
    """Enters floor and ceiling from a day on, for one zone or all, one band or all hours.

    A row entered for the same coming day is replaced. Raises Invalid for a floor above the ceiling or a day in the
    past; Conflict when a row has begun on that day.
    """
    db.session.execute(locked(select(Lot).where(Lot.id == lot.id)))
    zone_id = zone.id if zone else None
    before = _price_in_force(lot, zone_id, band, valid_from)
    if problems := _reasons_against_price(before, limits, valid_from):
        raise Invalid(problems)
    owned = {"authority_id": lot.authority_id, "lot_id": lot.id}
    price = before if before and before.valid_from == valid_from else LotPrice(**owned, zone_id=zone_id, band=band)
    price.floor_pence, price.ceiling_pence, price.valid_from = limits.floor_pence, limits.ceiling_pence, valid_from
    db.session.add(price)
    db.session.flush()
    audit.record(
        "scheme:price_entered",
        db.session.get_one(Scheme, lot.scheme_id),
        by=by,
        reason=because or None,
        lot=lot.name,
        zone=zone.name if zone else "all zones",
        band=price.band.value if price.band else "all hours",
        floor=str(Money(price.floor_pence)),
        ceiling=str(Money(price.ceiling_pence)),
        valid_from=price.valid_from.isoformat(),
    )
    return price


def change_end(scheme: Scheme, ends_on: date | None, because: str, *, by: Actor) -> None:
    """Changes the last day of a scheme; raises Invalid when its regime does not let it (rule H10)."""
    problems = list(reasons_against_new_end(scheme.regime, scheme.ends_on, ends_on, clock.today()))
    if ends_on is not None and ends_on <= scheme.established_on:
        problems.append("The end must be after the day on which the scheme began.")
    if problems:
        raise Invalid({"ends_on": " ".join(problems)})
    before, scheme.ends_on = scheme.ends_on, ends_on
    db.session.flush()
    facts = {"ends_on": ends_on, "before": before}
    said = {name: day.isoformat() if day else None for name, day in facts.items()}
    audit.record("scheme:end_changed", scheme, by=by, reason=because, **said)


def correct_outline(scheme: Scheme, regime: Regime, established_on: date, *, by: Actor) -> bool:
    """Corrects the regime and the first day of a scheme that has not begun; whether anything was wrong.

    Policies and prices from the first day on move with it. Raises Invalid for a day in the past or after the end.
    """
    before = {"regime": scheme.regime.value, "established_on": scheme.established_on.isoformat()}
    now = {"regime": regime.value, "established_on": established_on.isoformat()}
    if before == now:
        return False
    if established_on < clock.today() or (scheme.ends_on and established_on >= scheme.ends_on):
        raise Invalid({"established_on": "established_on: Enter a first day from today on, before the last day."})
    first = scheme.established_on
    scheme.regime, scheme.established_on = regime, established_on
    db.session.flush()
    lots = select(Lot.id).where(Lot.scheme_id == scheme.id)
    for table, own in ((SchemePolicy, SchemePolicy.scheme_id == scheme.id), (LotPrice, LotPrice.lot_id.in_(lots))):
        moved = update(table).where(own, table.valid_from == first).values(valid_from=established_on)
        db.session.execute(moved.execution_options(synchronize_session="fetch"))
    audit.record("scheme:corrected", scheme, by=by, **now, was=f"{before['regime']}, {before['established_on']}")
    return True


def list_decline_codes(authority_id: UUID) -> int:
    """Gives an authority that has no list the usual one; the number of reasons added."""
    if db.session.scalar(select(exists().where(DeclineCode.authority_id == authority_id))):
        return 0
    columns = ("authority_id", "position", "code", "label", "text_required")
    codes = ((authority_id, position, *code) for position, code in enumerate(DEFAULT_DECLINE_CODES))
    insert_rows(DeclineCode, [dict(zip(columns, code, strict=True)) for code in codes])
    return len(DEFAULT_DECLINE_CODES)


def _reasons_against_policy(
    scheme: Scheme, before: SchemePolicy | None, terms: PolicyTerms, valid_from: date
) -> dict[str, str]:
    today = clock.today()
    problems = problems_with(terms)
    if before is None:
        return problems
    if valid_from < today:
        problems["valid_from"] = "A new policy cannot begin in the past. Enter today or a later day."
    elif before.valid_from == valid_from == today:
        raise Conflict("A policy began on that day and offers may have been made under it. Choose a later day.")
    for name in CONDITIONS:
        if getattr(before, name) != getattr(terms, name):
            locks = reasons_against_changing_conditions(scheme.regime, scheme.established_on <= today)
            problems |= dict.fromkeys([name] if locks else [], " ".join(locks))
    return problems


def _in_words(old: PolicyTerms, new: PolicyTerms) -> str:
    """What changed, as a timeline says it: `quality weight from 60 to 70`."""
    changes = changes_between(old, new).items()
    return "; ".join(f"{name.replace('_', ' ')} from {before} to {after}" for name, (before, after) in changes)


def _price_in_force(lot: Lot, zone_id: UUID | None, band: PriceBand | None, day: date) -> LotPrice | None:
    """The row of exactly this zone and band that holds on a day, or None."""
    query = select(LotPrice).where(
        LotPrice.lot_id == lot.id, LotPrice.zone_id == zone_id, LotPrice.band == band, LotPrice.valid_from <= day
    )
    return db.session.scalars(query.order_by(LotPrice.valid_from.desc()).limit(1)).one_or_none()


def _reasons_against_price(before: LotPrice | None, limits: PriceLimits, valid_from: date) -> dict[str, str]:
    problems = {}
    if limits.floor_pence <= 0:
        problems["floor"] = "Enter an amount over £0."
    if limits.ceiling_pence < limits.floor_pence:
        problems["ceiling"] = "The ceiling must not be below the floor."
    if before is not None and valid_from < clock.today():
        problems["valid_from"] = "New prices cannot begin in the past. Enter today or a later day."
    elif before is not None and before.valid_from == valid_from == clock.today():
        raise Conflict(PRICES_BEGUN)
    return problems
