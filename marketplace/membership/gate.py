"""What CQC data means for members: who falls below a scheme's gate is offered nothing new, and keeps its care."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app import clock
from app.audit import SYSTEM
from app.calendar.working_days import england
from app.database import db
from marketplace.applications.gate import gate
from marketplace.applications.rules import GateResult
from marketplace.membership.models import Membership, Suspension
from marketplace.membership.queries import overrides_on, suspensions_on
from marketplace.membership.rules import MEMBER_STATES
from marketplace.membership.suspensions import SuspensionDraft, suspend
from marketplace.providers.models import Provider
from marketplace.schemes.models import Scheme
from marketplace.schemes.queries import policy_on

REVIEW_AFTER_WORKING_DAYS = 5

LASTS_DAYS = 365
"""A gate suspension is looked at within 5 working days and ends by itself after a year."""


def hold_members_to_gate(location_ids: Sequence[str]) -> list[Suspension]:
    """Suspends new offers to every member among these locations that is below its scheme's gate now.

    A member whose offers are suspended everywhere already is left as it is, and so is one whose gate is overridden.
    """
    members = _members_at(location_ids)
    schemes = {scheme.id: scheme for scheme in _schemes({scheme_id for scheme_id, _ in members})}
    made: list[Suspension] = []
    for scheme_id, scheme in schemes.items():
        providers = [provider for of_scheme, provider in members if of_scheme == scheme_id]
        made += _suspend_below_gate(scheme, providers)
    return made


def _suspend_below_gate(scheme: Scheme, providers: Sequence[Provider]) -> list[Suspension]:
    today, ids = clock.today(), [provider.id for provider in providers]
    policy = policy_on(scheme.id, today)
    everywhere = {
        one.provider_id for one in suspensions_on(scheme.id, today, ids) if one.lot_id is None and one.zone_id is None
    }
    spared = everywhere | overrides_on(scheme.id, today, ids).keys()
    answers = [
        (provider, gate(provider.cqc_rating, policy.min_cqc_rating, policy.unrated_policy)) for provider in providers
    ]
    return [
        suspend(scheme, provider, _draft(answer.reason), by=SYSTEM)
        for provider, answer in answers
        if answer.result is GateResult.REFUSE and provider.id not in spared
    ]


def _draft(reason: str) -> SuspensionDraft:
    today = clock.today()
    review_on = england().working_days_after(today, REVIEW_AFTER_WORKING_DAYS)
    told = f"{reason} New offers stop until a contract manager has looked at it; care goes on."
    return SuspensionDraft(told, today, review_on, today + timedelta(days=LASTS_DAYS), by_gate=True)


def _members_at(location_ids: Sequence[str]) -> list[tuple[UUID, Provider]]:
    query = (
        select(Membership.scheme_id, Provider)
        .join(Provider, Provider.id == Membership.provider_id)
        .where(Provider.cqc_location_id.in_(location_ids), Membership.state.in_(MEMBER_STATES))
        .distinct()
        .order_by(Provider.id)
    )
    return [(scheme_id, provider) for scheme_id, provider in db.session.execute(query)]


def _schemes(ids: Iterable[UUID]) -> Sequence[Scheme]:
    query = select(Scheme).where(Scheme.id.in_(list(ids))).options(selectinload(Scheme.lots)).order_by(Scheme.id)
    return db.session.scalars(query).all()
