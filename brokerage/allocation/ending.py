"""How awards end, and rounds without one: a proposal is refused or lapses, the provider steps back before care begins, the
package is withdrawn, no answer is suitable, or the time after a step back is over.
"""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app import audit, clock
from app.audit import SYSTEM, Actor
from app.audit.moves import move, set_state
from app.database import db
from app.database.sweep import sweep
from app.errors import Conflict, reason_given
from app.values.days import date_text
from brokerage.allocation.candidates import has_lapsed, reopened_until
from brokerage.allocation.letters import AWARD_LAPSED, AWARD_PULLED_OUT, AWARD_REFUSED, tell_awarder, tell_cancelled
from brokerage.allocation.models import Award
from brokerage.allocation.rules import HOLDING_STATES, AwardState, NextStep
from brokerage.allocation.services import (
    lock_rounds,
    mark_not_awarded,
    move_answers,
    refuse_decided,
    refuse_unless_open,
)
from brokerage.feedback.rules import Outcome
from brokerage.feedback.services import write_letters
from brokerage.ranking.services import rank_round
from contracts.agreements.models import Agreement
from contracts.agreements.services import cancel_before_start
from marketplace.membership.services import release_capacity
from marketplace.packages import services as packages
from marketplace.packages.models import Package
from marketplace.rounds.models import Round
from marketplace.rounds.rules import ResponseState, RoundState
from marketplace.rounds.services import end_rounds, let_batch_settle, reopen_round
from marketplace.schemes.queries import policy_on

STEPPED_BACK = "The provider awarded has withdrawn."
"""What the agreement and the round say. Why stays with the award: the provider knows the person, and may write of them."""


def refuse_proposed(award: Award, because: str, *, by: Actor) -> None:
    """Refuses a proposed award: the package waits again, the hours are free, and no provider ever knew."""
    reason = reason_given(because)
    lock_rounds([award.round])
    refuse_unless_open(award)
    _end(award, AwardState.REFUSED, reason, by)
    tell_awarder(award, AWARD_REFUSED)


def lapse(award: Award) -> None:
    """Ends a proposed award that nobody approved in two working days. Raises Conflict before that."""
    lock_rounds([award.round])
    if not has_lapsed(award):
        raise Conflict("This proposed award can still be approved.")
    _end(award, AwardState.LAPSED, "Nobody approved it in two working days.", SYSTEM)
    tell_awarder(award, AWARD_LAPSED)


def pull_out(award: Award, because: str, *, by: Actor) -> None:
    """The provider awarded withdraws before care begins: its ranking opens again for the next.

    Raises Conflict once care has begun, Invalid without a reason.
    """
    reason = reason_given(because)
    lock_rounds([round_ := award.round])
    set_state([award], AwardState.PULLED_OUT, values=_ended(reason))
    cancel_before_start(agreement_of(award), STEPPED_BACK, by=by)
    move_answers([award.line_id], ResponseState.PULLED_OUT)
    _release_hours(award)
    reopen_round(round_, STEPPED_BACK, by=by)
    packages.await_award([round_.package], by=by)
    rank_round(round_, because=STEPPED_BACK, by=SYSTEM)
    until = _open_until(round_)
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
        _end(award, AwardState.CANCELLED, because, by)
        if was_awarded:
            tell_cancelled(award)


def release_at_start(agreement: Agreement, by: Actor) -> None:  # noqa: ARG001 (a hook's signature)
    """Hangs on `agreement.started`: declared capacity is for new care, and this care is running now."""
    award = db.session.get(Award, agreement.award_id)
    if award is not None and award.state is AwardState.AWARDED:
        _release_hours(award)


def _end(award: Award, to: AwardState, reason: str, by: Actor) -> None:
    """Ends an award, which is recorded under its new state, and gives back its hours."""
    names: dict[str, Any] = {"reference": award.reference, "provider": award.provider.name}
    move([award], to, f"award:{to.value}", by=by, reason=reason, values=_ended(reason), **names)
    _release_hours(award)


def _ended(reason: str) -> dict[str, object]:
    return {"ended_at": clock.now(), "ended_because": reason}


def _release_hours(award: Award) -> None:
    """Gives back the hours that the award holds; a declaration made since then already counts without them."""
    scheme_id, zone_id = award.round.issue.scheme_id, award.round.package.zone_id
    release_capacity(scheme_id, award.provider_id, zone_id, award.held_minutes, taken_at=award.proposed_at)


# --------------------------------------------------------------------------------------- rounds without an award


def none_suitable(round_: Round, because: str, next_step: NextStep, *, by: Actor) -> None:
    """Ends a closed round without an award, tells everybody who answered, and says what comes next.

    The reason can be about the person: it stays with the package and in the audit. Raises Conflict when the round is
    awarded, proposed for an award or over; Invalid without a reason.
    """
    reason = reason_given(because)
    lock_rounds([round_])
    refuse_decided(round_)
    if round_.state is not RoundState.CLOSED:
        raise Conflict(f"This cannot be done now. {round_.state.sentence}")
    mark_not_awarded([round_])
    end_rounds({round_: RoundState.NONE_SUITABLE.sentence}, RoundState.NONE_SUITABLE, by=by)
    audit.record("award:none_suitable", round_, by=by, reason=reason, next_step=next_step.value)
    write_letters([round_], Outcome.WITHDRAWN if next_step is NextStep.CANCEL else Outcome.NONE_SUITABLE)
    _go_on(round_, reason, next_step, by)
    let_batch_settle(round_.issue, by=by)


def end_reopening(round_: Round) -> None:
    """Ends a ranking that opened again after a step back and was not used in time. Those who answered know already."""
    lock_rounds([round_])
    refuse_decided(round_)
    because = "The provider awarded withdrew, and nobody else was awarded in time."
    end_rounds({round_: because}, RoundState.NONE_SUITABLE, by=SYSTEM)
    audit.record("award:reopening_ended", round_, by=SYSTEM, reason=because)
    packages.mark_unsourced([round_.package], by=SYSTEM, because=because)
    let_batch_settle(round_.issue, by=SYSTEM)


def _go_on(round_: Round, reason: str, next_step: NextStep, by: Actor) -> None:
    if next_step is NextStep.CANCEL:
        packages.withdraw(round_.package, by=by, because=reason)
        return
    outside = "To be bought outside the scheme: " if next_step is NextStep.SPOT else ""
    packages.mark_unsourced([round_.package], by=by, because=f"{outside}{reason}"[:500])


# -------------------------------------------------------------------------------------------------------- by itself


def lapse_due() -> int:
    """Ends proposed awards that nobody approved in two working days; how many."""
    return sweep(select(Award.id).where(Award.state == AwardState.PROPOSED), _lapse)


def end_reopened() -> int:
    """Ends rankings that opened again and were not used in time; how many."""
    stepped_back = select(Award.round_id).where(Award.state == AwardState.PULLED_OUT)
    return sweep(select(Round.id).where(Round.state == RoundState.CLOSED, Round.id.in_(stepped_back)), _end_reopened)


def _lapse(award_id: UUID) -> bool:
    award = db.session.get_one(Award, award_id)
    if due := has_lapsed(award):
        lapse(award)
    return due


def _open_until(round_: Round) -> date | None:
    policy = policy_on(round_.issue.scheme_id, clock.today())
    return reopened_until(select(Round.id).where(Round.id == round_.id), policy).get(round_.id)


def _end_reopened(round_id: UUID) -> bool:
    round_ = db.session.get_one(Round, round_id)
    until = _open_until(round_)
    due = until is not None and clock.today() > until
    if due:
        end_reopening(round_)
    return due
