"""Rounds that end without an award: no answer was suitable, or the time after a step back is over."""

from __future__ import annotations

from app import audit
from app.audit import SYSTEM, Actor
from app.errors import Conflict, reason_given
from brokerage.allocation.answers import mark_not_awarded
from brokerage.allocation.awarding import lock_round, refuse_decided
from brokerage.allocation.rules import NextStep
from brokerage.feedback.rules import Outcome
from brokerage.feedback.services import write_letters
from marketplace.packages import services as packages
from marketplace.rounds.models import Round
from marketplace.rounds.rules import RoundState
from marketplace.rounds.services import end_round, let_batch_settle


def none_suitable(round_: Round, because: str, next_step: NextStep, *, by: Actor) -> None:
    """Ends a closed round without an award, tells everybody who answered, and says what comes next.

    The reason can be about the person: it stays with the package and in the audit. Raises Conflict when the round is
    awarded, proposed for an award or over; Invalid without a reason.
    """
    reason = reason_given(because)
    round_ = lock_round(round_)
    refuse_decided(round_)
    if round_.state is not RoundState.CLOSED:
        raise Conflict(f"This cannot be done now. {round_.state.sentence}")
    end_round(round_, RoundState.NONE_SUITABLE, RoundState.NONE_SUITABLE.sentence, by=by)
    mark_not_awarded(round_.id)
    audit.record("award:none_suitable", round_, by=by, reason=reason, next_step=next_step.value)
    write_letters(round_, Outcome.WITHDRAWN if next_step is NextStep.CANCEL else Outcome.NONE_SUITABLE)
    _go_on(round_, reason, next_step, by)
    let_batch_settle(round_.issue, by=by)


def end_reopening(round_: Round) -> None:
    """Ends a ranking that opened again after a step back and was not used in time. Those who answered know already."""
    round_ = lock_round(round_)
    refuse_decided(round_)
    because = "The provider awarded withdrew, and nobody else was awarded in time."
    end_round(round_, RoundState.NONE_SUITABLE, because, by=SYSTEM)
    audit.record("award:reopening_ended", round_, by=SYSTEM, reason=because)
    packages.mark_unsourced([round_.package], by=SYSTEM, because=because)
    let_batch_settle(round_.issue, by=SYSTEM)


def _go_on(round_: Round, reason: str, next_step: NextStep, by: Actor) -> None:
    if next_step is NextStep.CANCEL:
        packages.withdraw(round_.package, by=by, because=reason)
        return
    outside = "To be bought outside the scheme: " if next_step is NextStep.SPOT else ""
    packages.mark_unsourced([round_.package], by=by, because=f"{outside}{reason}"[:500])
