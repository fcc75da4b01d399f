"""Entering a scheme's dated policies. One that has begun is never changed: decisions were made under it."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from app import audit, clock
from app.audit import Actor
from app.database import db, locked
from app.errors import Conflict, Invalid
from marketplace.schemes.models import Scheme, SchemePolicy
from marketplace.schemes.policy_rules import CONDITIONS, TERM_NAMES, PolicyTerms, changes_between, problems_with
from marketplace.schemes.regime_rules import reasons_against_changing_conditions

ALREADY_BEGUN = "A policy began on that day and offers may have been made under it. Choose a later day."


def terms_of(policy: SchemePolicy) -> PolicyTerms:
    """A policy's terms as a value, to compare or to start a new one from."""
    return PolicyTerms(**{name: getattr(policy, name) for name in TERM_NAMES})


def policy_before(scheme: Scheme, day: date) -> SchemePolicy | None:
    """The policy in force on a day, or None."""
    query = select(SchemePolicy).where(SchemePolicy.scheme_id == scheme.id, SchemePolicy.valid_from <= day)
    return db.session.scalars(query.order_by(SchemePolicy.valid_from.desc()).limit(1)).one_or_none()


def add_policy(scheme: Scheme, terms: PolicyTerms, valid_from: date, *, because: str, by: Actor) -> SchemePolicy:
    """Enters a policy that holds from a day on; one entered for the same coming day is replaced.

    Raises Invalid for values that cannot be used, a day in the past or a locked condition; Conflict when a policy
    has begun on that day.
    """
    _lock(scheme)
    before = policy_before(scheme, valid_from)
    if problems := _reasons_against(scheme, before, terms, valid_from):
        raise Invalid(problems)
    changes = _in_words(terms_of(before), terms) if before else "the first policy"
    replaced = before is not None and before.valid_from == valid_from
    policy = _write(scheme, before if replaced else None, terms, valid_from, by)
    tag = "scheme:policy_replaced" if replaced else "scheme:policy_added"
    audit.record(tag, scheme, by=by, reason=because, valid_from=valid_from.isoformat(), changes=changes)
    return policy


def _lock(scheme: Scheme) -> None:
    """One change of a scheme at a time."""
    db.session.execute(locked(select(Scheme).where(Scheme.id == scheme.id)))


def _reasons_against(
    scheme: Scheme, before: SchemePolicy | None, terms: PolicyTerms, valid_from: date
) -> dict[str, str]:
    today = clock.today()
    problems = problems_with(terms)
    if before is None:
        return problems
    if valid_from < today:
        problems["valid_from"] = "A new policy cannot begin in the past. Enter today or a later day."
    elif before.valid_from == valid_from == today:
        raise Conflict(ALREADY_BEGUN)
    for name in CONDITIONS:
        if getattr(before, name) != getattr(terms, name):
            locks = reasons_against_changing_conditions(scheme.regime, scheme.established_on <= today)
            problems |= dict.fromkeys([name] if locks else [], " ".join(locks))
    return problems


def _write(
    scheme: Scheme, existing: SchemePolicy | None, terms: PolicyTerms, valid_from: date, by: Actor
) -> SchemePolicy:
    policy = existing or SchemePolicy(authority_id=scheme.authority_id, scheme_id=scheme.id, valid_from=valid_from)
    for name in TERM_NAMES:
        setattr(policy, name, getattr(terms, name))
    policy.created_by_label = by.label
    db.session.add(policy)
    db.session.flush()
    return policy


def _in_words(old: PolicyTerms, new: PolicyTerms) -> str:
    """What changed, as a timeline says it: `quality weight from 60 to 70`."""
    changes = changes_between(old, new).items()
    return "; ".join(f"{name.replace('_', ' ')} from {before} to {after}" for name, (before, after) in changes)
