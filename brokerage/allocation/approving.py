"""Proposed awards: a second person approves one, which is the award; or refuses it; or it lapses."""

from __future__ import annotations

from typing import Any

from app import audit, clock
from app.audit import SYSTEM, Actor
from app.audit.moves import move
from app.calendar.deadlines import local_date
from app.calendar.working_days import england
from app.database import db
from app.errors import Conflict, reason_given
from brokerage.allocation import rules
from brokerage.allocation.awarding import confirm_need, lock_round, refuse_against, take_effect
from brokerage.allocation.choice import AwardChoice
from brokerage.allocation.ending import end_award, release_hours
from brokerage.allocation.letters import AWARD_LAPSED, AWARD_REFUSED, tell_awarder
from brokerage.allocation.models import Award
from brokerage.allocation.rules import AwardState
from brokerage.allocation.standing import award_facts, standing_of


def approve(award: Award, *, by: Actor, need_confirmed_with: str = "") -> Award:
    """A second person approves a proposed award, and that is the award. Everything is asked again.

    Raises Conflict when it is not open any more, when the approver proposed it, or when the facts have changed.
    """
    round_ = lock_round(award.round)
    _refuse_unless_open(award)
    if by.id is None:
        raise Conflict("Only a person can approve an award.")
    if reason := rules.reason_against_approval(str(award.made_by), str(by.id)):
        raise Conflict(reason)
    standing = standing_of(round_, award.line)
    choice = _choice_of(award, need_confirmed_with)
    facts = award_facts(standing, choice, by.id, held=award)
    refuse_against(standing, rules.reasons_against_award(facts))
    confirm_need(standing, choice, by)
    told: dict[str, Any] = {"reference": award.reference, "provider": award.provider.name}
    approval = {"approved_by": by.id, "awarded_at": clock.now()}
    move([award], AwardState.AWARDED, "award:approved", by=by, values=approval, **told)
    audit.record("award:made", round_, by=by, price_pence=award.price_pence, place=award.place, **told)
    take_effect(award, standing, by)
    return award


def refuse_proposed(award: Award, because: str, *, by: Actor) -> None:
    """Refuses a proposed award: the package waits again, the hours are free, and no provider ever knew."""
    reason = reason_given(because)
    lock_round(award.round)
    _refuse_unless_open(award)
    _end(award, AwardState.REFUSED, reason, by)
    tell_awarder(award, AWARD_REFUSED)


def lapse(award: Award) -> None:
    """Ends a proposed award that nobody approved in two working days. Raises Conflict before that."""
    lock_round(award.round)
    if not has_lapsed(award):
        raise Conflict("This proposed award can still be approved.")
    _end(award, AwardState.LAPSED, "Nobody approved it in two working days.", SYSTEM)
    tell_awarder(award, AWARD_LAPSED)


def has_lapsed(award: Award) -> bool:
    """Whether the last day on which the proposal could be approved has passed."""
    return rules.has_lapsed(local_date(award.proposed_at), clock.today(), england().working_days_after)


def _refuse_unless_open(award: Award) -> None:
    db.session.refresh(award)
    if award.state is not AwardState.PROPOSED:
        raise Conflict(award.state.refusal(AwardState.AWARDED))
    if has_lapsed(award):
        raise Conflict(AwardState.LAPSED.sentence)


def _choice_of(award: Award, need_confirmed_with: str) -> AwardChoice:
    """The proposer's words stand; only the need may have to be confirmed again."""
    return AwardChoice(
        skip_reason=award.skip_reason or "",
        below_minimum_reason=award.below_minimum_reason or "",
        agreed_with_person=award.agreed_with_person or "",
        need_confirmed_with=need_confirmed_with,
        exception_reason=award.exception_reason or "",
    )


def _end(award: Award, to: AwardState, reason: str, by: Actor) -> None:
    end_award(award, to, reason, by)
    release_hours(award)
