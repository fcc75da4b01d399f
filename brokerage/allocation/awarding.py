"""Awarding: one decision per round, asked again in full inside the transaction that makes it.

An award takes capacity, makes the agreement, ends the round and tells everybody who answered. Above the scheme's limit,
or below its quality minimum, it is only proposed: it holds the package and the capacity, tells no provider, and a
second person approves or refuses it (see `approving`).
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import lazyload

from app import audit, clock
from app.audit import Actor
from app.calendar.deadlines import local_text
from app.database import db, locked, new_id
from app.errors import Conflict, Invalid
from app.parties.models import User
from app.values.hours import hours_text
from app.values.reference import new_reference
from brokerage.allocation import rules
from brokerage.allocation.answers import mark_answers
from brokerage.allocation.choice import AwardChoice
from brokerage.allocation.letters import tell_winner
from brokerage.allocation.models import Award
from brokerage.allocation.rules import HOLDING_STATES, AwardRoute, AwardState, Refusal
from brokerage.allocation.standing import Standing, award_facts, standing_of
from brokerage.feedback.rules import Outcome
from brokerage.feedback.services import write_letters
from contracts.agreements.models import Agreement
from contracts.agreements.services import AgreementTerms, put_in_force
from marketplace.membership.services import commit_capacity
from marketplace.packages import services as packages
from marketplace.packages.models import Package
from marketplace.rounds.models import OfferLine, Round
from marketplace.rounds.rules import RoundState
from marketplace.rounds.services import end_round

ASKED_FOR = {
    "need": "need_confirmed_with",
    "agreed_with_person": "agreed_with_person",
    "second_person": "second_person",
}
"""Reasons against an award that somebody can mend on the form, and the field for it."""


def award(round_: Round, line: OfferLine, choice: AwardChoice, *, by: Actor) -> Award:
    """Awards a round's package to the provider of `line`, or proposes it (state PROPOSED).

    Raises Conflict when the round is decided or the facts have changed, Invalid by field when a reason is wanting.
    """
    round_ = lock_round(round_)
    refuse_decided(round_)
    standing = standing_of(round_, line)
    refuse_against(standing, rules.reasons_against_award(award_facts(standing, choice, by.id)))
    limit = standing.policy.award_limit_pence
    proposed = standing.below_minimum or rules.award_route(standing.cost.pence, limit) is AwardRoute.PROPOSED
    confirm_need(standing, choice, by)
    take_capacity(standing)
    made = _insert(_row(standing, choice, AwardState.PROPOSED if proposed else AwardState.AWARDED, by))
    _record(made, standing, by)
    if not proposed:
        take_effect(made, standing, by)
    return made


def lock_round(round_: Round) -> Round:
    """The round as it is now, locked until the end of the transaction; its package first, as withdrawing does."""
    lock_packages([round_.package_id])
    query = select(Round).where(Round.id == round_.id).options(lazyload("*"))
    found: Round = db.session.scalars(locked(query)).one()
    return found


def lock_packages(ids: Sequence[UUID]) -> None:
    """Locks packages, always in the same order, so that two who lock several wait for each other and never deadlock."""
    db.session.execute(locked(select(Package.id).where(Package.id.in_(ids)).order_by(Package.id)))


def live_award(round_: Round) -> Award | None:
    """The award that holds the round, proposed or made."""
    query = select(Award).where(Award.round_id == round_.id, Award.state.in_(HOLDING_STATES))
    return db.session.scalars(query.execution_options(populate_existing=True)).unique().one_or_none()


def refuse_decided(round_: Round) -> None:
    """Raises Conflict naming who awarded it, and when, if somebody did."""
    if live := live_award(round_):
        raise Conflict(decided_sentence(live))


def decided_sentence(live: Award) -> str:
    """Who decided, when, and for whom."""
    user = db.session.get(User, live.made_by) if live.made_by else None
    who = f"{user.name} ({live.made_by_label})" if user else live.made_by_label
    done = "awarded" if live.state is AwardState.AWARDED else "proposed for an award"
    when = local_text(live.awarded_at or live.proposed_at)
    return f"{live.round.package.reference} was {done} to {live.provider.name} by {who} on {when}."


def refuse_against(standing: Standing, reasons: Sequence[Refusal]) -> None:
    """Raises Conflict with what nobody can mend here; else Invalid, naming the fields where something is wanting."""
    wanted = {field_of(reason, standing): reason.sentence for reason in reasons}
    if fixed := [reason.sentence for reason in reasons if not field_of(reason, standing)]:
        raise Conflict(" ".join(fixed))
    if wanted:
        raise Invalid(wanted)


def confirm_need(standing: Standing, choice: AwardChoice, by: Actor) -> None:
    """Notes that the care is still needed, where the broker confirmed it with this award."""
    if with_whom := choice.need_confirmed_with.strip():
        try:
            packages.confirm_need(standing.package, needed=True, with_whom=with_whom, by=by)
        except Invalid as refusal:
            raise Invalid({"need_confirmed_with": refusal.sentence}) from refusal


def take_capacity(standing: Standing) -> None:
    """Commits the package's hours; Conflict when somebody else took them since they were counted."""
    package, provider_id = standing.package, standing.line.offer.provider_id
    if not commit_capacity(standing.issue.scheme_id, provider_id, package.zone_id, package.weekly_minutes):
        raise Conflict(
            f"{standing.line.offer.provider.name} has not {hours_text(package.weekly_minutes)} of capacity left."
        )


def take_effect(made: Award, standing: Standing, by: Actor) -> Agreement:
    """The award becomes real: round ended, package awarded, agreement in force, everybody told."""
    now, because = clock.now(), f"Award {made.reference}"
    packages.mark_awarded(standing.package, by=by)
    end_round(standing.round, RoundState.AWARDED, because, by=by)
    mark_answers(standing.round.id, made.line_id)
    terms = AgreementTerms(
        package=standing.package,
        provider=standing.line.offer.provider,
        award_id=made.id,
        price_pence=made.price_pence,
        unit=standing.issue.lot.unit,
        starts_on=standing.starts_on,
        contract_from=made.awarded_at or now,
    )
    agreement = put_in_force(terms, because=because, by=by)
    tell_winner(made, agreement)
    write_letters(standing.round, Outcome.NOT_AWARDED, awarded_line_id=made.line_id)
    return agreement


def field_of(reason: Refusal, standing: Standing) -> str:
    """The field of the form at which a reason can be mended; empty when nobody can mend it there."""
    if reason.field == "reason":
        return "below_minimum_reason" if standing.below_minimum else "skip_reason"
    return ASKED_FOR.get(reason.field, "")


def _row(standing: Standing, choice: AwardChoice, state: AwardState, by: Actor) -> Award:
    now = clock.now()
    return Award(
        id=new_id(),
        authority_id=standing.round.authority_id,
        reference=new_reference("AWD", secrets.randbits(32)),
        round_id=standing.round.id,
        package_id=standing.package.id,
        line_id=standing.line.id,
        provider_id=standing.line.offer.provider_id,
        ranking_id=standing.ranking.id,
        state=state,
        place=standing.number,
        price_pence=standing.response.price_pence,
        weekly_cost_pence=standing.cost.pence,
        held_minutes=standing.package.weekly_minutes,
        skip_reason=choice.skip_reason.strip() or None,
        below_minimum_reason=choice.below_minimum_reason.strip() or None,
        agreed_with_person=choice.agreed_with_person.strip() or None,
        exception_reason=choice.exception_reason.strip() or None,
        made_by=by.id,
        made_by_label=by.label,
        proposed_at=now,
        awarded_at=now if state is AwardState.AWARDED else None,
    )


def _insert(row: Award) -> Award:
    """The unique index has the last word: one live award per round."""
    try:
        with db.session.begin_nested():
            db.session.add(row)
    except IntegrityError as lost:
        raise Conflict("This package was awarded at the same moment. Reload the page to see to whom.") from lost
    return row


def _record(made: Award, standing: Standing, by: Actor) -> None:
    facts: dict[str, Any] = {
        "reference": made.reference,
        "provider": standing.line.offer.provider.name,
        "place": made.place,
        "price_pence": made.price_pence,
        "weekly_cost_pence": made.weekly_cost_pence,
        "below_quality_minimum": standing.below_minimum,
        "skipped": bool(made.skip_reason),
    }
    reasons = (made.skip_reason, made.below_minimum_reason, made.agreed_with_person, made.exception_reason)
    tag = "award:proposed" if made.state is AwardState.PROPOSED else "award:made"
    audit.record(tag, made, by=by, reason="; ".join(text for text in reasons if text) or None, **facts)
    if made.state is AwardState.AWARDED:
        audit.record("award:made", standing.round, by=by, **facts)
