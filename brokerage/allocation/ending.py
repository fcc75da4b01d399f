"""How an award ends after it was made: the provider steps back before care begins, or the package is withdrawn."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from app import audit, clock
from app.audit import SYSTEM, Actor
from app.audit.moves import move, set_state
from app.calendar.deadlines import date_text
from app.database import db
from app.errors import reason_given
from brokerage.allocation.answers import mark_pulled_out
from brokerage.allocation.awarding import lock_round
from brokerage.allocation.letters import AWARD_PULLED_OUT, tell_awarder, tell_cancelled
from brokerage.allocation.models import Award
from brokerage.allocation.rules import HOLDING_STATES, AwardState
from brokerage.allocation.standing import reopened_until
from brokerage.ranking.services import rank_round
from contracts.agreements.models import Agreement
from contracts.agreements.services import cancel_before_start
from marketplace.membership.services import release_capacity
from marketplace.packages import services as packages
from marketplace.packages.models import Package
from marketplace.rounds.services import reopen_round
from marketplace.schemes.queries import policy_on

STEPPED_BACK = "The provider awarded has withdrawn."
"""What the agreement and the round say. Why stays with the award: the provider knows the person, and may write of them."""


def pull_out(award: Award, because: str, *, by: Actor) -> None:
    """The provider awarded withdraws before care begins: its ranking opens again for the next.

    Raises Conflict once care has begun, Invalid without a reason.
    """
    reason = reason_given(because)
    round_ = lock_round(award.round)
    cancel_before_start(agreement_of(award), STEPPED_BACK, by=by)
    set_state([award], AwardState.PULLED_OUT, values=_ended(reason))
    mark_pulled_out(award.line_id)
    release_hours(award)
    reopen_round(round_, STEPPED_BACK, by=by)
    packages.await_award([round_.package], by=by)
    rank_round(round_, because=STEPPED_BACK, by=SYSTEM)
    until = reopened_until(round_.id, policy_on(round_.issue.scheme_id, clock.today()))
    facts = {"reference": award.reference, "provider": award.provider.name}
    audit.record("award:pulled_out", award, by=by, reason=reason, open_until=date_text(until) if until else "", **facts)
    tell_awarder(award, AWARD_PULLED_OUT)


def agreement_of(award: Award) -> Agreement:
    """The agreement that the award put in force."""
    return db.session.scalars(select(Agreement).where(Agreement.award_id == award.id)).unique().one()


def cancel_for_withdrawn_package(package: Package, because: str, by: Actor) -> None:
    """Hangs on `package.withdrawn`, after the agreements' own, and `package.held`: the award ends, its hours are free."""
    query = select(Award).where(Award.package_id == package.id, Award.state.in_(HOLDING_STATES))
    for award in db.session.scalars(query).unique():
        was_awarded = award.state is AwardState.AWARDED
        end_award(award, AwardState.CANCELLED, because, by)
        if was_awarded:
            tell_cancelled(award)


def end_award(award: Award, to: AwardState, reason: str, by: Actor) -> None:
    """Ends an award, which is recorded under its new state, and gives back its hours."""
    told: dict[str, Any] = {"reference": award.reference, "provider": award.provider.name}
    move([award], to, f"award:{to.value}", by=by, reason=reason, values=_ended(reason), **told)
    release_hours(award)


def release_hours(award: Award) -> None:
    """Gives back the hours that the award holds; a declaration made since then already counts without them."""
    one = award.round
    release_capacity(
        one.issue.scheme_id, award.provider_id, one.package.zone_id, award.held_minutes, taken_at=award.proposed_at
    )


def _ended(reason: str) -> dict[str, object]:
    return {"ended_at": clock.now(), "ended_because": reason}


def release_at_start(agreement: Agreement, by: Actor) -> None:  # noqa: ARG001 (a hook's signature)
    """Hangs on `agreement.started`: declared capacity is for new care, and this care is running now."""
    award = db.session.get(Award, agreement.award_id)
    if award is not None and award.state is AwardState.AWARDED:
        release_hours(award)
