"""Awarding: one decision per round, asked again in full inside the transaction that makes it.

An award takes capacity, makes the agreement, ends the round and tells everybody who answered. Above the scheme's limit,
or below its quality minimum, it is only proposed: it holds the package and the capacity, tells no provider, and a
second person approves or refuses it. How awards end stands in `ending`.
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
from app.audit.moves import move, set_state_where
from app.calendar.deadlines import local_text
from app.database import db, locked, new_id
from app.errors import Conflict, Invalid
from app.parties.models import User
from app.values.hours import hours_text
from app.values.reference import new_reference
from brokerage.allocation import rules
from brokerage.allocation.candidates import Candidate, award_facts, candidate_of, field_of, has_lapsed
from brokerage.allocation.letters import tell_winner
from brokerage.allocation.models import Award
from brokerage.allocation.rules import HOLDING_STATES, AwardChoice, AwardState, ReasonAgainst
from brokerage.feedback.rules import Outcome
from brokerage.feedback.services import write_letters
from contracts.agreements.models import Agreement
from contracts.agreements.services import AgreementTerms, put_in_force
from marketplace.membership.services import commit_capacity
from marketplace.packages import services as packages
from marketplace.packages.models import Package
from marketplace.rounds.models import OfferLine, Response, Round
from marketplace.rounds.rules import ResponseKind, ResponseState, RoundState
from marketplace.rounds.services import end_round


def award(round_: Round, line: OfferLine, choice: AwardChoice, *, by: Actor) -> Award:
    """Awards a round's package to the provider of `line`, or proposes it (state PROPOSED).

    Raises Conflict when the round is decided or the facts have changed, Invalid by field when a reason is wanting.
    """
    round_ = lock_round(round_)
    refuse_decided(round_)
    candidate = candidate_of(round_, line)
    _refuse_against(candidate, rules.reasons_against_award(award_facts(candidate, choice, by.id)))
    _take_capacity(candidate)
    _confirm_need(candidate, choice, by)
    state = AwardState.PROPOSED if candidate.is_only_proposed else AwardState.AWARDED
    made = _insert(_row(candidate, choice, state, by))
    _record(made, candidate, by)
    if state is AwardState.AWARDED:
        _take_effect(made, candidate, by)
    return made


def approve(award: Award, *, by: Actor, need_confirmed_with: str = "") -> Award:
    """A second person approves a proposed award, and that is the award. Everything is asked again.

    Raises Conflict when it is not open any more, when the approver proposed it, or when the facts have changed.
    """
    round_ = lock_round(award.round)
    refuse_unless_open(award)
    if by.id is None:
        raise Conflict("Only a person can approve an award.")
    if reason := rules.reason_against_approval(str(award.made_by), str(by.id)):
        raise Conflict(reason)
    candidate = candidate_of(round_, award.line)
    choice = _choice_of(award, need_confirmed_with)
    facts = award_facts(candidate, choice, by.id, held=award)
    _refuse_against(candidate, rules.reasons_against_award(facts))
    _confirm_need(candidate, choice, by)
    names: dict[str, Any] = {"reference": award.reference, "provider": award.provider.name}
    approval = {"approved_by": by.id, "awarded_at": clock.now()}
    move([award], AwardState.AWARDED, "award:approved", by=by, values=approval, **names)
    audit.record("award:made", round_, by=by, price_pence=award.price_pence, place=award.place, **names)
    _take_effect(award, candidate, by)
    return award


def lock_round(round_: Round) -> Round:
    """The round as it is now, locked until the end of the transaction; its package first, as withdrawing does."""
    lock_packages([round_.package_id])
    query = select(Round).where(Round.id == round_.id).options(lazyload("*"))
    now: Round = db.session.scalars(locked(query)).one()
    return now


def lock_packages(ids: Sequence[UUID]) -> None:
    """Locks packages, always in the same order, so that two who lock several wait for each other and never deadlock."""
    db.session.execute(locked(select(Package.id).where(Package.id.in_(ids)).order_by(Package.id)))


def _live_award(round_: Round) -> Award | None:
    """The award that holds the round, proposed or made."""
    query = select(Award).where(Award.round_id == round_.id, Award.state.in_(HOLDING_STATES))
    return db.session.scalars(query.execution_options(populate_existing=True)).unique().one_or_none()


def refuse_decided(round_: Round) -> None:
    """Raises Conflict naming who awarded it, and when, if somebody did."""
    if live := _live_award(round_):
        raise Conflict(_decided_sentence(live))


def _decided_sentence(live: Award) -> str:
    """Who decided, when, and for whom."""
    user = db.session.get(User, live.made_by) if live.made_by else None
    who = f"{user.name} ({live.made_by_label})" if user else live.made_by_label
    done = "awarded" if live.state is AwardState.AWARDED else "proposed for an award"
    when = local_text(live.awarded_at or live.proposed_at)
    return f"{live.round.package.reference} was {done} to {live.provider.name} by {who} on {when}."


def _refuse_against(candidate: Candidate, reasons: Sequence[ReasonAgainst]) -> None:
    """Raises Conflict with what nobody can mend here; else Invalid, naming the fields where something is wanting."""
    wanting = {field_of(reason, candidate): reason.sentence for reason in reasons}
    if beyond_mending := [reason.sentence for reason in reasons if not field_of(reason, candidate)]:
        raise Conflict(" ".join(beyond_mending))
    if wanting:
        raise Invalid(wanting)


def _confirm_need(candidate: Candidate, choice: AwardChoice, by: Actor) -> None:
    """Notes that the care is still needed, where the broker confirmed it with this award."""
    if with_whom := choice.need_confirmed_with.strip():
        try:
            packages.confirm_need(candidate.package, needed=True, with_whom=with_whom, by=by)
        except Invalid as refusal:
            raise Invalid({"need_confirmed_with": refusal.sentence}) from refusal


def _take_capacity(candidate: Candidate) -> None:
    """Commits the package's hours; Conflict when somebody else took them since they were counted."""
    package, provider_id = candidate.package, candidate.line.offer.provider_id
    if not commit_capacity(candidate.issue.scheme_id, provider_id, package.zone_id, package.weekly_minutes):
        raise Conflict(
            f"{candidate.line.offer.provider.name} has not {hours_text(package.weekly_minutes)} of capacity left."
        )


def _take_effect(made: Award, candidate: Candidate, by: Actor) -> Agreement:
    """The award becomes real: round ended, package awarded, agreement in force, everybody told."""
    now, because = clock.now(), f"Award {made.reference}"
    packages.mark_awarded(candidate.package, by=by)
    end_round(candidate.round, RoundState.AWARDED, because, by=by)
    move_answer(made.line_id, ResponseState.AWARDED)
    mark_not_awarded(candidate.round.id)
    terms = AgreementTerms(
        package=candidate.package,
        provider=candidate.line.offer.provider,
        award_id=made.id,
        price_pence=made.price_pence,
        unit=candidate.issue.lot.unit,
        starts_on=candidate.starts_on,
        contract_from=made.awarded_at or now,
    )
    agreement = put_in_force(terms, because=because, by=by)
    tell_winner(made, agreement)
    write_letters(candidate.round, Outcome.NOT_AWARDED, awarded_line_id=made.line_id)
    return agreement


def refuse_unless_open(award: Award) -> None:
    """Raises Conflict where a proposed award can be neither approved nor refused any more."""
    db.session.refresh(award)
    if award.state is not AwardState.PROPOSED:
        raise Conflict(award.state.refusal(AwardState.AWARDED))
    if has_lapsed(award):
        raise Conflict(AwardState.LAPSED.sentence)


def mark_not_awarded(round_id: UUID) -> None:
    """Every yes of the round that was sent and not awarded becomes not awarded."""
    lines = select(OfferLine.id).where(OfferLine.round_id == round_id)
    accepted = Response.line_id.in_(lines), Response.kind == ResponseKind.ACCEPT
    set_state_where(Response, *accepted, to=ResponseState.NOT_AWARDED, updated_at=clock.now())


def move_answer(line_id: UUID, to: ResponseState) -> None:
    """What the award makes of one answer: awarded, or pulled out. Raises Conflict where it cannot become so."""
    if not set_state_where(Response, Response.line_id == line_id, to=to, updated_at=clock.now()):
        state = db.session.scalar(select(Response.state).where(Response.line_id == line_id))
        raise Conflict(state.sentence if state else "This provider has not answered.")


def _choice_of(award: Award, need_confirmed_with: str) -> AwardChoice:
    """The proposer's words stand; only the need may have to be confirmed again."""
    return AwardChoice(
        skip_reason=award.skip_reason or "",
        below_minimum_reason=award.below_minimum_reason or "",
        agreed_with_person=award.agreed_with_person or "",
        need_confirmed_with=need_confirmed_with,
        exception_reason=award.exception_reason or "",
    )


def _row(candidate: Candidate, choice: AwardChoice, state: AwardState, by: Actor) -> Award:
    now = clock.now()
    return Award(
        id=new_id(),
        authority_id=candidate.round.authority_id,
        reference=new_reference("AWD", secrets.randbits(32)),
        round_id=candidate.round.id,
        package_id=candidate.package.id,
        line_id=candidate.line.id,
        provider_id=candidate.line.offer.provider_id,
        ranking_id=candidate.ranking.id,
        state=state,
        place=candidate.number,
        price_pence=candidate.response.price_pence,
        weekly_cost_pence=candidate.cost.pence,
        held_minutes=candidate.package.weekly_minutes,
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


def _record(made: Award, candidate: Candidate, by: Actor) -> None:
    facts: dict[str, Any] = {
        "reference": made.reference,
        "provider": candidate.line.offer.provider.name,
        "place": made.place,
        "price_pence": made.price_pence,
        "weekly_cost_pence": made.weekly_cost_pence,
        "below_quality_minimum": candidate.below_minimum,
        "skipped": bool(made.skip_reason),
    }
    reasons = (made.skip_reason, made.below_minimum_reason, made.agreed_with_person, made.exception_reason)
    tag = "award:proposed" if made.state is AwardState.PROPOSED else "award:made"
    audit.record(tag, made, by=by, reason="; ".join(text for text in reasons if text) or None, **facts)
    if made.state is AwardState.AWARDED:
        audit.record("award:made", candidate.round, by=by, **facts)
